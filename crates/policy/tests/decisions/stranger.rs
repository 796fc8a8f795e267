//! Who has no credential learns nothing about what exists.

use crate::fixture::{Ask, World, ask, key_of, summary};
use crate::worlds::standard;

/// A request to an endpoint that exists, and to some that do not.
fn places() -> Vec<Ask> {
    let post = |kind: &str| ask("POST /billing/v1/customers").header("content-type", kind);
    vec![
        ask("GET /billing/v1/customers"),
        ask("GET /billing/v1/nothing"),
        ask("GET /billing/v1/customers/7"),
        ask("GET /billing/v9/customers"),
        ask("GET /billing/latest/customers"),
        ask("GET /newest"),
        ask("DELETE /billing/v1/customers"),
        ask("BREW /billing/v1/nothing"),
        post("text/plain"),
        post("application/json"),
        ask("POST /billing/v1/customers"),
        ask("GET /billing/v1/customers").host("sandbox.test"),
        ask("GET /billing/v1/customers").from("203.0.113.77"),
    ]
}

/// All of them, presenting the same.
fn answers(world: &World, present: impl Fn(Ask) -> Ask) -> Vec<String> {
    let answer = |place: Ask| summary(&world.judge(&present(place)).0);
    places().into_iter().map(answer).collect()
}

fn assert_same(answers: &[String], code: &str) {
    assert!(answers[0].starts_with(code), "{}", answers[0]);
    for answer in answers {
        assert_eq!(*answer, answers[0]);
    }
}

#[test]
fn authentication_comes_first() {
    let world = standard();
    let good = world.known("good");
    let never = key_of("never made", "100042", "billing/production").secret;
    assert_same(&answers(&world, |ask| ask), "missing_credential 403");
    assert_same(
        &answers(&world, |ask| ask.header("authorization", "Bearer abc")),
        "malformed_credential 403",
    );
    assert_same(&answers(&world, |ask| ask.basic("100042", &good.secret[1..])), "malformed_credential 403");
    assert_same(&answers(&world, |ask| ask.basic("100042", "password")), "malformed_credential 403");
    let twice = |ask: Ask| ask.basic(&good.user, &good.secret).header("authorization", "x");
    assert_same(&answers(&world, twice), "ambiguous_credential 403");
    assert_same(&answers(&world, |ask| ask.basic("100042", &never)), "unknown_credential 403");
}

/// A found key without its account's number is worth as much as no key, whatever state it is in.
#[test]
fn a_key_of_another_account_is_not_known_whatever_it_is() {
    let world = standard();
    let never = answers(&world, |ask| {
        ask.basic("100077", &key_of("never made", "100077", "billing/production").secret)
    });
    for name in
        ["good", "pending", "disabled", "revoked", "expired", "early", "sandbox", "v4", "orphan", "reader"]
    {
        let secret = &world.known(name).secret;
        assert_eq!(answers(&world, |ask| ask.basic("100077", secret)), never, "{name}");
    }
}
