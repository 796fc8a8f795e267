//! Answers, and how an outcome becomes one.

use axum::Json;
use axum::response::{IntoResponse, Response};
use claviger_app::{Command, Outcome, PeopleCommand, PeopleOutcome};
use claviger_web::{Caller, Code, Problem};
use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;

/// Entries of one answer, if nothing else is said.
pub(crate) const USUAL: u32 = 100;

/// A part of a list.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Page_of_{T}")]
pub(crate) struct Page<T> {
    /// What is in it.
    pub(crate) items: Vec<T>,
    /// What to send as `after` for the next part; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

impl<T> Page<T> {
    /// A list that has no second part.
    pub(crate) const fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }

    /// A part of a list of at most `limit`, each of which has a place.
    pub(crate) fn of(items: Vec<T>, limit: u32, place: impl Fn(&T) -> String) -> Self {
        let full = items.len() >= limit as usize;
        let next = items.last().filter(|_| full).map(place);
        Self { items, next }
    }
}

/// What was made.
pub(crate) struct Created<T>(pub(crate) T);

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, Json(self.0)).into_response()
    }
}

/// What an endpoint answers.
pub(crate) type Answer<T> = Result<T, Problem>;

/// Does what the command says and shows the part of its outcome that the command always has.
pub(crate) async fn run<T>(
    caller: &Caller,
    command: Command,
    show: impl FnOnce(Outcome) -> Option<T>,
) -> Answer<T> {
    let outcome = caller.run(command).await?;
    show(outcome).ok_or_else(|| Problem::new(Code::Internal).of(caller.received.id))
}

/// The same, about people.
pub(crate) async fn people<T>(
    caller: &Caller,
    command: PeopleCommand,
    show: impl FnOnce(PeopleOutcome) -> Option<T>,
) -> Answer<T> {
    run(caller, Command::People(command), |outcome| match outcome {
        Outcome::People(outcome) => show(outcome),
        _ => None,
    })
    .await
}
