//! An endpoint: what routes it, what describes it and which use cases it serves, said once.

use std::sync::Arc;

use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};
use claviger_app::{Proof, UseCase};
use claviger_web::{Code, Web};
use http::Method;
use schemars::{JsonSchema, Schema, SchemaGenerator};

/// Makes the schema of a type.
pub(crate) type Describe = fn(&mut SchemaGenerator) -> Schema;

/// Who is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Whoever signed in.
    SignedIn,
    /// Everybody.
    Everybody,
}

/// One method of one path.
pub struct Endpoint {
    /// The method.
    pub method: Method,
    /// The path, with its parameters in braces.
    pub path: &'static str,
    /// The name by which generated clients call it.
    pub operation: &'static str,
    /// One line for people.
    pub summary: &'static str,
    /// The use cases that it serves.
    pub use_cases: &'static [UseCase],
    /// Who is answered.
    pub access: Access,
    /// The status of its answer.
    pub status: u16,
    pub(crate) tag: &'static str,
    pub(crate) query: Option<Describe>,
    pub(crate) body: Option<Describe>,
    pub(crate) answer: Option<Describe>,
    pub(crate) problems: Vec<Code>,
    pub(crate) body_required: bool,
    pub(crate) guarded: bool,
    route: MethodRouter<Arc<Web>>,
}

/// What every endpoint can answer with.
const ALWAYS: [Code; 3] = [Code::Malformed, Code::Internal, Code::Busy];
/// What those for whoever signed in can, too.
const SIGNED_IN: [Code; 5] =
    [Code::Missing, Code::Ambiguous, Code::Unknown, Code::Forbidden, Code::SecondFactorRequired];
/// What those with a body can, too.
const WITH_BODY: [Code; 4] = [Code::Invalid, Code::MediaType, Code::Long, Code::Slow];

/// What those can, too, whose requests are done once for each `Idempotency-Key`.
const REPEATED: [Code; 3] = [Code::OtherRequest, Code::Long, Code::Slow];

impl Endpoint {
    fn new<H: Handler<T, Arc<Web>>, T: 'static>(
        (method, filter): (Method, MethodFilter),
        path: &'static str,
        operation: &'static str,
        handler: H,
    ) -> Self {
        let tag = path.trim_start_matches("/v1/").split('/').next().unwrap_or_default();
        Self {
            method,
            path,
            operation,
            summary: "",
            use_cases: &[],
            access: Access::SignedIn,
            status: 200,
            tag,
            query: None,
            body: None,
            answer: None,
            problems: ALWAYS.into_iter().chain(SIGNED_IN).collect(),
            body_required: false,
            guarded: false,
            route: on(filter, handler),
        }
    }

    pub(crate) fn get<H: Handler<T, Arc<Web>>, T: 'static>(
        path: &'static str,
        operation: &'static str,
        handler: H,
    ) -> Self {
        Self::new((Method::GET, MethodFilter::GET), path, operation, handler)
    }

    pub(crate) fn post<H: Handler<T, Arc<Web>>, T: 'static>(
        path: &'static str,
        operation: &'static str,
        handler: H,
    ) -> Self {
        Self::new((Method::POST, MethodFilter::POST), path, operation, handler).fails(&REPEATED)
    }

    pub(crate) fn put<H: Handler<T, Arc<Web>>, T: 'static>(
        path: &'static str,
        operation: &'static str,
        handler: H,
    ) -> Self {
        Self::new((Method::PUT, MethodFilter::PUT), path, operation, handler)
    }

    pub(crate) fn patch<H: Handler<T, Arc<Web>>, T: 'static>(
        path: &'static str,
        operation: &'static str,
        handler: H,
    ) -> Self {
        Self::new((Method::PATCH, MethodFilter::PATCH), path, operation, handler)
    }

    pub(crate) fn delete<H: Handler<T, Arc<Web>>, T: 'static>(
        path: &'static str,
        operation: &'static str,
        handler: H,
    ) -> Self {
        Self::new((Method::DELETE, MethodFilter::DELETE), path, operation, handler)
    }

    /// What it does, in one line, and by which use cases.
    pub(crate) fn does(mut self, summary: &'static str, use_cases: &'static [UseCase]) -> Self {
        (self.summary, self.use_cases) = (summary, use_cases);
        let lately = use_cases.iter().any(|use_case| use_case.proof() == Proof::Lately);
        self.fails(if lately { &[Code::ProofNeeded] } else { &[] })
    }

    pub(crate) fn for_everybody(mut self) -> Self {
        self.access = Access::Everybody;
        self.problems.retain(|code| !SIGNED_IN.contains(code));
        self
    }

    pub(crate) fn asks<T: JsonSchema>(mut self) -> Self {
        self.query = Some(|schemas| T::json_schema(schemas));
        self.fails(&[Code::Invalid])
    }

    pub(crate) fn takes<T: JsonSchema>(mut self) -> Self {
        self.body = Some(SchemaGenerator::subschema_for::<T>);
        let whole = T::json_schema(&mut SchemaGenerator::default());
        self.body_required = whole.get("required").is_some();
        self.fails(&WITH_BODY)
    }

    pub(crate) fn gives<T: JsonSchema>(mut self, status: u16) -> Self {
        self.status = status;
        self.answer = Some(SchemaGenerator::subschema_for::<T>);
        self
    }

    pub(crate) fn gives_nothing(mut self) -> Self {
        self.status = 204;
        self
    }

    /// It is done only to what is as the caller knows it, if they say so (RFC 9110 section 13.1.1).
    pub(crate) fn guards(mut self) -> Self {
        self.guarded = true;
        self.fails(&[Code::Stale, Code::Conflict])
    }

    /// With what else it can answer.
    pub(crate) fn fails(mut self, problems: &[Code]) -> Self {
        self.problems.extend(
            problems.iter().filter(|code| !self.problems.contains(code)).copied().collect::<Vec<_>>(),
        );
        self
    }

    /// The names of the path's parameters.
    pub fn parameters(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }

    pub(crate) fn into_route(self) -> (&'static str, MethodRouter<Arc<Web>>) {
        (self.path, self.route)
    }
}
