use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use claviger_door::{Asked, Prepared, without_values};
use claviger_model::{Reason, RequestId, Service};
use claviger_policy::Body as Known;
use claviger_policy::{Place, Snapshot, Target};
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use crate::Doors;
use crate::outcome::Outcome;
use crate::parts::{Original, has_length};
use crate::problems::{REQUEST_ID, answer, id_value};
use crate::services::identify;
use crate::shorthand::{Expanded, Shorthand};

/// Bytes of a call about one request.
const ONE: usize = 1 << 20;
/// Bytes of a call about many.
const MANY: usize = 8 << 20;
/// The most requests of one call.
const BATCH: usize = 1000;
/// How long a call's body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most calls at one time: a body of each may be in memory.
const CALLS: usize = 64;

/// What the handlers share.
pub(crate) struct Verify {
    doors: Arc<Doors>,
    places: Semaphore,
}

/// A request as it came, or a credential and what it calls.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct Question {
    method: Option<String>,
    host: Option<String>,
    target: Option<String>,
    headers: Option<Vec<(String, String)>>,
    client: Option<IpAddr>,
    /// Whether it has a body; as its headers say, if left out.
    has_body: Option<bool>,
    /// Its body, in base64.
    body: Option<String>,
    credential: Option<Shorthand>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with `requests`")]
struct Batch {
    requests: Vec<Question>,
}

#[derive(Serialize)]
struct Outcomes {
    results: Vec<Outcome>,
}

/// A request to decide about, and from where it came.
struct Raw {
    original: Original,
    headers: HeaderMap,
    client: IpAddr,
    body: QuestionBody,
    /// If it is asked about the credential alone: where that is to be good.
    place: Option<Place>,
}

/// What a service says of a request's body.
#[derive(Debug, Clone, Default)]
struct QuestionBody {
    /// Whether there is one; if absent, it follows from the rest.
    announced: Option<bool>,
    /// The bytes, where they are given.
    bytes: Option<Vec<u8>>,
}

impl QuestionBody {
    fn read(question: &Question) -> Result<Self, String> {
        let bytes = question.body.as_ref().map(|text| STANDARD.decode(text)).transpose();
        let bytes = bytes.map_err(|_| "`body` is not base64")?;
        Ok(Self { announced: question.has_body, bytes })
    }

    /// The body, as far as it is known; `by_headers` is what the request's headers say.
    fn known<'b>(&'b self, by_headers: Known<'b>, headers: &HeaderMap) -> Result<Known<'b>, String> {
        match (&self.bytes, self.announced) {
            (Some(bytes), Some(false)) if !bytes.is_empty() => {
                Err("`has_body` contradicts `body`".to_owned())
            }
            (Some(bytes), _) if bytes.is_empty() && has_length(headers) => {
                Err("`Content-Length` contradicts `body`".to_owned())
            }
            (Some(bytes), _) => Ok(Known::Read(bytes)),
            (None, Some(true)) => Ok(Known::Unread),
            (None, Some(false)) if by_headers == Known::Unread => {
                Err("`has_body` contradicts the headers".to_owned())
            }
            (None, Some(false)) => Ok(Known::None),
            (None, None) => Ok(by_headers),
        }
    }
}

/// What is wrong with a call.
#[derive(Debug)]
struct Wrong {
    status: u16,
    reason: Reason,
    detail: String,
}

impl Wrong {
    fn call(detail: impl Into<String>) -> Self {
        Self { status: 400, reason: Reason::MalformedRequest, detail: detail.into() }
    }

    /// Nobody is known who asks.
    fn service(headers: &HeaderMap) -> Self {
        let (reason, detail) = if headers.contains_key(AUTHORIZATION) {
            (Reason::UnknownCredential, "this is not the token of a service")
        } else {
            (Reason::MissingCredential, "a service's token is needed, as `Authorization: Bearer`")
        };
        Self { status: 401, reason, detail: detail.to_owned() }
    }
}

