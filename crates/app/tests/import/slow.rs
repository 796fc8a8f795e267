//! Slow digests are checked a few at a time, and once.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use claviger_app::{ApplyMode, ImportFormat};
use claviger_door::Prepared;
use claviger_model::Reason;
use tokio::task::JoinSet;

use crate::world::{World, prepare, prepare_from, reason};

/// A digest, of which the hasher of these tests looks at nothing but the beginning.
const DIGEST: &str = "$2y$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
const OWN: &str = "the-own-key-of-account-1";
/// Checks that run or wait, as documented.
const PLACES: usize = 16;
/// How many of them one client has.
const OF_A_CLIENT: usize = 2;
/// How many those have whom no password lets in.
const IDLE_PLACES: usize = 8;
/// Longer than any test.
const LONG: Duration = Duration::from_hours(1);

/// Account 1 has a key, and each of the others a password.
async fn world(others: u32) -> World {
    filled(World::with_accounts(others + 1).await, others).await
}

async fn filled(world: World, others: u32) -> World {
    let users: Vec<_> = (2..=others + 1).map(|user| format!("{user}:{DIGEST}")).collect();
    let report = world.import(ImportFormat::Htpasswd, &users.join("\n"), ApplyMode::Commit).await;
    assert_eq!((report.imported, report.refused), (others as usize, 0), "{report:?}");
    let own = format!("key,account\n{OWN},1\n");
    assert_eq!(world.import(ImportFormat::Plain, &own, ApplyMode::Commit).await.imported, 1);
    world
}

/// The outcomes of as many of these as there are.
async fn outcomes(tasks: &mut JoinSet<Prepared>, count: usize) -> Vec<Prepared> {
    let mut outcomes = Vec::new();
    for _ in 0..count {
        outcomes.push(tasks.join_next().await.unwrap().unwrap());
    }
    outcomes
}

fn guess(tasks: &mut JoinSet<Prepared>, world: &World, user: u32, password: String) {
    guess_from(tasks, world, "192.0.2.1".to_owned(), user, password);
}

fn guess_from(tasks: &mut JoinSet<Prepared>, world: &World, client: String, user: u32, password: String) {
    let door = Arc::clone(&world.door);
    tasks.spawn(async move { prepare_from(&door, &client, &user.to_string(), &password).await });
}

