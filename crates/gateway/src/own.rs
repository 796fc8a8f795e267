//! Paths of the gateway that are a door of the product itself: nothing goes up, and what would be judged elsewhere is
//! answered by that door.

use std::fmt;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use claviger_model::RequestId;
use http::uri::PathAndQuery;
use http::{Request, Response, Uri, request};
use hyper::body::Incoming;
use tokio::time::timeout;

use crate::download::Download;
use crate::failure::Failure;
use crate::seam::{Answer, Judge};
use crate::service::Received;

/// A door of the product itself behind some paths of the gateway.
pub trait OwnDoor: fmt::Debug + Send + Sync + 'static {
    /// Whether it answers here. The host is in lower case, the path in canonical form.
    fn serves(&self, host: &str, path: &str) -> bool;

    /// The longest body that it takes, in bytes.
    fn body_bytes(&self) -> u32;

    /// Answers a request.
    fn answer(&self, asked: OwnRequest) -> Pin<Box<dyn Future<Output = Answer> + Send + '_>>;
}

/// A request for the product itself, as the gateway received it.
#[derive(Debug)]
pub struct OwnRequest {
    /// Its id, which the caller is given.
    pub id: RequestId,
    /// The client's address.
    pub client: IpAddr,
    /// Headers as they came, the whole body, and the target in canonical form.
    pub request: Request<Bytes>,
}

/// That a request is for the product itself.
#[derive(Debug)]
pub struct Own {
    /// Who answers it.
    pub door: Arc<dyn OwnDoor>,
    /// Path and query in canonical form.
    pub target: PathAndQuery,
    /// The client's address, whose share of the room for bodies it takes.
    pub client: IpAddr,
}

/// Marks an answer to a request that was read to its end, so that its connection can go on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReadWhole;

impl<J: Judge> Received<'_, J> {
    /// Has the product's own door answer, once the body is there.
    pub(crate) async fn answer_own(
        self,
        own: Own,
        head: request::Parts,
        body: Incoming,
    ) -> Response<Download<J>> {
        let shared = &self.lane.shared;
        let most = own.door.body_bytes().min(shared.limits.body_bytes.map_or(u32::MAX, saturated));
        let whole = match shared.hold(body, most, own.client, &self.lane.wire).await {
            Ok(read) => read,
            Err(failure) => return self.refuse(failure, Some(&head.headers)),
        };
        let request = request_of(head, own.target, whole.body.clone());
        let asked = OwnRequest { id: self.id, client: own.client, request };
        let Ok(answer) = timeout(shared.limits.answer.to_std(), own.door.answer(asked)).await else {
            return self.refuse(Failure::UpstreamTimeout, None);
        };
        let mut response = self.own(answer);
        response.extensions_mut().insert(ReadWhole);
        response
    }
}

fn saturated(bytes: u64) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// The connection cannot be turned to another protocol by what is handed on, so that its handle ends here.
fn request_of(mut head: request::Parts, target: PathAndQuery, body: Bytes) -> Request<Bytes> {
    head.uri = Uri::from(target);
    head.extensions.clear();
    Request::from_parts(head, body)
}
