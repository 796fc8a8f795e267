//! What names an `Idempotency-Key` is done once and answered alike, whenever the server dies.

use std::sync::mpsc::channel;
use std::time::Duration;

use claviger_testkit::Curl;
use rstest::rstest;
use serde_json::{Value, json};

use crate::bed::{Bed, Engine};
use crate::dice::Dice;
use crate::management::{sign_in, staffed};
use crate::raw::Caller;

const KILLS: usize = 12;

/// A request for a key, under an `Idempotency-Key` of the same name.
fn request(token: &str, label: &str) -> String {
    let body = json!({ "api": "vms", "label": label }).to_string();
    format!(
        "POST /v1/keys HTTP/1.1\r\nHost: a\r\nAuthorization: {token}\r\nIdempotency-Key: {label}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn caller(bed: &Bed) -> Caller {
    let address = bed.management().trim_start_matches("http://");
    Caller::connect(address.parse().expect("an address"))
}

fn answered(bed: &Bed, token: &str, label: &str) -> Value {
    let mut caller = caller(bed);
    caller.send(request(token, label));
    let answer = caller.answer();
    assert_eq!(answer.status, 201, "{}", answer.text());
    serde_json::from_slice(&answer.body).expect("a key in JSON")
}

/// Asks for a key of a server that is killed a moment later; what it answered, if it did.
fn asked_and_killed(bed: &mut Bed, dice: &mut Dice, token: &str, label: &str) -> Option<Value> {
    let mut caller = caller(bed);
    caller.send(request(token, label));
    // Nobody answers on it: the kill comes at some moment before, in or after the commit.
    let (_open, nobody) = channel::<()>();
    let _ = nobody.recv_timeout(Duration::from_micros(dice.number() % 12_000));
    bed.kill9();
    let answer = caller.final_answer("POST")?;
    serde_json::from_slice(&answer.body).ok()
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn a_key_is_made_once_and_shown_alike_though_the_server_dies(#[case] engine: Engine) {
    let mut bed = staffed(engine);
    let token = sign_in(&bed, "ada");
    let mut dice = Dice::new(0x0a5c_ed0a);
    for kill in 0..KILLS {
        let label = format!("export-{kill}");
        let before = asked_and_killed(&mut bed, &mut dice, &token, &label);
        bed.run_serve();
        let after = answered(&bed, &token, &label);
        assert!(after["key"].is_string(), "a new key is shown");
        assert!(before.is_none_or(|before| before == after), "two answers to one request");
        assert_eq!(answered(&bed, &token, &label), after);
    }
    let listed = Curl::get(&format!("{}/v1/keys", bed.management())).header("Authorization", &token).run();
    let listed: Value = serde_json::from_slice(&listed.body).expect("JSON");
    let labels = listed["items"].as_array().expect("keys").iter().map(|key| key["label"].as_str());
    let mut labels: Vec<_> = labels.map(|label| label.expect("a label").to_owned()).collect();
    labels.sort_unstable();
    let mut expected: Vec<_> = (0..KILLS).map(|kill| format!("export-{kill}")).collect();
    expected.sort_unstable();
    assert_eq!(labels, expected);
}
