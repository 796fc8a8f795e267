//! A request from its head to the beginning of its answer.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use claviger_model::RequestId;
use http::header::{CONNECTION, CONTENT_LENGTH, HeaderValue, UPGRADE};
use http::{HeaderMap, Method, Request, Response, StatusCode, Version, request};
use http_body_util::Full;
use hyper::body::{Body as _, Incoming};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::client::Client;
use crate::config::GatewayLimits;
use crate::download::Download;
use crate::failure::Failure;
use crate::forward;
use crate::headers;
use crate::hold::{Held, HeldBody};
use crate::own::ReadWhole;
use crate::seam::{Answer, Asked, Before, Body, Failed, Judge, Parts, Protocol, Verdict};
use crate::target;
use crate::upload::Source;
use crate::wire::{Turn, Wire};

/// What all connections share.
pub(crate) struct Shared<J> {
    pub(crate) judge: Arc<J>,
    pub(crate) limits: GatewayLimits,
    pub(crate) client: Client,
    pub(crate) tasks: TaskTracker,
    /// Fired when what still goes on must end.
    pub(crate) cut: CancellationToken,
    /// The room for bodies that are read before the judgement.
    pub(crate) held: Held,
}

impl<J> Shared<J> {
    /// Reads a body to its end, on the client's share of the room for bodies.
    pub(crate) fn hold<'s>(
        &'s self,
        body: Incoming,
        most: u32,
        client: IpAddr,
        wire: &'s Wire,
    ) -> impl Future<Output = Result<HeldBody<'s>, Failure>> {
        self.held.room(client, &self.limits).read(body, most, wire)
    }
}

/// One caller's connection.
pub(crate) struct Lane<J> {
    pub(crate) shared: Arc<Shared<J>>,
    pub(crate) wire: Arc<Wire>,
    pub(crate) peer: IpAddr,
    pub(crate) protocol: Protocol,
}

/// Whether an HTTP/1 connection can go on after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    GoOn,
    /// Unless the answer is the upstream's, which took the body then, or the body was read before it.
    CloseIfOwn,
    /// Unless the connection is upgraded: what follows the head was not read as HTTP.
    CloseUnlessUpgraded,
}

impl After {
    fn of(request: &Request<Incoming>) -> Self {
        if request.version() == Version::HTTP_2 {
            Self::GoOn
        } else if request.headers().contains_key(UPGRADE) {
            Self::CloseUnlessUpgraded
        } else if request.body().is_end_stream() {
            Self::GoOn
        } else {
            Self::CloseIfOwn
        }
    }

    fn closes<J: Judge>(self, response: &Response<Download<J>>) -> bool {
        match self {
            Self::GoOn => false,
            Self::CloseIfOwn => {
                matches!(response.body(), Download::Own { .. })
                    && response.extensions().get::<ReadWhole>().is_none()
            }
            Self::CloseUnlessUpgraded => response.status() != StatusCode::SWITCHING_PROTOCOLS,
        }
    }
}

/// A request that was received: what is needed until it is answered.
pub(crate) struct Received<'a, J> {
    pub(crate) lane: &'a Lane<J>,
    pub(crate) turn: Turn,
    pub(crate) version: Version,
    pub(crate) id: RequestId,
    /// The id as a header's value.
    pub(crate) label: HeaderValue,
}

/// Answers a request. Never fails: what goes wrong becomes an answer.
pub(crate) async fn serve<J: Judge>(
    lane: Arc<Lane<J>>,
    request: Request<Incoming>,
) -> Result<Response<Download<J>>, Infallible> {
    let turn = Turn::begin(lane.wire.clone());
    let id = lane.shared.judge.request_id();
    // Letters, digits and an underscore: always a good value.
    let label = HeaderValue::try_from(id.to_string()).unwrap_or_else(|_| HeaderValue::from_static("unknown"));
    let after = After::of(&request);
    let bare = request.method() == Method::HEAD;
    let mut response =
        Received { lane: &lane, turn, version: request.version(), id, label }.answer(request).await;
    if bare {
        take_body(&mut response);
    }
    if after.closes(&response) {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response)
}

