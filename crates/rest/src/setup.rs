//! The first start.

use claviger_app::{SetUp, Shown, UseCase, UserView};
use claviger_model::{EmailAddress, UserName};
use claviger_web::{Anyone, Code, Input, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::endpoint::Endpoint;
use crate::shown::{Answer, Created};

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::post("/v1/setup", "setUp", set_up)
            .does(
                "Become the first operator, with the token that the server printed when it started.",
                &[UseCase::SetUp, UseCase::SetupFail],
            )
            .for_everybody()
            .takes::<SetupBody>()
            .gives::<UserView>(201)
            .fails(&[Code::NotFound, Code::Conflict, Code::Blocked]),
    ]
}

/// Who the first operator wants to be.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SetupBody {
    /// The token that the server printed.
    token: Shown,
    /// What they sign in with.
    username: UserName,
    /// Where they are written to.
    email: Option<EmailAddress>,
    /// Their name; the user name, if left out.
    name: Option<String>,
    /// Their password.
    password: Shown,
}

async fn set_up(anyone: Anyone, Input(body): Input<SetupBody>) -> Answer<Created<UserView>> {
    let received = anyone.received;
    let SetupBody { token, username, email, name, password } = body;
    let with = SetUp { token, username, email, name, password };
    let setting_up = Box::pin(anyone.app.set_up(with, received.client));
    let done = received.origin().scope(setting_up).await;
    done.map(Created).map_err(|error| Problem::from(error).of(received.id))
}
