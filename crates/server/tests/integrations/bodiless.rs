//! Signed requests, and keys in the query.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use claviger_model::{Clock, Entropy};
use claviger_server::ambient::{SystemClock, SystemEntropy};
use claviger_testkit::{Curl, Response};

use crate::world::World;

const USERS: &str = "/signed/management/v1/users";

/// What was signed without a body gets none on its way, by any proxy; without one it passes.
pub(crate) fn nobody_adds_a_body(world: &World, origin: &str) {
    let read = call(world, origin, "GET").run();
    assert_eq!(read.status, 200, "{}", read.text());
    for framing in [
        &["Content-Type: application/json"][..],
        &["Content-Type: application/json", "Transfer-Encoding: chunked"],
    ] {
        let forged = framing
            .iter()
            .fold(call(world, origin, "POST").body("{}"), |call, header| call.arg("--header").arg(header));
        refused(&forged.run());
    }
    refused(&call(world, origin, "DELETE").header("Content-Type", "application/json").body("{}").run());
}

#[track_caller]
fn refused(answer: &Response) {
    assert!([401, 403].contains(&answer.status), "{}: {}", answer.status, answer.text());
    let reason = answer.header("x-claviger-reason").unwrap_or_default();
    assert!(["bad_signature", "malformed_credential"].contains(&reason), "{reason}");
}

/// A key in the query does not reach the upstream, however the parameter is spelt.
pub(crate) fn keys_leave_the_query(world: &World, origin: &str) {
    let found = world.found("api-token", "Demo: monitoring");
    let key = found["key"].as_str().expect("a key is a text");
    for name in ["apiToken", "api%54oken", "%61piToken"] {
        let answer = Curl::get(&format!("{origin}/monitoring/v1/problems?{name}={key}&status=open")).run();
        assert_eq!(answer.status, 200, "{name}: {}", answer.text());
        assert_eq!(answer.json()["target"], "/monitoring/v1/problems?status=open", "{name}");
    }
}

/// Signed in the plain form, without a body.
fn call(world: &World, origin: &str, method: &str) -> Curl {
    let pair = world.found("signed-pair", "Demo: management");
    let text = |name: &str| pair[name].as_str().expect("a pair has both parts").to_owned();
    let at = (SystemClock.now().as_micros() / 1_000_000).to_string();
    let mut nonce = [0; 12];
    SystemEntropy.fill(&mut nonce);
    let nonce = hex(&nonce);
    let nothing = hex(digest(&SHA256, b"").as_ref());
    let signed = [method, USERS, &at, &nonce, &nothing].join("\n");
    let key = hmac::Key::new(hmac::HMAC_SHA512, text("secret").as_bytes());
    let signature = hex(hmac::sign(&key, signed.as_bytes()).as_ref());
    let call = Curl::new(method, &format!("{origin}{USERS}")).header("X-API-Key", &text("id"));
    call.header("X-Timestamp", &at).header("X-Nonce", &nonce).header("X-Signature", &signature)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
