//! Whether what was granted still stands, after each change that could end it.

use claviger_model::CredentialState::{Active, Disabled, Pending, Revoked};
use claviger_model::{AccountId, Change, Time};

use crate::fixture::{KeyFixture, NOW, World, api, id, key_of};
use crate::worlds::{MOMENT, standard};

fn key() -> KeyFixture {
    key_of("good", "100042", "billing/production")
}

/// Whether a grant for the key `good` from 192.0.2.7 stands after a change.
fn stands_after(change: impl FnOnce(World) -> World) -> bool {
    stands_at(NOW, change)
}

fn stands_at(now: Time, change: impl FnOnce(World) -> World) -> bool {
    let world = standard();
    let ticket = world.grant(&world.ask("good", "GET /billing/v1/customers")).ticket;
    change(world).snapshot.stands(&ticket, now)
}

#[test]
fn a_grant_stands_while_its_key_is_accepted_from_its_address() {
    assert!(stands_after(|world| world));
    assert!(stands_after(|world| world.key("good", key().state(Active).from(&["192.0.2.0/24"]))));
    assert!(stands_after(|world| world.key("good", key().valid(Some(NOW), Some(NOW.after(MOMENT))))));
    // Its permissions were for what was called, which goes on.
    assert!(stands_after(|world| world.key("good", key().only(&[]))));
}

#[test]
fn a_grant_falls_with_its_key_account_api_time_or_address() {
    for state in [Pending, Disabled, Revoked] {
        assert!(!stands_after(|world| world.key("good", key().state(state))), "{state}");
    }
    assert!(!stands_after(|world| world.key("good", key().from(&["198.51.100.0/24"]))));
    assert!(!stands_after(|world| world.key("good", key().valid(None, Some(NOW)))));
    assert!(!stands_after(|world| world.key("good", key().valid(Some(NOW.after(MOMENT)), None))));
    let account = AccountId::from_u128(id("100042"));
    assert!(!stands_after(|world| world.with(Change::AccountRemoved(account))));
    let billing = api("billing").0.id;
    assert!(!stands_after(|world| world.with(Change::ApiRemoved(billing))));
    let until = Some(NOW.after(MOMENT));
    assert!(!stands_at(NOW.after(MOMENT), |world| world.key("good", key().valid(None, until))));
}

#[test]
fn nothing_stands_where_nothing_is_known() {
    let world = standard();
    let ticket = world.grant(&world.ask("good", "GET /billing/v1/customers")).ticket;
    assert!(!World::empty().snapshot.stands(&ticket, NOW));
}