#[tokio::test]
async fn many_wrong_passwords_of_one_user_take_one_place() {
    let world = world(2).await;
    let mut tasks = JoinSet::new();
    for number in 0..200 {
        guess(&mut tasks, &world, 2, format!("wrong {number}"));
    }
    assert_eq!(outcomes(&mut tasks, 199).await, [Prepared::Busy; 199]);
    // The check is still under way, and nobody else waits for it.
    assert_eq!(world.reason("1", OWN), None);
    assert_eq!(prepare(&world.door, "1", OWN).await, Prepared::Ready);
    guess(&mut tasks, &world, 3, "the right one".to_owned());
    world.gate.open();
    assert_eq!(outcomes(&mut tasks, 2).await, [Prepared::Ready; 2]);
    assert_eq!(world.reason("3", "the right one"), None);
    assert_eq!(world.gate.checks.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn where_all_places_are_taken_others_still_get_their_answers() {
    let world = world(20).await;
    let mut tasks = JoinSet::new();
    for user in 2..=21 {
        guess_from(&mut tasks, &world, format!("198.51.100.{user}"), user, "wrong".to_owned());
    }
    assert_eq!(outcomes(&mut tasks, 20 - PLACES).await, [Prepared::Busy; 20 - PLACES]);
    assert_eq!(prepare(&world.door, "1", OWN).await, Prepared::Ready);
    assert_eq!(reason(&world.door, "1", OWN), None);
    assert_eq!(reason(&world.door, "1", "no key of anyone"), Some(Reason::UnknownCredential));
    world.gate.open();
    assert_eq!(outcomes(&mut tasks, PLACES).await, [Prepared::Ready; PLACES]);
    assert_eq!(world.gate.checks.load(Ordering::Relaxed), PLACES as u64);
}

#[tokio::test]
async fn a_wrong_password_costs_one_check() {
    let world = world(1).await;
    world.gate.open();
    for _ in 0..3 {
        assert_eq!(prepare(&world.door, "2", "wrong").await, Prepared::Ready);
        assert_eq!(world.reason("2", "wrong"), Some(Reason::UnknownCredential));
    }
    assert_eq!(world.gate.checks.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn the_right_password_is_checked_once_and_is_ours_from_then_on() {
    let world = world(1).await;
    let mut tasks = JoinSet::new();
    for _ in 0..50 {
        guess(&mut tasks, &world, 2, "the right one".to_owned());
    }
    world.gate.open();
    assert_eq!(outcomes(&mut tasks, 50).await, [Prepared::Ready; 50]);
    assert_eq!(world.reason("2", "the right one"), None);
    assert_eq!(world.reason("1", "the right one"), Some(Reason::UnknownCredential));
    assert_eq!(prepare(&world.door, "2", "another").await, Prepared::Ready);
    assert_eq!(world.reason("2", "another"), Some(Reason::UnknownCredential));
    assert_eq!(world.gate.checks.load(Ordering::Relaxed), 1);
    let trail = world.trail().await;
    assert_eq!(trail.matches("\"key.replace_digest\"").count(), 1);
    assert!(!trail.contains("$2y$") && !trail.contains("the right one"));

    let again = world.import(ImportFormat::Htpasswd, &format!("2:{DIGEST}\n"), ApplyMode::Commit).await;
    assert_eq!((again.imported, again.present), (0, 1), "{again:?}");
}

#[tokio::test]
async fn two_users_with_one_password_are_two_users() {
    let world = world(2).await;
    world.gate.open();
    for user in ["2", "3"] {
        assert_eq!(prepare(&world.door, user, "the right one").await, Prepared::Ready);
    }
    for user in ["2", "3"] {
        assert_eq!(world.reason(user, "the right one"), None, "{user}");
    }
}

#[tokio::test]
async fn a_password_of_a_disabled_user_is_found_and_refused() {
    let world = world(1).await;
    world.gate.open();
    let listed = world.run(claviger_app::Command::KeyList(claviger_app::KeyFilter {
        account: Some("2".parse().unwrap()),
        ..claviger_app::KeyFilter::default()
    }));
    let claviger_app::Outcome::Keys(keys) = listed.await else { panic!("no keys") };
    let event = claviger_model::LifeEvent::Disable;
    world.run(claviger_app::Command::KeyLife { id: keys[0].id, event, reason: None }).await;
    assert_eq!(prepare(&world.door, "2", "the right one").await, Prepared::Ready);
    assert_eq!(world.reason("2", "the right one"), Some(Reason::Disabled));
}

#[tokio::test]
async fn one_client_leaves_places_to_others() {
    let world = world(20).await;
    let mut tasks = JoinSet::new();
    for user in 2..=20 {
        // Addresses of one network are one client.
        guess_from(&mut tasks, &world, format!("2001:db8::{user}"), user, "wrong".to_owned());
    }
    assert_eq!(outcomes(&mut tasks, 19 - OF_A_CLIENT).await, [Prepared::Busy; 19 - OF_A_CLIENT]);
    guess_from(&mut tasks, &world, "2001:db8:0:1::1".to_owned(), 21, "the right one".to_owned());
    world.gate.open();
    assert_eq!(outcomes(&mut tasks, OF_A_CLIENT + 1).await, [Prepared::Ready; OF_A_CLIENT + 1]);
    assert_eq!(world.reason("21", "the right one"), None);
}

#[tokio::test]
async fn who_finds_no_place_waits_for_one() {
    let world = filled(World::of(31, LONG).await, 30).await;
    let mut tasks = JoinSet::new();
    for user in 2..=19 {
        guess(&mut tasks, &world, user, "wrong".to_owned());
    }
    // More of one client than have or wait for a place.
    assert_eq!(outcomes(&mut tasks, 2).await, [Prepared::Busy; 2]);
    guess_from(&mut tasks, &world, "198.51.100.1".to_owned(), 2, "the right one".to_owned());
    world.gate.open();
    assert_eq!(outcomes(&mut tasks, 17).await, [Prepared::Ready; 17]);
    assert_eq!(world.reason("2", "the right one"), None);
    assert_eq!(prepare(&world.door, "20", "wrong").await, Prepared::Ready);
}

#[tokio::test]
async fn whom_no_password_lets_in_has_half_of_the_places() {
    let world = world(1).await;
    let mut tasks = JoinSet::new();
    for user in 100..120 {
        guess_from(&mut tasks, &world, format!("198.51.100.{user}"), user, "wrong".to_owned());
    }
    assert_eq!(outcomes(&mut tasks, 20 - IDLE_PLACES).await, [Prepared::Busy; 20 - IDLE_PLACES]);
    guess(&mut tasks, &world, 2, "the right one".to_owned());
    world.gate.open();
    assert_eq!(outcomes(&mut tasks, IDLE_PLACES + 1).await, [Prepared::Ready; IDLE_PLACES + 1]);
    assert_eq!(world.reason("2", "the right one"), None);
}

#[tokio::test]
async fn a_user_that_there_is_not_costs_one_check_and_gets_nothing() {
    let world = world(1).await;
    world.gate.open();
    for user in ["nobody", "nobody", "1", "1"] {
        assert_eq!(prepare(&world.door, user, "the right one").await, Prepared::Ready);
        assert_eq!(world.reason(user, "the right one"), Some(Reason::UnknownCredential), "{user}");
    }
    assert_eq!(world.gate.checks.load(Ordering::Relaxed), 2);
    assert!(!world.trail().await.contains("key.replace_digest"));
    // What was wrong of nobody may be right of somebody.
    assert_eq!(prepare(&world.door, "2", "the right one").await, Prepared::Ready);
    assert_eq!(world.reason("2", "the right one"), None);
    assert_eq!(prepare(&world.door, "nobody", "another").await, Prepared::Ready);
    assert_eq!(world.gate.checks.load(Ordering::Relaxed), 3);
}
