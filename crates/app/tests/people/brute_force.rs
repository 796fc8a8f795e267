use std::net::IpAddr;

use claviger_app::SignInError;
use claviger_model::{Clock, Span};

use claviger_world::{HOME, PASSWORD, World, enter};

fn address(number: u32) -> IpAddr {
    std::net::Ipv4Addr::from(0xc000_0200 + number).into()
}

async fn guess(world: &World, name: &str, client: IpAddr) -> SignInError {
    enter(&world.app, name, "a wrong password", None, client).await.unwrap_err()
}

fn wait(world: &World, error: SignInError) -> Option<i64> {
    match error {
        SignInError::Blocked { until } => Some(until.since(world.clock.now()).as_micros() / 1_000_000),
        _ => None,
    }
}

#[tokio::test]
async fn delays_grow_and_stop_growing() {
    for name in ["mara", "nobody"] {
        let world = World::new().await;
        world.user("mara", "1", &["admin"]).await;
        for _ in 0..5 {
            assert_eq!(guess(&world, name, HOME).await, SignInError::Wrong);
        }
        for expected in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
            let error = guess(&world, name, HOME).await;
            assert_eq!(wait(&world, error), Some(expected), "{name}");
            // Being refused does not make it longer.
            let error = guess(&world, name, HOME).await;
            assert_eq!(wait(&world, error), Some(expected), "{name}");
            world.pass(expected);
            assert_eq!(guess(&world, name, HOME).await, SignInError::Wrong);
        }
    }
}

#[tokio::test]
async fn the_right_password_begins_anew_and_another_node_counts_too() {
    let world = World::new().await;
    world.user("mara", "1", &["admin"]).await;
    for _ in 0..4 {
        guess(&world, "mara", HOME).await;
    }
    assert!(world.sign_in("mara", PASSWORD).await.is_ok());
    let other = world.another_node().await;
    for _ in 0..5 {
        let error = enter(&other, "mara@example.com", "a wrong password", None, HOME).await.unwrap_err();
        assert_eq!(error, SignInError::Wrong);
    }
    assert!(matches!(world.sign_in("mara", PASSWORD).await, Err(SignInError::Blocked { .. })));
    world.pass(1);
    assert!(world.sign_in("mara", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn a_stranger_does_not_lock_anybody_out() {
    let world = World::new().await;
    world.user("mara", "1", &["admin"]).await;
    assert!(world.sign_in("mara", PASSWORD).await.is_ok());
    for number in 0..60 {
        guess(&world, "mara", address(number)).await;
    }
    // From many places, it is slow for all but her own.
    let error = guess(&world, "mara", address(200)).await;
    assert!(wait(&world, error).is_some_and(|seconds| seconds <= 900), "{error:?}");
    assert!(world.sign_in("mara", PASSWORD).await.is_ok());
    world.pass(Span::from_secs(900).as_micros() / 1_000_000);
    assert!(enter(&world.app, "mara", PASSWORD, None, address(201)).await.is_ok());
}

#[tokio::test]
async fn an_address_that_tries_many_users_is_slowed_down() {
    let world = World::new().await;
    let mut outcomes = Vec::new();
    for number in 0..104 {
        outcomes.push(wait(&world, guess(&world, &format!("user{number}"), HOME).await));
    }
    assert!(outcomes[..100].iter().all(Option::is_none));
    assert_eq!(outcomes[100..], [Some(1); 4]);
}

#[tokio::test]
async fn guesses_of_a_batch_are_counted_one_by_one() {
    let world = World::new().await;
    world.user("mara", "1", &["admin"]).await;
    let guesses = (0..40).map(|_| {
        let app = std::sync::Arc::clone(&world.app);
        tokio::spawn(async move { enter(&app, "mara", "a wrong password", None, HOME).await.unwrap_err() })
    });
    let mut looked_at = 0;
    for guess in guesses.collect::<Vec<_>>() {
        looked_at += usize::from(guess.await.unwrap() == SignInError::Wrong);
    }
    assert_eq!(looked_at, 5);
}
