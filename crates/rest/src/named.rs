use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use claviger_web::{Code, Problem, Received};
use http::request::Parts;

/// The one parameter of a path. What cannot be a name of such a thing names none.
pub(crate) struct Named<T>(pub(crate) T);

impl<S: Send + Sync, T: FromStr> FromRequestParts<S> for Named<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let name =
            path.ok().filter(|Path(text)| !text.contains('\0')).and_then(|Path(text)| text.parse().ok());
        name.map(Self).ok_or_else(|| {
            let problem = Problem::new(Code::NotFound);
            match parts.extensions.get::<Received>() {
                Some(received) => problem.of(received.id),
                None => problem,
            }
        })
    }
}
