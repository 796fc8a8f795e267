use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use claviger_app::{Actor, App, BearerView, Command, Outcome, Shown};
use claviger_model::CredentialId;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;

use crate::{Code, Problem, Received, Web};

/// Whoever sent a request, signed in or not.
#[derive(Clone)]
pub struct Anyone {
    /// The use cases.
    pub app: Arc<App>,
    /// The request.
    pub received: Received,
}

/// Somebody who signed in and sent a request.
#[derive(Clone)]
pub struct Caller {
    /// The use cases.
    pub app: Arc<App>,
    /// Who.
    pub actor: Actor,
    /// The login token, session or key with which they came.
    pub credential: CredentialId,
    /// The request.
    pub received: Received,
    secret: Shown,
}

/// Whoever holds a credential that works, whatever it is good for.
pub struct Holder(pub BearerView);

impl Anyone {
    /// The same as somebody who signed in, if these headers prove it.
    ///
    /// # Errors
    /// [`Code::Missing`], [`Code::Ambiguous`] or [`Code::Unknown`].
    pub fn signed_in(self, headers: &HeaderMap) -> Result<Caller, Problem> {
        let credential = presented(headers).map_err(|code| Problem::new(code).of(self.received.id))?;
        let secret = Shown::new(credential);
        let unknown = || Problem::new(Code::Unknown).of(self.received.id);
        let (actor, credential) =
            self.app.manager(secret.expose(), self.received.client).ok_or_else(unknown)?;
        Ok(Caller { app: self.app, actor, credential, received: self.received, secret })
    }
}

impl Caller {
    /// Does what the command says, if they may. Their credential is looked at once more: while a body was on its way, or
    /// by an earlier command of the same request, they may have been signed out.
    ///
    /// # Errors
    /// What the use case answers, as a problem of this request; [`Code::Unknown`] if the credential works no more.
    pub async fn run(&self, command: Command) -> Result<Outcome, Problem> {
        let of = |problem: Problem| problem.of(self.received.id);
        let still = self.app.manager(self.secret.expose(), self.received.client);
        let (actor, _) = still.ok_or_else(|| of(Problem::new(Code::Unknown)))?;
        let done = self.received.origin().scope(self.app.run(&actor, command)).await;
        done.map_err(|error| of(error.into()))
    }
}

/// The one credential of a request: alone in `Authorization`, or after the word `Bearer`.
fn presented(headers: &HeaderMap) -> Result<&str, Code> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(Code::Missing)?;
    if values.next().is_some() {
        return Err(Code::Ambiguous);
    }
    let text = value.to_str().map_err(|_| Code::Unknown)?.trim();
    match text.split_once(' ') {
        None if text.is_empty() => Err(Code::Missing),
        None => Ok(text),
        Some((word, rest)) if word.eq_ignore_ascii_case("bearer") => Ok(rest.trim()),
        Some(_) => Err(Code::Unknown),
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Anyone
where
    Arc<Web>: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let web = Arc::<Web>::from_ref(state);
        let received = parts.extensions.get::<Received>().copied();
        let received = received.ok_or_else(|| Problem::new(Code::Internal))?;
        Ok(Self { app: Arc::clone(&web.app), received })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller
where
    Arc<Web>: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Anyone::from_request_parts(parts, state).await?.signed_in(&parts.headers)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Holder
where
    Arc<Web>: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Anyone { app, received } = Anyone::from_request_parts(parts, state).await?;
        let of = |code| Problem::new(code).of(received.id);
        let secret = presented(&parts.headers).map_err(of)?;
        app.bearer(secret, received.client).map(Self).ok_or_else(|| of(Code::Unknown))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_credential_stands_alone_or_after_its_word_and_once() {
        let read = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(AUTHORIZATION, HeaderValue::from_static(value));
            }
            presented(&headers).map(ToOwned::to_owned)
        };
        for good in ["token", "Bearer token", "bearer  token"] {
            assert_eq!(read(&[good]), Ok("token".to_owned()), "{good}");
        }
        assert_eq!(read(&[]), Err(Code::Missing));
        assert_eq!(read(&[""]), Err(Code::Missing));
        assert_eq!(read(&["token", "token"]), Err(Code::Ambiguous));
        assert_eq!(read(&["Basic dG9rZW4="]), Err(Code::Unknown));
    }
}
