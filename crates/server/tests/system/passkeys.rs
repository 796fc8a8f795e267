//! Passkeys from outside: a browser and a device in software that is not ours, and a server that is told where it is.

use claviger_testkit::Curl;
use claviger_world::Device;
use rstest::rstest;
use serde_json::{Value, json};

use crate::bed::{Bed, Engine};
use crate::management::{PASSWORD, me, sign_in, staffed_with_passkeys};

fn post(bed: &Bed, path: &str, token: &str, body: &Value) -> (u16, Value) {
    let mut call = Curl::new("POST", &format!("{}{path}", bed.management()));
    if !token.is_empty() {
        call = call.header("Authorization", token);
    }
    let answer = call.header("Content-Type", "application/json").body(body.to_string()).run();
    (answer.status, serde_json::from_str(&answer.text()).expect("JSON"))
}

/// What a browser is to be asked.
fn asked(bed: &Bed, path: &str, token: &str) -> Value {
    let (status, options) = post(bed, path, token, &json!({}));
    assert_eq!(status, 200, "{options}");
    options
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(work)
}

/// What comes of signing in with a passkey alone: status, and code or token.
fn enter(bed: &Bed, answer: &Value) -> (u16, String) {
    let (status, body) = post(bed, "/v1/sessions/passkey", "", &json!({ "credential": answer }));
    let told = if status == 201 { &body["session"]["token"] } else { &body["code"] };
    (status, told.as_str().expect("a text").to_owned())
}

fn refused(bed: &Bed, answer: &Value) -> bool {
    enter(bed, answer) == (401, "wrong_passkey".to_owned())
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn somebody_signs_in_with_a_passkey(#[case] engine: Engine) {
    let mut bed = staffed_with_passkeys(engine);
    let token = sign_in(&bed, "ada");
    let mut device = Device::default();
    let made = wait(device.make(&asked(&bed, "/v1/me/passkeys/begin", &token)));
    let new = json!({ "name": "Telephone", "credential": made });
    let (status, added) = post(&bed, "/v1/me/passkeys", &token, &new);
    assert_eq!(status, 201, "{added}");
    assert_eq!(post(&bed, "/v1/me/passkeys", &token, &new).0, 422, "once");

    // What was asked before the server was started anew is answered after it, once.
    let options = asked(&bed, "/v1/sessions/passkey/challenge", "");
    assert_eq!(options["publicKey"]["rpId"], "keys.example.com");
    bed.kill9();
    bed.run_serve();
    let answer = wait(device.answer(&options));
    let (status, entered) = enter(&bed, &answer);
    assert_eq!((status, me(&bed, &entered)), (201, 200), "{entered}");
    bed.kill9();
    bed.run_serve();
    assert!(refused(&bed, &answer));

    // Beside the password, and to prove that it is still oneself.
    let mut with = json!({ "login": "ada", "password": PASSWORD });
    assert_eq!(post(&bed, "/v1/sessions", "", &with).1["code"], "second_factor_needed");
    with["passkey"] = wait(device.answer(&asked(&bed, "/v1/sessions/passkey/challenge", "")));
    assert_eq!(post(&bed, "/v1/sessions", "", &with).0, 201);
    let proof = wait(device.answer(&asked(&bed, "/v1/me/passkeys/challenge", &entered)));
    assert_eq!(post(&bed, "/v1/me/prove", &entered, &json!({ "passkey": proof })).0, 200);

    // On another page, of a copy, and of somebody who may do nothing.
    let mut copy = device.clone();
    let ask = || asked(&bed, "/v1/sessions/passkey/challenge", "");
    let mut elsewhere = device.at("https://a.keys.example.com");
    assert!(refused(&bed, &wait(elsewhere.answer(&ask()))));
    assert_eq!(enter(&bed, &wait(device.answer(&ask()))).0, 201);
    assert!(refused(&bed, &wait(copy.answer(&ask()))));
    assert!(bed.done(&["user", "show", "ada"]).stdout.contains("Second factor"));
    bed.done(&["user", "disable", "ada"]);
    assert!(refused(&bed, &wait(device.answer(&ask()))));
    assert_eq!(me(&bed, &entered), 401);
    bed.done(&["user", "enable", "ada"]);
    assert_eq!(enter(&bed, &wait(device.answer(&ask()))).0, 201);
    bed.done(&["user", "factor-reset", "ada"]);
    assert!(refused(&bed, &wait(device.answer(&ask()))));
    sign_in(&bed, "ada");
}

#[test]
fn a_server_that_does_not_know_where_it_is_says_what_is_missing() {
    let mut bed = Bed::serve(Engine::Sqlite);
    let (status, refused) = post(&bed, "/v1/sessions/passkey/challenge", "", &json!({}));
    assert_eq!((status, &refused["code"]), (409, &json!("passkeys_not_configured")));
    assert!(refused["detail"].as_str().expect("a detail").contains("`management.public_url`"), "{refused}");
    bed.stop();
    let file = bed.file("wrong.toml", "[management.passkeys]\norigins = [\"http://keys.example.com\"]\n");
    let output = bed.cli(&["--config", &file, "user", "list"]);
    assert_eq!(output.status, 3, "{output:?}");
    assert!(output.stderr.contains("management.passkeys") && output.stderr.contains("https"), "{output:?}");
}