/// `POST /v1/verify`.
pub(crate) async fn one(State(verify): State<Arc<Verify>>, request: Request) -> Response {
    let id = verify.doors.request_id();
    respond(id, verify.one(id, request).await)
}

/// `POST /v1/verify:batch`.
pub(crate) async fn many(State(verify): State<Arc<Verify>>, request: Request) -> Response {
    let id = verify.doors.request_id();
    respond(id, verify.many(request).await)
}

impl Verify {
    pub(crate) fn new(doors: Arc<Doors>) -> Self {
        Self { doors, places: Semaphore::new(CALLS) }
    }

    async fn one(&self, id: RequestId, request: Request) -> Result<Outcome, Wrong> {
        let (snapshot, headers, question) = self.read(request, ONE).await?;
        self.ask(&question, id, &Caller::of(&snapshot, &headers)?).await.map_err(Wrong::call)
    }

    async fn many(&self, request: Request) -> Result<Outcomes, Wrong> {
        let (snapshot, headers, Batch { requests }) = self.read(request, MANY).await?;
        let caller = Caller::of(&snapshot, &headers)?;
        if requests.len() > BATCH {
            return Err(Wrong::call(format!("there are more than {BATCH} requests")));
        }
        let mut results = Vec::with_capacity(requests.len());
        for (place, question) in requests.iter().enumerate() {
            let outcome = self.ask(question, self.doors.request_id(), &caller).await;
            results.push(outcome.map_err(|why| Wrong::call(format!("in `requests[{place}]`: {why}")))?);
        }
        Ok(Outcomes { results })
    }

    /// The body, and the snapshot from after it has arrived: a service that is revoked meanwhile hears nothing.
    async fn read<T: for<'de> Deserialize<'de>>(
        &self,
        request: Request,
        most: usize,
    ) -> Result<(Arc<Snapshot>, HeaderMap, T), Wrong> {
        let (parts, body) = request.into_parts();
        Caller::of(&self.doors.verify.snapshots.load(), &parts.headers)?;
        let question = self.read_body(body, most).await?;
        Ok((self.doors.verify.snapshots.load_full(), parts.headers, question))
    }

    async fn read_body<T: for<'de> Deserialize<'de>>(&self, body: Body, most: usize) -> Result<T, Wrong> {
        let _place = self.places.acquire().await;
        let arrived = tokio::time::timeout(PATIENCE, to_bytes(body, most)).await;
        let late = || Wrong { status: 408, ..Wrong::call("the body did not arrive in time") };
        let long = || Wrong {
            status: 413,
            ..Wrong::call(format!("the body broke off or is longer than {most} bytes"))
        };
        let body = arrived.map_err(|_| late())?.map_err(|_| long())?;
        serde_json::from_slice(&body)
            .map_err(|error| Wrong::call(format!("the body cannot be read: {}", without_values(&error))))
    }

    async fn ask(&self, question: &Question, id: RequestId, caller: &Caller<'_>) -> Result<Outcome, String> {
        let Some(Raw { original, headers, client, body, place }) = caller.raw(question)? else {
            return Ok(Outcome::unknown(id));
        };
        let mut asked = original.asked(id, &headers, client);
        asked.parts.body = body.known(asked.parts.body, &headers)?;
        if caller.is_blind_to(&asked) {
            return Ok(Outcome::unknown(id));
        }
        let door = &self.doors.verify;
        let prepared = door.prepare(&asked).await;
        Ok(match (place, prepared) {
            (Some(place), Prepared::Ready) => {
                door.admit(place, &asked, |admission| Outcome::of_admission(&admission, id))
            }
            _ => {
                door.ask_prepared(prepared, &asked, |decision, _| Outcome::of(&decision, id, caller.service))
            }
        })
    }
}

