use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use claviger_gateway::{
    Answer, Asked, Before, ClientConfig, End, Ending, Failed, Forward, Gateway, GatewayLimits, Judge,
    Listener, Own, OwnDoor, OwnRequest, Upstream, Verdict,
};
use claviger_model::{RequestId, Span};
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Forwards everything but paths that begin with `/refuse`.
pub(crate) struct Everybody {
    upstream: Arc<Upstream>,
    ids: AtomicU64,
    pub(crate) judged: AtomicUsize,
    pub(crate) withdrawn: AtomicBool,
    ends: mpsc::UnboundedSender<(Option<StatusCode>, Ending)>,
}

impl Judge for Everybody {
    type Pass = ();

    fn request_id(&self) -> RequestId {
        RequestId::from_u128(u128::from(self.ids.fetch_add(1, Ordering::Relaxed)))
    }

    async fn before(&self, asked: &Asked<'_>) -> Before {
        if asked.parts.target.starts_with("/held") {
            Before::Read { most: 16, client: asked.peer }
        } else if asked.parts.target.starts_with("/own") {
            let target = asked.parts.target.parse().unwrap();
            Before::Own(Own { door: Arc::new(Portal), target, client: asked.peer })
        } else {
            Before::Judge
        }
    }

    fn judge(&self, asked: &Asked<'_>) -> Verdict<()> {
        let parts = &asked.parts;
        self.judged.fetch_add(1, Ordering::Relaxed);
        if parts.target.starts_with("/refuse") {
            return Verdict::Answer(answer(StatusCode::UNAUTHORIZED, "refused"));
        }
        let pair = |name, value: &str| (HeaderName::from_static(name), HeaderValue::try_from(value).unwrap());
        Verdict::Forward(Forward {
            upstream: self.upstream.clone(),
            target: parts.target.parse().unwrap(),
            client: asked.peer,
            remove: vec![HeaderName::from_static("x-api-key")],
            set: vec![
                pair("x-claviger-account", "acc_1"),
                pair("x-asked-host", parts.host),
                pair("x-has-body", if parts.body.is_empty() { "no" } else { "yes" }),
            ],
            respond: vec![pair("x-api-version", "1")],
            pass: (),
        })
    }

    fn fail(&self, failed: Failed<'_, ()>) -> Answer {
        answer(failed.failure.status(), &failed.failure.to_string())
    }

    fn stands(&self, (): &()) -> bool {
        !self.withdrawn.load(Ordering::Acquire)
    }

    fn finished(&self, end: End<()>) {
        let _ = self.ends.send((end.status, end.ending));
    }
}

/// A door of the product's own: tells what it was given. It takes 16 bytes, and never answers `/own/never`.
#[derive(Debug)]
struct Portal;

impl OwnDoor for Portal {
    fn serves(&self, _: &str, path: &str) -> bool {
        path.starts_with("/own")
    }

    fn body_bytes(&self) -> u32 {
        16
    }

    fn answer(&self, asked: OwnRequest) -> Pin<Box<dyn Future<Output = Answer> + Send + '_>> {
        Box::pin(async move {
            let OwnRequest { id, client, request } = asked;
            if request.uri().path() == "/own/never" {
                std::future::pending::<()>().await;
            }
            let (head, body) = request.into_parts();
            let more = if head.extensions.is_empty() { "no more" } else { "more" };
            let body = String::from_utf8_lossy(&body).into_owned();
            let told = format!("{} {} {id} {client} {more}\n{body}", head.method, head.uri);
            let mut answer = answer(StatusCode::OK, if head.method == "HEAD" { "" } else { &told });
            let headers = answer.headers_mut();
            headers.insert("x-request-id", HeaderValue::from_static("req_other"));
            headers.insert("content-length", HeaderValue::from(told.len()));
            answer
        })
    }
}

fn answer(status: StatusCode, text: &str) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::copy_from_slice(text.as_bytes())));
    *answer.status_mut() = status;
    answer
}

/// A gateway in front of one upstream.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) judge: Arc<Everybody>,
    pub(crate) ends: mpsc::UnboundedReceiver<(Option<StatusCode>, Ending)>,
    pub(crate) stop: CancellationToken,
    pub(crate) task: JoinHandle<()>,
}

/// What a test chooses about its gateway.
pub(crate) struct Setup {
    pub(crate) limits: GatewayLimits,
    pub(crate) roots: rustls::RootCertStore,
    pub(crate) tls: Option<Arc<rustls::ServerConfig>>,
    pub(crate) proxies: Vec<ipnet::IpNet>,
}

impl Default for Setup {
    fn default() -> Self {
        Self { limits: limits(), roots: rustls::RootCertStore::empty(), tls: None, proxies: Vec::new() }
    }
}

pub(crate) fn limits() -> GatewayLimits {
    GatewayLimits { grace: Span::from_secs(5), ..GatewayLimits::default() }
}

pub(crate) fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

