//! Requests that are refused: why, with which status, and at which check.

use std::collections::BTreeSet;

use claviger_model::Reason;
use claviger_policy::Decision;

use crate::fixture::{Ask, World, ask, key_of};
use crate::worlds::standard;

struct Row {
    ask: Ask,
    code: &'static str,
    status: u16,
    check: &'static str,
    allow: &'static [&'static str],
    detail: Option<&'static str>,
}

fn row(ask: Ask, code: &'static str, status: u16, check: &'static str) -> Row {
    Row { ask, code, status, check, allow: &[], detail: None }
}

impl Row {
    fn allow(self, allow: &'static [&'static str]) -> Self {
        Self { allow, ..self }
    }

    fn detail(self, detail: &'static str) -> Self {
        Self { detail: Some(detail), ..self }
    }
}

const CUSTOMERS: &str = "GET /billing/v1/customers";

fn targets(world: &World) -> Vec<Row> {
    let long = format!("/billing/v1/{}", "a".repeat(8192));
    let targets = [
        ("*", "The target does not start with a slash."),
        ("gateway.test:443", "The target does not start with a slash."),
        ("http://gateway.test/billing/v1/customers", "The target does not start with a slash."),
        (&long, "The target is longer than 8,192 bytes."),
        ("/billing/v1/../v1/customers", "The path contains a dot segment."),
        ("/billing/v1/%2e/customers", "The path contains a dot segment."),
        ("/billing/v1/..;a/customers", "The path contains a dot segment."),
        ("//billing/v1/customers", "The path contains an empty segment."),
        ("/billing/v1%2Fcustomers", "The path contains an encoded slash or a backslash."),
        ("/billing/v1\\customers", "The path contains an encoded slash or a backslash."),
        ("/billing/v1/customers%00", "The target contains a character that cannot stand there."),
        ("/billing/v1/customers#a", "The target contains a character that cannot stand there."),
        ("/billing/v1/customers?a\r\nb: c", "The target contains a character that cannot stand there."),
        ("/billing/v1/customers%4", "The path contains a percent sign without two hexadecimal digits."),
    ];
    let known = targets.iter().map(|(target, detail)| (world.ask("good", &format!("GET {target}")), *detail));
    let strangers = targets.iter().map(|(target, detail)| (ask(&format!("GET {target}")), *detail));
    let read = known.chain(strangers);
    read.map(|(ask, detail)| row(ask, "malformed_request", 400, "target").detail(detail)).collect()
}

fn presentations(world: &World) -> Vec<Row> {
    let good = world.known("good");
    let twice = world.ask("good", CUSTOMERS).basic(&good.user, &good.secret);
    let beside = world.ask("good", CUSTOMERS).header("authorization", "Bearer x");
    let wrong_place =
        ask(CUSTOMERS).header("proxy-authorization", "Basic YTpi").header("x-api-key", &good.secret);
    vec![
        row(ask(CUSTOMERS), "missing_credential", 403, "presentation"),
        row(ask("GET /v1/servers").host("cloud.test"), "missing_credential", 401, "presentation"),
        row(wrong_place, "missing_credential", 403, "presentation"),
        row(twice, "ambiguous_credential", 403, "presentation"),
        row(beside, "ambiguous_credential", 403, "presentation"),
    ]
}

fn malformed_headers(_: &World) -> Vec<Row> {
    let long = format!("Basic {}", "A".repeat(4096));
    let too_long = format!("Basic {}", "A".repeat(1024));
    [
        (long.as_str(), "The Authorization header is longer than 4096 bytes."),
        ("Bearer abcdef", "The scheme of the Authorization header is not one that this API accepts."),
        ("", "The scheme of the Authorization header is not one that this API accepts."),
        ("Basic", "The Authorization header names a scheme, and no credentials follow."),
        ("Basic YTpi, Basic YTpi", "The Authorization header carries a list, and one credential is allowed."),
        (&too_long, "The Basic credentials are longer than 384 bytes."),
        ("Basic Y!pi", "The Basic credentials are not standard base64."),
        ("Basic YTr/", "The decoded Basic credentials are not UTF-8."),
        ("Basic YToA", "The decoded Basic credentials contain a control character."),
        ("Basic YWJj", "The decoded Basic credentials contain no colon between user name and password."),
        ("Basic YTo=", "The decoded Basic credentials have an empty password."),
    ]
    .into_iter()
    .map(|(value, detail)| {
        let ask = ask(CUSTOMERS).header("authorization", value);
        row(ask, "malformed_credential", 403, "presentation").detail(detail)
    })
    .collect()
}

fn malformed_keys(world: &World) -> Vec<Row> {
    let secret = &world.known("good").secret;
    let (body, last) = secret.split_at(secret.len() - 1);
    let changed = format!("{body}{}", if last == "0" { "1" } else { "0" });
    let shape = "A key is a prefix, an environment and 49 letters and digits, joined by underscores.";
    let sum = "The checksum of the key is wrong: a character was changed, or the end was cut off.";
    let presented = |secret: &str| ask(CUSTOMERS).basic("100042", secret);
    let bad = |secret: &str, detail| {
        row(presented(secret), "malformed_credential", 403, "key format").detail(detail)
    };
    vec![
        bad(&changed, sum),
        bad(body, shape),
        bad("correct horse battery", shape),
        bad(&secret.to_uppercase(), shape),
    ]
}

