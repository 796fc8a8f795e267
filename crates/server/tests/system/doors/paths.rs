//! What is no question is never answered like a yes: proxies take any 2xx for one.

use claviger_testkit::Curl;

use super::demo;
use crate::bed::Engine;

const GRPC: &str = "/envoy.service.auth.v3.Authorization/Check";

#[test]
fn nothing_but_a_question_is_answered_with_yes() {
    let bed = demo(Engine::Sqlite);
    let check = bed.ready()["check"].as_str().expect("the server says where it is");
    let paths = [
        "/",
        "/foo",
        "/v1",
        "/v1/",
        "/v1/forward-auth",
        "/v1/forward-auth/",
        "/v1/forward-auth//",
        "/v1/forward-auth/foo",
        "/v1/forward-auth/path",
        "/v1/forward-auth/path/foo",
        "//v1/forward-auth",
        "/V1/FORWARD-AUTH",
        "/v1/verify",
        "/v1/verify/",
        "/v1/verify:batch",
        "/grpc.health.v1.Health/Check",
        "/envoy.service.auth.v3.Authorization",
        "/envoy.service.auth.v3.Authorization/",
        "/envoy.service.auth.v3.Authorization/Other",
        "/envoy.service.auth.v3.Authorization/Check/",
        GRPC,
    ];
    for method in ["GET", "HEAD", "POST", "PUT", "OPTIONS", "CONNECTED"] {
        for path in paths {
            for kind in ["text/plain", "application/grpc"] {
                if (method, path, kind) == ("POST", GRPC, "application/grpc") {
                    continue;
                }
                let mut call = Curl::new(method, &format!("{check}{path}")).header("Content-Type", kind);
                if method == "HEAD" {
                    call = call.arg("--head");
                }
                let answer = call.arg("--path-as-is").run();
                assert!(answer.status >= 400, "{method} {path} {kind}: {}", answer.status);
            }
        }
    }
    let answer = Curl::get(&format!("{check}/foo")).run();
    assert_eq!((answer.status, &answer.json()["code"]), (404, &"unknown_endpoint".into()));
}

/// With a slash at its end, as people write it, the address asks the same.
#[test]
fn a_slash_at_the_end_makes_no_difference() {
    let bed = demo(Engine::Sqlite);
    let check = bed.ready()["check"].as_str().expect("the server says where it is");
    let basic = bed.credential("Demo: customers").basic();
    for (authorization, status) in [(basic.as_str(), 200), ("Basic eDp5", 403)] {
        let call = Curl::get(&format!("{check}/v1/forward-auth/")).header("Authorization", authorization);
        let call = call.header("X-Forwarded-For", "127.0.0.1").header("X-Forwarded-Host", "api.example");
        let call =
            call.header("X-Forwarded-Method", "GET").header("X-Forwarded-Uri", "/customers/v1/customers");
        assert_eq!(call.run().status, status, "{authorization}");
    }
}