/// Who asks, and what is there to be asked about.
struct Caller<'s> {
    service: &'s Service,
    snapshot: &'s Snapshot,
}

impl<'s> Caller<'s> {
    fn of(snapshot: &'s Snapshot, headers: &HeaderMap) -> Result<Self, Wrong> {
        let service = identify(snapshot, headers).ok_or_else(|| Wrong::service(headers))?;
        Ok(Self { service, snapshot })
    }

    /// Whether the request is for an API that the service may not ask about. Then nothing is decided, so that no
    /// use of a credential is noted there.
    fn is_blind_to(&self, asked: &Asked<'_>) -> bool {
        let target = Target::read(asked.parts.target).ok();
        let api = target.and_then(|target| self.snapshot.api_at(asked.parts.host, &target));
        api.is_some_and(|api| !self.service.sees(api.api.id))
    }

    fn raw(&self, question: &Question) -> Result<Option<Raw>, String> {
        match (&question.credential, question.parts()) {
            (Some(short), None) => {
                let api = self.snapshot.apis().find(|api| api.api.slug == short.api);
                let seen = api.filter(|api| self.service.sees(api.api.id));
                let whole = seen.map(|api| short.expand(api)).transpose()?.flatten();
                let body = QuestionBody::default();
                Ok(whole.map(|Expanded { original, headers, place }| Raw {
                    original,
                    headers,
                    client: short.client,
                    body,
                    place,
                }))
            }
            (None, Some(parts)) => parts.map(Some),
            _ => Err("give either method, host, target, headers and client, or credential alone".to_owned()),
        }
    }
}

impl Question {
    /// The request as it came; none if nothing of it is given.
    fn parts(&self) -> Option<Result<Raw, String>> {
        let Self { method, host, target, headers, client, .. } = self;
        if self.is_bare() {
            return None;
        }
        let missing = |name: &str| format!("`{name}` is missing");
        let read = || {
            let method = method.as_ref().ok_or_else(|| missing("method"))?;
            let host = host.as_ref().ok_or_else(|| missing("host"))?;
            let target = target.as_ref().ok_or_else(|| missing("target"))?;
            let headers = header_map(headers.as_ref().ok_or_else(|| missing("headers"))?)?;
            let client = client.ok_or_else(|| missing("client"))?;
            let original = Original::read(method, host, target)?;
            Ok(Raw { original, headers, client, body: QuestionBody::read(self)?, place: None })
        };
        Some(read())
    }

    fn is_bare(&self) -> bool {
        let Self { method, host, target, headers, client, has_body, body, credential: _ } = self;
        let texts = [method, host, target, body].into_iter().all(Option::is_none);
        texts && headers.is_none() && client.is_none() && has_body.is_none()
    }
}

fn header_map(pairs: &[(String, String)]) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (place, (name, value)) in pairs.iter().enumerate() {
        let pair = HeaderName::from_bytes(name.as_bytes()).ok().zip(HeaderValue::from_str(value).ok());
        let (name, value) = pair.ok_or_else(|| format!("`headers[{place}]` is not a header"))?;
        headers.try_append(name, value).map_err(|_| "there are too many headers")?;
    }
    Ok(headers)
}

fn respond(id: RequestId, result: Result<impl Serialize, Wrong>) -> Response {
    let body = result
        .and_then(|outcome| serde_json::to_vec(&outcome).map_err(|error| Wrong::call(error.to_string())));
    match body {
        Ok(body) => {
            let mut response = Response::new(Body::from(body));
            let headers = response.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            headers.insert(REQUEST_ID, id_value(id));
            response
        }
        Err(wrong) => refuse(id, &wrong),
    }
}

fn refuse(id: RequestId, wrong: &Wrong) -> Response {
    let mut response = answer(wrong.status, wrong.reason, &wrong.detail, id);
    if wrong.status == 401 {
        let challenge = HeaderValue::from_static("Bearer realm=\"claviger verify\"");
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}
