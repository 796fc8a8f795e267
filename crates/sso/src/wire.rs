//! One request, one connection, bounded in time and size. Nothing is followed anywhere.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use claviger_app::SsoFailure;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::address::{Address, Scheme};
use crate::settings::Trust;

/// How long an answer may take to be there as a whole.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an answer: many times what documents, keys and tokens have.
const LONGEST: usize = 256 << 10;
/// Bytes of the head of an answer, and of what is read at once.
const LONGEST_HEAD: usize = 32 << 10;

const AGENT: &str = concat!("claviger/", env!("CARGO_PKG_VERSION"));

/// What is sent.
pub(crate) struct Sent<'a> {
    pub(crate) to: &'a Address,
    /// Sent by POST.
    pub(crate) form: Option<String>,
    /// The value of `Authorization`.
    pub(crate) authorization: Option<String>,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Sends requests, and knows whom to trust.
pub(crate) struct Wire {
    tls: Option<TlsConnector>,
}

impl Wire {
    /// For this issuer. One on this machine, in the clear, needs nobody to vouch for it.
    pub(crate) fn new(issuer: &Address, trust: &Trust) -> Result<Self, String> {
        match (issuer.scheme, trust) {
            (Scheme::Http, Trust::System) => Ok(Self { tls: None }),
            _ => Ok(Self { tls: Some(connector(trust)?) }),
        }
    }

    /// Sends one request, and has the whole answer.
    pub(crate) async fn send(&self, sent: Sent<'_>) -> Result<Answer, SsoFailure> {
        let failed = |why: &str| SsoFailure::Unavailable(format!("{}: {why}", sent.to.authority));
        let answered = tokio::time::timeout(PATIENCE, self.exchange(&sent)).await;
        match answered {
            Ok(answered) => answered.map_err(|why| failed(&why)),
            Err(_) => Err(failed("it took too long")),
        }
    }

    async fn exchange(&self, sent: &Sent<'_>) -> Result<Answer, String> {
        let request = request(sent).map_err(|error| error.to_string())?;
        let stream = self.connect(sent.to).await?;
        let mut builder = http1::Builder::new();
        let made = builder.max_buf_size(LONGEST_HEAD).handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = made.map_err(|error| error.to_string())?;
        // What goes wrong with the connection, whoever waits for the answer hears too.
        tokio::spawn(connection);
        let answer = sender.send_request(request).await.map_err(|error| error.to_string())?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), LONGEST).collect().await;
        let body = body.map_err(|error| error.to_string())?.to_bytes();
        Ok(Answer { status, body })
    }

    async fn connect(&self, to: &Address) -> Result<Box<dyn Stream>, String> {
        let tcp = TcpStream::connect((to.host.as_str(), to.port)).await;
        let tcp = tcp.map_err(|error| error.to_string())?;
        let _ = tcp.set_nodelay(true);
        match (to.scheme, &self.tls) {
            (Scheme::Http, _) => Ok(Box::new(tcp)),
            (Scheme::Https, Some(tls)) => {
                let name = ServerName::try_from(to.host.clone()).map_err(|error| error.to_string())?;
                let tls = tls.connect(name, tcp).await.map_err(|error| error.to_string())?;
                Ok(Box::new(tls))
            }
            (Scheme::Https, None) => Err("there is nobody to vouch for it".to_owned()),
        }
    }
}

fn request(sent: &Sent<'_>) -> Result<Request<Full<Bytes>>, http::Error> {
    let mut request = Request::builder()
        .uri(&sent.to.target)
        .header(HOST, &sent.to.authority)
        .header(USER_AGENT, AGENT)
        .header(ACCEPT, "application/json");
    if let Some(authorization) = &sent.authorization {
        let mut value = HeaderValue::try_from(authorization)?;
        value.set_sensitive(true);
        request = request.header(AUTHORIZATION, value);
    }
    match &sent.form {
        None => request.method(Method::GET).body(Full::default()),
        Some(form) => request
            .method(Method::POST)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::from(form.clone())),
    }
}

fn connector(trust: &Trust) -> Result<TlsConnector, String> {
    let found = match trust {
        Trust::System => rustls_native_certs::load_native_certs().certs,
        Trust::File(path) => {
            let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
            read.map_err(|error| format!("{}: {error}", path.display()))?
        }
    };
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(found);
    if added == 0 {
        return Err("none are there; `roots` names a file".to_owned());
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}
