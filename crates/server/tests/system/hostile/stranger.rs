//! Whoever has no credential learns nothing about what exists.

use super::{OTHER_ACCOUNT, Row, World, changed, never_made};
use crate::bed::{ACCOUNT, Engine, basic};
use crate::raw::Answer;

/// Places within an API: the first exists.
const PLACES: [&str; 11] = [
    "GET /customers/v1/customers",
    "GET /customers/v1/customers/C-1001",
    "GET /customers/v1/nothing",
    "GET /customers/v2/customers",
    "GET /customers/latest/customers",
    "GET /customers/v9/customers",
    "GET /customers/x/y/z",
    "DELETE /customers/v1/customers",
    "BREW /customers/v1/nothing",
    "POST /customers/v1/customers",
    "GET /customers/v1/customers?a=b",
];

/// An answer without what differs each time.
fn told(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let own = |name: &str| matches!(name, "x-request-id" | "date");
    let headers = answer.headers.iter().filter(|(name, _)| !own(name)).cloned().collect();
    let id = answer.header("x-request-id").unwrap_or_default();
    (answer.status, headers, answer.text().replace(id, "ID"))
}

fn tell(world: &World, line: &str, credential: Option<&str>) -> (u16, Vec<(String, String)>, String) {
    let row = Row::new(line, line);
    let row = credential.map_or(row.clone(), |value| row.with("Authorization", value));
    told(&row.send(&world.bed))
}

#[test]
fn a_stranger_is_told_the_same_wherever_it_calls() {
    let world = World::start(Engine::Sqlite, "");
    let strange = [
        (None, "missing_credential"),
        (Some("Bearer x".to_owned()), "malformed_credential"),
        (Some(basic(ACCOUNT, &changed(&world.keys.good.key))), "malformed_credential"),
        (Some(basic(ACCOUNT, &never_made())), "unknown_credential"),
        (Some(basic(OTHER_ACCOUNT, &world.keys.good.key)), "unknown_credential"),
    ];
    for (credential, code) in strange {
        let first = tell(&world, PLACES[0], credential.as_deref());
        assert!(first.0 == 403 && first.2.contains(code), "{first:?}");
        for line in PLACES {
            assert_eq!(tell(&world, line, credential.as_deref()), first, "{line} with {credential:?}");
        }
    }
}

#[test]
fn a_stranger_is_told_the_same_whichever_key_it_has_found() {
    let world = World::start(Engine::Sqlite, "");
    let keys = &world.keys;
    let unknown = tell(&world, PLACES[0], Some(&basic(OTHER_ACCOUNT, &never_made())));
    let found = keys.refused().map(|(key, _)| key);
    for key in found.into_iter().chain([&keys.good, &keys.billing, &keys.sandbox, &keys.pending]) {
        for line in [PLACES[0], PLACES[2]] {
            assert_eq!(tell(&world, line, Some(&basic(OTHER_ACCOUNT, &key.key))), unknown, "{}", key.id);
            assert_eq!(tell(&world, line, Some(&basic("999999", &key.key))), unknown, "{}", key.id);
        }
    }
}

#[test]
fn outside_every_api_all_are_told_the_same() {
    let world = World::start(Engine::Sqlite, "");
    let stranger = tell(&world, "GET /nothing", None);
    assert!(stranger.0 == 404 && stranger.2.contains("unknown_endpoint"), "{stranger:?}");
    let known = world.keys.good.basic();
    for (line, credential) in
        [("GET /nothing", Some(known.as_str())), ("DELETE /", None), ("GET /customers", Some("Bearer x"))]
    {
        assert_eq!(tell(&world, line, credential), stranger, "{line}");
    }
}
