//! OpenTelemetry traces, read by a collector of the test's own.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use claviger_testkit::CurlClient;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::bed::{Bed, Engine};

/// Takes whatever is exported, and says that it was taken.
pub(crate) struct Collector {
    pub(crate) address: String,
    taken: Arc<Mutex<Vec<u8>>>,
    _runtime: Runtime,
}

impl Collector {
    pub(crate) fn start() -> Self {
        let runtime = Runtime::new().expect("a runtime can be made");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port is free");
        let address = format!("http://{}", listener.local_addr().expect("a bound socket has an address"));
        let taken = Arc::<Mutex<Vec<u8>>>::default();
        runtime.spawn(collect(listener, Arc::clone(&taken)));
        Self { address, taken, _runtime: runtime }
    }

    /// Everything that was exported so far.
    pub(crate) fn all(&self) -> Vec<u8> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn has(&self, text: &str) -> bool {
        self.all().windows(text.len()).any(|window| window == text.as_bytes())
    }
}

async fn collect(listener: TcpListener, taken: Arc<Mutex<Vec<u8>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let taken = Arc::clone(&taken);
        let service = service_fn(move |request| take(request, Arc::clone(&taken)));
        let connection = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        tokio::spawn(connection.serve_connection(TokioIo::new(stream), service));
    }
}

/// An empty answer of gRPC: everything was taken.
async fn take(
    request: Request<Incoming>,
    taken: Arc<Mutex<Vec<u8>>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let body =
        request.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    taken.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&body);
    let answer = Response::builder().header("content-type", "application/grpc").header("grpc-status", "0");
    Ok(answer.body(Full::from(Bytes::from_static(&[0; 5]))).expect("the answer is well formed"))
}

#[test]
fn an_accepted_request_is_a_span_without_secrets() {
    let collector = Collector::start();
    let mut bed = Bed::empty(Engine::Sqlite);
    bed.configure(&format!("[telemetry]\notlp = \"{}\"\n", collector.address));
    bed.run(&["demo", "--json", "--ports", "auto"]);
    let key = bed.credential_in("customers", "active");
    let url = format!("{}/customers/v1/customers?canary=in-the-query", bed.gateway());
    let answer = key.get::<CurlClient>(&url).run();
    assert_eq!(answer.status, 200, "{}", answer.text());
    let request = answer.header("x-request-id").expect("every answer has a request id").to_owned();
    // What is still in memory is sent at the end.
    assert!(bed.stop().is_some_and(|status| status.success()));
    assert!(collector.has(&request) && collector.has(&key.id) && collector.has("/customers"));
    assert!(!collector.has(&key.key) && !collector.has(key.basic().trim_start_matches("Basic ")));
    assert!(!collector.has("in-the-query"));
}
