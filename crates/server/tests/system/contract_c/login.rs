//! C1: a user name and a password give a token, which authenticates.

use rstest::rstest;
use serde_json::{Value, json};

use super::stage::{ADMIN, Stage};
use crate::bed::Engine;

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn c1_signing_in_gives_a_token_that_authenticates(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    for answer in stage.login(&stage.input(ADMIN)).gets(200) {
        let mut answered = answer.json();
        let token = answered["data"]["token"].take();
        assert_eq!(answered, json!({ "task_id": null, "data": { "token": null } }), "and nothing else");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let token = token.as_str().expect("a token is text");
        for machines in stage.vms("get-vms", token).gets(200) {
            assert!(machines.text().contains("ledger-01"), "{}", machines.text());
            assert!(!machines.text().contains(token), "the token ends at the gateway");
        }
        assert!(stage.is_signed_in(token));
    }
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn c1_a_refusal_does_not_tell_who_is_there(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let with = |name: &str, value: &str| {
        let mut input = stage.input(ADMIN);
        input[name] = Value::from(value);
        stage.login(&input)
    };
    let wrong = with("password", "a wrong password").refused(401, "wrong_password");
    let nobody = with("username", "tower-nobody").refused(401, "wrong_password");
    assert_eq!(wrong.map(|problem| problem.detail), nobody.map(|problem| problem.detail));
    with("source", "LDAP").refused(422, "invalid");
    stage.login(&json!({ "source": "LOCAL" })).refused(422, "invalid");
    // That many wrong ones do not count against whoever knows the password.
    stage.login(&stage.input(ADMIN)).gets(200);
}
