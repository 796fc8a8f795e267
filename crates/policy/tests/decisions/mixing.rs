//! Two versions of one API, called with one credential.

use claviger_model::{Change, ChangeNumber, NumberedChange, Span};
use claviger_policy::{CompileError, Decision};

use crate::fixture::{Ask, NOW, World, summary};
use crate::worlds::{billing, standard};

const MINUTE: Span = Span::from_secs(60);
const DAY: Span = Span::from_days(1);

fn billing_call(world: &World, version: &str) -> Ask {
    world.ask("good", &format!("GET /billing/{version}/customers"))
}

fn cloud_call(world: &World, version: &str) -> Ask {
    world.ask("cloud", &format!("GET /{version}/servers")).host("cloud.test")
}

fn mixed_with(world: &World, ask: &Ask) -> Option<String> {
    world.grant(ask).mixed_with.map(ToString::to_string)
}

#[test]
fn a_warning_names_the_other_version() {
    let world = standard();
    let (first, second) = (billing_call(&world, "v1"), billing_call(&world, "latest"));
    assert_eq!(mixed_with(&world, &first), None);
    world.call(&first);
    assert_eq!(mixed_with(&world, &first), None);
    assert_eq!(mixed_with(&world, &second).as_deref(), Some("v1"));
    world.call(&second);
    assert_eq!(mixed_with(&world, &first).as_deref(), Some("v2"));
    assert_eq!(mixed_with(&world, &second.clone().at(NOW.after(DAY).before(MINUTE))).as_deref(), Some("v1"));
    assert_eq!(mixed_with(&world, &second.at(NOW.after(DAY))), None);
    assert_eq!(mixed_with(&world, &world.ask("reader", "GET /billing/v2/customers")), None);
}

#[test]
fn a_refusal_leaves_the_marks_where_they_were() {
    let world = standard();
    let (first, second) = (cloud_call(&world, "v1"), cloud_call(&world, "v2"));
    world.call(&first);
    let (slot, _) = world.grant(&first).use_mark(NOW);
    let before = world.uses.of(slot);
    for _ in 0..3 {
        assert!(summary(&world.judge(&second).0).starts_with("version_mixed 409"));
    }
    assert_eq!(world.uses.of(slot), before);
    world.call(&first.clone().at(NOW.after(MINUTE)));
    assert!(matches!(world.decide(&second.clone().at(NOW.after(DAY))), Decision::Deny(_)));
    world.call(&second.at(NOW.after(DAY).after(MINUTE)));
    assert!(matches!(world.decide(&first.at(NOW.after(DAY).after(MINUTE))), Decision::Deny(_)));
}

#[test]
fn where_mixing_is_allowed_nothing_is_said() {
    let world = standard();
    let call = |version: &str| world.ask("open", &format!("GET /{version}/items")).host("open.test");
    world.call(&call("v1"));
    assert_eq!(mixed_with(&world, &call("v2")), None);
}

/// Uses are noted by numbers, and these must not come to mean other versions.
#[test]
fn a_version_keeps_its_mark_through_changes_of_the_api() {
    let mut world = standard();
    world.call(&billing_call(&world, "v1"));
    let mut turned = billing();
    turned.0.versions.rotate_left(1);
    let mut broken = billing();
    broken.0.environments[0].upstream = "nowhere".to_owned();
    let number = ChangeNumber(world.snapshot.number().0 + 1);
    let change = Change::Api(Box::new(broken.0));
    let refused = world.snapshot.apply(&NumberedChange { number, change });
    assert!(matches!(refused, Err(CompileError::Upstream(_))));
    assert!(summary(&world.decide(&billing_call(&world, "v1"))).starts_with("unknown_endpoint 404 None"));
    let world = world.api(turned);
    assert_eq!(mixed_with(&world, &billing_call(&world, "v1")), None);
    assert_eq!(mixed_with(&world, &billing_call(&world, "v2")).as_deref(), Some("v1"));
}
