//! The judge of the product: asks the door, and words its decisions for HTTP.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use bytes::Bytes;
use claviger_door::{
    Asked, Door, Prepared, RequestIds, problem, referer_shows_key, refusal, response_headers,
};
use claviger_model::{Entropy, Format, Reason, RequestId, Time};
use claviger_policy::{Decision, Grant, Problem, Target, Ticket, identity_headers};
use http::header::{ACCEPT, REFERER};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, Response};
use http_body_util::Full;
use metrics::{Counter, Histogram};
use tracing::Span;

use crate::{Answer, Before, End, Ending, Failed, Failure, Forward, Judge, Own, OwnDoor, Upstream, Verdict};

/// The target of spans, which a collector of traces subscribes to.
pub const TRACE_TARGET: &str = "claviger::trace";
/// The target of a log line for each request, at level debug.
const ACCESS_TARGET: &str = "claviger::access";

/// Decides by the node's snapshot.
pub struct PolicyJudge {
    door: Door,
    ids: RequestIds,
    upstreams: ArcSwap<HashMap<String, Arc<Upstream>>>,
    answers: Answers,
    own: Option<Arc<dyn OwnDoor>>,
}

/// What is carried from a decision to the end of the request.
#[derive(Debug)]
pub struct Pass {
    format: Format,
    started: Time,
    span: Span,
    ticket: Ticket,
}

/// The span of a request. It is made only where somebody collects spans.
fn span(id: RequestId, grant: &Grant<'_>) -> Span {
    tracing::info_span!(
        target: TRACE_TARGET, "request",
        otel.kind = "server",
        claviger.request_id = %id,
        claviger.api = %grant.api.api.slug,
        claviger.environment = %grant.environment.environment.slug,
        claviger.version = %grant.version.version.name,
        claviger.key_id = %grant.credential,
        http.request.method = %grant.endpoint.method,
        http.route = %grant.endpoint.path,
        http.response.status_code = tracing::field::Empty,
    )
}

/// The headers in which a key is, or may be.
fn removed(headers: &HeaderMap, grant: &Grant<'_>) -> Vec<HeaderName> {
    let mut names = grant.credential_headers().to_vec();
    if referer_shows_key(headers, &grant.api.api.policy.schemes) {
        names.push(REFERER);
    }
    names
}

impl PolicyJudge {
    /// A judge that asks `door`.
    #[must_use]
    pub fn new(door: Door, entropy: &dyn Entropy) -> Self {
        let (ids, upstreams, answers) = (RequestIds::new(entropy), ArcSwap::default(), Answers::new());
        Self { door, ids, upstreams, answers, own: None }
    }

    /// The same, with this door of the product itself at the paths that it serves.
    #[must_use]
    pub fn with_own(mut self, own: Arc<dyn OwnDoor>) -> Self {
        self.own = Some(own);
        self
    }

    /// Whether the request is for the product itself. What cannot be read in one way, or comes from nobody knows where,
    /// goes the way of all others and is refused there.
    fn own(&self, asked: &Asked<'_>) -> Option<Own> {
        let door = self.own.as_ref()?;
        let target = Target::read(asked.parts.target).ok()?;
        if !door.serves(asked.parts.host, target.path()) {
            return None;
        }
        let client = self.door.trusted.client(asked.peer, asked.parts.headers).ok()?;
        tracing::debug!(target: ACCESS_TARGET, request_id = %asked.id, "for the product itself");
        Some(Own { door: Arc::clone(door), target: path_and_query(&target)?, client })
    }

    fn verdict(&self, asked: &Asked<'_>, decision: Decision<'_>, client: IpAddr) -> Verdict<Pass> {
        let id = asked.id;
        match decision {
            Decision::Deny(denial) => {
                tracing::debug!(target: ACCESS_TARGET, request_id = %id, reason = %denial.reason, "refused");
                Verdict::Answer(answer(refusal(&denial, id, denial.status())))
            }
            Decision::Allow(mut grant) => self.forward(asked, &mut grant, client).map_or_else(
                // Targets and addresses are checked before they get here; a miss is answered like a dead upstream.
                || Verdict::Answer(failure(Failure::UpstreamUnreachable, grant.negotiated.format, id)),
                Verdict::Forward,
            ),
        }
    }

