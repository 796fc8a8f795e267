//! The requests that every proxy is put through.

use claviger_testkit::{Curl, Response};
use serde_json::Value;

use crate::bodiless::nobody_adds_a_body;
use crate::world::World;

const GOOD: &str = "Demo: customers";
const LIST: &str = "/customers/v1/customers?page=1&q=a%2Fb";

/// Statuses that depend on how a proxy asks.
pub(crate) struct Statuses {
    /// For a method that is not taken.
    pub(crate) method: u16,
    /// For a place where nothing is.
    pub(crate) endpoint: u16,
}

struct Caller<'a> {
    world: &'a World,
    origin: String,
}

/// Allowed, refused and spoofed requests.
pub(crate) fn put_through(world: &World, origin: String, statuses: &Statuses) {
    let caller = Caller { world, origin };
    caller.is_let_through_and_named();
    caller.cannot_name_itself();
    caller.is_refused(statuses);
    caller.cannot_speak_for_the_proxy();
    nobody_adds_a_body(world, &caller.origin);
}

impl Caller<'_> {
    fn send(&self, method: &str, path: &str, key: &str, more: &[(&str, &str)]) -> Response {
        let url = format!("{}{path}", self.origin);
        let mut call = Curl::new(method, &url).header("Authorization", &self.world.basic(key));
        for (name, value) in more {
            call = call.header(name, value);
        }
        call.run()
    }

    #[track_caller]
    fn refused(&self, method: &str, path: &str, key: &str, more: &[(&str, &str)], status: u16) {
        let answer = self.send(method, path, key, more);
        assert_eq!(answer.status, status, "{method} {path} {more:?}: {}", answer.text());
    }

    fn is_let_through_and_named(&self) {
        let answer = self.send("GET", LIST, GOOD, &[("Proxy-Authorization", "Basic forged")]);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let seen = answer.json();
        assert_eq!((&seen["method"], &seen["target"]), (&"GET".into(), &LIST.into()));
        assert_eq!(values(&seen, "x-claviger-account"), ["100042"]);
        assert_eq!(values(&seen, "x-claviger-key-id"), [self.world.id(GOOD).as_str().unwrap_or_default()]);
        assert_eq!(values(&seen, "x-claviger-api"), ["customers"]);
        assert_eq!(values(&seen, "x-claviger-version"), ["v1"]);
        assert_eq!(values(&seen, "x-claviger-environment"), ["production"]);
        assert_eq!(values(&seen, "x-claviger-permissions"), ["*"]);
        for name in ["authorization", "proxy-authorization"] {
            assert!(values(&seen, name).iter().all(String::is_empty), "{seen}");
        }
    }

    fn cannot_name_itself(&self) {
        let forged =
            [("X-Claviger-Account", "forged"), ("X-Claviger-User", "forged"), ("x-claviger-API", "forged")];
        let answer = self.send("GET", LIST, GOOD, &forged);
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(!answer.text().contains("forged"), "{}", answer.text());
        for name in ["X_Claviger_Account", "X-Claviger_User", "X_Claviger-Key-Id"] {
            let answer = self.send("GET", LIST, GOOD, &[(name, "forged")]);
            assert!(answer.status >= 400 || !answer.text().contains("forged"), "{name}: {}", answer.text());
        }
    }

    fn is_refused(&self, statuses: &Statuses) {
        let nobody = Curl::get(&format!("{}{LIST}", self.origin)).run();
        assert_eq!(nobody.status, 403, "{}", nobody.text());
        for (key, reason) in [
            ("Demo: customers, disabled", "disabled"),
            ("Demo: customers, revoked", "revoked"),
            ("Demo: customers, other address", "address_not_allowed"),
            ("Demo: billing", "wrong_api"),
            ("Demo: customers, other account", "unknown_credential"),
        ] {
            let answer = self.send("GET", LIST, key, &[]);
            assert_eq!((answer.status, answer.header("x-claviger-reason")), (403, Some(reason)), "{key}");
            assert!(answer.header("x-request-id").is_some_and(|id| id.starts_with("req_")), "{key}");
        }
        self.refused("DELETE", LIST, GOOD, &[], statuses.method);
        self.refused("GET", "/customers/v1/nothing", GOOD, &[], statuses.endpoint);
        self.refused("GET", "/nothing", GOOD, &[], statuses.endpoint);
    }

    /// Whatever a caller says about its request, the request is judged as it is.
    fn cannot_speak_for_the_proxy(&self) {
        for family in ["X-Forwarded", "X-Original"] {
            let [method, uri, host] = ["Method", "Uri", "Host"].map(|part| format!("{family}-{part}"));
            let harmless = [(method.as_str(), "GET"), (uri.as_str(), LIST), (host.as_str(), "127.0.0.1")];
            let answer = self.send("DELETE", LIST, GOOD, &harmless);
            assert!(answer.status >= 400, "{family}: {}", answer.text());
            let answer = self.send("GET", "/billing/v1/invoices", GOOD, &harmless);
            assert!(answer.status >= 400, "{family}: {}", answer.text());
        }
        for name in ["X-Forwarded-For", "X-Original-Address", "X-Real-IP", "X-Envoy-External-Address"] {
            let key = "Demo: customers, other address";
            let answer = self.send("GET", LIST, key, &[(name, "192.0.2.1")]);
            assert_eq!(answer.status, 403, "{name}: {}", answer.text());
        }
        let answer =
            self.send("GET", LIST, "Demo: customers, other address", &[("Forwarded", "for=192.0.2.1")]);
        assert_eq!(answer.status, 403, "{}", answer.text());
    }
}

/// The values of a header that reached the upstream.
fn values(seen: &Value, name: &str) -> Vec<String> {
    let headers = seen["headers"].as_array().into_iter().flatten();
    let own = headers.filter(|header| header[0] == name);
    own.map(|header| header[1].as_str().unwrap_or_default().to_owned()).collect()
}
