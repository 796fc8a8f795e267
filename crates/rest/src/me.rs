//! Oneself: who one is, password and second factor.

use axum::Json;
use claviger_app::{
    PasskeyAnswer, PeopleCommand, PeopleOutcome, ProofView, ProveAgain, Shown, UseCase, UserEdit, UserView,
};
use claviger_web::{Caller, Code, Input, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::endpoint::Endpoint;
use crate::etag::{IfMatch, Tagged};
use crate::sessions::second_factor;
use crate::shown::{Answer, people};
use crate::users::{email_edit, tagged, user};

pub(crate) fn endpoints() -> Vec<Endpoint> {
    let mut endpoints = factors();
    endpoints.extend([
        Endpoint::post("/v1/me/prove", "prove", prove)
            .does(
                "Prove that it is still oneself, for what needs a recent proof.",
                &[UseCase::SessionProve, UseCase::SignInFail],
            )
            .takes::<Proof>()
            .gives::<ProofView>(200)
            .fails(&[
                Code::WrongPassword,
                Code::SecondFactorNeeded,
                Code::SecondFactorWrong,
                Code::WrongPasskey,
                Code::Blocked,
                Code::NotFound,
                Code::NoPasskeys,
            ]),
        Endpoint::get("/v1/me", "whoAmI", who_am_i)
            .does("Show oneself.", &[UseCase::WhoAmI])
            .gives::<UserView>(200)
            .fails(&[Code::Invalid]),
        Endpoint::patch("/v1/me", "updateMe", update)
            .does(
                "Change one's own name, or the e-mail address with which one signs in.",
                &[UseCase::OwnDescribe, UseCase::OwnRename],
            )
            .takes::<OwnChange>()
            .gives::<UserView>(200)
            .guards(),
    ]);
    endpoints
}

/// What one signs in with.
fn factors() -> Vec<Endpoint> {
    let change = |endpoint: Endpoint| {
        endpoint.fails(&[Code::WrongPassword, Code::SecondFactorWrong, Code::Blocked, Code::Conflict])
    };
    vec![
        change(
            Endpoint::post("/v1/me/password", "changePassword", change_password)
                .does("Change one's password. One is signed out everywhere.", &[UseCase::PasswordChange])
                .takes::<PasswordChange>()
                .gives::<UserView>(200),
        ),
        change(
            Endpoint::post("/v1/me/totp", "beginTotp", begin)
                .does("Begin to set one-time codes up.", &[UseCase::FactorEnrol])
                .takes::<Current>()
                .gives::<TotpView>(200),
        ),
        change(
            Endpoint::post("/v1/me/totp/confirm", "confirmTotp", confirm)
                .does("Have one-time codes asked for from now on.", &[UseCase::FactorConfirm])
                .takes::<CodeBody>()
                .gives::<RecoveryCodes>(200),
        ),
        change(
            Endpoint::post("/v1/me/totp/remove", "removeTotp", remove)
                .does("Have one-time codes asked for no more.", &[UseCase::FactorRemove])
                .takes::<Current>()
                .gives::<UserView>(200),
        ),
        change(
            Endpoint::post("/v1/me/recovery-codes", "newRecoveryCodes", recovery_codes)
                .does("Get other recovery codes; the earlier ones work no more.", &[UseCase::RecoveryCodes])
                .takes::<Current>()
                .gives::<RecoveryCodes>(200),
        ),
    ]
}

/// What changes of oneself; the rest stays.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OwnChange {
    /// Where one is written to from now on; empty for nowhere.
    email: Option<String>,
    /// One's name from now on.
    name: Option<String>,
}

/// Another password for oneself.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PasswordChange {
    /// The present password.
    current: Shown,
    /// The new one.
    password: Shown,
}

/// Proof that it is oneself.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Current {
    /// The present password.
    current: Shown,
}

