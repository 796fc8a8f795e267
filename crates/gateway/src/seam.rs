//! What the gateway asks of the one who decides. The gateway moves bytes; a [`Judge`] knows APIs, credentials and
//! how refusals read.
//!
//! Of each request the judge hears in one of four ways: [`Judge::judge`] returned an answer; or [`Judge::before`] found
//! that it is for the product itself ([`Own`]); or [`Judge::fail`] was called without a pass, because the request could not even be judged; or it was let through
//! and [`Judge::finished`] is called once, when its answer has ended. A request that is let through and then
//! fails gets a `fail` with its pass before its `finished`.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use claviger_model::RequestId;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use http_body_util::Full;

pub use crate::failure::{Failure, Malformed};
pub use crate::own::{Own, OwnDoor, OwnRequest};
pub use crate::upstream::{Upstream, UpstreamError};
pub use claviger_door::Asked;
pub use claviger_policy::{Body, Parts, Protocol};

/// An answer that the gateway gives itself, complete in memory.
pub type Answer = http::Response<Full<Bytes>>;

/// Decides about requests and words refusals. Called on the threads that move bytes: it must not block.
pub trait Judge: Send + Sync + 'static {
    /// What is carried from the judgement to the end of the request, for counting and logging.
    type Pass: Send + Unpin + 'static;

    /// A new request id. Clock and randomness live behind this method.
    fn request_id(&self) -> RequestId;

    /// What has to be done before the judgement. It may wait.
    fn before(&self, asked: &Asked<'_>) -> impl Future<Output = Before> + Send;

    /// Whether the request goes on, and where to.
    fn judge(&self, asked: &Asked<'_>) -> Verdict<Self::Pass>;

    /// Words a failure as an answer. The gateway sets `X-Request-Id` and, where it must, `Connection: close`.
    fn fail(&self, failed: Failed<'_, Self::Pass>) -> Answer;

    /// Whether a request that was let through would still be. Asked about once a second while a connection that was
    /// upgraded is open; it is cut when the answer is no.
    fn stands(&self, pass: &Self::Pass) -> bool;

    /// A request that was let through has ended: its answer was given in full, or cut.
    fn finished(&self, end: End<Self::Pass>);
}

/// A request that failed.
#[derive(Debug)]
pub struct Failed<'a, P> {
    /// Its id.
    pub id: RequestId,
    /// What went wrong; says which status fits.
    pub failure: Failure,
    /// The other end of the connection, for a request that was not judged.
    pub peer: Option<IpAddr>,
    /// The request's headers if they could be read and have not gone up yet, for choosing a format.
    pub headers: Option<&'a HeaderMap>,
    /// What the judgement left, if the request was judged.
    pub pass: Option<&'a P>,
}

/// What comes before a judgement.
#[derive(Debug)]
pub enum Before {
    /// Nothing any more.
    Judge,
    /// The body is to be read.
    Read {
        /// Bytes of it, at most.
        most: u32,
        /// Whose share of the room for bodies it takes.
        client: IpAddr,
    },
    /// It does not come to a judgement. The gateway sets `X-Request-Id`.
    Answer(Answer),
    /// It is not to be judged: a door of the product itself is at this path.
    Own(Own),
}

/// What a judge says about a request.
#[derive(Debug)]
pub enum Verdict<P> {
    /// Let through.
    Forward(Forward<P>),
    /// Answered here. The gateway sets `X-Request-Id`.
    Answer(Answer),
}

/// Where and how a request goes on.
#[derive(Debug)]
pub struct Forward<P> {
    /// The server it goes to.
    pub upstream: Arc<Upstream>,
    /// Path and query for the upstream.
    pub target: PathAndQuery,
    /// The client's address for `X-Forwarded-For`.
    pub client: IpAddr,
    /// Headers taken from the request, in every spelling that an upstream may read as the same name.
    pub remove: Vec<HeaderName>,
    /// Headers set on the request, in place of any with the same name; after the caller's identity headers were
    /// removed.
    pub set: Vec<(HeaderName, HeaderValue)>,
    /// Headers set on the answer.
    pub respond: Vec<(HeaderName, HeaderValue)>,
    /// Carried to the end.
    pub pass: P,
}

/// How a request that was let through ended.
#[derive(Debug)]
pub struct End<P> {
    /// Its id.
    pub id: RequestId,
    /// The status that the caller was given; none if the caller left before.
    pub status: Option<StatusCode>,
    /// How it ended.
    pub ending: Ending,
    /// Bytes of body that went up to the upstream.
    pub sent: u64,
    /// Bytes of body that came back from the upstream.
    pub received: u64,
    /// What the judgement left.
    pub pass: P,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The upstream's answer was passed on in full.
    Complete,
    /// The connection was handed over to another protocol, which has ended.
    Upgraded,
    /// The gateway answered in the upstream's place.
    Failed(Failure),
    /// The upstream's answer had begun and was cut for this reason.
    Cut(Failure),
    /// An upgraded connection was cut because its request would no longer be let through.
    Withdrawn,
    /// The caller went away, or over HTTP/2 took nothing of the answer for too long.
    Abandoned,
}
