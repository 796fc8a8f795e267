//! One request, one connection: a command sends few.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::ServerName;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::error::{Problem, RemoteError};
use super::profiles::Token;
use super::server::{Scheme, Server};

/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(10);
/// How long an answer may take to be there as a whole: some go along the whole audit.
const ANSWER: Duration = Duration::from_mins(2);
/// The longest answer, a list with all of its parts, in bytes: as much as fits through the control socket.
pub(super) const MOST_BYTES: usize = 64 << 20;

const AGENT: &str = concat!("claviger/", env!("CARGO_PKG_VERSION"));

/// What is sent.
pub(super) struct Sent<'a> {
    pub(super) method: &'a Method,
    /// Path and query, encoded.
    pub(super) target: &'a str,
    pub(super) body: Option<&'a Value>,
    pub(super) token: Option<&'a Token>,
}

/// What came back, and was no refusal.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Sends one request to a server.
pub(super) async fn send(server: &Server, sent: &Sent<'_>) -> Result<Answer, RemoteError> {
    let unreachable = |why: String| RemoteError::Unreachable { server: server.clone(), why };
    let request = request(server, sent).map_err(|error| unreachable(error.to_string()))?;
    let connected = tokio::time::timeout(CONNECT, connect(server)).await;
    let stream = connected.map_err(|_| unreachable("it took too long".to_owned()))?.map_err(unreachable)?;
    let silent = |why: String| RemoteError::NoAnswer { server: server.clone(), why };
    let answered = tokio::time::timeout(ANSWER, exchange(stream, request)).await;
    let answer = answered.map_err(|_| silent("it took too long".to_owned()))?.map_err(silent)?;
    judged(server, answer)
}

fn request(server: &Server, sent: &Sent<'_>) -> Result<Request<Full<Bytes>>, http::Error> {
    let mut request = Request::builder()
        .method(sent.method)
        .uri(server.target(sent.target))
        .header(HOST, server.authority())
        .header(USER_AGENT, AGENT)
        .header(ACCEPT, "application/json");
    if let Some(token) = sent.token {
        let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose()))?;
        value.set_sensitive(true);
        request = request.header(AUTHORIZATION, value);
    }
    let Some(body) = sent.body else { return request.body(Full::default()) };
    request.header(CONTENT_TYPE, "application/json").body(Full::from(body.to_string()))
}

async fn connect(server: &Server) -> Result<Box<dyn Stream>, String> {
    let tcp = TcpStream::connect((server.host.as_str(), server.port)).await;
    let tcp = tcp.map_err(|error| error.to_string())?;
    let _ = tcp.set_nodelay(true);
    match server.scheme {
        Scheme::Http => Ok(Box::new(tcp)),
        Scheme::Https => {
            let name = ServerName::try_from(server.host.clone()).map_err(|error| error.to_string())?;
            let tls = authorities()?.connect(name, tcp).await.map_err(|error| error.to_string())?;
            Ok(Box::new(tls))
        }
    }
}

/// Trusts the certificate authorities of this system, or those of `SSL_CERT_FILE`.
fn authorities() -> Result<TlsConnector, String> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        return Err("no certificate authorities are on this system; SSL_CERT_FILE names a file".to_owned());
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

async fn exchange(stream: Box<dyn Stream>, request: Request<Full<Bytes>>) -> Result<Answer, String> {
    let made = http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = made.map_err(|error| error.to_string())?;
    // What goes wrong with the connection, whoever waits for the answer hears too.
    tokio::spawn(connection);
    let answer = sender.send_request(request).await.map_err(|error| error.to_string())?;
    let status = answer.status();
    let body = Limited::new(answer.into_body(), MOST_BYTES).collect().await;
    let body = body.map_err(|error| error.to_string())?.to_bytes();
    Ok(Answer { status, body })
}

fn judged(server: &Server, answer: Answer) -> Result<Answer, RemoteError> {
    if answer.status.is_success() {
        return Ok(answer);
    }
    match serde_json::from_slice::<Problem>(&answer.body) {
        Ok(problem) if !problem.is_about_the_path() => Err(RemoteError::Refused(answer.status, problem)),
        _ => Err(RemoteError::Strange { server: server.clone(), status: answer.status }),
    }
}