/// Proof that it is still oneself.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Proof {
    /// The password.
    password: Option<Shown>,
    /// A one-time code beside it, if one has to prove oneself with more.
    code: Option<Shown>,
    /// A recovery code in its place.
    recovery_code: Option<Shown>,
    /// What the browser answered for a passkey, in the place of all of these, or of the code.
    passkey: Option<PasskeyAnswer>,
}

impl TryFrom<Proof> for ProveAgain {
    type Error = Problem;

    fn try_from(body: Proof) -> Result<Self, Problem> {
        match body {
            Proof { password: Some(password), code, recovery_code, passkey } => {
                Ok(Self::Password { password, second: second_factor(code, recovery_code, passkey)? })
            }
            Proof { password: None, code: None, recovery_code: None, passkey: Some(passkey) } => {
                Ok(Self::Passkey(Box::new(passkey)))
            }
            _ => Err(Problem::saying(Code::Invalid, "Give `password`, or `passkey` alone.")),
        }
    }
}

/// A one-time code.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CodeBody {
    /// The code.
    code: Shown,
}

/// What one-time codes are made from, shown once.
#[derive(Serialize, JsonSchema)]
struct TotpView {
    /// In base 32.
    secret: Shown,
    /// For an app to scan: `otpauth://totp/…`.
    url: Shown,
}

/// Recovery codes, shown once.
#[derive(Serialize, JsonSchema)]
struct RecoveryCodes {
    /// Each works once.
    codes: Vec<Shown>,
}

fn codes(outcome: PeopleOutcome) -> Option<Json<RecoveryCodes>> {
    match outcome {
        PeopleOutcome::RecoveryCodes(codes) => Some(Json(RecoveryCodes { codes })),
        _ => None,
    }
}

async fn who_am_i(caller: Caller) -> Answer<Tagged<UserView>> {
    tagged(people(&caller, PeopleCommand::WhoAmI, user).await)
}

async fn update(
    caller: Caller,
    IfMatch(unchanged_since): IfMatch,
    Input(body): Input<OwnChange>,
) -> Answer<Tagged<UserView>> {
    let email = email_edit(body.email.as_deref()).map_err(|problem| problem.of(caller.received.id))?;
    let edit = UserEdit { username: None, email, name: body.name };
    tagged(people(&caller, PeopleCommand::EditOneself { edit, unchanged_since }, user).await)
}

async fn prove(caller: Caller, Input(body): Input<Proof>) -> Answer<Json<ProofView>> {
    let received = caller.received;
    let of = |problem: Problem| problem.of(received.id);
    let with = ProveAgain::try_from(body).map_err(of)?;
    let proving = caller.app.prove_again(&caller.actor, with, received.client);
    let proved = received.origin().scope(Box::pin(proving)).await;
    proved.map(Json).map_err(|error| of(error.into()))
}

async fn change_password(caller: Caller, Input(body): Input<PasswordChange>) -> Answer<Json<UserView>> {
    let PasswordChange { current, password } = body;
    people(&caller, PeopleCommand::PasswordChange { current, password }, user).await
}

async fn begin(caller: Caller, Input(body): Input<Current>) -> Answer<Json<TotpView>> {
    people(&caller, PeopleCommand::TotpBegin { current: body.current }, |outcome| match outcome {
        PeopleOutcome::Totp { secret, url } => Some(Json(TotpView { secret, url })),
        _ => None,
    })
    .await
}

async fn confirm(caller: Caller, Input(body): Input<CodeBody>) -> Answer<Json<RecoveryCodes>> {
    people(&caller, PeopleCommand::TotpConfirm { code: body.code }, codes).await
}

async fn remove(caller: Caller, Input(body): Input<Current>) -> Answer<Json<UserView>> {
    people(&caller, PeopleCommand::TotpRemove { current: body.current }, user).await
}

async fn recovery_codes(caller: Caller, Input(body): Input<Current>) -> Answer<Json<RecoveryCodes>> {
    people(&caller, PeopleCommand::RecoveryCodes { current: body.current }, codes).await
}
