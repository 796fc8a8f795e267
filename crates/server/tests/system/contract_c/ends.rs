//! C5 and C7: a token works as long as its user exists, is not signed out and keeps the password.

use claviger_app::{PeopleCommand, WhichUser};
use claviger_model::UserState;
use rstest::rstest;
use serde_json::{Value, json};

use super::stage::{ADMIN, Stage};
use crate::bed::Engine;

const DAY: i64 = 24 * 3600;

fn admin() -> WhichUser {
    WhichUser::Handle(ADMIN.to_owned())
}

/// The data of a request of GraphQL that has to succeed.
fn done(stage: &Stage, token: &str, query: &str, variables: &Value) -> Value {
    let answer = stage.graphql(token, query, variables).once();
    let answered = answer.json();
    assert!(answer.status == 200 && answered["errors"].is_null(), "{query}: {answered:#}");
    answered["data"].clone()
}

/// Somebody's token is taken nowhere any more.
fn is_dead(stage: &Stage, token: &str) {
    stage.vms("get-vms", token).gets(401);
    assert!(!stage.is_signed_in(token));
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn c7_a_token_outlives_days_until_its_user_is_removed(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let token = stage.token(ADMIN);
    let made = stage.create(&token, "as long as I am here");
    for days in [1, 30, 1000] {
        stage.pass(days * DAY);
        stage.vms("get-vms", &token).gets(200);
        stage.vms("get-vms", &made.key).gets(200);
        assert!(stage.is_signed_in(&token), "after {days} days");
    }
    stage.people(PeopleCommand::Remove { user: admin(), reason: None });
    for credential in [&token, &made.key] {
        is_dead(&stage, credential);
    }
    stage.login(&stage.input(ADMIN)).refused(401, "wrong_password");
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn c7_signing_out_ends_one_token(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let (here, there) = (stage.token(ADMIN), stage.token(ADMIN));
    let made = stage.create(&here, "stays");
    let sessions = done(&stage, &here, "{ sessions { id hint } }", &json!({}));
    let ends_alike = |one: &&Value| one["hint"].as_str().is_some_and(|hint| here.ends_with(hint));
    let own = sessions["sessions"].as_array().and_then(|all| all.iter().find(ends_alike));
    let own = own.unwrap_or_else(|| panic!("no session of this token: {sessions:#}"));
    let sign_out = "mutation($id: ID!) { signOut(id: $id) { id } }";
    done(&stage, &here, sign_out, &json!({ "id": own["id"] }));
    is_dead(&stage, &here);
    assert!(stage.is_signed_in(&there));
    stage.vms("get-vms", &made.key).gets(200);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn c7_a_changed_password_ends_every_token_and_no_key(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let tokens = [stage.token(ADMIN), stage.token(ADMIN)];
    let made = stage.create(&tokens[0], "stays");
    let change = "mutation($current: String!, $password: String!) \
                  { changePassword(current: $current, password: $password) { username } }";
    let current = stage.person(ADMIN).password.expose();
    let passwords = json!({ "current": current, "password": "a tern, a gull, a heron" });
    done(&stage, &tokens[0], change, &passwords);
    for token in &tokens {
        is_dead(&stage, token);
    }
    stage.vms("get-vms", &made.key).gets(200);
    stage.login(&stage.input(ADMIN)).refused(401, "wrong_password");
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn c5_of_a_disabled_user_keys_come_back_and_tokens_do_not(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let token = stage.token(ADMIN);
    let made = stage.create(&token, "sleeps");
    let state = |state| PeopleCommand::State { user: admin(), state, reason: None };
    stage.people(state(UserState::Disabled));
    for credential in [&token, &made.key] {
        is_dead(&stage, credential);
    }
    stage.people(state(UserState::Active));
    is_dead(&stage, &token);
    stage.vms("get-vms", &made.key).gets(200);
}
