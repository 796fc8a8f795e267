//! Each way to present a key: what is let through, what goes up, and what is refused.

use claviger_model::{BasicUser, Scheme};
use claviger_policy::{Decision, Denial};

use crate::fixture::{Ask, World, account, api, ask, key_of};

fn schemes() -> Vec<Scheme> {
    vec![
        Scheme::Raw {},
        Scheme::ApiToken { word: "apiToken".parse().unwrap() },
        Scheme::Query { name: "apiToken".parse().unwrap() },
        Scheme::Bearer {},
        Scheme::Header { name: "X-API-Key".parse().unwrap() },
        Scheme::Basic { user: BasicUser::AccountRealm },
    ]
}

fn world(schemes: Vec<Scheme>) -> World {
    let api = api("tokens")
        .version("v1", &["GET /things things:read", "DELETE /things things:delete"])
        .environment("production", "http://up/{version}", &["/tokens/{version}"])
        .policy(|policy| policy.schemes = schemes);
    World::empty()
        .account("100042")
        .account("100077")
        .api(api)
        .key("good", key_of("good", "100042", "tokens/production"))
        .key("reader", key_of("reader", "100042", "tokens/production").only(&["tokens:things:read"]))
}

const THINGS: &str = "GET /tokens/v1/things";

/// A request with the secret of this key in each form, `{}` in a header's value or in a query standing for it.
fn presented(world: &World, name: &str, line: &str, header: Option<(&'static str, &str)>) -> Ask {
    let secret = &world.known(name).secret;
    let asked = ask(&line.replace("{}", secret)).hiding(secret);
    match header {
        Some((name, value)) => asked.header(name, &value.replace("{}", secret)),
        None => asked,
    }
}

/// Every form, with the name of its scheme.
fn forms(world: &World, name: &str) -> Vec<(&'static str, Ask)> {
    let authorization = |value| presented(world, name, THINGS, Some(("authorization", value)));
    vec![
        ("raw", authorization("{}")),
        ("api_token", authorization("apiToken {}")),
        ("api_token", authorization("APITOKEN   {}")),
        ("bearer", authorization("bearer {}")),
        ("header", presented(world, name, THINGS, Some(("x-api-key", "{}")))),
        ("query", presented(world, name, &format!("{THINGS}?apiToken={{}}"), None)),
        ("query", presented(world, name, &format!("{THINGS}?a&%61piToken={{}}&b=%7E"), None)),
        ("basic", ask(THINGS).basic(account("100042").realm.as_str(), &world.known(name).secret)),
    ]
}

fn code(world: &World, ask: &Ask) -> (&'static str, u16) {
    match world.judge(ask).0 {
        Decision::Deny(denial) => (denial.reason.code(), denial.status()),
        Decision::Allow(_) => ("allowed", 200),
    }
}

#[test]
fn a_key_is_let_through_in_every_accepted_form() {
    let world = world(schemes());
    for (name, ask) in forms(&world, "good") {
        let grant = world.grant(&ask);
        assert_eq!(grant.scheme.name(), name);
        assert_eq!(grant.credential, world.known("good").credential.id);
        assert_eq!(grant.is_cacheable(), name != "query");
        assert_eq!(grant.credential_headers(), ["x-api-key"]);
    }
}

#[test]
fn a_key_is_refused_in_every_form_that_is_not_accepted() {
    for left_out in schemes() {
        let kept: Vec<_> = schemes().into_iter().filter(|scheme| *scheme != left_out).collect();
        let world = world(kept);
        for (name, ask) in forms(&world, "good") {
            let code = code(&world, &ask);
            let refused = match name {
                "query" | "header" => ("missing_credential", 401),
                _ => ("malformed_credential", 401),
            };
            let expected = if name == left_out.name() { refused } else { ("allowed", 200) };
            assert_eq!(code, expected, "{name} without {}", left_out.name());
        }
    }
}

#[test]
fn the_parameter_does_not_go_up_and_the_rest_of_the_query_does() {
    let world = world(schemes());
    for (query, kept) in [
        ("?apiToken={}", ""),
        ("?apiToken={}&", ""),
        ("?a=1&apiToken={}&b=%7e+", "?a=1&b=%7e+"),
        ("?api%54oken={}&apitoken=x", "?apitoken=x"),
        ("?&apiToken={}&&", "?&&"),
    ] {
        let ask = presented(&world, "good", &format!("{THINGS}{query}"), None);
        assert_eq!(world.grant(&ask).target, format!("/v1/things{kept}"), "{query}");
    }
    let elsewhere = presented(&world, "good", &format!("{THINGS}?"), Some(("authorization", "{}")));
    assert_eq!(world.grant(&elsewhere).target, "/v1/things?");
}

#[test]
fn two_of_them_are_ambiguous_whatever_they_are() {
    let world = world(schemes());
    for (one, first) in forms(&world, "good") {
        for (other, second) in forms(&world, "good") {
            let mut both = first.clone();
            for (name, value) in &second.headers {
                both.headers.append(name, value.clone());
            }
            if let Some((_, query)) = second.target.split_once('?') {
                both.target.push(if both.target.contains('?') { '&' } else { '?' });
                both.target.push_str(query);
            }
            assert_eq!(code(&world, &both), ("ambiguous_credential", 401), "{one} and {other}");
        }
    }
}

#[test]
fn every_form_has_the_same_key_format_and_the_same_permissions() {
    let world = world(schemes());
    for (name, mut ask) in forms(&world, "reader") {
        ask.method = http::Method::DELETE;
        let (decision, check) = world.judge(&ask);
        let Decision::Deny(Denial { detail, .. }) = decision else { panic!("{name} is let through") };
        assert_eq!(
            (check.as_str(), detail.as_deref()),
            ("permission", Some("Missing: tokens:things:delete."))
        );
    }
    for (line, header) in [
        (THINGS.to_owned(), Some(("authorization", "{}x"))),
        (THINGS.to_owned(), Some(("authorization", "apiToken {}x"))),
        (THINGS.to_owned(), Some(("authorization", "Bearer {}x"))),
        (THINGS.to_owned(), Some(("x-api-key", "{}x"))),
        (format!("{THINGS}?apiToken={{}}x"), None),
        (format!("{THINGS}?apiToken={{}}%78"), None),
    ] {
        let ask = presented(&world, "good", &line, header);
        assert_eq!(code(&world, &ask), ("malformed_credential", 401), "{line} {header:?}");
        assert_eq!(world.judge(&ask).1, "key format");
    }
}

#[test]
fn the_user_name_is_the_realm_of_the_keys_own_account() {
    let world = world(schemes());
    let secret = &world.known("good").secret;
    for user in ["100042", "realm-100077", "REALM-100042", "", "realm-100042 "] {
        assert_eq!(code(&world, &ask(THINGS).basic(user, secret)), ("unknown_credential", 401), "{user}");
    }
}
