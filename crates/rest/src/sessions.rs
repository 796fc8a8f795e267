//! Signing in, and where one is signed in.

use axum::Json;
use claviger_app::{
    LoginKind, Part, PasskeyAnswer, PasskeyOptions, PasskeySignIn, PeopleCommand, PeopleOutcome,
    SecondFactor, SessionSort, SessionView, Shown, SignIn, SignedInView, UseCase,
};
use claviger_model::{AccountNumber, CredentialId};
use claviger_web::{Anyone, Caller, Code, Input, Problem, Query};
use http::StatusCode;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::endpoint::Endpoint;
use crate::named::Named;
use crate::shown::{Answer, Created, Page, USUAL, people};

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::post("/v1/sessions", "signIn", sign_in)
            .does("Sign in. The token is shown in this answer.", &[UseCase::SignIn, UseCase::SignInFail])
            .for_everybody()
            .takes::<SignInBody>()
            .gives::<SignedInView>(201)
            .fails(&[
                Code::WrongPassword,
                Code::SecondFactorNeeded,
                Code::SecondFactorWrong,
                Code::WrongPasskey,
                Code::Blocked,
                Code::NoPasskeys,
            ]),
        Endpoint::post("/v1/sessions/passkey/challenge", "askToSignIn", ask)
            .does(
                "Ask for what a browser needs to sign in with a passkey, alone or beside the password.",
                &[UseCase::SignIn],
            )
            .for_everybody()
            .gives::<PasskeyOptions>(200)
            .fails(&[Code::NoPasskeys]),
        Endpoint::post("/v1/sessions/passkey", "signInWithPasskey", sign_in_with_passkey)
            .does(
                "Sign in with a passkey and nothing else. The token is shown in this answer.",
                &[UseCase::SignIn, UseCase::SignInFail],
            )
            .for_everybody()
            .takes::<PasskeySignIn>()
            .gives::<SignedInView>(201)
            .fails(&[Code::WrongPassword, Code::WrongPasskey, Code::Blocked, Code::NoPasskeys]),
        Endpoint::get("/v1/sessions", "listSessions", list)
            .does("List where one is signed in.", &[UseCase::SessionRead])
            .asks::<SessionQuery>()
            .gives::<Page<SessionView>>(200)
            .fails(&[Code::Invalid]),
        Endpoint::delete("/v1/sessions", "signOutEverywhere", sign_out_everywhere)
            .does("Sign out everywhere.", &[UseCase::SessionRevoke])
            .gives_nothing()
            .fails(&[Code::Invalid, Code::Conflict]),
        Endpoint::delete("/v1/sessions/current", "signOut", sign_out_here)
            .does("Sign out here.", &[UseCase::SessionRevoke])
            .gives_nothing()
            .fails(&[Code::Invalid, Code::NotFound, Code::Conflict]),
        Endpoint::delete("/v1/sessions/{id}", "revokeSession", sign_out)
            .does("Sign out in one place.", &[UseCase::SessionRevoke])
            .gives_nothing()
            .fails(&[Code::Invalid, Code::NotFound, Code::Conflict]),
    ]
}

/// Which part of one's sessions to list, and in which order.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SessionQuery {
    /// In this order; the newest first, if left out.
    #[serde(default)]
    sort: SessionSort,
    /// After this place: the `next` of the page before.
    after: Option<CredentialId>,
    /// At most so many.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
}

/// What somebody signs in with.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SignInBody {
    /// Their user name or e-mail address.
    login: String,
    /// Their password.
    password: Shown,
    /// A one-time code, if they have to prove themselves with one.
    code: Option<Shown>,
    /// A recovery code in its place.
    recovery_code: Option<Shown>,
    /// What the browser answered for a passkey, in its place.
    passkey: Option<PasskeyAnswer>,
    /// For which of their accounts, by number; the first, if left out.
    account: Option<AccountNumber>,
    /// What they get.
    #[serde(default)]
    kind: LoginKind,
}

pub(crate) fn second_factor(
    code: Option<Shown>,
    recovery_code: Option<Shown>,
    passkey: Option<PasskeyAnswer>,
) -> Result<Option<SecondFactor>, Problem> {
    let passkey = passkey.map(|answer| SecondFactor::Passkey(Box::new(answer)));
    let given = [code.map(SecondFactor::Code), recovery_code.map(SecondFactor::Recovery), passkey];
    let mut given = given.into_iter().flatten();
    match (given.next(), given.next()) {
        (first, None) => Ok(first),
        _ => Err(Problem::saying(Code::Invalid, "Give one of `code`, `recovery_code` and `passkey`.")),
    }
}

impl TryFrom<SignInBody> for SignIn {
    type Error = Problem;

    fn try_from(body: SignInBody) -> Result<Self, Problem> {
        let SignInBody { login, password, code, recovery_code, passkey, account, kind } = body;
        let second = second_factor(code, recovery_code, passkey)?;
        Ok(Self { login, password, second, account, kind })
    }
}

async fn sign_in(anyone: Anyone, Input(body): Input<SignInBody>) -> Answer<Created<SignedInView>> {
    let received = anyone.received;
    let of = |problem: Problem| problem.of(received.id);
    let with = SignIn::try_from(body).map_err(of)?;
    let entered = received.origin().scope(Box::pin(anyone.app.sign_in(with, received.client))).await;
    entered.map(Created).map_err(|error| of(error.into()))
}

async fn ask(anyone: Anyone) -> Answer<Json<PasskeyOptions>> {
    let asked = anyone.app.ask_to_sign_in();
    asked.map(Json).map_err(|error| Problem::from(error).of(anyone.received.id))
}

async fn sign_in_with_passkey(
    anyone: Anyone,
    Input(with): Input<PasskeySignIn>,
) -> Answer<Created<SignedInView>> {
    let received = anyone.received;
    let entering = anyone.app.sign_in_with_passkey(with, received.client);
    let entered = received.origin().scope(Box::pin(entering)).await;
    entered.map(Created).map_err(|error| Problem::from(error).of(received.id))
}

async fn list(caller: Caller, Query(query): Query<SessionQuery>) -> Answer<Json<Page<SessionView>>> {
    let SessionQuery { sort, after, limit } = query;
    let limit = limit.unwrap_or(USUAL);
    let command = PeopleCommand::SessionList { sort, part: Part { after, limit: Some(limit) } };
    people(&caller, command, |outcome| match outcome {
        PeopleOutcome::Sessions(all) => Some(Json(Page::of(all, limit, |one| one.id.to_string()))),
        _ => None,
    })
    .await
}

async fn end(caller: &Caller, id: Option<CredentialId>) -> Answer<StatusCode> {
    people(caller, PeopleCommand::SessionRevoke { id }, |_| Some(StatusCode::NO_CONTENT)).await
}

async fn sign_out_everywhere(caller: Caller) -> Answer<StatusCode> {
    end(&caller, None).await
}

async fn sign_out_here(caller: Caller) -> Answer<StatusCode> {
    end(&caller, Some(caller.credential)).await
}

async fn sign_out(caller: Caller, Named(id): Named<CredentialId>) -> Answer<StatusCode> {
    end(&caller, Some(id)).await
}
