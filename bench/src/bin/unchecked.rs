//! The product's own gateway with the check switched off: whatever comes goes to one upstream.
//!
//! `unchecked UPSTREAM [plain|identity]` listens on a free port of loopback and prints `{"gateway": "…"}`. With
//! `identity`, the headers that an accepted request carries are set as well, to values of the usual lengths.

use std::net::Ipv4Addr;
use std::sync::Arc;

use claviger_door::RequestIds;
use claviger_gateway::{
    Answer, Asked, Before, ClientConfig, End, Failed, Forward, Gateway, GatewayLimits, Judge, Listener,
    Upstream, Verdict,
};
use claviger_model::{Clock, RequestId};
use claviger_server::ambient::{SystemClock, SystemEntropy};
use http::uri::PathAndQuery;
use http::{HeaderName, HeaderValue, Response};
use http_body_util::Full;
use rustls::RootCertStore;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// As in the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;
type Headers = Vec<(HeaderName, HeaderValue)>;

/// Lets everything through.
struct Unchecked {
    ids: RequestIds,
    upstream: Arc<Upstream>,
    set: Headers,
    respond: Headers,
}

impl Judge for Unchecked {
    type Pass = ();

    fn request_id(&self) -> RequestId {
        self.ids.next(SystemClock.now())
    }

    async fn before(&self, _: &Asked<'_>) -> Before {
        Before::Judge
    }

    fn judge(&self, asked: &Asked<'_>) -> Verdict<()> {
        let parts = &asked.parts;
        let Ok(target) = PathAndQuery::try_from(parts.target) else {
            return Verdict::Answer(Response::default());
        };
        Verdict::Forward(Forward {
            upstream: Arc::clone(&self.upstream),
            target,
            client: asked.peer,
            remove: vec![],
            set: self.set.clone(),
            respond: self.respond.clone(),
            pass: (),
        })
    }

    fn fail(&self, failed: Failed<'_, ()>) -> Answer {
        let mut answer = Response::new(Full::default());
        *answer.status_mut() = failed.failure.status();
        answer
    }

    fn stands(&self, (): &()) -> bool {
        true
    }

    fn finished(&self, _: End<()>) {}
}

fn headers(pairs: &[(&'static str, &'static str)]) -> Headers {
    let pair = |(name, value): &(&'static str, &'static str)| {
        (HeaderName::from_static(name), HeaderValue::from_static(value))
    };
    pairs.iter().map(pair).collect()
}

/// What goes up with an accepted request, and down with its answer.
fn identity() -> (Headers, Headers) {
    let up = [
        ("x-claviger-account", "100042"),
        ("x-claviger-user", ""),
        ("x-claviger-key-id", "key_01m80wgnh358w599qj9fn2tg16"),
        ("x-claviger-api", "things"),
        ("x-claviger-version", "v1"),
        ("x-claviger-environment", "production"),
        ("x-claviger-permissions", "*"),
        ("accept", "application/xml"),
    ];
    (headers(&up), headers(&[("x-claviger-api-version", "v1")]))
}

fn main() -> Outcome {
    // As the server makes its own.
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run())
}

async fn run() -> Outcome {
    let mut args = std::env::args().skip(1);
    let upstream = Upstream::parse(&args.next().ok_or("unchecked UPSTREAM [plain|identity]")?)?;
    let (set, respond) =
        if args.next().as_deref() == Some("identity") { identity() } else { Default::default() };
    let judge =
        Unchecked { ids: RequestIds::new(&SystemEntropy), upstream: Arc::new(upstream), set, respond };
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("{}", serde_json::json!({ "gateway": format!("http://{}", socket.local_addr()?) }));
    let stop = CancellationToken::new();
    let gateway = Gateway::new(Arc::new(judge), GatewayLimits::default(), client()?);
    let served = tokio::spawn(gateway.serve(vec![Listener::plain(socket)], stop.clone()));
    signal(SignalKind::terminate())?.recv().await;
    stop.cancel();
    Ok(served.await?)
}

fn client() -> Outcome<ClientConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    Ok(ClientConfig { tls: Arc::new(tls) })
}
