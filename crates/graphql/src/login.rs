//! `POST /v2/api/login` (contract rows C1 and C2).

use axum::Json;
use axum::response::{IntoResponse, Response};
use claviger_web::{Anyone, Code, Input, Problem};
use http::HeaderValue;
use http::header::ALLOW;
use serde::Serialize;

use crate::sign_in::{LoginInput, Spelling, sign_in};

const SPELLING: Spelling = Spelling { code: "code", recovery: "recovery_code" };

/// What contract C answers.
#[derive(Serialize)]
pub(crate) struct LoggedIn {
    /// Signing in takes no time that one would wait for elsewhere.
    task_id: Option<()>,
    data: Token,
}

#[derive(Serialize)]
struct Token {
    token: String,
}

/// Signs somebody in.
pub(crate) async fn login(
    anyone: Anyone,
    Input(input): Input<LoginInput>,
) -> Result<Json<LoggedIn>, Problem> {
    let id = anyone.received.id;
    let signed_in = sign_in(&anyone, input, SPELLING).await?;
    let token = signed_in.session.token.ok_or_else(|| Problem::new(Code::Internal).of(id))?;
    Ok(Json(LoggedIn { task_id: None, data: Token { token: token.expose().to_owned() } }))
}

/// What any other method is told.
pub(crate) async fn other_method(anyone: Anyone) -> Response {
    let mut answer = Problem::new(Code::Method).of(anyone.received.id).into_response();
    answer.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
    answer
}
