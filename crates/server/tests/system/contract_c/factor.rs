//! C2: where a one-time code is asked for, user name and password alone give no token.

use rstest::rstest;
use serde_json::Value;

use super::stage::{GUARDED, Stage};
use crate::bed::Engine;

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn c2_a_password_alone_is_refused_and_told_why(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    for problem in stage.login(&stage.input(GUARDED)).refused(401, "second_factor_needed") {
        let detail = problem.detail.expect("a sentence that helps");
        assert!(detail.contains("one-time code") && detail.contains("`code`"), "{detail}");
    }
    for answer in stage.login(&stage.input(GUARDED)).gets(401) {
        assert!(!answer.text().contains("token\":"), "{}", answer.text());
    }
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn c2_with_a_code_there_is_a_token_once(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let with = |code: &str| {
        let mut input = stage.input(GUARDED);
        input["code"] = Value::from(code);
        stage.login(&input)
    };
    let code = stage.code(GUARDED);
    let answer = with(&code).once();
    assert_eq!(answer.status, 200, "{}", answer.text());
    let token = answer.json()["data"]["token"].as_str().expect("a token").to_owned();
    stage.vms("get-vms", &token).gets(200);
    with(&code).refused(401, "second_factor_wrong");
    // A key made with that token needs no code again.
    let made = stage.create(&token, "without a code");
    stage.vms("get-vms", &made.key).gets(200);
}
