//! One's own passkeys.

use axum::Json;
use claviger_app::{
    NewPasskey, PasskeyAdded, PasskeyCommand, PasskeyOptions, PasskeyView, PeopleCommand, PeopleOutcome,
    Shown, UseCase,
};
use claviger_model::PasskeyId;
use claviger_web::{Caller, Code, Input};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::endpoint::Endpoint;
use crate::named::Named;
use crate::shown::{Answer, Created, Page, people};

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/v1/me/passkeys", "listPasskeys", list)
            .does("List one's passkeys.", &[UseCase::PasskeyRead])
            .gives::<Page<PasskeyView>>(200)
            .fails(&[Code::Invalid]),
        Endpoint::post("/v1/me/passkeys/begin", "beginPasskey", begin)
            .does("Ask for what a browser needs to make a passkey.", &[UseCase::PasskeyAdd])
            .gives::<PasskeyOptions>(200)
            .fails(&[Code::Invalid, Code::Conflict, Code::NoPasskeys]),
        Endpoint::post("/v1/me/passkeys", "addPasskey", add)
            .does("Add the passkey that it made.", &[UseCase::PasskeyAdd])
            .takes::<NewPasskey>()
            .gives::<PasskeyAdded>(201)
            .fails(&[Code::Conflict, Code::NoPasskeys]),
        Endpoint::patch("/v1/me/passkeys/{id}", "renamePasskey", rename)
            .does("Call a passkey something else.", &[UseCase::PasskeyRename])
            .takes::<Name>()
            .gives::<PasskeyView>(200)
            .fails(&[Code::NotFound, Code::Conflict]),
        Endpoint::post("/v1/me/passkeys/{id}/remove", "removePasskey", remove)
            .does("Remove a passkey.", &[UseCase::PasskeyRemove])
            .takes::<Removal>()
            .gives::<PasskeyView>(200)
            .fails(&[Code::NotFound, Code::Conflict, Code::WrongPassword, Code::Blocked]),
        Endpoint::post("/v1/me/passkeys/challenge", "askForProof", ask)
            .does(
                "Ask for what a browser needs to prove with a passkey that it is still oneself.",
                &[UseCase::SessionProve],
            )
            .gives::<PasskeyOptions>(200)
            .fails(&[Code::Invalid, Code::NoPasskeys]),
    ]
}

/// What a passkey is called.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Name {
    /// Its name from now on.
    name: String,
}

/// That a passkey is to go.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Removal {
    /// The present password; asked for if it is one's last second factor.
    current: Option<Shown>,
}

fn options(outcome: PeopleOutcome) -> Option<Json<PasskeyOptions>> {
    match outcome {
        PeopleOutcome::PasskeyOptions(options) => Some(Json(options)),
        _ => None,
    }
}

fn one(outcome: PeopleOutcome) -> Option<Json<PasskeyView>> {
    match outcome {
        PeopleOutcome::Passkeys(mut passkeys) => passkeys.pop().map(Json),
        _ => None,
    }
}

async fn list(caller: Caller) -> Answer<Json<Page<PasskeyView>>> {
    people(&caller, PeopleCommand::Passkey(PasskeyCommand::List), |outcome| match outcome {
        PeopleOutcome::Passkeys(passkeys) => Some(Json(Page::whole(passkeys))),
        _ => None,
    })
    .await
}

async fn begin(caller: Caller) -> Answer<Json<PasskeyOptions>> {
    people(&caller, PeopleCommand::Passkey(PasskeyCommand::Begin), options).await
}

async fn add(caller: Caller, Input(new): Input<NewPasskey>) -> Answer<Created<PasskeyAdded>> {
    people(&caller, PeopleCommand::Passkey(PasskeyCommand::Add(Box::new(new))), |outcome| match outcome {
        PeopleOutcome::PasskeyAdded(added) => Some(Created(*added)),
        _ => None,
    })
    .await
}

async fn rename(
    caller: Caller,
    Named(id): Named<PasskeyId>,
    Input(Name { name }): Input<Name>,
) -> Answer<Json<PasskeyView>> {
    people(&caller, PeopleCommand::Passkey(PasskeyCommand::Rename { id, name }), one).await
}

async fn remove(
    caller: Caller,
    Named(id): Named<PasskeyId>,
    Input(Removal { current }): Input<Removal>,
) -> Answer<Json<PasskeyView>> {
    people(&caller, PeopleCommand::Passkey(PasskeyCommand::Remove { id, current }), one).await
}

async fn ask(caller: Caller) -> Answer<Json<PasskeyOptions>> {
    people(&caller, PeopleCommand::Passkey(PasskeyCommand::Challenge), options).await
}
