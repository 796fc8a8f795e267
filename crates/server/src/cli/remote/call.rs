//! Requests, and how their answers become outcomes.

use claviger_app::Outcome;
use http::{Method, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::RemoteError;
use super::profiles::Token;
use super::server::Server;
use super::wire::{self, Answer, Sent};

/// What means something in a path or a query, and dots: a segment of nothing else would be a step up.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'~');

/// Parameters of a query, or conditions.
pub(super) type Pairs = Vec<(&'static str, String)>;

type Read<T> = Box<dyn FnOnce(T) -> Result<Outcome, serde_json::Error> + Send>;

/// A server, and the token that it gave, if it gave one.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) server: &'a Server,
    pub(super) token: Option<&'a Token>,
}

/// What is asked for.
pub(super) struct Request {
    method: Method,
    /// Encoded.
    path: String,
    query: Pairs,
    body: Option<Value>,
}

/// A request, and what its answer means.
pub(super) struct Call {
    request: Request,
    reads: Reads,
}

enum Reads {
    /// One thing.
    One(Read<Answer>),
    /// The parts of a list, of which no more than so many are wanted.
    List { most: usize, read: Read<Vec<Value>> },
}

/// A part of a list.
#[derive(Deserialize)]
struct Page {
    items: Vec<Value>,
    next: Option<String>,
}

impl Request {
    /// A path of these segments, below that of the version.
    pub(super) fn new(method: Method, segments: &[&str]) -> Self {
        let encoded = segments.iter().map(|segment| utf8_percent_encode(segment, ENCODED));
        let path = encoded.fold("/v1".to_owned(), |path, segment| format!("{path}/{segment}"));
        Self { method, path, query: Pairs::new(), body: None }
    }

    /// The same with these parameters.
    pub(super) fn asking(mut self, query: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        self.query.extend(query);
        self
    }

    /// The same with a body.
    pub(super) fn with(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    fn target(&self) -> String {
        let encode = |text| utf8_percent_encode(text, ENCODED).to_string();
        let pairs = self.query.iter().map(|(name, value)| format!("{name}={}", encode(value)));
        let pairs: Vec<_> = pairs.collect();
        let mark = if pairs.is_empty() { "" } else { "?" };
        format!("{}{mark}{}", self.path, pairs.join("&"))
    }

    /// Sends it.
    pub(super) async fn send(&self, at: At<'_>) -> Result<Answer, RemoteError> {
        let target = self.target();
        let sent = Sent { method: &self.method, target: &target, body: self.body.as_ref(), token: at.token };
        wire::send(at.server, &sent).await
    }

    /// Sends it again and again, for each part of a list.
    async fn all(mut self, at: At<'_>, most: usize) -> Result<Vec<Value>, RemoteError> {
        let mut items = Vec::new();
        loop {
            let answer = self.send(at).await?;
            let page: Page = serde_json::from_slice(&answer.body).map_err(|_| strange(at, answer.status))?;
            // A part with nothing in it is the last, whatever it says: else this could go on for ever.
            let next = page.next.filter(|_| !page.items.is_empty());
            items.extend(page.items);
            items.truncate(most);
            let Some(next) = next.filter(|_| items.len() < most) else { return Ok(items) };
            self.query.retain(|(name, _)| *name != "after");
            self.query.push(("after", next));
        }
    }
}

fn strange(at: At<'_>, status: StatusCode) -> RemoteError {
    RemoteError::Strange { server: at.server.clone(), status }
}

impl Call {
    /// A request of which the answer is one thing.
    pub(super) fn one<T: DeserializeOwned + 'static>(
        method: Method,
        segments: &[&str],
        outcome: fn(T) -> Outcome,
    ) -> Self {
        let read = move |answer: Answer| serde_json::from_slice(&answer.body).map(outcome);
        Self { request: Request::new(method, segments), reads: Reads::One(Box::new(read)) }
    }

    /// A request of which the answer is shown as it came.
    pub(super) fn text(segments: &[&str], outcome: fn(String) -> Outcome) -> Self {
        let read = move |answer: Answer| {
            let _: serde::de::IgnoredAny = serde_json::from_slice(&answer.body)?;
            Ok(outcome(String::from_utf8_lossy(&answer.body).into_owned()))
        };
        Self { request: Request::new(Method::GET, segments), reads: Reads::One(Box::new(read)) }
    }

    /// A request for a whole list.
    pub(super) fn list<T: DeserializeOwned + 'static>(
        method: Method,
        segments: &[&str],
        outcome: impl FnOnce(Vec<T>) -> Outcome + Send + 'static,
    ) -> Self {
        let read = move |items: Vec<Value>| {
            let items: Result<Vec<T>, _> = items.into_iter().map(serde_json::from_value).collect();
            items.map(outcome)
        };
        let reads = Reads::List { most: usize::MAX, read: Box::new(read) };
        Self { request: Request::new(method, segments), reads }
    }

    /// The same with these parameters.
    pub(super) fn asking(self, query: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        Self { request: self.request.asking(query), ..self }
    }

    /// The same with a body.
    pub(super) fn with(self, body: Value) -> Self {
        Self { request: self.request.with(body), ..self }
    }

    /// The same, for so many things of a list and no more.
    pub(super) fn at_most(mut self, wanted: u32) -> Self {
        if let Reads::List { most, .. } = &mut self.reads {
            *most = usize::try_from(wanted).unwrap_or(usize::MAX);
        }
        self.asking([("limit", wanted.to_string())])
    }

    /// Sends it, and reads what comes back.
    pub(super) async fn run(self, at: At<'_>) -> Result<Outcome, RemoteError> {
        match self.reads {
            Reads::One(read) => {
                let answer = self.request.send(at).await?;
                let status = answer.status;
                read(answer).map_err(|_| strange(at, status))
            }
            Reads::List { most, read } => {
                let items = self.request.all(at, most).await?;
                read(items).map_err(|_| strange(at, StatusCode::OK))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_stays_in_its_place() {
        let target = |segments: &[&str]| Request::new(Method::GET, segments).target();
        assert_eq!(target(&["users", "../accounts?x#y"]), "/v1/users/%2E%2E%2Faccounts%3Fx%23y");
        assert_eq!(target(&["keys", "..", "cancel-rotation"]), "/v1/keys/%2E%2E/cancel-rotation");
        let asking = Request::new(Method::GET, &["keys"]).asking([("tag", "a=b&c".to_owned())]);
        assert_eq!(asking.asking([("limit", "7".to_owned())]).target(), "/v1/keys?tag=a%3Db%26c&limit=7");
    }
}
