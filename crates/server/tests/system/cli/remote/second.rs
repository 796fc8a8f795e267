//! Signing in with a second factor.

use aws_lc_rs::hmac;
use claviger_model::Clock;
use claviger_server::ambient::SystemClock;
use claviger_testkit::Curl;
use data_encoding::BASE32_NOPAD;
use serde_json::{Value, json};

use super::{Away, ended};
use crate::bed::Engine;
use crate::management::{PASSWORD, sign_in};

/// A code of RFC 6238, so many steps from now.
fn code(secret: &str, steps: u64) -> String {
    let seconds = u64::try_from(SystemClock.now().as_micros() / 1_000_000).expect("after 1970");
    let key = BASE32_NOPAD.decode(secret.as_bytes()).expect("base 32");
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &key);
    let tag = hmac::sign(&key, &(seconds / 30 + steps).to_be_bytes());
    let bytes = tag.as_ref();
    let start = usize::from(bytes[19] & 0xf);
    let word = u32::from_be_bytes(bytes[start..start + 4].try_into().expect("four bytes")) & 0x7fff_ffff;
    format!("{:06}", word % 1_000_000)
}

fn post(away: &Away, token: &str, path: &str, body: &Value) -> Value {
    let call = Curl::new("POST", &format!("{}{path}", away.server()));
    let call = call.header("Authorization", token).header("Content-Type", "application/json");
    let answer = call.body(body.to_string()).run();
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// Has one-time codes asked for; what they are made from, and a recovery code.
fn enrol(away: &Away) -> (String, String) {
    let token = sign_in(&away.bed, "ada");
    let begun = post(away, &token, "/v1/me/totp", &json!({ "current": PASSWORD }));
    let secret = begun["secret"].as_str().expect("a secret").to_owned();
    let codes = post(away, &token, "/v1/me/totp/confirm", &json!({ "code": code(&secret, 0) }));
    (secret, codes["codes"][0].as_str().expect("a recovery code").to_owned())
}

#[test]
fn a_second_factor_is_asked_for_by_name() {
    let away = Away::from(Engine::Sqlite);
    let (secret, recovery) = enrol(&away);
    let login = |args: &[&str]| {
        let with = ["login", "--server", away.server(), "--username", "ada", "--password-stdin"];
        away.given(PASSWORD, &[&with[..], args].concat())
    };
    let needed = login(&[]);
    ended(&needed, 7, "second_factor_needed");
    assert!(needed.stderr.contains("--code"), "{}", needed.stderr);
    ended(&login(&["--code", "000000x"]), 7, "second_factor_wrong");
    // The one of this step was used to confirm.
    let next = code(&secret, 1);
    let entered = login(&["--code", &next]);
    assert_eq!(entered.status, 0, "{entered:#?}");
    ended(&login(&["--code", &next]), 7, "second_factor_wrong");
    let recovered = login(&["--recovery-code", &recovery]);
    assert_eq!(recovered.status, 0, "{recovered:#?}");
    assert_eq!(away.run(&["login", "--code", "1", "--recovery-code", "2"]).status, 2);
}
