//! Signed requests with bodies, for proxies that send them along.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use claviger_model::Clock;
use claviger_server::ambient::SystemClock;
use claviger_testkit::{Curl, Response};

use crate::world::World;

const USERS: &str = "/signed/management/v1/users?notify=true";
/// `max_request_bytes` of the page.
const LONGEST: usize = 1 << 20;

/// A pair, and where requests go.
struct Signer<'a> {
    id: String,
    secret: String,
    origin: &'a str,
}

/// A request in the plain form.
struct Signed<'a> {
    signer: &'a Signer<'a>,
    headers: [(&'static str, String); 4],
}

/// Bodies that were signed, and others.
pub(crate) fn put_through(world: &World, origin: &str) {
    let (id, secret) = world.pair_for("management");
    let pair = Signer { id, secret, origin };
    // No UTF-8, and longer than what fits into one read.
    let long: Vec<u8> = (0..=255).rev().cycle().take(LONGEST).collect();
    for (nonce, body) in [("whole-00", &b"{}"[..]), ("whole-01", b"\xff\x00"), ("whole-02", &long)] {
        let signed = pair.sign(nonce, body);
        let changed = [&body[1..], b"!"].concat();
        signed.refused(&changed, "bad_signature");
        signed.refused(b"", "bad_signature");
        let answer = signed.send(body);
        assert_eq!(answer.status, 200, "{nonce}: {}", answer.text());
        assert!(answer.text().contains("x-claviger-account"), "{}", answer.text());
        signed.refused(body, "replayed");
    }
    let longer = [long, vec![0]].concat();
    assert_eq!(pair.sign("too-long", &longer).send(&longer).status, 413);
}

impl Signer<'_> {
    fn sign(&self, nonce: &str, body: &[u8]) -> Signed<'_> {
        let at = (SystemClock.now().as_micros() / 1_000_000).to_string();
        let text = ["POST", USERS, &at, nonce, &hex(digest(&SHA256, body).as_ref())].join("\n");
        let key = hmac::Key::new(hmac::HMAC_SHA512, self.secret.as_bytes());
        let signature = hex(hmac::sign(&key, text.as_bytes()).as_ref());
        let headers = [
            ("X-API-Key", self.id.clone()),
            ("X-Timestamp", at),
            ("X-Nonce", nonce.to_owned()),
            ("X-Signature", signature),
        ];
        Signed { signer: self, headers }
    }
}

impl Signed<'_> {
    fn send(&self, body: &[u8]) -> Response {
        let mut call = Curl::new("POST", &format!("{}{USERS}", self.signer.origin)).body(body);
        for (name, value) in &self.headers {
            call = call.header(name, value);
        }
        call.header("Content-Type", "application/json").run()
    }

    #[track_caller]
    fn refused(&self, body: &[u8], reason: &str) {
        let answer = self.send(body);
        assert_eq!(
            (answer.status, answer.header("x-claviger-reason")),
            (401, Some(reason)),
            "{}",
            answer.text()
        );
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
