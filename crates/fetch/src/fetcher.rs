use std::time::Duration;

use bytes::Bytes;
use http::header::{HOST, HeaderValue, USER_AGENT};
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::{Origin, Scheme, Trust, TrustError};

const AGENT: HeaderValue = HeaderValue::from_static(concat!("claviger/", env!("CARGO_PKG_VERSION")));
const TOO_LONG: &str = "it took too long";

/// What an answer may take.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// How long a connection may take to stand; no longer than all.
    pub connect: Duration,
    /// How long all of it may take, until the answer is there as a whole.
    pub total: Duration,
    /// Bytes of the answer's head, and of what is read at once; at least 8192.
    pub head_bytes: usize,
    /// Bytes of the answer's body.
    pub body_bytes: usize,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// All of its body.
    pub body: Bytes,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// There is no connection: nothing was sent.
    #[error("{0}")]
    Unreachable(String),
    /// The request was sent, or part of it: it may have been acted on.
    #[error("{0}")]
    NoAnswer(String),
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Sends requests, and knows whom to trust.
#[derive(Clone)]
pub struct Fetcher {
    tls: Option<TlsConnector>,
    bounds: Bounds,
}

impl Fetcher {
    /// For places that these authorities vouch for, and those in the clear.
    ///
    /// # Errors
    /// [`TrustError`] if there are none.
    pub fn new(trust: &Trust, bounds: Bounds) -> Result<Self, TrustError> {
        Ok(Self { tls: Some(trust.connector()?), bounds })
    }

    /// For places in the clear only: nobody has to vouch for them.
    #[must_use]
    pub const fn in_the_clear(bounds: Bounds) -> Self {
        Self { tls: None, bounds }
    }

    /// Sends one request, and has the whole answer. The request's target is a path; `Host` and `User-Agent` are set.
    ///
    /// # Errors
    /// [`FetchError`].
    pub async fn fetch(&self, to: &Origin, mut request: Request<Full<Bytes>>) -> Result<Answer, FetchError> {
        let unreachable = FetchError::Unreachable;
        let host = HeaderValue::try_from(to.authority()).map_err(|error| unreachable(error.to_string()))?;
        request.headers_mut().insert(HOST, host);
        request.headers_mut().insert(USER_AGENT, AGENT);
        let all = async {
            let connected = timeout(self.bounds.connect, self.connect(to)).await;
            let stream =
                connected.map_err(|_| unreachable(TOO_LONG.to_owned()))?.map_err(FetchError::Unreachable)?;
            self.exchange(stream, request).await.map_err(FetchError::NoAnswer)
        };
        timeout(self.bounds.total, all)
            .await
            .unwrap_or_else(|_| Err(FetchError::NoAnswer(TOO_LONG.to_owned())))
    }

    async fn connect(&self, to: &Origin) -> Result<Box<dyn Stream>, String> {
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

    async fn exchange(
        &self,
        stream: Box<dyn Stream>,
        request: Request<Full<Bytes>>,
    ) -> Result<Answer, String> {
        let mut builder = http1::Builder::new();
        let made =
            builder.max_buf_size(self.bounds.head_bytes.max(8192)).handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = made.map_err(|error| error.to_string())?;
        // What goes wrong with the connection, whoever waits for the answer hears too.
        tokio::spawn(connection);
        let answer = sender.send_request(request).await.map_err(|error| error.to_string())?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), self.bounds.body_bytes).collect().await;
        let body = body.map_err(|error| error.to_string())?.to_bytes();
        Ok(Answer { status, body })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::Arc;

    use rustls::ServerConfig;
    use rustls_pki_types::PrivateKeyDer;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    use super::*;

    const BOUNDS: Bounds = Bounds {
        connect: Duration::from_mins(1),
        total: Duration::from_mins(1),
        head_bytes: 8192,
        body_bytes: 8,
    };

    /// Somebody who answers every request with this, and then goes on saying nothing; where they are.
    async fn somebody(answer: &str, tls: Option<TlsAcceptor>) -> Origin {
        let answer: Arc<str> = answer.into();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let scheme = if tls.is_some() { Scheme::Https } else { Scheme::Http };
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let (tls, answer) = (tls.clone(), Arc::clone(&answer));
                tokio::spawn(async move {
                    match tls {
                        None => say(tcp, &answer).await,
                        Some(tls) => say(tls.accept(tcp).await?, &answer).await,
                    }
                });
            }
        });
        Origin { scheme, host: "127.0.0.1".to_owned(), port }
    }

    async fn say(mut stream: impl Stream, answer: &str) -> std::io::Result<()> {
        let mut read = Vec::new();
        while !read.ends_with(b"\r\n\r\n") {
            stream.read_buf(&mut read).await?;
        }
        stream.write_all(answer.as_bytes()).await?;
        std::future::pending().await
    }

    async fn fetched(answer: &str, bounds: Bounds) -> Result<(u16, String), FetchError> {
        let to = somebody(answer, None).await;
        let answer = Fetcher::in_the_clear(bounds).fetch(&to, Request::default()).await?;
        Ok((answer.status.as_u16(), String::from_utf8(answer.body.to_vec()).unwrap()))
    }

    #[tokio::test]
    async fn an_answer_comes_whole_and_is_followed_nowhere() {
        assert_eq!(
            fetched("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", BOUNDS).await,
            Ok((200, "ok".to_owned()))
        );
        let moved = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(fetched(moved, BOUNDS).await, Ok((302, String::new())));
    }

    #[tokio::test]
    async fn what_is_too_long_is_no_answer() {
        let head = format!("HTTP/1.1 200 OK\r\na: {}\r\ncontent-length: 0\r\n\r\n", "a".repeat(8192));
        for long in [
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n123456789",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n12345\r\n5\r\n12345\r\n0\r\n\r\n",
            &head,
        ] {
            let fetched = fetched(long, BOUNDS).await;
            assert!(matches!(fetched, Err(FetchError::NoAnswer(_))), "{fetched:?}");
        }
    }

    #[tokio::test]
    async fn nobody_is_waited_for_without_end() {
        let bounds = Bounds { total: Duration::from_millis(50), ..BOUNDS };
        for slow in ["", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\no"] {
            assert_eq!(fetched(slow, bounds).await, Err(FetchError::NoAnswer(TOO_LONG.to_owned())));
        }
    }

    #[tokio::test]
    async fn nothing_is_sent_to_whom_nobody_vouches_for() {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let config =
            ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(
                    vec![made.cert.der().clone()],
                    PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap(),
                )
                .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let to = somebody("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", Some(acceptor)).await;
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(made.cert.pem().as_bytes()).unwrap();
        let trust = Trust::File(file.path().to_owned());
        let answer = Fetcher::new(&trust, BOUNDS).unwrap().fetch(&to, Request::default()).await;
        assert_eq!(answer.unwrap().status, StatusCode::OK);
        let other = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        std::fs::write(file.path(), other.cert.pem()).unwrap();
        for fetcher in [Fetcher::new(&trust, BOUNDS).unwrap(), Fetcher::in_the_clear(BOUNDS)] {
            let refused = fetcher.fetch(&to, Request::default()).await;
            assert!(matches!(refused, Err(FetchError::Unreachable(_))), "{refused:?}");
        }
        std::fs::write(file.path(), "").unwrap();
        assert!(matches!(Fetcher::new(&trust, BOUNDS), Err(TrustError::Nobody)));
    }
}
