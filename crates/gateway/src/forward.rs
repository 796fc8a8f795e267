//! A judged request on its way to the upstream, and the answer on its way back.

use bytes::Bytes;
use http::header::{CONNECTION, HeaderName, HeaderValue, UPGRADE};
use http::{HeaderMap, Request, Response, StatusCode, request, response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;

use crate::client::{Begun, Lines, Outgoing, Wait};
use crate::download::{Download, Theirs};
use crate::failure::Failure;
use crate::headers::{self, Said};
use crate::ledger::Ledger;
use crate::patience::{Patience, from_now};
use crate::pool::Seat;
use crate::seam::{Forward, Judge, Upstream};
use crate::service::Received;
use crate::streams;
use crate::upgrade::{self, Tunnel};
use crate::upload::{Source, Upload};
use crate::upstream::Kind;

/// A request between its judgement and its answer.
struct Trip<'a, J: Judge> {
    received: Received<'a, J>,
    ledger: Ledger<J>,
    wait: Wait,
    respond: Vec<(HeaderName, HeaderValue)>,
    turning: Option<Turning>,
}

/// A request to turn to another protocol.
struct Turning {
    protocol: HeaderValue,
    caller: OnUpgrade,
}

/// Forwards a request and returns its answer, or the refusal that takes its place.
pub(crate) async fn forward<J: Judge>(
    received: Received<'_, J>,
    forward: Forward<J::Pass>,
    request: Request<Source>,
) -> Response<Download<J>> {
    let Forward { upstream, target, client, remove, set, respond, pass } = forward;
    let length = request.body().size_hint().lower();
    let (mut head, body) = request.into_parts();
    let turning = turning(&mut head, &body, upstream.kind);
    let said = Said {
        id: &received.label,
        client,
        protocol: received.lane.protocol,
        authority: head.uri.authority(),
        host: &upstream.host,
        upgrade: turning.as_ref().map(|turning| turning.protocol.clone()),
    };
    headers::send_up(&mut head.headers, said);
    headers::remove(&mut head.headers, &remove);
    self::set(&mut head.headers, set);
    head.extensions.clear();
    let lines = if turning.is_some() { Lines::Upgradable } else { Lines::Any };
    let (mut trip, mut upload) = Trip::begin(received, pass, body);
    upload.remove_trailers(remove);
    trip.respond = respond;
    trip.turning = turning;
    if trip.received.lane.shared.limits.body_bytes.is_some_and(|most| length > most) {
        return trip.fail(Failure::BodyTooLarge);
    }
    trip.send(&upstream, Outgoing { request: Request::from_parts(head, upload), target, lines }).await
}

/// Whether the request may turn its connection to another protocol.
fn turning(head: &mut request::Parts, body: &Source, kind: Kind) -> Option<Turning> {
    if kind == Kind::H2c || !body.is_end_stream() {
        return None;
    }
    let protocol = upgrade::asked(head.version, &head.headers)?;
    Some(Turning { protocol, caller: head.extensions.remove()? })
}

impl<'a, J: Judge> Trip<'a, J> {
    fn begin(received: Received<'a, J>, pass: J::Pass, body: Source) -> (Self, Upload) {
        let shared = &received.lane.shared;
        let limits = &shared.limits;
        let end = from_now(limits.total.to_std());
        let patience = Patience::new(limits.idle.to_std()).until(end);
        let (upload, gauge) = Upload::new(body, limits.body_bytes, patience);
        let ledger = Ledger::open(shared.judge.clone(), received.id, pass, gauge.clone());
        let timer = received.lane.wire.take_timer();
        let patience = Patience::new(limits.answer.to_std()).until(end).with_timer(timer);
        let wait = Wait { patience, gauge, uploaded: 0 };
        (Self { received, ledger, wait, respond: Vec::new(), turning: None }, upload)
    }

    async fn send(mut self, upstream: &Upstream, outgoing: Outgoing) -> Response<Download<J>> {
        let client = &self.received.lane.shared.client;
        match client.send(upstream, outgoing, &mut self.wait).await {
            Err(failure) => self.fail(failure),
            Ok((response, seat)) => self.pass_on((response, seat)),
        }
    }

    fn fail(mut self, failure: Failure) -> Response<Download<J>> {
        let wire = &self.received.lane.wire;
        wire.leave_timer(self.wait.patience.take_timer());
        // A body that the guard refuses looks like a broken connection from here.
        let refusal = wire.refusal(self.received.turn.number).filter(|_| failure == Failure::BodyBroken);
        let mut response = self.received.own(self.ledger.fail(refusal.unwrap_or(failure)));
        set(response.headers_mut(), self.respond);
        response
    }

    fn pass_on(mut self, (response, seat): Begun) -> Response<Download<J>> {
        self.ledger.answered(response.status());
        let (mut head, body) = response.into_parts();
        if head.status != StatusCode::SWITCHING_PROTOCOLS {
            return self.stream(head, body, seat);
        }
        match (self.turning.take(), head.extensions.remove()) {
            (Some(turning), Some(upstream)) => self.turn(turning, upstream, head),
            // Nobody asked for that.
            _ => self.fail(Failure::UpstreamBroken),
        }
    }

    fn stream(
        mut self,
        mut head: response::Parts,
        incoming: Incoming,
        seat: Option<Seat>,
    ) -> Response<Download<J>> {
        let Received { lane, turn, label, .. } = self.received;
        headers::send_down(&mut head.headers, label);
        self.wait.patience.span(lane.shared.limits.idle.to_std());
        let uploaded = self.ledger.uploaded();
        let (patience, ledger) = (self.wait.patience, self.ledger);
        let (piece, left) = (streams::piece(), Bytes::new());
        let theirs = Theirs { incoming, piece, left, patience, ledger, seat, turn, uploaded, done: false };
        finish(head, Download::Theirs(Box::new(theirs)), self.respond)
    }

    fn turn(self, turning: Turning, upstream: OnUpgrade, mut head: response::Parts) -> Response<Download<J>> {
        let Received { lane, turn, label, .. } = self.received;
        let protocol = head.headers.get(UPGRADE).cloned().unwrap_or(turning.protocol);
        headers::send_down(&mut head.headers, label);
        head.headers.insert(UPGRADE, protocol);
        head.headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        let (caller, ledger) = (turning.caller, self.ledger);
        let (idle, cut) = (lane.shared.limits.idle.to_std(), lane.shared.cut.clone());
        lane.shared.tasks.spawn(Tunnel { caller, upstream, ledger, idle, cut, turn }.run());
        finish(head, Download::Own { body: Full::default(), _turn: None }, self.respond)
    }
}

fn set(headers: &mut HeaderMap, pairs: Vec<(HeaderName, HeaderValue)>) {
    for (name, value) in pairs {
        headers.insert(name, value);
    }
}

fn finish<B>(head: response::Parts, body: B, respond: Vec<(HeaderName, HeaderValue)>) -> Response<B> {
    let mut response = Response::new(body);
    *response.status_mut() = head.status;
    *response.headers_mut() = head.headers;
    set(response.headers_mut(), respond);
    response
}
