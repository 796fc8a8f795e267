//! Keys that were made elsewhere.

use claviger_model::{Change, CredentialState, Digest, EnvironmentId, KeyOrigin, Reason};
use claviger_policy::{Decision, SlowCandidate, Stake};

use crate::fixture::{Ask, KeyFixture, NOW, World, api, ask, digest_key, id, key_of};

const KEY: &str = "made-elsewhere-0001";
/// The SHA-256 of `abc` (FIPS 180-4, example).
const ABC: [u8; 32] = [
    0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0,
    0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
];

fn world() -> World {
    let shop = api("shop").version("v1", &["GET /orders"]);
    let shop = shop.environment("live", "http://up/live", &["/live/{version}"]);
    let shop = shop.environment("test", "http://up/test", &["/test/{version}"]);
    World::empty().account("1").account("2").api(shop)
}

fn live() -> EnvironmentId {
    EnvironmentId::from_u128(id("shop/live"))
}

fn foreign(name: &str, account: &str, origin: KeyOrigin, digest: Digest) -> KeyFixture {
    let mut made = key_of(name, account, "shop/live");
    (made.credential.origin, made.credential.digest) = (origin, digest);
    made
}

fn plain(name: &str, account: &str, text: &str) -> KeyFixture {
    foreign(name, account, KeyOrigin::Imported, digest_key().digest(text.as_bytes()))
}

fn slow(name: &str, account: &str) -> KeyFixture {
    foreign(name, account, KeyOrigin::ImportedSlow, digest_key().digest_of_slow(live(), account))
}

/// The same, once its password is known.
fn replaced(name: &str, account: &str, password: &str) -> KeyFixture {
    foreign(name, account, KeyOrigin::Imported, digest_key().digest_of_password(live(), account, password))
}

fn put(world: World, key: &KeyFixture) -> World {
    world.with(Change::Credential(key.credential.clone()))
}

fn at(place: &str, user: &str, secret: &str) -> Ask {
    ask(&format!("GET /{place}/v1/orders")).basic(user, secret)
}

fn reason(world: &World, ask: &Ask) -> Option<Reason> {
    match world.judge(ask).0 {
        Decision::Allow(_) => None,
        Decision::Deny(denial) => Some(denial.reason),
    }
}

fn candidate(world: &World, ask: &Ask) -> Option<SlowCandidate> {
    world.snapshot.slow_candidate(&ask.request(&world.uses, &world.replays), NOW)
}

#[test]
fn what_looks_like_anything_is_looked_up_only_where_there_are_foreign_keys() {
    let live = at("live", "1", KEY);
    let world = world();
    assert_eq!(reason(&world, &live), Some(Reason::MalformedCredential));
    let world = put(world, &plain("p", "1", KEY));
    assert_eq!(reason(&world, &live), None);
    assert_eq!(reason(&world, &at("live", "2", KEY)), Some(Reason::UnknownCredential));
    assert_eq!(reason(&world, &at("live", "1", "made-elsewhere-0002")), Some(Reason::UnknownCredential));
    assert_eq!(reason(&world, &at("test", "1", KEY)), Some(Reason::MalformedCredential));
}

#[test]
fn a_key_is_known_by_its_sha_256() {
    let world =
        put(world(), &foreign("s", "1", KeyOrigin::ImportedSha256, digest_key().digest_of_sha256(&ABC)));
    assert_eq!(reason(&world, &at("live", "1", "abc")), None);
    assert_eq!(reason(&world, &at("live", "1", "abd")), Some(Reason::UnknownCredential));
    // Nobody gets in with the digest itself.
    let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(reason(&world, &at("live", "1", hex)), Some(Reason::UnknownCredential));
}