/// Of the gateway's own answer to HEAD, only the length is told (RFC 9110 section 9.3.2). hyper sees to that in HTTP/1
/// and not in HTTP/2.
fn take_body<J: Judge>(response: &mut Response<Download<J>>) {
    let Download::Own { body, .. } = response.body_mut() else { return };
    let length = std::mem::take(body).size_hint().lower();
    // A door of the product's own has told it already, and has left the body out.
    response.headers_mut().entry(CONTENT_LENGTH).or_insert(HeaderValue::from(length));
}

impl<J: Judge> Received<'_, J> {
    async fn answer(self, request: Request<Incoming>) -> Response<Download<J>> {
        if let Some(failure) = self.lane.wire.refusal(self.turn.number) {
            return self.refuse(failure, None);
        }
        let (head, body) = request.into_parts();
        let known = if body.is_end_stream() { Body::None } else { Body::Unread };
        let named = match self.read(&head) {
            Ok(named) => named,
            Err(failure) => return self.refuse(failure, Some(&head.headers)),
        };
        let (shared, mut asked) = (&self.lane.shared, self.asked(&head, &named, known));
        let (whole, source) = match shared.judge.before(&asked).await {
            Before::Answer(answer) => return self.own(answer),
            // Apart, since few requests need what it takes.
            Before::Own(own) => return Box::pin(self.answer_own(own, head, body)).await,
            Before::Judge => (None, Source::Caller(body)),
            Before::Read { most, client } => match shared.hold(body, most, client, &self.lane.wire).await {
                Ok(read) => {
                    let source = Source::Memory(Full::new(read.body.clone()));
                    (Some(read), source)
                }
                Err(failure) => return self.refuse(failure, Some(&head.headers)),
            },
        };
        if let Some(whole) = &whole {
            asked.parts.body = Body::Read(&whole.body);
        }
        match shared.judge.judge(&asked) {
            Verdict::Answer(answer) => self.own(answer),
            Verdict::Forward(forward) => {
                forward::forward(self, forward, Request::from_parts(head, source)).await
            }
        }
    }

    fn read<'r>(&self, head: &'r request::Parts) -> Result<target::Named<'r>, Failure> {
        // HTTP/1 is bound by the guard. HTTP/2 bounds bytes only, and many headers can be made of few.
        if head.headers.len() > usize::from(self.lane.shared.limits.headers) {
            return Err(Failure::HeadTooLarge);
        }
        Ok(target::read(head)?)
    }

    fn asked<'a>(&self, head: &'a request::Parts, named: &'a target::Named<'a>, body: Body<'a>) -> Asked<'a> {
        let parts = Parts {
            method: &head.method,
            host: &named.host,
            authority: named.authority,
            protocol: self.lane.protocol,
            target: named.target,
            headers: &head.headers,
            body,
        };
        Asked { id: self.id, parts, peer: self.lane.peer }
    }

    /// Refuses a request that cannot be judged. Nothing after it is read.
    pub(crate) fn refuse(self, failure: Failure, headers: Option<&HeaderMap>) -> Response<Download<J>> {
        let failed = Failed { id: self.id, failure, peer: Some(self.lane.peer), headers, pass: None };
        let answer = self.lane.shared.judge.fail(failed);
        let version = self.version;
        let mut response = self.own(answer);
        if version != Version::HTTP_2 {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    /// Answers in the upstream's place.
    pub(crate) fn own(self, answer: Answer) -> Response<Download<J>> {
        let mut response = answer.map(|body| Download::Own { body, _turn: Some(self.turn) });
        response.headers_mut().insert(headers::REQUEST_ID, self.label);
        response
    }
}