fn unknown(world: &World) -> Vec<Row> {
    let (good, cloud) = (world.known("good"), world.known("cloud"));
    let never = key_of("never made", "100042", "billing/production").secret;
    let at_cloud = |user: &str| ask("GET /v1/servers").host("cloud.test").basic(user, &cloud.secret);
    let own_id = good.credential.id.to_string();
    vec![
        row(ask(CUSTOMERS).basic("100042", &never), "unknown_credential", 403, "credential"),
        row(ask(CUSTOMERS).basic("100077", &good.secret), "unknown_credential", 403, "user name"),
        row(ask(CUSTOMERS).basic("", &good.secret), "unknown_credential", 403, "user name"),
        row(ask(CUSTOMERS).basic("no-such-user", &good.secret), "unknown_credential", 403, "user name"),
        row(ask(CUSTOMERS).basic(&good.secret, &good.secret), "unknown_credential", 403, "user name"),
        row(ask(CUSTOMERS).basic(&own_id, &good.secret), "unknown_credential", 403, "user name"),
        row(world.ask("orphan", CUSTOMERS), "unknown_credential", 403, "account"),
        row(at_cloud("100077"), "unknown_credential", 401, "user name"),
        row(at_cloud(&cloud.user.to_uppercase()), "unknown_credential", 401, "user name"),
    ]
}

fn lives(world: &World) -> Vec<Row> {
    let is = |name: &str, code, check| row(world.ask(name, CUSTOMERS), code, 403, check);
    vec![
        is("pending", "pending_activation", "state"),
        is("disabled", "disabled", "state"),
        is("revoked", "revoked", "state"),
        is("expired", "expired", "expiry").detail("It expired at 2027-01-15T08:00:00Z."),
        is("early", "not_yet_valid", "not before").detail("It is valid from 2027-01-15T08:00:00.001Z on."),
    ]
}

fn places(world: &World) -> Vec<Row> {
    let open = world.ask("good", "GET /v1/items").host("open.test");
    let billing = world.ask("open", CUSTOMERS);
    let production = world.ask("sandbox", CUSTOMERS);
    let sandbox = world.ask("good", CUSTOMERS).host("sandbox.test");
    let from = |name: &str, client: &str| {
        row(world.ask(name, CUSTOMERS).from(client), "address_not_allowed", 403, "address")
    };
    vec![
        row(open, "wrong_api", 403, "API"),
        row(billing, "wrong_api", 403, "API"),
        row(production, "wrong_environment", 403, "environment"),
        row(sandbox, "wrong_environment", 403, "environment"),
        from("v4", "198.51.101.1").detail("The request came from 198.51.101.1."),
        from("v4", "::ffff:198.51.101.1").detail("The request came from 198.51.101.1."),
        from("v4", "2001:db8:1::1"),
        from("v6", "2001:db8:2::1"),
        from("v6", "198.51.100.1"),
    ]
}

fn endpoints(world: &World) -> Vec<Row> {
    let nowhere = |ask: Ask| row(ask, "unknown_endpoint", 404, "route");
    let missing = |line: &str| row(world.ask("good", line), "unknown_endpoint", 404, "endpoint");
    let version = |line: &str| row(world.ask("good", line), "unknown_endpoint", 404, "version");
    let known = "The versions of this API are v1, v2.";
    vec![
        nowhere(ask("GET /nothing/v1")),
        nowhere(ask("GET /v1/servers")),
        nowhere(ask("GET /v1/servers").host("www.cloud.test")),
        nowhere(world.ask("good", "GET /billing")),
        missing("GET /billing/v1/nothing"),
        missing("GET /billing/v1/customers/"),
        missing("GET /billing/v1"),
        missing("GET /billing/v1/customers/7/8"),
        missing("GET /newest/customers/7"),
        version("GET /billing/v3/customers").detail(known),
        version("GET /billing/V1/customers").detail(known),
        version("GET /billing/LATEST/customers").detail(known),
    ]
}

fn methods(world: &World) -> Vec<Row> {
    let not = |ask: Ask| row(ask, "method_not_allowed", 405, "endpoint");
    let billing = |line: &str| not(world.ask("good", line));
    vec![
        billing("POST /billing/v1/customers/7").allow(&["GET"]),
        billing("DELETE /billing/v1/customers/7").allow(&["GET"]),
        billing("PUT /billing/v1/customers").allow(&["GET", "POST"]),
        billing("HEAD /billing/v2/customers").allow(&["GET"]),
        billing("get /billing/v2/customers").allow(&["GET"]),
        billing("DELETE /billing/v1/nothing").allow(&["GET", "POST"]),
        not(world.ask("cloud", "PROPFIND /v1/servers").host("cloud.test")).allow(&["GET", "POST"]),
    ]
}

