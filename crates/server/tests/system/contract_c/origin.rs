//! C0: sign-in, GraphQL and the guarded API answer on one origin; and what else `own_paths` means.

use claviger_testkit::Curl;
use rstest::rstest;
use serde_json::json;

use super::stage::{ADMIN, Stage};
use crate::ask::{Ask, Problem};
use crate::bed::{Bed, Engine};

const LOGIN: &str = "/v2/api/login";

fn post(url: &str) -> Curl {
    Curl::post_json(url, &json!({ "username": "nobody", "password": "wrong", "source": "LOCAL" }))
}

/// A server with the example of contract C and these lines of `[gateway]`.
fn serve(gateway: &str) -> Bed {
    let mut bed = Bed::empty(Engine::Sqlite);
    bed.configure(&format!("[gateway]\n{gateway}\n"));
    bed.run_serve();
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/login-token/catalogue.yaml");
    bed.done(&["apply", "-f", example]);
    bed
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn c0_all_calls_go_to_one_origin(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    // The management address answers as well.
    for origin in [stage.gateway(), stage.management()] {
        let url = format!("{origin}{LOGIN}");
        Ask::post(&url, "application/json", &stage.input(ADMIN).to_string()).gets(200);
        for path in ["/api", "/api/"] {
            let [curl, _] = Ask::get(&format!("{origin}{path}?query={{__typename}}")).gets(405);
            assert_eq!(curl.header("allow"), Some("POST"), "{path}");
        }
    }
    // Whatever else is below the route of the API is judged as ever.
    Ask::post(&format!("{}/v2/api/get-vms", stage.gateway()), "application/json", "{}")
        .refused(401, "missing_credential");
    Ask::post(&format!("{}{LOGIN}/more", stage.gateway()), "application/json", "{}")
        .refused(401, "missing_credential");
}

#[test]
fn without_it_the_gateway_has_nothing_of_its_own() {
    let bed = serve("");
    for path in [LOGIN, "/api/"] {
        let answer = post(&format!("{}{path}", bed.gateway())).run();
        assert_ne!(Problem::of(&answer).code, "wrong_password", "{path}");
        assert!(answer.status >= 400, "{path}: {}", answer.status);
    }
}

#[test]
fn a_path_is_compared_as_it_is_judged() {
    let bed = serve(r#"own_paths = ["/api/", "/v2/api/login"]"#);
    let ask = |path: &str| {
        let answer = post(&format!("{}{path}", bed.gateway())).arg("--path-as-is").run();
        let problem = Problem::of(&answer);
        assert_eq!(Some(problem.request_id.as_str()), answer.header("x-request-id"), "{path}: one id");
        assert_eq!(answer.all("x-request-id").count(), 1, "{path}");
        (answer.status, problem.code)
    };
    let (wrong, malformed) = ((401, "wrong_password".to_owned()), (400, "malformed_request".to_owned()));
    assert_eq!(ask(LOGIN), wrong);
    assert_eq!(ask("/v2/%61pi/log%69n?x=y"), wrong, "the canonical form counts");
    for path in
        ["//v2/api/login", "/v2/api/./login", "/v2/api/x/../login", "/v2/api%2flogin", "/v2/api/login%00"]
    {
        assert_eq!(ask(path), malformed, "{path}");
    }
}

#[test]
fn the_clients_address_is_the_gateways_to_say() {
    let bed = serve("own_paths = [\"/v2/api/login\"]\ntrusted_proxies = [\"127.0.0.1/32\"]");
    let url = format!("{}{LOGIN}", bed.gateway());
    assert_eq!(post(&url).header("X-Forwarded-For", "192.0.2.9").run().status, 401);
    let audit = bed.json(&["audit", "list", "--action", "sign_in.fail"]);
    assert_eq!(audit[0]["actor"], "address:192.0.2.9", "{audit:#}");
    let unclear = post(&url).header("X-Forwarded-For", "somewhere").run();
    assert_eq!((unclear.status, Problem::of(&unclear).code.as_str()), (400, "malformed_request"));
}

#[test]
fn it_holds_to_the_bounds_of_the_gateway_and_speaks_its_protocols() {
    let bed = serve(r#"own_paths = ["/api/", "/v2/api/login"]"#);
    let url = format!("{}{LOGIN}", bed.gateway());
    let long = Curl::new("POST", &url).header("Content-Type", "application/json").body(vec![b' '; 3 << 20]);
    let answer = long.run();
    assert_eq!((answer.status, Problem::of(&answer).code.as_str()), (413, "body_too_large"));
    for arg in ["--http1.1", "--http2-prior-knowledge"] {
        assert_eq!(Problem::of(&post(&url).arg(arg).run()).code, "wrong_password", "{arg}");
        let head = Curl::new("HEAD", &url).arg(arg).run();
        assert_eq!((head.status, head.text().as_str()), (405, ""), "{arg}");
    }
    let upgrade = post(&url).header("Connection", "Upgrade").header("Upgrade", "websocket").run();
    assert_eq!((upgrade.status, upgrade.header("connection")), (401, Some("close")));
}
