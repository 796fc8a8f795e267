//! Requests that are let through: what is called, and what the upstream is told.

use claviger_model::{Format, PermissionSet};
use claviger_policy::identity_headers;

use crate::fixture::{Ask, ask};
use crate::worlds::{MOMENT, standard};

/// Where a request goes: upstream, version and endpoint.
fn goes(name: &str, change: impl FnOnce(Ask) -> Ask, line: &str) -> String {
    let world = standard();
    let grant = world.grant(&change(world.ask(name, line)));
    let (origin, version) = (grant.upstream().origin(), grant.version_header().to_str().unwrap());
    format!("{origin}{} {version} {}", grant.target, grant.endpoint.path)
}

#[test]
fn the_route_is_taken_off_and_the_upstream_put_before_the_rest() {
    let billing = |line| goes("good", |ask| ask, line);
    assert_eq!(billing("GET /billing/v1/customers"), "http://up:7070/base/v1/customers v1 /customers");
    assert_eq!(
        billing("GET /billing/v1/customers/%37%20a?x=%37&y=/../z"),
        "http://up:7070/base/v1/customers/7%20a?x=%37&y=/../z v1 /customers/{id}"
    );
    assert_eq!(billing("GET /billing/v1/customers?"), "http://up:7070/base/v1/customers? v1 /customers");
    let at = |host: &'static str| move |ask: Ask| ask.host(host);
    assert_eq!(
        goes("sandbox", at("sandbox.test"), "GET /billing/v2/health"),
        "http://sand:7070/health v2 /health"
    );
    assert_eq!(goes("cloud", at("cloud.test"), "GET /v1/"), "https://cloud.internal/ v1 /");
    assert_eq!(goes("open", at("open.test"), "GET /v1/items"), "h2c://open.internal/v1/x/items v1 /items");
}

#[test]
fn the_latest_version_goes_upstream_under_its_own_name() {
    for line in
        ["GET /billing/latest/customers?a", "GET /newest/customers?a", "GET /billing/l%61test/customers?a"]
    {
        assert_eq!(goes("good", |ask| ask, line), "http://up:7070/base/v2/customers?a v2 /customers");
    }
    let root = goes("open", |ask| ask.host("root.test"), "GET /items");
    assert_eq!(root, "h2c://open.internal/v2/x/items v2 /items");
}

#[test]
fn from_addresses_of_the_list_and_at_the_edges_of_time() {
    let world = standard();
    let line = "GET /billing/v1/customers";
    for (name, client) in [
        ("v4", "198.51.100.255"),
        ("v4", "203.0.113.9"),
        ("v4", "::ffff:203.0.113.9"),
        ("v6", "2001:db8:1:ffff::1"),
        ("good", "::1"),
    ] {
        world.grant(&world.ask(name, line).from(client));
    }
    let lasting = world.ask("lasting", line);
    world.grant(&lasting);
    world.grant(&world.ask("expired", line).at(lasting.now.before(MOMENT)));
    world.grant(&world.ask("early", line).at(lasting.now.after(MOMENT)));
}

#[test]
fn bodies_of_the_right_type_and_requests_without_one() {
    let world = standard();
    let post = || world.ask("good", "POST /billing/v1/customers");
    for value in
        ["application/json", "Application/JSON", "application/json; charset=utf-8", "application/json ;a=b"]
    {
        world.grant(&post().header("content-type", value));
    }
    let get = world.ask("good", "GET /billing/v1/customers").header("content-type", "text/plain");
    world.grant(&get.clone().header("content-length", "0"));
    world.grant(&get);
    world.grant(
        &world.ask("cloud", "POST /v1/servers").host("cloud.test").header("content-type", "text/plain"),
    );
}

#[test]
fn a_word_in_any_case_and_base64_without_padding() {
    let world = standard();
    let asked = world.ask("good", "GET /billing/v1/customers");
    let value = asked.headers["authorization"].to_str().unwrap();
    let bare = value.trim_start_matches("Basic ").trim_end_matches('=');
    world.grant(&ask("GET /billing/v1/customers").header("authorization", &format!("bASIC   {bare}")));
}

#[test]
fn the_upstream_is_told_who_calls() {
    let world = standard();
    let told = |name: &str| {
        let grant = world.grant(&world.ask(name, "GET /billing/v1/customers"));
        identity_headers(&grant).map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
    };
    let id = world.known("good").credential.id;
    let everything = [
        "x-claviger-account: 100042".to_owned(),
        "x-claviger-user: ".to_owned(),
        format!("x-claviger-key-id: {id}"),
        "x-claviger-api: billing".to_owned(),
        "x-claviger-version: v1".to_owned(),
        "x-claviger-environment: production".to_owned(),
        "x-claviger-permissions: *".to_owned(),
    ];
    assert_eq!(told("good"), everything);
    assert_eq!(told("reader")[6], "x-claviger-permissions: billing:customers:read");
}

#[test]
fn a_grant_says_what_the_credential_is() {
    let world = standard();
    let grant = world.grant(&world.ask("cloud", "GET /v1/servers").host("cloud.test"));
    assert_eq!((grant.account.number.as_str(), grant.key_type.as_str()), ("100077", "standard"));
    assert_eq!((grant.api.api.slug.as_str(), grant.scheme.name()), ("cloud", "basic"));
    assert_eq!(grant.credential, world.known("cloud").credential.id);
    assert_eq!(*grant.permissions, PermissionSet::Everything);
    assert_eq!(grant.mixed_with, None);
}

#[test]
fn the_format_is_the_same_for_grants_and_refusals() {
    let world = standard();
    for (accept, format, told) in [
        (None, Format::Xml, Some("application/xml")),
        (Some("*/*"), Format::Xml, Some("application/xml")),
        (Some("application/json"), Format::Json, None),
        (Some("*/*, application/xml;q=0"), Format::Json, Some("application/json")),
    ] {
        let with =
            |ask: Ask| accept.map_or_else(|| ask.clone(), |accept| ask.clone().header("accept", accept));
        let negotiated = world.grant(&with(world.ask("good", "GET /billing/v1/customers"))).negotiated;
        assert_eq!(
            (negotiated.format, negotiated.accept.as_ref().map(|v| v.to_str().unwrap())),
            (format, told)
        );
        for refused in [ask("GET /billing/v1/customers"), world.ask("good", "GET /billing/v9/customers")] {
            let claviger_policy::Decision::Deny(denial) = world.decide(&with(refused)) else { panic!() };
            assert_eq!(denial.format, format, "{accept:?}");
        }
    }
}

#[test]
fn what_belongs_to_no_api_is_refused_in_json_unless_xml_is_wanted() {
    let world = standard();
    for (accept, format) in [("*/*", Format::Json), ("application/xml", Format::Xml)] {
        for line in ["GET /nothing", "GET //"] {
            let asked = ask(line).header("accept", accept);
            let claviger_policy::Decision::Deny(denial) = world.decide(&asked) else { panic!() };
            assert_eq!(denial.format, format, "{line} {accept}");
        }
    }
}