    /// The body, if the decision needs it. Who comes from nobody knows where is refused without.
    fn wanted(&self, asked: &Asked<'_>) -> Option<Before> {
        let most = self.door.body_wanted(asked)?;
        let client = self.door.trusted.client(asked.peer, asked.parts.headers).ok()?;
        Some(Before::Read { most, client })
    }

    fn forward(&self, asked: &Asked<'_>, grant: &mut Grant<'_>, client: IpAddr) -> Option<Forward<Pass>> {
        let mut set = Vec::with_capacity(8);
        set.extend(identity_headers(grant));
        set.extend(grant.negotiated.accept.clone().map(|accept| (ACCEPT, accept)));
        Some(Forward {
            upstream: self.upstream(grant.upstream().origin())?,
            target: PathAndQuery::from_maybe_shared(Bytes::from(std::mem::take(&mut grant.target))).ok()?,
            client,
            remove: removed(asked.parts.headers, grant),
            set,
            respond: response_headers(grant),
            pass: Pass {
                format: grant.negotiated.format,
                started: self.door.clock.now(),
                span: span(asked.id, grant),
                ticket: grant.ticket,
            },
        })
    }

    /// The connections of an upstream are kept with it, so that changes of policy do not close them.
    fn upstream(&self, origin: &str) -> Option<Arc<Upstream>> {
        if let Some(upstream) = self.upstreams.load().get(origin) {
            return Some(Arc::clone(upstream));
        }
        let upstream = Arc::new(Upstream::parse(origin).ok()?);
        self.upstreams.rcu(|known| {
            let mut known = HashMap::clone(known);
            known.entry(origin.to_owned()).or_insert_with(|| Arc::clone(&upstream));
            known
        });
        self.upstreams.load().get(origin).map(Arc::clone)
    }
}

impl Judge for PolicyJudge {
    type Pass = Pass;

    fn request_id(&self) -> RequestId {
        self.ids.next(self.door.clock.now())
    }

    async fn before(&self, asked: &Asked<'_>) -> Before {
        if let Some(own) = self.own(asked) {
            return Before::Own(own);
        }
        let busy = |decision: Decision<'_>, _| match decision {
            Decision::Deny(denial) => Before::Answer(answer(refusal(&denial, asked.id, denial.status()))),
            Decision::Allow(_) => Before::Judge,
        };
        match self.door.prepare(asked).await {
            Prepared::Ready => self.wanted(asked).unwrap_or(Before::Judge),
            Prepared::Busy => self.door.busy(asked, busy),
        }
    }

    fn judge(&self, asked: &Asked<'_>) -> Verdict<Pass> {
        self.door.ask(asked, |decision, client| self.verdict(asked, decision, client))
    }

    fn fail(&self, failed: Failed<'_, Pass>) -> Answer {
        let format = failed.pass.map_or_else(|| wished(failed.headers), |pass| pass.format);
        metrics::counter!("claviger_gateway_failures_total", "reason" => words(failed.failure).0)
            .increment(1);
        tracing::debug!(target: ACCESS_TARGET, request_id = %failed.id, failure = %failed.failure, "failed");
        if let (Failure::Malformed(why), Some(peer)) = (failed.failure, failed.peer) {
            self.door.refuse_unread(failed.id, peer, &why.to_string());
        }
        failure(failed.failure, format, failed.id)
    }

    fn stands(&self, pass: &Pass) -> bool {
        self.door.snapshots.load().stands(&pass.ticket, self.door.clock.now())
    }

    fn finished(&self, end: End<Pass>) {
        let spent = self.door.clock.now().as_micros() - end.pass.started.as_micros();
        let status = end.status.map_or(0, |status| status.as_u16());
        end.pass.span.record("http.response.status_code", status);
        tracing::debug!(
            target: ACCESS_TARGET, request_id = %end.id, status, micros = spent,
            sent = end.sent, received = end.received, ending = ?end.ending, "finished"
        );
        self.answers.finished(&end, spent);
    }
}

