//! Requests as APISIX's plugin `forward-auth` sends them. APISIX itself comes in no package that could be installed.

use claviger_testkit::{Curl, Response};
use serde_json::Value;

use crate::page::{Ports, configuration};
use crate::world::World;

/// The plugin, as far as its page configures it.
struct Plugin<'a> {
    world: &'a World,
    settings: Value,
}

impl<'a> Plugin<'a> {
    fn of(world: &'a World) -> Self {
        let ports = Ports { proxy: 9080, upstream: world.upstream.port(), check: world.check_port() };
        let page: Value = serde_saphyr::from_str(&configuration("apisix", "apisix.yaml", &ports))
            .expect("the configuration is YAML");
        Self { world, settings: page["routes"][0]["plugins"]["forward-auth"].clone() }
    }

    fn names(&self, list: &str) -> Vec<&str> {
        self.settings[list].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// Sends the five headers of its own, and of the caller's those that are named in `request_headers`.
    fn ask(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> Response {
        let own = [
            ("X-Forwarded-Proto", "http"),
            ("X-Forwarded-Method", method),
            ("X-Forwarded-Host", "api.example"),
            ("X-Forwarded-Uri", target),
            ("X-Forwarded-For", "127.0.0.1"),
        ];
        let named = self.names("request_headers");
        let handed_on = |(name, _): &&(&str, &str)| named.iter().any(|own| own.eq_ignore_ascii_case(name));
        let url = self.settings["uri"].as_str().expect("the plugin has an address");
        let call = Curl::get(url).without("Accept");
        let all = own.iter().chain(headers.iter().filter(handed_on));
        all.fold(call, |call, (name, value)| call.header(name, value)).run()
    }

    #[track_caller]
    fn refused(&self, (method, target): (&str, &str), headers: &[(&str, &str)], reason: &str) {
        let answer = self.ask(method, target, headers);
        assert_eq!(
            (answer.status, answer.header("x-claviger-reason")),
            (403, Some(reason)),
            "{}",
            answer.text()
        );
        for name in self.names("client_headers").into_iter().filter(|name| *name != "WWW-Authenticate") {
            assert!(answer.header(name).is_some(), "{name}");
        }
    }

    fn basic(&self, label: &str) -> String {
        self.world.basic(label)
    }
}

#[test]
fn apisix_is_answered_as_its_plugin_needs_it() {
    let world = World::start();
    let plugin = Plugin::of(&world);
    let (list, good) = ("/customers/v1/customers?page=1&q=a%2Fb", plugin.basic("Demo: customers"));
    let good = ("Authorization", good.as_str());
    let answer = plugin.ask("GET", list, &[good, ("X-Claviger-Account", "forged")]);
    assert_eq!((answer.status, answer.body.len()), (200, 0), "{}", answer.text());
    for name in plugin.names("upstream_headers") {
        assert!(answer.header(name).is_some_and(|value| value != "forged"), "{name}");
    }
    assert_eq!(answer.header("x-claviger-account"), Some("100042"));

    plugin.refused(("GET", list), &[], "missing_credential");
    plugin.refused(("DELETE", list), &[good], "method_not_allowed");
    plugin.refused(("POST", "/customers/v1/customers"), &[good], "unsupported_media_type");
    let typed = [good, ("Content-Type", "application/json")];
    assert_eq!(plugin.ask("POST", "/customers/v1/customers", &typed).status, 200);
    plugin.refused(("GET", "/nothing"), &[good], "unknown_endpoint");
    let revoked = plugin.basic("Demo: customers, revoked");
    plugin.refused(("GET", list), &[("Authorization", &revoked)], "revoked");
    // The plugin hands on what it was told to and no more, whatever the caller says for it.
    let spoken = [good, ("X-Original-Method", "GET"), ("X-Original-URI", list)];
    plugin.refused(("DELETE", list), &spoken, "method_not_allowed");
}
