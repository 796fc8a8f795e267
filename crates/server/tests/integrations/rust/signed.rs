//! Signed requests with a body, through the layer.

use std::path::Path;
use std::process::Command;

use claviger_testkit::{Curl, CurlClient, Response};
use serde_json::Value;

use crate::world::World;

const CLIENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/callers/sign.py");
const FORMS: [&str; 3] = ["rfc9421", "cavage", "plain"];
/// The most that an API takes unless its policy says something else.
const MOST: usize = 1 << 20;

struct Signer<'w> {
    world: &'w World,
    url: String,
}

/// A body is read, verified and given to the service as a whole; or the service sees nothing of it.
pub(super) fn put_through(world: &World, origin: &str) {
    let signer = Signer { world, url: format!("{origin}/signed/management/v1/users") };
    for form in FORMS {
        signer.reaches_the_service_whole(form);
        signer.is_refused_if_changed(form);
    }
    signer.is_bounded();
    signer.needs_none();
}

impl Signer<'_> {
    /// The headers of a request with this body, by the ready client of the documentation.
    fn headers(&self, form: &str, method: &str, body: &[u8]) -> Vec<(String, String)> {
        let file = self.world.file("body", body);
        let pair = self.world.pair("Demo: management");
        let mut command = Command::new("python3");
        command.arg(Path::new(CLIENT)).env("PYTHONDONTWRITEBYTECODE", "1");
        for (name, member) in [("CLAVIGER_KEY_ID", "id"), ("CLAVIGER_SECRET", "secret")] {
            command.env(name, pair[member].as_str().expect("a pair has an id and a secret"));
        }
        command.args(["--form", form, "--print", method, &self.url, "--body"]).arg(format!("@{file}"));
        let output = command.output().expect("there is Python");
        assert!(output.status.success(), "{output:?}");
        let lines = String::from_utf8(output.stdout).expect("headers are text");
        let pair = |line: &str| line.split_once(": ").map(|(name, value)| (name.into(), value.into()));
        lines.lines().filter_map(pair).collect()
    }

    fn call(&self, form: &str, signed: &[u8], sent: &[u8], more: &[(&str, &str)]) -> Response {
        let mut call: CurlCall = Curl::new("POST", &self.url).header("Content-Type", "application/json");
        for (name, value) in self.headers(form, "POST", signed) {
            call = call.header(&name, &value);
        }
        let call = more.iter().fold(call, |call, (name, value)| call.header(name, value));
        call.body(sent).run()
    }

    fn reaches_the_service_whole(&self, form: &str) {
        let long = vec![b'x'; MOST];
        for (body, more) in [
            (&b"{\"name\":\"J\xc3\xbcrgen\"}\n"[..], &[][..]),
            (&long, &[]),
            (&long, &[("Transfer-Encoding", "chunked")]),
        ] {
            let answer = self.call(form, body, body, more);
            assert_eq!(answer.status, 200, "{form} {more:?}: {}", answer.text());
            let seen = answer.json();
            assert!(seen["body"] == Value::String(String::from_utf8_lossy(body).into()), "{form} {more:?}");
            assert!(!seen["headers"].to_string().contains("signature"), "{form}: {}", seen["headers"]);
        }
    }

    fn is_refused_if_changed(&self, form: &str) {
        for (signed, sent) in [("one", "two"), ("one", "one "), ("one", ""), ("", "one")] {
            let answer = self.call(form, signed.as_bytes(), sent.as_bytes(), &[]);
            let code = answer.header("x-claviger-reason").unwrap_or_default().to_owned();
            let expected = ["bad_signature", "malformed_credential"].contains(&&*code);
            assert!(answer.status == 401 && expected, "{form} {signed:?} {sent:?}: {code} {}", answer.text());
        }
    }

    fn is_bounded(&self) {
        let body = vec![b'x'; MOST + 1];
        for more in [&[][..], &[("Transfer-Encoding", "chunked")]] {
            let answer = self.call("plain", &body, &body, more);
            assert_eq!(answer.status, 413, "{more:?}: {}", answer.text());
            assert_eq!(answer.json()["code"], "body_too_large");
            assert_eq!(answer.header("x-claviger-reason"), Some("body_too_large"));
        }
    }

    /// Nor is a body of a request that is not signed touched, however long it is.
    fn needs_none(&self) {
        let mut call = Curl::get(&self.url);
        for (name, value) in self.headers("rfc9421", "GET", b"") {
            call = call.header(&name, &value);
        }
        let first = call.run();
        assert_eq!(first.status, 200, "{}", first.text());
        let again = call.run();
        assert_eq!(again.header("x-claviger-reason"), Some("replayed"), "{}", again.text());
    }
}

type CurlCall = claviger_testkit::Call<CurlClient>;