#[test]
fn a_slow_digest_is_a_candidate_for_its_user_until_it_is_replaced() {
    let world = put(world(), &slow("w", "1"));
    assert_eq!(reason(&world, &at("live", "1", "open sesame")), Some(Reason::UnknownCredential));
    let found = candidate(&world, &at("live", "1", "open sesame")).unwrap();
    assert_eq!(found.credential, slow("w", "1").credential.id);
    assert_eq!(found.digest, digest_key().digest_of_password(live(), "1", "open sesame"));
    assert_eq!(found.password.as_str(), "open sesame");
    assert!(!format!("{found:?}").contains("sesame"));
    assert_eq!(found.stake, Stake::Entry);
    assert!(candidate(&world, &at("test", "1", "open sesame")).is_none());
    assert!(candidate(&world, &ask("GET /live/v1/orders")).is_none());

    let world = put(world, &replaced("w", "1", "open sesame"));
    assert_eq!(reason(&world, &at("live", "1", "open sesame")), None);
    assert!(candidate(&world, &at("live", "1", "another")).is_none());
    assert_eq!(reason(&world, &at("live", "1", "another")), Some(Reason::UnknownCredential));
}

#[test]
fn two_users_may_have_one_password_and_it_may_be_a_key_too() {
    let mut world = world();
    for key in [replaced("a", "1", KEY), replaced("b", "2", KEY), plain("c", "3", KEY), slow("d", "4")] {
        world = put(world, &key);
    }
    world = world.account("3").account("4");
    for user in ["1", "2", "3"] {
        assert_eq!(reason(&world, &at("live", user, KEY)), None, "{user}");
    }
    assert!(candidate(&world, &at("live", "4", KEY)).is_some(), "another's key may be this user's password");
    assert!(candidate(&world, &at("live", "3", KEY)).is_none());
}

#[test]
fn a_key_of_ours_costs_its_user_no_check() {
    let own = key_of("own", "1", "shop/live");
    let world = put(put(world(), &slow("w", "1")), &own);
    assert!(candidate(&world, &at("live", "1", &own.secret)).is_none());
    assert_eq!(reason(&world, &at("live", "1", &own.secret)), None);
}

#[test]
fn a_revoked_slow_digest_is_no_candidate() {
    let world = put(world(), &slow("w", "1").state(CredentialState::Revoked));
    assert!(candidate(&world, &at("live", "1", "open sesame")).is_none());
    let world = put(world, &slow("w", "1"));
    assert!(candidate(&world, &at("live", "1", "open sesame")).is_none());
}

#[test]
fn a_user_that_there_is_not_costs_what_one_costs_that_there_is() {
    let mut world = world().account("3");
    let imported = [slow("w", "1"), slow("x", "3"), slow("y", "4"), slow("z", "5")];
    for key in &imported {
        world = put(world, key);
    }
    let stands_in = |world: &World, user: &str| {
        let found = candidate(world, &at("live", user, "open sesame")).unwrap();
        assert_eq!(found.stake, Stake::Nothing, "{user}");
        found.credential
    };
    let strangers: Vec<_> = (100..200).map(|number| number.to_string()).collect();
    let first: Vec<_> = strangers.iter().map(|user| stands_in(&world, user)).collect();
    assert_eq!(strangers.iter().map(|user| stands_in(&world, user)).collect::<Vec<_>>(), first);
    for key in &imported {
        assert!(first.contains(&key.credential.id), "each stands in for some");
    }
    // Neither a revocation nor a password that became known tells who was there.
    world = put(world, &slow("w", "1").state(CredentialState::Revoked));
    world = put(world, &replaced("x", "3", "their own"));
    for user in ["1", "3"] {
        let instead = stands_in(&world, user);
        assert!(imported[2..].iter().any(|key| key.credential.id == instead), "{user}");
    }
    assert!(candidate(&world, &at("live", "3", "their own")).is_none());
}

#[test]
fn who_cannot_be_let_in_has_less_at_stake() {
    let stake = |key: KeyFixture| {
        let world = put(world(), &key);
        candidate(&world, &at("live", "1", "open sesame")).unwrap().stake
    };
    let mut ended = slow("w", "1");
    ended.credential.expires_at = Some(NOW);
    assert_eq!(stake(slow("w", "1")), Stake::Entry);
    assert_eq!(stake(slow("w", "1").from(&["203.0.113.9"])), Stake::Reason);
    assert_eq!(stake(ended), Stake::Reason);
    assert_eq!(stake(slow("w", "1").state(CredentialState::Disabled)), Stake::Reason);
}
