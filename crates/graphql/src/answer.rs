//! A request of GraphQL: read, held against the limits, run and answered.

use std::fmt;

use async_graphql::parser::types::ExecutableDocument;
use async_graphql::parser::{Error as ParseError, parse_query};
use async_graphql::{Request as Query, Response as Answered, Value, Variables};
use axum::Json;
use axum::extract::{FromRequest, Request, State};
use axum::response::{IntoResponse, Response};
use claviger_web::{AnyInput, Anyone, Caller, Code, Problem};
use http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::Shared;
use crate::limits::Limit;
use crate::measure::measure;
use crate::nulls;
use crate::refused::{mark, nothing_run};
use crate::scan;
use crate::schema::Schema;
use crate::work::{Budget, Work};

/// One request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    query: String,
    #[serde(default)]
    operation_name: Option<String>,
    #[serde(default)]
    variables: Variables,
}

/// What a body holds.
enum Body {
    One(Box<Asked>),
    Many(Vec<Asked>),
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BodyVisitor)
    }
}

/// Names what is wrong with the one form that was meant, which an untagged enumeration does not.
struct BodyVisitor;

impl<'de> Visitor<'de> for BodyVisitor {
    type Value = Body;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a request or a list of requests")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Body, A::Error> {
        Asked::deserialize(MapAccessDeserializer::new(map)).map(|one| Body::One(Box::new(one)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Body, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(seq)).map(Body::Many)
    }
}

/// Runs requests, one after the other.
struct Run<'a> {
    schema: &'a Schema,
    anyone: Anyone,
    headers: HeaderMap,
    budget: Budget,
}

/// Answers a request, or a batch of them.
pub(crate) async fn answer(State(shared): State<Shared>, anyone: Anyone, request: Request) -> Response {
    let headers = request.headers().clone();
    // Whoever presents something that does not work hears so before anything is read.
    if let Err(problem) = caller(&anyone, &headers) {
        return refuse(&problem);
    }
    let body = match AnyInput::from_request(request, &()).await {
        Ok(AnyInput(body)) => body,
        Err(problem) => return refuse(&problem),
    };
    let run = Run { schema: &shared.schema, anyone, headers, budget: Budget::from_now() };
    match body {
        Body::One(asked) => match run.one(*asked).await {
            Ok(answered) => (status_of(&answered), Json(answered)).into_response(),
            Err(problem) => refuse(&problem),
        },
        Body::Many(all) => run.many(all).await,
    }
}

/// What any other method is told. Nothing is run by it: a link that somebody is lured to does nothing.
pub(crate) async fn other_method(anyone: Anyone) -> Response {
    let mut answer = refuse(&Problem::new(Code::Method).of(anyone.received.id));
    answer.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
    answer
}

/// Who asks, if they present a credential.
fn caller(anyone: &Anyone, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
    match anyone.clone().signed_in(headers) {
        Ok(caller) => Ok(Some(caller)),
        Err(problem) if problem.code == Code::Missing => Ok(None),
        Err(problem) => Err(problem),
    }
}

impl Run<'_> {
    /// A batch is answered as a whole; what is wrong with one request stands in its answer.
    async fn many(&self, all: Vec<Asked>) -> Response {
        let id = self.anyone.received.id;
        if all.is_empty() {
            return refuse(&Problem::saying(Code::Malformed, "The batch is empty.").of(id));
        }
        if all.len() > Limit::Batch.most() {
            return refuse(&Problem::from(Limit::Batch.passed()).of(id));
        }
        let mut answers = Vec::with_capacity(all.len());
        for asked in all {
            answers.push(self.one(asked).await.unwrap_or_else(|problem| nothing_run(&problem)));
        }
        Json(answers).into_response()
    }

    async fn one(&self, asked: Asked) -> Result<Answered, Problem> {
        let id = self.anyone.received.id;
        // Asked each time: whoever was signed out by the request before is nobody in the next.
        let caller = caller(&self.anyone, &self.headers)?;
        let (document, free) = prepare(&asked.query).map_err(|problem| problem.of(id))?;
        if caller.is_none() && !free {
            return Err(Problem::saying(Code::Missing, "Sign in first: only `login` is open to all.").of(id));
        }
        let work = Work { anyone: self.anyone.clone(), caller, budget: self.budget.clone() };
        let mut query = Query::new(asked.query).variables(asked.variables).data(work);
        query.operation_name = asked.operation_name;
        query.set_parsed_query(document);
        let mut answered = self.schema.execute(query).await;
        mark(&mut answered.errors, id);
        nulls::fill(&mut answered);
        Ok(answered)
    }
}

/// Parses a query that is within the limits, and says whether it can be run for anybody.
fn prepare(query: &str) -> Result<(ExecutableDocument, bool), Problem> {
    scan::check(query)?;
    let document = parse_query(query).map_err(|error| unreadable(&error))?;
    let free = measure(&document)?.free;
    Ok((document, free))
}

/// What the parser says of the syntax repeats the query, and secrets that stand in it: only the place is told.
fn unreadable(error: &ParseError) -> Problem {
    let detail = match error {
        ParseError::Syntax { start, .. } => {
            format!("The query is no GraphQL at line {}, column {}.", start.line, start.column)
        }
        other => format!("The query cannot be read: {other}."),
    };
    Problem::saying(Code::Malformed, detail)
}

/// 200 for what was run, whatever came of it.
fn status_of(answered: &Answered) -> StatusCode {
    let found_before = answered.errors.iter().all(|error| error.path.is_empty());
    let nothing = answered.data == Value::Null && !answered.errors.is_empty() && found_before;
    if nothing { StatusCode::BAD_REQUEST } else { StatusCode::OK }
}

fn refuse(problem: &Problem) -> Response {
    let status = match problem.code {
        // Over HTTP, GraphQL knows one status for what does not fit.
        Code::Invalid | Code::Malformed => StatusCode::BAD_REQUEST,
        code => StatusCode::from_u16(code.words().0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
    };
    let mut answer = (status, Json(nothing_run(problem))).into_response();
    if status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Bearer realm=\"claviger\"");
        answer.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    answer
}
