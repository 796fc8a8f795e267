//! One request, sent by curl and by Python: whatever is promised to callers is promised to both.

use claviger_testkit::{Client, CurlClient, PythonClient, Request, Response};
use serde::Deserialize;

use crate::bed::Credential;

/// A request that both clients send.
#[derive(Debug, Clone)]
pub(crate) struct Ask(Request);

/// The members of a refusal's problem details (RFC 9457), in JSON or in XML.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Problem {
    pub(crate) title: String,
    pub(crate) status: u16,
    pub(crate) detail: Option<String>,
    pub(crate) code: String,
    pub(crate) request_id: String,
}

impl Ask {
    pub(crate) fn new(method: &str, url: &str) -> Self {
        Self(Request { method: method.into(), url: url.into(), headers: Vec::new(), body: None })
    }

    pub(crate) fn get(url: &str) -> Self {
        Self::new("GET", url)
    }

    /// A POST with this Content-Type.
    pub(crate) fn post(url: &str, media_type: &str, body: &str) -> Self {
        Self::new("POST", url).header("Content-Type", media_type).body(body)
    }

    /// With this credential, as contract T wants it.
    pub(crate) fn by(self, credential: &Credential) -> Self {
        self.header("Authorization", &credential.basic())
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.0.headers.push((name.into(), value.into()));
        self
    }

    pub(crate) fn body(mut self, body: &str) -> Self {
        self.0.body = Some(body.into());
        self
    }

    /// What each client was answered, curl first.
    pub(crate) fn answers(&self) -> [(&'static str, Response); 2] {
        [("curl", self.through::<CurlClient>()), ("python", self.through::<PythonClient>())]
    }

    /// What curl was answered: for what can be sent once only.
    pub(crate) fn once(&self) -> Response {
        self.through::<CurlClient>()
    }

    fn through<C: Client>(&self) -> Response {
        C::default().send(&self.0).unwrap_or_else(|error| panic!("{self}: {error}"))
    }

    /// Both get this status.
    #[track_caller]
    pub(crate) fn gets(&self, status: u16) -> [Response; 2] {
        self.answers().map(|(client, answer)| {
            assert_eq!(answer.status, status, "{client}: {self}: {}", answer.text());
            answer
        })
    }

    /// Both are refused with this status and this reason, in problem details that carry the id of the request.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) -> [Problem; 2] {
        self.answers().map(|(client, answer)| {
            let problem = Problem::of(&answer);
            let got = (answer.status, problem.status, problem.code.as_str());
            assert_eq!(got, (status, status, code), "{client}: {self}: {}", answer.text());
            assert_eq!(
                Some(problem.request_id.as_str()),
                answer.header("x-request-id"),
                "{client}: {self}: the header and the body name one request"
            );
            problem
        })
    }
}

impl std::fmt::Display for Ask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Request { method, url, headers, body } = &self.0;
        write!(f, "{method} {url} with {headers:?}")?;
        body.as_ref().map_or(Ok(()), |body| write!(f, " and a body of {} bytes", body.len()))
    }
}

impl Problem {
    /// Reads a problem in whichever format its media type says.
    #[track_caller]
    pub(crate) fn of(answer: &Response) -> Self {
        let text = answer.text();
        match answer.header("content-type") {
            Some("application/problem+json") => {
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
            }
            Some("application/problem+xml") => {
                quick_xml::de::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
            }
            other => panic!("no problem details but {} {other:?}: {text}", answer.status),
        }
    }
}