impl Setup {
    pub(crate) fn limited(limits: GatewayLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    pub(crate) async fn before(self, upstream: &str) -> Running {
        let (ends_in, ends) = mpsc::unbounded_channel();
        let judge = Arc::new(Everybody {
            upstream: Arc::new(Upstream::parse(upstream).unwrap()),
            ids: AtomicU64::new(1),
            judged: AtomicUsize::new(0),
            withdrawn: AtomicBool::new(false),
            ends: ends_in,
        });
        let tls = rustls::ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(self.roots)
            .with_no_client_auth();
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let stop = CancellationToken::new();
        let gateway = Gateway::new(judge.clone(), self.limits, ClientConfig { tls: Arc::new(tls) });
        let proxy_protocol = !self.proxies.is_empty();
        let listener = Listener { socket, tls: self.tls, carriers: self.proxies, proxy_protocol };
        let task = tokio::spawn(gateway.serve(vec![listener], stop.clone()));
        Running { address, judge, ends, stop, task }
    }
}

/// A gateway with usual limits.
pub(crate) async fn gateway(upstream: &str) -> Running {
    Setup::default().before(upstream).await
}

impl Running {
    pub(crate) async fn connect(&self) -> Caller {
        Caller { tcp: TcpStream::connect(self.address).await.unwrap(), read: Vec::new() }
    }

    /// Sends bytes and returns all that comes back until the gateway closes.
    pub(crate) async fn exchange(&self, bytes: &[u8]) -> String {
        let mut caller = self.connect().await;
        caller.send(bytes).await;
        caller.rest().await
    }

    pub(crate) async fn ending(&mut self) -> Ending {
        self.ends.recv().await.unwrap().1
    }
}

/// A caller who speaks bytes.
pub(crate) struct Caller {
    pub(crate) tcp: TcpStream,
    read: Vec<u8>,
}

impl Caller {
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        self.tcp.write_all(bytes).await.unwrap();
    }

    /// Reads up to and with `mark`.
    pub(crate) async fn until(&mut self, mark: &str) -> String {
        loop {
            if let Some(at) = self.read.windows(mark.len()).position(|window| window == mark.as_bytes()) {
                let taken = self.read.drain(..at + mark.len()).collect();
                return String::from_utf8(taken).unwrap();
            }
            let read = self.tcp.read_buf(&mut self.read).await.unwrap();
            assert_ne!(read, 0, "the gateway closed after {:?}", String::from_utf8_lossy(&self.read));
        }
    }

    /// Reads to the end.
    pub(crate) async fn rest(mut self) -> String {
        // A reset ends the reading as an end does.
        let _ = self.tcp.read_to_end(&mut self.read).await;
        String::from_utf8_lossy(&self.read).into_owned()
    }
}

pub(crate) type Body = BoxBody<Bytes, hyper::Error>;

pub(crate) fn full(text: impl Into<Bytes>) -> Body {
    Full::new(text.into()).map_err(|never| match never {}).boxed()
}

/// A body of frames that are all there.
pub(crate) struct Frames(pub(crate) VecDeque<Frame<Bytes>>);

impl hyper::body::Body for Frames {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        Poll::Ready(self.0.pop_front().map(Ok))
    }
}

/// An upstream that answers each request with `answer`, in whatever version of HTTP it is asked.
pub(crate) async fn upstream<F, A>(answer: F) -> String
where
    F: Fn(Request<Incoming>) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Response<Body>> + Send + 'static,
{
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = socket.accept().await {
            tokio::spawn(converse(tcp, answer.clone()));
        }
    });
    address.to_string()
}

/// Serves one connection of an upstream.
pub(crate) async fn converse<S, F, A>(io: S, answer: F)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    F: Fn(Request<Incoming>) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Response<Body>> + Send + 'static,
{
    let service = service_fn(move |request| {
        let answer = answer(request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let builder = auto::Builder::new(TokioExecutor::new());
    let _ = builder.serve_connection_with_upgrades(TokioIo::new(io), service).await;
}

/// An upstream that speaks bytes: each connection is given to `talk`.
pub(crate) async fn raw_upstream<F, A>(talk: F) -> String
where
    F: Fn(TcpStream) -> A + Send + 'static,
    A: Future<Output = ()> + Send + 'static,
{
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = socket.accept().await {
            tokio::spawn(talk(tcp));
        }
    });
    address.to_string()
}

/// Answers with what was received, one header per line, then the body and trailers.
pub(crate) async fn mirror(request: Request<Incoming>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let collected = body.collect().await.unwrap();
    let mut lines = vec![format!("{} {}", head.method, head.uri)];
    let mut headers: Vec<_> =
        head.headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
    headers.sort();
    lines.extend(headers);
    let trailers = collected.trailers().cloned().unwrap_or_default();
    lines.push(String::from_utf8_lossy(&collected.to_bytes()).into_owned());
    lines.extend(trailers.iter().map(|(name, value)| format!("trailer {name}: {}", value.to_str().unwrap())));
    Response::new(full(lines.join("\n")))
}

/// An upstream that notes the requests it received in full, and answers `ok`.
pub(crate) async fn counting() -> (String, Arc<Mutex<Vec<String>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = seen.clone();
    let address = upstream(move |request| {
        let log = log.clone();
        async move {
            let target = request.uri().to_string();
            if request.into_body().collect().await.is_ok() {
                log.lock().unwrap().push(target);
            }
            Response::new(full("ok"))
        }
    })
    .await;
    (format!("http://{address}"), seen)
}

pub(crate) const GET: &[u8] = b"GET /a?b HTTP/1.1\r\nHost: API.example:80\r\nConnection: close\r\n\r\n";
