use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use claviger_door::{Asked, Door, HostError, Prepared, RequestIds, named_host, refusal, response_headers};
use claviger_model::{Reason, RequestId};
use claviger_policy::{Body as Known, Decision, Grant, identity_headers};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri};
use http_body_util::BodyExt;
use tower::{Layer, Service};

use crate::identity::to_remove;
use crate::parts::Original;
use crate::problems::{REQUEST_ID, answer, id_value, unread, with_reason};

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

/// How long a body that is to be verified may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// A refusal: the whole answer.
type Refused = Box<Response>;

impl Inner {
    /// Answers the body of the request, which may have been read, and what is to be put into the answer.
    async fn admit<B>(&self, head: &mut Parts, body: B) -> Result<(B, Pairs), Refused>
    where
        B: http_body::Body<Data = Bytes> + From<Bytes>,
    {
        let id = self.ids.next(self.door.clock.now());
        let peer = head.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        let peer = peer.ok_or_else(|| Box::new(malformed("the sender's address is not known", id)))?;
        let original = original(head).map_err(|why| Box::new(malformed(why, id)))?;
        let known = if body.is_end_stream() { Known::None } else { Known::Unread };
        let mut asked = original.asked(id, &head.headers, peer);
        asked.parts.body = known;
        let prepared = self.door.prepare(&asked).await;
        let (pass, body) = match self.door.body_wanted(&asked) {
            None => (self.ask(&original, &asked, prepared)?, body),
            Some(most) => {
                let bytes = read(body, most, id).await?;
                asked.parts.body = Known::Read(&bytes);
                (self.ask(&original, &asked, prepared)?, B::from(bytes.clone()))
            }
        };
        let told = pass.put_into(head).ok_or_else(|| Box::new(malformed("the target is not one", id)))?;
        Ok((body, told))
    }

    fn ask(&self, original: &Original, asked: &Asked<'_>, prepared: Prepared) -> Result<Pass, Refused> {
        let id = asked.id;
        self.door.ask_prepared(prepared, asked, |decision, _| match decision {
            Decision::Allow(grant) => Ok(Pass::of(&grant, original, asked.parts.headers, id)),
            Decision::Deny(denial) => {
                let refused = refusal(&denial, id, denial.status()).map(Body::from);
                Err(Box::new(with_reason(refused, denial.reason, id)))
            }
        })
    }
}

impl Pass {
    /// Changes the request to what the service is to see. Answers what is to be put into its answer.
    fn put_into(self, head: &mut Parts) -> Option<Pairs> {
        for name in self.remove {
            head.headers.remove(name);
        }
        head.headers.extend(self.identity);
        let mut uri = head.uri.clone().into_parts();
        uri.path_and_query = self.target;
        head.uri = Uri::from_parts(uri).ok()?;
        Some(self.response)
    }
}

/// Reads a body that is verified before the service sees any of it.
async fn read<B>(body: B, most: u32, id: RequestId) -> Result<Bytes, Refused>
where
    B: http_body::Body<Data = Bytes>,
{
    let body = std::pin::pin!(body);
    let collected = tokio::time::timeout(PATIENCE, collect(body, most as usize)).await;
    collected.unwrap_or(Err(Unread::Late)).map_err(|why| {
        let (status, words) = why.told();
        Box::new(unread(status, words, id))
    })
}

/// Why a body cannot be verified.
#[derive(Debug, Clone, Copy)]
enum Unread {
    Late,
    Long,
    Broken,
}

impl Unread {
    /// Status, code and title: those of the gateway.
    const fn told(self) -> (u16, (&'static str, &'static str)) {
        match self {
            Self::Late => (408, ("request_timeout", "The request did not arrive in time.")),
            Self::Long => (413, ("body_too_large", "The request's body is too long.")),
            Self::Broken => (400, ("body_incomplete", "The request's body ended early.")),
        }
    }
}

async fn collect<B: http_body::Body<Data = Bytes>>(
    mut body: Pin<&mut B>,
    most: usize,
) -> Result<Bytes, Unread> {
    // Who announces too much is told before any of it comes.
    if body.size_hint().lower() > most as u64 {
        return Err(Unread::Long);
    }
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        // Trailers do not go on: nobody signed them.
        if let Ok(data) = frame.map_err(|_| Unread::Broken)?.into_data() {
            if bytes.len() + data.len() > most {
                return Err(Unread::Long);
            }
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes.freeze())
}

fn malformed(why: &str, id: RequestId) -> Response {
    answer(400, Reason::MalformedRequest, why, id)
}

fn original(head: &Parts) -> Result<Original, &'static str> {
    let uri = &head.uri;
    let host = named_host(uri, &head.headers).map_err(|error| match error {
        HostError::Missing => "no host is named",
        HostError::Repeated => "there is more than one Host header",
        HostError::Malformed => "the host is not one",
        HostError::Contradiction => "the request target and the Host header name different hosts",
    })?;
    let target = uri.path_and_query().ok_or("this form of request target is not served")?;
    Original::read(head.method.as_str(), host.text, target.as_str())
}

type Answering<E> = Pin<Box<dyn Future<Output = Result<Response, E>> + Send>>;

impl<S, B> Service<Request<B>> for CheckService<S>
where
    S: Service<Request<B>, Response = Response> + Clone + Send + 'static,
    S::Future: Send,
    B: http_body::Body<Data = Bytes> + From<Bytes> + Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Answering<S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The one that is ready is used, and its clone becomes ready for the next request.
        let next = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, next);
        let check = Arc::clone(&self.check.0);
        Box::pin(async move {
            let (mut head, body) = request.into_parts();
            let (body, told) = match check.admit(&mut head, body).await {
                Ok(admitted) => admitted,
                Err(refused) => return Ok(*refused),
            };
            let mut answer = inner.call(Request::from_parts(head, body)).await?;
            for (name, value) in told {
                // In place of the service's own.
                answer.headers_mut().insert(name, value);
            }
            Ok(answer)
        })
    }
}
