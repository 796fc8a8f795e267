use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use claviger_app::{App, Origin};
use claviger_door::RequestIds;
use claviger_model::{CameFrom, Clock, RequestId, Via};
use claviger_policy::TrustedProxies;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderName, HeaderValue};

use crate::{Code, Problem};

/// What pages from here may load, and that nobody may put them into theirs.
const SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; \
                               base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the ways in share.
pub struct Web {
    /// The use cases.
    pub app: Arc<App>,
    /// Whose word about the client's address is taken.
    pub trusted: TrustedProxies,
    /// Makes the ids of requests.
    pub ids: RequestIds,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// A request, as far as every way in needs to know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received {
    /// The id that the caller is given.
    pub id: RequestId,
    /// From where it came.
    pub client: IpAddr,
    /// What it came in by.
    pub via: Via,
}

/// The address of a client, of a request that another door of this process received.
#[derive(Debug, Clone, Copy)]
pub struct KnownClient(pub IpAddr);

/// The id of a request that another door of this process received: its caller is given one alone.
#[derive(Debug, Clone, Copy)]
pub struct KnownId(pub RequestId);

#[derive(Clone)]
struct Way {
    web: Arc<Web>,
    via: Via,
}

impl Web {
    /// Puts what all requests need around a way in.
    pub fn layer(self: &Arc<Self>, via: Via, routes: Router) -> Router {
        routes.layer(from_fn_with_state(Way { web: Arc::clone(self), via }, receive))
    }

    fn id(&self, request: &Request) -> RequestId {
        match request.extensions().get() {
            Some(KnownId(id)) => *id,
            None => self.ids.next(self.clock.now()),
        }
    }

    fn client(&self, request: &Request) -> Option<IpAddr> {
        if let Some(KnownClient(client)) = request.extensions().get() {
            return Some(*client);
        }
        let ConnectInfo(peer) = request.extensions().get::<ConnectInfo<SocketAddr>>()?;
        self.trusted.client(peer.ip(), request.headers()).ok()
    }
}

async fn receive(State(way): State<Way>, mut request: Request, next: Next) -> Response {
    let id = way.web.id(&request);
    let answer = if let Some(client) = way.web.client(&request) {
        request.extensions_mut().insert(Received { id, client, via: way.via });
        next.run(request).await
    } else {
        let detail = "A proxy forwarded an address that cannot be read.";
        Problem::saying(Code::Malformed, detail).of(id).into_response()
    };
    marked(answer, id)
}

/// Nothing that is told here is kept by anybody on the way, or taken for something that it is not.
fn marked(mut answer: Response, id: RequestId) -> Response {
    let headers = answer.headers_mut();
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(SECURITY_POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(id) = HeaderValue::try_from(id.to_string()) {
        headers.insert(REQUEST_ID, id);
    }
    answer
}

impl Received {
    /// What is written into the audit of what is done for this request.
    #[must_use]
    pub const fn origin(&self) -> Origin {
        Origin { via: self.via, from: Some(CameFrom::Address(self.client)), request: Some(self.id) }
    }
}
