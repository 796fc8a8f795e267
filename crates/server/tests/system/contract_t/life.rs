//! T3 and T4, and what else happens to a key: it counts from the next request on.

use rstest::rstest;

use crate::ask::Ask;
use crate::bed::{ACCOUNT, Bed, Engine};
use crate::load::{Step, under_load};

const LIST: &str = "/customers/v1/customers";
const PRODUCTS: &str = "/cloudstore/v1/products";
const HERE: &str = "127.0.0.1";
const ELSEWHERE: &str = "192.0.2.1";

fn url(bed: &Bed, path: &str) -> String {
    format!("{}{path}", bed.gateway())
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn t3_a_key_has_exactly_one_address(#[case] engine: Engine) {
    let bed = Bed::start(engine);
    let create = ["key", "create", "--account", ACCOUNT, "--api", "customers"];
    let key = bed.create(ACCOUNT, "customers", &["--allow", HERE]);
    let allowlist = || bed.json(&["key", "show", &key.id])["allowlist"].clone();
    let before = allowlist();
    for addresses in [&[][..], &[HERE, ELSEWHERE], &["127.0.0.0/8"], &["here"], &[""]] {
        let allow: Vec<_> = addresses.iter().flat_map(|address| ["--allow", address]).collect();
        let made = bed.cli(&[&create[..], &allow].concat());
        assert_eq!((made.status, made.stdout.as_str()), (3, ""), "{addresses:?}: {made:#?}");
        let changed = bed.cli(&[&["key", "allow", &key.id], addresses].concat());
        assert_eq!(changed.status, 3, "{addresses:?}: {changed:#?}");
    }
    assert_eq!(allowlist(), before);
    Ask::get(&url(&bed, LIST)).by(&key).gets(200);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn t3_a_changed_address_counts_from_the_next_request_on(#[case] engine: Engine) {
    let bed = Bed::start(engine);
    let key = bed.create(ACCOUNT, "customers", &["--allow", HERE]);
    let ask = Ask::get(&url(&bed, LIST)).by(&key);
    for _ in 0..2 {
        ask.gets(200);
        bed.done(&["key", "allow", &key.id, ELSEWHERE]);
        ask.refused(403, "address_not_allowed");
        bed.done(&["key", "allow", &key.id, HERE]);
    }
    ask.gets(200);
    // Written as IPv6, it is the same address.
    bed.done(&["key", "allow", &key.id, "::ffff:127.0.0.1"]);
    ask.gets(200);
    bed.done(&["key", "allow", &key.id, "::1"]);
    ask.refused(403, "address_not_allowed");
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn t3_a_changed_address_counts_at_once_under_load(#[case] engine: Engine) {
    let bed = Bed::start(engine);
    let key = bed.create(ACCOUNT, "customers", &["--allow", HERE]);
    let away = Step { command: &["key", "allow", &key.id, ELSEWHERE], then: "address_not_allowed" };
    let back = Step { command: &["key", "allow", &key.id, HERE], then: "200" };
    under_load(&bed, &key, LIST, &[away, back, away, back, away, back]);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn a_disabled_an_enabled_and_a_revoked_key_count_at_once_under_load(#[case] engine: Engine) {
    let bed = Bed::start(engine);
    let key = bed.create(ACCOUNT, "customers", &["--allow", HERE]);
    let off = Step { command: &["key", "disable", &key.id], then: "disabled" };
    let on = Step { command: &["key", "enable", &key.id], then: "200" };
    let end = Step { command: &["key", "revoke", &key.id], then: "revoked" };
    under_load(&bed, &key, LIST, &[off, on, off, on, end]);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn t4_keys_are_active_at_once_except_those_of_cloudstore(#[case] engine: Engine) {
    let bed = Bed::start(engine);
    for (api, path) in [("customers", LIST), ("billing", "/billing/v1/invoices")] {
        let key = bed.create(ACCOUNT, api, &["--allow", HERE, "--environment", "production"]);
        assert_eq!(bed.json(&["key", "show", &key.id])["state"], "active", "{api}");
        Ask::get(&url(&bed, path)).by(&key).gets(200);
    }
    let key = bed.create(ACCOUNT, "cloudstore", &["--allow", HERE]);
    assert_eq!(bed.json(&["key", "show", &key.id])["state"], "pending");
    let ask = Ask::get(&url(&bed, PRODUCTS)).by(&key);
    ask.refused(403, "pending_activation");
    bed.done(&["key", "activate", &key.id]);
    ask.gets(200);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn t4_only_activation_ends_the_wait(#[case] engine: Engine) {
    let bed = Bed::start(engine);
    let key = bed.create(ACCOUNT, "cloudstore", &["--allow", HERE]);
    let ask = Ask::get(&url(&bed, PRODUCTS)).by(&key);
    assert_eq!(bed.cli(&["key", "enable", &key.id]).status, 5);
    ask.refused(403, "pending_activation");
    bed.done(&["key", "revoke", &key.id, "--reason", "not wanted"]);
    ask.refused(403, "revoked");
    assert_eq!(bed.cli(&["key", "activate", &key.id]).status, 5);
    ask.refused(403, "revoked");
}
