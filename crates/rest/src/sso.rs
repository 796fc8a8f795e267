//! Signing in by an OpenID Connect provider.

use axum::Json;
use claviger_app::{
    LoginKind, PasskeyAnswer, Shown, SignedInView, SsoBegun, SsoFinish, SsoLanding, SsoProviderView, UseCase,
};
use claviger_model::Slug;
use claviger_web::{Anyone, Code, Input, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::endpoint::Endpoint;
use crate::named::Named;
use crate::sessions::second_factor;
use crate::shown::{Answer, Created, Page};

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/v1/sso", "listProviders", list)
            .does("List the providers by which one can sign in.", &[UseCase::SignIn])
            .for_everybody()
            .gives::<Page<SsoProviderView>>(200),
        Endpoint::post("/v1/sso/{provider}/begin", "beginSso", begin)
            .does("Begin to sign in by a provider.", &[UseCase::SignIn])
            .for_everybody()
            .takes::<Begin>()
            .gives::<SsoBegun>(200)
            .fails(&[Code::NotFound, Code::ProviderUnavailable]),
        Endpoint::post("/v1/sso/{provider}/finish", "finishSso", finish)
            .does(
                "Sign in with what came back from a provider. The token is shown in this answer.",
                &[UseCase::SignIn, UseCase::SignInFail],
            )
            .for_everybody()
            .takes::<Finish>()
            .gives::<SignedInView>(201)
            .fails(&[
                Code::NotFound,
                Code::SsoRefused,
                Code::SecondFactorNeeded,
                Code::SecondFactorWrong,
                Code::Blocked,
                Code::ProviderUnavailable,
            ]),
    ]
}

/// Where somebody's browser goes afterwards.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Begin {
    /// The port of the loopback address at which a program waits for it (RFC 8252); the configured address, if left out.
    #[schemars(range(min = 1))]
    loopback_port: Option<u16>,
}

/// What came back from a provider.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Finish {
    /// What `begin` gave.
    handle: Shown,
    /// `code` of the address to which the browser came.
    code: Shown,
    /// `state` of that address.
    state: String,
    /// `iss` of that address, if it has one.
    iss: Option<String>,
    /// A one-time code, if they have to prove themselves with one here.
    one_time_code: Option<Shown>,
    /// A recovery code in its place.
    recovery_code: Option<Shown>,
    /// What the browser answered for a passkey, in its place.
    passkey: Option<PasskeyAnswer>,
    /// What they get.
    #[serde(default)]
    kind: LoginKind,
}

impl TryFrom<Finish> for SsoFinish {
    type Error = Problem;

    fn try_from(body: Finish) -> Result<Self, Problem> {
        let Finish { handle, code, state, iss: issuer, one_time_code, recovery_code, passkey, kind } = body;
        let second = second_factor(one_time_code, recovery_code, passkey)?;
        Ok(Self { handle, code, state, issuer, second, kind })
    }
}

async fn list(anyone: Anyone) -> Json<Page<SsoProviderView>> {
    Json(Page::whole(anyone.app.sso_providers()))
}

async fn begin(
    anyone: Anyone,
    Named(provider): Named<Slug>,
    Input(body): Input<Begin>,
) -> Answer<Json<SsoBegun>> {
    let landing = body.loopback_port.map_or(SsoLanding::Configured, SsoLanding::Loopback);
    let begun = anyone.app.begin_sso(&provider, landing).await;
    begun.map(Json).map_err(|error| Problem::from(error).of(anyone.received.id))
}

async fn finish(
    anyone: Anyone,
    Named(provider): Named<Slug>,
    Input(body): Input<Finish>,
) -> Answer<Created<SignedInView>> {
    let received = anyone.received;
    let of = |problem: Problem| problem.of(received.id);
    let with = SsoFinish::try_from(body).map_err(of)?;
    let finished = Box::pin(anyone.app.finish_sso(&provider, with, received.client));
    received.origin().scope(finished).await.map(Created).map_err(|error| of(error.into()))
}