fn path_and_query(target: &Target<'_>) -> Option<PathAndQuery> {
    let text = match target.query() {
        Some(query) => format!("{}?{query}", target.path()),
        None => target.path().to_owned(),
    };
    PathAndQuery::from_maybe_shared(Bytes::from(text)).ok()
}

/// The format of an answer to a request that belongs to no API.
fn wished(headers: Option<&HeaderMap>) -> Format {
    let accept = headers.and_then(|headers| headers.get(ACCEPT)).and_then(|value| value.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("xml") && !accept.contains("json")) {
        Format::Xml
    } else {
        Format::Json
    }
}

fn failure(failure: Failure, format: Format, id: RequestId) -> Answer {
    let (code, title) = words(failure);
    let detail = Some(format!("{failure}."));
    let status = failure.status().as_u16();
    let request_id = id.to_string();
    answer(problem(&Problem { status, code, title, detail, string_to_sign: None, request_id }, format))
}

fn answer(told: Response<Vec<u8>>) -> Answer {
    told.map(|body| Full::new(Bytes::from(body)))
}

/// The stable code and the sentence of each failure.
const fn words(failure: Failure) -> (&'static str, &'static str) {
    match failure {
        Failure::Malformed(_) => Reason::MalformedRequest.code_and_title(),
        Failure::HeadTooLarge => ("headers_too_large", "The request's headers are too many or too long."),
        Failure::HeadTimeout | Failure::BodyTimeout => {
            ("request_timeout", "The request did not arrive in time.")
        }
        Failure::BodyTooLarge => ("body_too_large", "The request's body is too long."),
        Failure::BodyBroken => ("body_incomplete", "The request's body ended early."),
        Failure::TooManyBodies => ("busy", "The gateway has too much to do."),
        Failure::UpstreamUnreachable => ("upstream_unreachable", "The API cannot be reached."),
        Failure::UpstreamBusy => ("upstream_busy", "The API has too much to do."),
        Failure::UpstreamBroken => ("upstream_broken", "The API gave no proper answer."),
        Failure::UpstreamTimeout => ("upstream_timeout", "The API did not answer in time."),
    }
}

/// Counts what callers were given after the decision.
#[derive(Debug)]
struct Answers {
    by_class: [Counter; 6],
    cut: Counter,
    seconds: Histogram,
}

impl Answers {
    fn new() -> Self {
        metrics::describe_counter!(
            "claviger_gateway_responses_total",
            "Answers of upstreams, by class of status."
        );
        metrics::describe_counter!("claviger_gateway_cut_total", "Answers that were cut.");
        metrics::describe_counter!(
            "claviger_gateway_failures_total",
            "Requests answered by the gateway, by reason."
        );
        let class = |class: usize| metrics::counter!("claviger_gateway_responses_total", "class" => format!("{class}xx"));
        Self {
            by_class: std::array::from_fn(class),
            cut: metrics::counter!("claviger_gateway_cut_total"),
            seconds: metrics::histogram!("claviger_gateway_request_seconds"),
        }
    }

    fn finished(&self, end: &End<Pass>, micros: i64) {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a metric in seconds needs no microsecond in a century"
        )]
        self.seconds.record(micros.max(0) as f64 / 1e6);
        let class = end.status.map_or(0, |status| usize::from(status.as_u16() / 100));
        if let Some(counter) = self.by_class.get(class) {
            counter.increment(1);
        }
        if matches!(end.ending, Ending::Cut(_) | Ending::Withdrawn | Ending::Abandoned) {
            self.cut.increment(1);
        }
    }
}
