use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use claviger_door::{Door, HostError, RequestIds, named_host, refusal, response_headers};
use claviger_model::{Reason, RequestId};
use claviger_policy::{Decision, Grant, identity_headers};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri};
use tower::{Layer, Service};

use crate::identity::to_remove;
use crate::parts::Original;
use crate::problems::{REQUEST_ID, answer, id_value, with_reason};

/// Puts a door before a service of this process: only requests that are let through reach it, without their
/// credential and with identity headers. It needs the [`ConnectInfo`] of axum.
#[derive(Clone)]
pub struct CheckLayer(Arc<Inner>);

struct Inner {
    door: Door,
    ids: RequestIds,
}

/// A service behind a [`CheckLayer`].
#[derive(Clone)]
pub struct CheckService<S> {
    inner: S,
    check: CheckLayer,
}

type Pairs = Vec<(HeaderName, HeaderValue)>;

/// What is to be put into a request that is let through, and into its answer.
struct Pass {
    remove: Vec<HeaderName>,
    identity: Pairs,
    /// The target without a credential.
    target: Option<PathAndQuery>,
    response: Pairs,
}

impl Pass {
    fn of(grant: &Grant<'_>, original: &Original, sent: &HeaderMap, id: RequestId) -> Self {
        let mut response = response_headers(grant);
        response.push((REQUEST_ID, id_value(id)));
        Self {
            remove: to_remove(sent, grant),
            identity: identity_headers(grant).into(),
            target: original.without_credentials(&grant.api.api.policy.schemes),
            response,
        }
    }
}

impl CheckLayer {
    /// A layer that asks `door`.
    #[must_use]
    pub fn new(door: Door, ids: RequestIds) -> Self {
        Self(Arc::new(Inner { door, ids }))
    }
}

impl<S> Layer<S> for CheckLayer {
    type Service = CheckService<S>;

    fn layer(&self, inner: S) -> CheckService<S> {
        CheckService { inner, check: self.clone() }
    }
}

impl Inner {
    /// The error is the whole answer.
    fn judge<B>(&self, request: &mut Request<B>) -> Result<Pairs, Box<Response>> {
        let id = self.ids.next(self.door.clock.now());
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        let peer = peer.ok_or_else(|| Box::new(malformed("the sender's address is not known", id)))?;
        let original = original(request).map_err(|why| Box::new(malformed(why, id)))?;
        let pass = self.ask(&original, request.headers(), peer, id)?;
        pass.remove.iter().for_each(|name| drop(request.headers_mut().remove(name)));
        request.headers_mut().extend(pass.identity);
        let mut uri = request.uri().clone().into_parts();
        uri.path_and_query = pass.target;
        *request.uri_mut() =
            Uri::from_parts(uri).map_err(|_| Box::new(malformed("the target is not one", id)))?;
        Ok(pass.response)
    }

    fn ask(
        &self,
        original: &Original,
        headers: &HeaderMap,
        peer: IpAddr,
        id: RequestId,
    ) -> Result<Pass, Box<Response>> {
        let asked = original.asked(id, headers, peer);
        self.door.ask(&asked, |decision, _| match decision {
            Decision::Allow(grant) => Ok(Pass::of(&grant, original, headers, id)),
            Decision::Deny(denial) => {
                let refused = refusal(&denial, id, denial.status()).map(Body::from);
                Err(Box::new(with_reason(refused, denial.reason, id)))
            }
        })
    }
}

fn malformed(why: &str, id: RequestId) -> Response {
    answer(400, Reason::MalformedRequest, why, id)
}

fn original<B>(request: &Request<B>) -> Result<Original, &'static str> {
    let uri = request.uri();
    let host = named_host(uri, request.headers()).map_err(|error| match error {
        HostError::Missing => "no host is named",
        HostError::Repeated => "there is more than one Host header",
        HostError::Malformed => "the host is not one",
        HostError::Contradiction => "the request target and the Host header name different hosts",
    })?;
    let target = uri.path_and_query().ok_or("this form of request target is not served")?;
    Original::read(request.method().as_str(), host.name, target.as_str())
}

type Answering<E> = Pin<Box<dyn Future<Output = Result<Response, E>> + Send>>;

impl<S, B> Service<Request<B>> for CheckService<S>
where
    S: Service<Request<B>, Response = Response>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Answering<S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        match self.check.0.judge(&mut request) {
            Err(refused) => Box::pin(async move { Ok(*refused) }),
            Ok(told) => {
                let answering = self.inner.call(request);
                Box::pin(async move {
                    let mut answer = answering.await?;
                    for (name, value) in told {
                        // In place of the service's own.
                        answer.headers_mut().insert(name, value);
                    }
                    Ok(answer)
                })
            }
        }
    }
}
