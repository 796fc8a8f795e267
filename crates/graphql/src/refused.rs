//! Why something was not done, as GraphQL says it.

use std::fmt::Display;
use std::str::FromStr;

use async_graphql::{Error, ErrorExtensionValues, Response, ServerError};
use claviger_model::RequestId;
use claviger_web::{Code, Problem};

/// A problem on its way out of a field.
#[derive(Debug, Clone)]
pub(crate) struct Refused(pub(crate) Problem);

/// What comes of work for a field.
pub(crate) type Answer<T> = Result<T, Refused>;

/// What a field answers that is null where it is refused. The library reads the types of fields from their text, so
/// those write it out.
pub(crate) type Field<T> = Result<Option<T>, Refused>;

impl Refused {
    /// What was sent does not fit.
    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Self(Problem::saying(Code::Invalid, detail))
    }

    /// An outcome that does not belong to its command.
    pub(crate) fn internal() -> Self {
        Self(Problem::new(Code::Internal))
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<Refused> for Error {
    fn from(Refused(problem): Refused) -> Self {
        let (message, extensions) = words(&problem);
        Self { message, source: None, extensions: Some(extensions) }
    }
}

/// Reads a text of the model.
///
/// # Errors
/// What is wrong with it, and where it stood.
pub(crate) fn read<T: FromStr<Err: Display>>(name: &str, text: &str) -> Answer<T> {
    text.parse().map_err(|error| Refused::invalid(format!("`{name}`: {error}")))
}

/// The same of one that can be left out.
///
/// # Errors
/// What is wrong with it, and where it stood.
pub(crate) fn read_some<T: FromStr<Err: Display>>(name: &str, text: Option<&String>) -> Answer<Option<T>> {
    text.map(|text| read(name, text)).transpose()
}

/// The same of several.
///
/// # Errors
/// What is wrong with the first that is, and where it stood.
pub(crate) fn read_all<T: FromStr<Err: Display>>(name: &str, texts: &[String]) -> Answer<Vec<T>> {
    texts.iter().map(|text| read(name, text)).collect()
}

/// The answer to a request of which nothing is run.
pub(crate) fn nothing_run(problem: &Problem) -> Response {
    let (message, extensions) = words(problem);
    let error = ServerError { extensions: Some(extensions), ..ServerError::new(message, None) };
    Response::from_errors(vec![error])
}

/// Gives the errors that the library found itself a code, and each its request.
pub(crate) fn mark(errors: &mut [ServerError], request: RequestId) {
    for error in errors {
        let extensions = error.extensions.get_or_insert_with(|| {
            let mut extensions = ErrorExtensionValues::default();
            extensions.set("code", Code::Invalid.words().1);
            extensions
        });
        extensions.set("request_id", request.to_string());
    }
}

fn words(problem: &Problem) -> (String, ErrorExtensionValues) {
    let (_, code, title) = problem.code.words();
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code);
    if let Some(id) = problem.request {
        extensions.set("request_id", id.to_string());
    }
    if let Some(until) = problem.until {
        extensions.set("retry_at", until.to_string());
    }
    (problem.detail.clone().unwrap_or_else(|| title.to_owned()), extensions)
}