fn bodies(world: &World) -> Vec<Row> {
    let post = || world.ask("good", "POST /billing/v1/customers");
    let typed = |value: &str| post().header("content-type", value);
    let get = world.ask("good", CUSTOMERS).header("content-type", "text/plain");
    [
        post(),
        typed("text/plain"),
        typed(""),
        typed("application/jsonx"),
        typed("application/json, text/plain"),
        typed("application/json").header("content-type", "application/json"),
        get.clone().header("content-length", "2").body(),
        // Over HTTP/2 no header tells of a body.
        get.body(),
    ]
    .into_iter()
    .map(|ask| {
        row(ask, "unsupported_media_type", 415, "media type").detail("Bodies are taken as application/json.")
    })
    .collect()
}

fn permissions(world: &World) -> Vec<Row> {
    let post = |path: &str| {
        world.ask("reader", &format!("POST /billing/v1/{path}")).header("content-type", "application/json")
    };
    let lacks = |ask: Ask| row(ask, "insufficient_permission", 403, "permission");
    vec![
        lacks(post("customers")).detail("Missing: billing:customers:create."),
        lacks(post("customers/7/merge"))
            .detail("Missing: billing:customers:delete, billing:customers:update."),
    ]
}

/// People put keys in the wrong places. They are refused there, and not written down.
fn misplaced_keys(world: &World) -> Vec<Row> {
    let secret = &world.known("good").secret;
    let good = |line: &str| world.ask("good", line);
    let method = format!("{secret} /billing/v1/customers");
    let typed = good("POST /billing/v1/customers").header("content-type", secret);
    vec![
        row(good(&format!("GET /{secret}")), "unknown_endpoint", 404, "route"),
        row(good("GET /nowhere").host(&format!("{secret}.test")), "unknown_endpoint", 404, "route"),
        row(good(&format!("GET /billing/v1/{secret}")), "unknown_endpoint", 404, "endpoint"),
        row(good(&format!("GET /billing/{secret}/customers")), "unknown_endpoint", 404, "version"),
        row(good(&method), "method_not_allowed", 405, "endpoint").allow(&["GET", "POST"]),
        row(typed, "unsupported_media_type", 415, "media type"),
        row(good(&format!("GET /billing/v1//{secret}")), "malformed_request", 400, "target"),
    ]
}

fn table(world: &World) -> Vec<Row> {
    world.call(&world.ask("cloud", "GET /v1/servers").host("cloud.test"));
    let mixed = world.ask("cloud", "GET /v2/servers").host("cloud.test");
    let mut rows =
        vec![row(mixed, "version_mixed", 409, "version mixing").detail("It called v1 less than 1d ago.")];
    let topics = [
        targets,
        presentations,
        malformed_headers,
        malformed_keys,
        unknown,
        lives,
        places,
        endpoints,
        methods,
        bodies,
        permissions,
        misplaced_keys,
    ];
    rows.extend(topics.iter().flat_map(|topic| topic(world)));
    rows
}

#[test]
fn each_request_is_refused_for_its_reason() {
    let world = standard();
    for Row { ask, code, status, check, allow, detail } in table(&world) {
        let (decision, last) = world.judge(&ask);
        let Decision::Deny(denial) = decision else { panic!("{ask:?} is let through") };
        assert_eq!((denial.reason.code(), denial.status(), last.as_str()), (code, status, check), "{ask:?}");
        assert_eq!(denial.allow, allow, "{ask:?}");
        assert!(
            detail.is_none() || denial.detail.as_deref() == detail,
            "{:?}, not {detail:?}",
            denial.detail
        );
    }
}

#[test]
fn every_reason_that_can_occur_is_in_the_table() {
    /// Those of schemes and nodes that there are not yet, and what only a signature or a login token is refused for.
    const ELSEWHERE: [&str; 6] =
        ["wrong_realm", "bad_signature", "clock_skew", "replayed", "not_fresh", "second_factor_required"];
    let occurring: BTreeSet<_> =
        Reason::ALL.iter().map(|reason| reason.code()).filter(|code| !ELSEWHERE.contains(code)).collect();
    let listed: BTreeSet<_> = table(&standard()).iter().map(|row| row.code).collect();
    assert_eq!(listed, occurring);
}

/// Who proved to have a credential is named in the record of the refusal; nobody else is.
#[test]
fn a_refusal_names_the_credential_once_it_is_proven() {
    const UNPROVEN: [&str; 6] = ["target", "route", "presentation", "key format", "credential", "user name"];
    let world = standard();
    for row in table(&world) {
        let (Decision::Deny(denial), last) = world.judge(&row.ask) else { panic!("{:?}", row.ask) };
        let unproven = UNPROVEN.contains(&last.as_str()) || last == "account";
        assert_eq!(denial.credential.is_none(), unproven, "{:?}", row.ask);
    }
}
