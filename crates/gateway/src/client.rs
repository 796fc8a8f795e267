use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use http::header::{CONNECTION, HOST, HeaderValue, TRANSFER_ENCODING};
use http::uri::{Authority, PathAndQuery};
use http::{Request, Response, Uri, Version};
use hyper::body::{Body, Incoming};
use hyper::client::conn::TrySendError;

use crate::config::{ClientConfig, GatewayLimits};
use crate::connect::{Connector, Target};
use crate::failure::Failure;
use crate::headers;
use crate::patience::{Lapsed, Patience};
use crate::pool::{Left, Line, Offer, Pool, Seat};
use crate::upload::{Gauge, Upload};
use crate::upstream::{Kind, Upstream};

/// Sends requests to upstreams.
#[derive(Debug)]
pub(crate) struct Client {
    connector: Arc<Connector>,
    pools: Mutex<HashMap<(Kind, Authority), Arc<Pool>>>,
}

/// A request on its way.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) request: Request<Upload>,
    pub(crate) target: PathAndQuery,
    pub(crate) lines: Lines,
}

/// Which connections a request can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lines {
    /// Any.
    Any,
    /// A new one of HTTP/1.1.
    Upgradable,
}

/// Waits for an answer to begin.
#[derive(Debug)]
pub(crate) struct Wait {
    pub(crate) patience: Patience,
    pub(crate) gauge: Option<Arc<Gauge>>,
    pub(crate) uploaded: u64,
}

/// An answer that has begun, and the connection to give back when it has ended.
pub(crate) type Begun = (Response<Incoming>, Option<Seat>);

type Sent = Result<Response<Incoming>, TrySendError<Request<Upload>>>;

enum Tried {
    Begun(Begun),
    /// Nothing of the request was sent: it may be tried again.
    Unsent(Request<Upload>),
}

impl Client {
    pub(crate) fn new(config: &ClientConfig, limits: GatewayLimits) -> Self {
        Self { connector: Arc::new(Connector::new(config, limits)), pools: Mutex::default() }
    }

    /// The connections to an upstream. Equal upstreams share them.
    fn pool<'a>(&self, upstream: &'a Upstream) -> &'a Arc<Pool> {
        upstream.pool.get_or_init(|| {
            let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
            let target = Target::of(upstream);
            let key = (target.kind, target.authority.clone());
            pools.entry(key).or_insert_with(|| Arc::new(Pool::new(target, self.connector.clone()))).clone()
        })
    }

    /// Lets go of connections that were idle for long, and of pools that nobody uses.
    pub(crate) fn grow_older(&self) {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        pools.retain(|_, pool| pool.grow_older() == Left::Connections || Arc::strong_count(pool) > 1);
    }

    /// Sends a request and waits for the head of its answer. It is sent again only if the connection turned out to be
    /// closed before any of it was written.
    pub(crate) async fn send(
        &self,
        upstream: &Upstream,
        outgoing: Outgoing,
        wait: &mut Wait,
    ) -> Result<Begun, Failure> {
        let pool = self.pool(upstream);
        let Outgoing { mut request, target, lines } = outgoing;
        loop {
            let offer = match lines {
                Lines::Any => pool.line().await?,
                Lines::Upgradable => Offer::New(Box::pin(pool.new_http1()).await?),
            };
            let is_new = matches!(offer, Offer::New(_));
            let (Offer::Open(line) | Offer::New(line)) = offer;
            match send_on(line, upstream, request, &target, wait).await? {
                Tried::Begun(begun) => return Ok(begun),
                Tried::Unsent(_) if is_new => return Err(Failure::UpstreamBroken),
                Tried::Unsent(unsent) => request = unsent,
            }
        }
    }
}

async fn send_on(
    line: Line,
    upstream: &Upstream,
    mut request: Request<Upload>,
    target: &PathAndQuery,
    wait: &mut Wait,
) -> Result<Tried, Failure> {
    match line {
        Line::Http1(mut seat) => {
            shape_http1(&mut request, upstream, target);
            let outcome = wait.answer(seat.sender.try_send_request(request)).await?;
            wait.tried(outcome, Some(seat))
        }
        Line::Http2(mut sender) => {
            shape_http2(&mut request, upstream, target);
            let outcome = wait.answer(sender.try_send_request(request)).await?;
            wait.tried(outcome, None)
        }
    }
}

impl Wait {
    /// Waits as long as may be for the answer, or for an upload that still goes on.
    async fn answer(&mut self, sent: impl Future<Output = Sent>) -> Result<Sent, Failure> {
        let mut sent = pin!(sent);
        poll_fn(|cx| {
            if let Poll::Ready(sent) = sent.as_mut().poll(cx) {
                self.patience.rest();
                return Poll::Ready(Ok(sent));
            }
            while let Poll::Ready(lapsed) = self.patience.poll(cx) {
                if lapsed == Lapsed::End || self.is_stuck() {
                    return Poll::Ready(Err(Failure::UpstreamTimeout));
                }
            }
            Poll::Pending
        })
        .await
    }

    /// Whether nothing moves, and not because of the caller.
    fn is_stuck(&mut self) -> bool {
        let Some(gauge) = &self.gauge else { return true };
        let before = std::mem::replace(&mut self.uploaded, gauge.bytes());
        before == self.uploaded && !gauge.awaits_caller()
    }

    fn tried(&self, outcome: Sent, seat: Option<Seat>) -> Result<Tried, Failure> {
        match outcome {
            Ok(response) => Ok(Tried::Begun((response, seat))),
            Err(mut error) => match error.take_message() {
                Some(unsent) => Ok(Tried::Unsent(unsent)),
                None => Err(self.failure(&error.into_error())),
            },
        }
    }

    fn failure(&self, error: &hyper::Error) -> Failure {
        tracing::debug!(error = error as &dyn std::error::Error, "an upstream broke off");
        let upload = self.gauge.as_ref().and_then(|gauge| gauge.failure());
        upload.unwrap_or(Failure::UpstreamBroken)
    }
}

fn shape_http1(request: &mut Request<Upload>, upstream: &Upstream, target: &PathAndQuery) {
    *request.uri_mut() = Uri::from(target.clone());
    if std::mem::replace(request.version_mut(), Version::HTTP_11) == Version::HTTP_2 {
        headers::join_cookies(request.headers_mut());
    }
    request.headers_mut().entry(HOST).or_insert_with(|| upstream.host.clone());
    // Of a GET whose length is not known hyper would send no body at all, unless it is told how.
    if request.body().size_hint().exact().is_none() {
        request.headers_mut().insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    }
}

fn shape_http2(request: &mut Request<Upload>, upstream: &Upstream, target: &PathAndQuery) {
    let pool = upstream.pool.get();
    if let Some(uri) = pool.and_then(|pool| pool.target().uri(target.clone())) {
        *request.uri_mut() = uri;
    }
    *request.version_mut() = Version::HTTP_2;
    // RFC 9113 section 8.2.2; `:authority` stands for Host.
    request.headers_mut().remove(CONNECTION);
    request.headers_mut().remove(HOST);
}
