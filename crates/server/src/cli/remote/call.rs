//! Requests, and how their answers become outcomes.

use claviger_app::Outcome;
use claviger_fetch::Answer;
use http::{Method, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::RemoteError;
use super::profiles::Token;
use super::server::Server;
use super::wire::{self, Sent};

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
        let (mut items, mut bytes) = (Vec::new(), 0_usize);
        loop {
            let answer = self.send(at).await?;
            bytes = bytes.saturating_add(answer.body.len());
            if bytes > wire::MOST_BYTES {
                return Err(RemoteError::TooLong(at.server.clone()));
            }
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
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn what_is_given_stays_in_its_place() {
        let target = |segments: &[&str]| Request::new(Method::GET, segments).target();
        assert_eq!(target(&["users", "../accounts?x#y"]), "/v1/users/%2E%2E%2Faccounts%3Fx%23y");
        assert_eq!(target(&["keys", "..", "cancel-rotation"]), "/v1/keys/%2E%2E/cancel-rotation");
        let asking = Request::new(Method::GET, &["keys"]).asking([("tag", "a=b&c".to_owned())]);
        assert_eq!(asking.asking([("limit", "7".to_owned())]).target(), "/v1/keys?tag=a%3Db%26c&limit=7");
    }

    /// A server that gives these answers, one to each connection, and the last one for ever.
    async fn answering(answers: &[String]) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let mut answers = answers.to_vec();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.read(&mut [0; 4096]).await;
                let answer = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        server
    }

    fn answer(status: &str, body: &str) -> String {
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    }

    async fn listed(answers: &[String], most: u32) -> Result<usize, RemoteError> {
        let server = answering(answers).await;
        let call = Call::list(Method::GET, &["accounts"], |all: Vec<Value>| {
            Outcome::Document(all.len().to_string())
        });
        let outcome = call.at_most(most).run(At { server: &server, token: None }).await?;
        let Outcome::Document(number) = outcome else { panic!("{outcome:?}") };
        Ok(number.parse().unwrap())
    }

    #[tokio::test]
    async fn lists_are_followed_to_their_end_and_no_further_than_wanted() {
        let part = |next| answer("200 OK", &format!(r#"{{"items":[1,2]{next}}}"#));
        let parts = [part(r#","next":"a""#), part(r#","next":"b""#), part("")];
        assert_eq!(listed(&parts, 100).await.unwrap(), 6);
        assert_eq!(listed(&parts, 3).await.unwrap(), 3);
        let empty = answer("200 OK", r#"{"items":[],"next":"a"}"#);
        assert_eq!(listed(&[empty], 100).await.unwrap(), 0, "nothing more can come");
    }

    #[tokio::test]
    async fn a_list_without_end_is_not_followed_for_ever() {
        let long = format!(r#"{{"items":["{}"],"next":"a"}}"#, "x".repeat(30 << 20));
        let error = listed(&[answer("200 OK", &long)], 1000).await.unwrap_err();
        assert!(matches!(error, RemoteError::TooLong(_)), "{error}");
    }

    #[tokio::test]
    async fn what_is_no_answer_of_claviger_is_told_apart() {
        let elsewhere = "302 Found\r\nLocation: http://127.0.0.1:1/";
        for strange in
            [answer("200 OK", "<html>"), answer(elsewhere, ""), answer("502 Bad Gateway", "<html>")]
        {
            let error = listed(&[strange], 1).await.unwrap_err();
            assert!(matches!(error, RemoteError::Strange { .. }), "{error}");
        }
        for broken in ["", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", "SSH-2.0"] {
            let error = listed(&[broken.to_owned()], 1).await.unwrap_err();
            assert!(matches!(error, RemoteError::NoAnswer { .. }), "{error}");
        }
        let problem = r#"{"code":"busy","title":"There is too much to do.","request_id":"req_1"}"#;
        let error = listed(&[answer("503 Service Unavailable", problem)], 1).await.unwrap_err();
        assert_eq!((error.code(), error.to_string().as_str()), (6, "There is too much to do (busy, req_1)"));
    }
}
