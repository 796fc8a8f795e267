use std::net::IpAddr;

use claviger_app::{App, PeopleCommand, PeopleOutcome, SecondFactor, Shown, SignInError};
use claviger_model::Clock;
use totp_rs::{Builder, Secret};

use claviger_world::{HOME, OPERATOR, PASSWORD, World, enter};

/// Sets one-time codes up for Mara, and gives their secret and her recovery codes.
pub(crate) async fn enrolled(world: &World) -> (String, Vec<Shown>) {
    world.user("mara", "1", &["admin"]).await;
    enrol(world).await
}

/// Has `mara` set one-time codes up.
pub(crate) async fn enrol(world: &World) -> (String, Vec<Shown>) {
    let (mara, _) = world.actor("mara").await;
    let begin = PeopleCommand::TotpBegin { current: Shown::new(PASSWORD) };
    let PeopleOutcome::Totp { secret, url } = world.people(&mara, begin).await.unwrap() else { panic!() };
    assert!(url.expose().contains(secret.expose()));
    // Nothing is asked for before it is confirmed.
    assert!(world.sign_in("mara", PASSWORD).await.is_ok());
    let wrong = PeopleCommand::TotpConfirm { code: Shown::new("000000") };
    assert!(world.people(&mara, wrong).await.is_err());
    let confirm = PeopleCommand::TotpConfirm { code: code(world, secret.expose()) };
    let PeopleOutcome::RecoveryCodes(codes) = world.people(&mara, confirm).await.unwrap() else { panic!() };
    assert_eq!(codes.len(), 10);
    (secret.expose().to_owned(), codes)
}

pub(crate) fn code(world: &World, secret: &str) -> Shown {
    let maker = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).build().unwrap();
    let seconds = world.clock.now().as_micros() / 1_000_000;
    Shown::new(&maker.generate(seconds.cast_unsigned()).to_string())
}

async fn with(app: &App, second: Option<SecondFactor>) -> Result<(), SignInError> {
    enter(app, "mara", PASSWORD, second, HOME).await.map(drop)
}

#[tokio::test]
async fn a_code_is_asked_for_and_works_once() {
    let world = World::new().await;
    let (secret, _) = enrolled(&world).await;
    assert_eq!(with(&world.app, None).await, Err(SignInError::SecondFactorNeeded));
    // The one that confirmed is used.
    let used = Some(SecondFactor::Code(code(&world, &secret)));
    assert_eq!(with(&world.app, used).await, Err(SignInError::SecondFactorWrong));
    world.pass(30);
    let fresh = Some(SecondFactor::Code(code(&world, &secret)));
    assert_eq!(with(&world.app, fresh.clone()).await, Ok(()));
    assert_eq!(with(&world.app, fresh).await, Err(SignInError::SecondFactorWrong));
    // A step late is in time, two are not.
    world.pass(60);
    let late = code(&world, &secret);
    world.pass(30);
    assert_eq!(with(&world.app, Some(SecondFactor::Code(late))).await, Ok(()));
    world.pass(300);
    let too_late = code(&world, &secret);
    world.pass(60);
    assert_eq!(
        with(&world.app, Some(SecondFactor::Code(too_late))).await,
        Err(SignInError::SecondFactorWrong)
    );
}

#[tokio::test]
async fn of_two_that_use_one_code_on_two_nodes_one_succeeds() {
    let world = World::new().await;
    let (secret, _) = enrolled(&world).await;
    let other = world.another_node().await;
    for _ in 0..3 {
        world.pass(30);
        let second = Some(SecondFactor::Code(code(&world, &secret)));
        let both = tokio::join!(with(&world.app, second.clone()), with(&other, second));
        let both = [both.0, both.1];
        assert_eq!(both.iter().filter(|one| one.is_ok()).count(), 1, "{both:?}");
        assert!(both.contains(&Err(SignInError::SecondFactorWrong)), "{both:?}");
    }
}

#[tokio::test]
async fn a_recovery_code_works_once() {
    let world = World::new().await;
    let (_, codes) = enrolled(&world).await;
    let recovery = |code: &Shown| Some(SecondFactor::Recovery(code.clone()));
    assert_eq!(with(&world.app, recovery(&codes[0])).await, Ok(()));
    assert_eq!(with(&world.app, recovery(&codes[0])).await, Err(SignInError::SecondFactorWrong));
    let shouted = Shown::new(&codes[1].expose().to_uppercase().replace('-', " "));
    assert_eq!(with(&world.app, recovery(&shouted)).await, Ok(()));
    assert_eq!(with(&world.app, recovery(&Shown::new(""))).await, Err(SignInError::SecondFactorWrong));
}

#[tokio::test]
async fn whoever_lost_it_is_rescued() {
    let world = World::new().await;
    enrolled(&world).await;
    let (user, reason) = ("mara".parse().unwrap(), Some("lost the telephone".into()));
    world.people(&OPERATOR, PeopleCommand::FactorReset { user, reason }).await.unwrap();
    assert_eq!(with(&world.app, None).await, Ok(()));
}

#[tokio::test]
async fn guessing_codes_counts_though_the_password_is_right() {
    let world = World::new().await;
    let (secret, _) = enrolled(&world).await;
    world.pass(30);
    let stranger: IpAddr = "192.0.2.7".parse().unwrap();
    let mut outcomes = Vec::new();
    for number in 0..1000u32 {
        let guess = Some(SecondFactor::Code(Shown::new(&format!("{number:06}"))));
        outcomes.push(enter(&world.app, "mara", PASSWORD, guess, stranger).await.unwrap_err());
        // Asking what is needed does not make counting begin anew.
        let _ = enter(&world.app, "mara", PASSWORD, None, stranger).await;
    }
    let looked_at = outcomes.iter().filter(|one| **one == SignInError::SecondFactorWrong).count();
    assert_eq!(looked_at, 5);
    let right = Some(SecondFactor::Code(code(&world, &secret)));
    let blocked = enter(&world.app, "mara", PASSWORD, right.clone(), stranger).await;
    assert!(matches!(blocked, Err(SignInError::Blocked { .. })), "{blocked:?}");
    assert_eq!(with(&world.app, right).await, Ok(()));
}
