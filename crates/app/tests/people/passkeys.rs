//! Passkeys: adding, naming and removing them, and what they are good for.

use claviger_app::{
    Actor, AppError, Command, ErrorKind, KeyFilter, LoginKind, NewPasskey, PasskeyCommand, PasskeyError,
    PasskeySignIn, PasskeyView, PeopleCommand, PeopleOutcome, ProofView, ProveAgain, SecondFactor, Shown,
    SignInError, SignedInView,
};
use claviger_model::{PasskeyId, SecondFactorRule};
use claviger_world::{Counter, Device, HOME, OPERATOR, PASSWORD, World, enter, id_of};
use serde_json::{Value, json};

use crate::factors::code;

/// What everybody is asked who wants to sign in.
pub(crate) fn asked(app: &claviger_app::App) -> Value {
    json!(app.ask_to_sign_in().unwrap())
}

pub(crate) fn why<T: std::fmt::Debug>(result: Result<T, AppError>) -> Option<SignInError> {
    match result {
        Ok(_) => None,
        Err(AppError::SignIn(why)) => Some(why),
        Err(other) => panic!("{other}"),
    }
}

pub(crate) async fn sign_in(app: &claviger_app::App, answer: Value) -> Result<SignedInView, AppError> {
    let credential = serde_json::from_value(answer).unwrap();
    let with = PasskeySignIn { credential, account: None, kind: LoginKind::LoginToken };
    app.sign_in_with_passkey(with, HOME).await
}

pub(crate) fn second(answer: Value) -> SecondFactor {
    SecondFactor::Passkey(serde_json::from_value(answer).unwrap())
}

/// What somebody is asked who wants to prove that it is still them.
pub(crate) async fn asked_for_proof(world: &World, actor: &Actor) -> Value {
    match world.people(actor, PeopleCommand::Passkey(PasskeyCommand::Challenge)).await.unwrap() {
        PeopleOutcome::PasskeyOptions(options) => json!(options),
        other => panic!("nothing to ask: {other:?}"),
    }
}

pub(crate) async fn prove(world: &World, actor: &Actor, answer: Value) -> Result<ProofView, AppError> {
    let with = ProveAgain::Passkey(serde_json::from_value(answer).unwrap());
    world.app.prove_again(actor, with, HOME).await
}

async fn list(world: &World, actor: &Actor) -> Vec<PasskeyView> {
    match world.people(actor, PeopleCommand::Passkey(PasskeyCommand::List)).await.unwrap() {
        PeopleOutcome::Passkeys(passkeys) => passkeys,
        other => panic!("no passkeys: {other:?}"),
    }
}

fn remove(id: PasskeyId, current: Option<&str>) -> PeopleCommand {
    PeopleCommand::Passkey(PasskeyCommand::Remove { id, current: current.map(Shown::new) })
}

fn error<T: std::fmt::Debug>(result: Result<T, AppError>) -> PasskeyError {
    match result {
        Err(AppError::Passkey(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn one_signs_in_with_a_passkey_and_nothing_else() {
    let world = World::new().await;
    world.user("mara", "1", &["admin"]).await;
    let (mara, _) = world.actor("mara").await;
    for counter in [Counter::Counting, Counter::None] {
        let mut device = Device::default().with(counter);
        world.add_passkey(&mara, "Blue", &mut device).await.unwrap();
        for _ in 0..3 {
            world.pass(60);
            let answer = device.answer(&asked(&world.app)).await;
            let entered = sign_in(&world.app, answer).await.unwrap();
            let token = entered.session.token.unwrap();
            let actor = world.app.actor_of(token.expose(), HOME).unwrap();
            assert_eq!((entered.user.username.as_str(), id_of(&actor)), ("mara", id_of(&mara)));
            // Signing in is a proof of who one is.
            assert!(world.people(&actor, PeopleCommand::Passkey(PasskeyCommand::Begin)).await.is_ok());
        }
    }
    let last = list(&world, &mara).await.pop().unwrap();
    assert_eq!(last.last_used_at.unwrap(), last.created_at.after(claviger_model::Span::from_secs(180)));
    let trail = world.store.audit_entries(0, 1000).await.unwrap();
    let entered = trail.iter().rfind(|one| one.entry.action == "sign_in").unwrap();
    assert_eq!(entered.entry.after, Some(json!({ "passkey": last.id }).to_string()));
}

#[tokio::test]
async fn a_passkey_is_a_second_factor_and_recovery_codes_come_with_it() {
    let world = World::new().await;
    world.user("mara", "1", &["admin"]).await;
    let (mara, _) = world.actor("mara").await;
    let (_, elsewhere) = world.actor("mara").await;
    let (added, mut device) = world.passkey(&mara, "Blue").await;
    assert_eq!(added.recovery_codes.len(), 10);
    assert!(world.app.actor_of(&elsewhere, HOME).is_none(), "it was got by the password alone");
    let (again, _) = world.passkey(&mara, "Green").await;
    assert!(again.recovery_codes.is_empty());

    let with = async |second| enter(&world.app, "mara", PASSWORD, second, HOME).await.map(drop);
    assert_eq!(with(None).await, Err(SignInError::SecondFactorNeeded));
    assert_eq!(with(Some(second(device.answer(&asked(&world.app)).await))).await, Ok(()));
    assert_eq!(with(Some(SecondFactor::Recovery(added.recovery_codes[0].clone()))).await, Ok(()));
    let code = Some(SecondFactor::Code(Shown::new("000000")));
    assert_eq!(with(code).await, Err(SignInError::SecondFactorWrong));
    // The password stays what it was, and a wrong one is wrong.
    let answer = device.answer(&asked(&world.app)).await;
    let wrong = enter(&world.app, "mara", "not the password", Some(second(answer.clone())), HOME).await;
    assert_eq!(wrong.map(drop), Err(SignInError::Wrong));
    assert_eq!(with(Some(second(answer))).await, Ok(()), "the wrong password did not use it");
}

#[tokio::test]
async fn a_passkey_proves_that_it_is_still_oneself() {
    let world = World::new().await;
    world.user("mara", "1", &["admin"]).await;
    let (mara, _) = world.actor("mara").await;
    let (_, mut device) = world.passkey(&mara, "Blue").await;
    world.pass(16 * 60);
    let begin = async || why(world.people(&mara, PeopleCommand::Passkey(PasskeyCommand::Begin)).await);
    assert_eq!(begin().await, Some(SignInError::ProofNeeded));
    let options = asked_for_proof(&world, &mara).await;
    assert_eq!(options["publicKey"]["allowCredentials"].as_array().unwrap().len(), 1);
    prove(&world, &mara, device.answer(&options).await).await.unwrap();
    assert_eq!(begin().await, None);
    // Beside the password, too.
    world.pass(16 * 60);
    let answer = device.answer(&asked_for_proof(&world, &mara).await).await;
    let with = ProveAgain::Password { password: Shown::new(PASSWORD), second: Some(second(answer)) };
    world.app.prove_again(&mara, with, HOME).await.unwrap();
    assert_eq!(begin().await, None);
    let alone = ProveAgain::Password { password: Shown::new(PASSWORD), second: None };
    assert_eq!(why(world.app.prove_again(&mara, alone, HOME).await), Some(SignInError::SecondFactorNeeded));
}

#[tokio::test]
async fn passkeys_are_listed_named_and_removed_by_their_user_alone() {
    let world = World::new().await;
    for name in ["mara", "nils"] {
        world.user(name, "1", &["admin"]).await;
    }
    let [(mara, _), (nils, _)] = [world.actor("mara").await, world.actor("nils").await];
    let (blue, _) = world.passkey(&mara, "Blue").await;
    world.pass(1);
    let (green, _) = world.passkey(&mara, "Green").await;
    assert_eq!(list(&world, &mara).await, [blue.passkey.clone(), green.passkey.clone()]);
    assert_eq!(list(&world, &nils).await, []);
    let rename = |name: &str| {
        PeopleCommand::Passkey(PasskeyCommand::Rename { id: blue.passkey.id, name: name.to_owned() })
    };
    let anothers =
        [world.people(&nils, rename("Mine")).await, world.people(&nils, remove(blue.passkey.id, None)).await];
    assert!(anothers.iter().all(|one| one.as_ref().unwrap_err().kind() == ErrorKind::NotFound));
    assert_eq!(world.people(&mara, rename(" ")).await.unwrap_err().kind(), ErrorKind::Invalid);
    world.people(&mara, rename("Red")).await.unwrap();
    world.people(&mara, remove(green.passkey.id, None)).await.unwrap();
    let left: Vec<_> = list(&world, &mara).await.into_iter().map(|one| one.name).collect();
    assert_eq!(left, ["Red"]);
    world.pass(16 * 60);
    for command in [
        // The password alone gives nobody another factor beside it.
        PeopleCommand::TotpBegin { current: Shown::new(PASSWORD) },
        rename("Blue"),
        remove(blue.passkey.id, Some(PASSWORD)),
        PeopleCommand::Passkey(PasskeyCommand::Begin),
    ] {
        assert_eq!(why(world.people(&mara, command).await), Some(SignInError::ProofNeeded));
    }
    let trail: Vec<_> = world.trail().await.into_iter().map(|(action, _)| action).collect();
    for action in ["passkey.add", "passkey.rename", "passkey.remove"] {
        assert!(trail.iter().any(|one| one == action), "{action}");
    }
}

#[tokio::test]
async fn the_last_one_goes_as_one_time_codes_go() {
    let world = World::new().await;
    let long = "tern gull heron plover";
    for (name, password) in [("mara", long), ("nils", PASSWORD)] {
        let new = claviger_world::new_user(name, "1", &["admin"]);
        let new = claviger_app::NewUser { password: Some(Shown::new(password)), ..new };
        world.people(&OPERATOR, PeopleCommand::Create(new)).await.unwrap();
    }
    let actor = async |name, password| {
        let entered = world.sign_in(name, password).await.unwrap();
        world.app.actor_of(entered.session.token.unwrap().expose(), HOME).unwrap()
    };
    let mara = actor("mara", long).await;
    let (added, mut device) = world.passkey(&mara, "Blue").await;
    assert_eq!(error(world.people(&mara, remove(added.passkey.id, None)).await), PasskeyError::Last);
    let wrong = world.people(&mara, remove(added.passkey.id, Some("not the password"))).await;
    assert_eq!(why(wrong), Some(SignInError::Wrong));
    let answer = device.answer(&asked(&world.app)).await;
    world.people(&mara, remove(added.passkey.id, Some(long))).await.unwrap();
    assert!(world.sign_in("mara", long).await.is_ok(), "nothing is asked for beside it");
    assert_eq!(why(sign_in(&world.app, answer).await), Some(SignInError::PasskeyWrong));
    assert!(added.recovery_codes.len() == 10);
}

#[tokio::test]
async fn a_password_that_is_short_alone_keeps_its_last_factor() {
    let world = World::new().await;
    world.user("mara", "1", &["admin"]).await;
    let (mara, _) = world.actor("mara").await;
    let (added, mut device) = world.passkey(&mara, "Blue").await;
    let short = "heron!42q";
    let change = PeopleCommand::PasswordChange { current: Shown::new(PASSWORD), password: Shown::new(short) };
    world.people(&mara, change).await.unwrap();
    let entered = sign_in(&world.app, device.answer(&asked(&world.app)).await).await.unwrap();
    let mara = world.app.actor_of(entered.session.token.unwrap().expose(), HOME).unwrap();
    let removed = world.people(&mara, remove(added.passkey.id, Some(short))).await;
    assert!(matches!(removed, Err(AppError::Password(_))), "{removed:?}");
    assert_eq!(list(&world, &mara).await.len(), 1);
}

#[tokio::test]
async fn codes_and_passkeys_stand_beside_each_other() {
    let world = World::new().await;
    let (secret, _) = crate::factors::enrolled(&world).await;
    world.pass(30);
    let entered =
        enter(&world.app, "mara", PASSWORD, Some(SecondFactor::Code(code(&world, &secret))), HOME).await;
    let token = entered.unwrap().session.token.unwrap();
    let mara = world.app.actor_of(token.expose(), HOME).unwrap();
    let (added, mut device) = world.passkey(&mara, "Blue").await;
    assert!(added.recovery_codes.is_empty(), "there are some");
    world.people(&mara, PeopleCommand::TotpRemove { current: Shown::new(PASSWORD) }).await.unwrap();
    assert_eq!(world.sign_in("mara", PASSWORD).await.map(drop), Err(SignInError::SecondFactorNeeded));
    // Codes that are only being set up open nothing.
    let begin = PeopleCommand::TotpBegin { current: Shown::new(PASSWORD) };
    let PeopleOutcome::Totp { secret, .. } = world.people(&mara, begin).await.unwrap() else { panic!() };
    let early = Some(SecondFactor::Code(code(&world, secret.expose())));
    let entered = enter(&world.app, "mara", PASSWORD, early, HOME).await;
    assert_eq!(entered.map(drop), Err(SignInError::SecondFactorWrong));
    let confirm = PeopleCommand::TotpConfirm { code: code(&world, secret.expose()) };
    world.people(&mara, confirm).await.unwrap();
    world.people(&mara, remove(added.passkey.id, None)).await.unwrap();
    let answer = device.answer(&asked(&world.app)).await;
    assert_eq!(why(sign_in(&world.app, answer).await), Some(SignInError::PasskeyWrong));
    world.pass(30);
    let codes = Some(SecondFactor::Code(code(&world, secret.expose())));
    assert!(enter(&world.app, "mara", PASSWORD, codes, HOME).await.is_ok());
}

#[tokio::test]
async fn an_account_that_asks_for_a_second_factor_is_content_with_a_passkey() {
    let world = World::new().await;
    world.user("mara", "1", &["admin"]).await;
    let rule =
        |second_factor| Command::AccountEdit { account: "1".parse().unwrap(), second_factor, known: None };
    world.run(&OPERATOR, rule(SecondFactorRule::Required)).await.unwrap();
    let (mara, _) = world.actor("mara").await;
    let keys =
        async |node: &claviger_app::App| why(node.run(&mara, Command::KeyList(KeyFilter::default())).await);
    let early = world.another_node().await;
    assert_eq!(keys(&world.app).await, Some(SignInError::SecondFactorRequired));
    // Proving and adding one is what is left, on whatever session.
    world.pass(16 * 60);
    assert_eq!(
        why(world.people(&mara, PeopleCommand::Passkey(PasskeyCommand::Begin)).await),
        Some(SignInError::ProofNeeded)
    );
    let with = ProveAgain::Password { password: Shown::new(PASSWORD), second: None };
    world.app.prove_again(&mara, with, HOME).await.unwrap();
    let (added, _) = world.passkey(&mara, "Blue").await;
    early.follow().await.unwrap();
    for node in [&world.app, &early, &world.another_node().await] {
        assert_eq!(keys(node).await, None, "made here, followed, loaded");
    }
    let reset = PeopleCommand::FactorReset { user: "mara".parse().unwrap(), reason: None };
    world.people(&OPERATOR, reset).await.unwrap();
    assert!(world.store.passkeys(id_of(&mara)).await.unwrap().is_empty(), "{added:?}");
    let (mara, _) = world.actor("mara").await;
    let held = world.run(&mara, Command::KeyList(KeyFilter::default())).await;
    assert_eq!(why(held), Some(SignInError::SecondFactorRequired));
}

#[tokio::test]
async fn nobody_has_more_than_twenty() {
    let world = World::new().await;
    world.user("mara", "1", &["admin"]).await;
    let (mara, _) = world.actor("mara").await;
    let PeopleOutcome::PasskeyOptions(early) =
        world.people(&mara, PeopleCommand::Passkey(PasskeyCommand::Begin)).await.unwrap()
    else {
        panic!("nothing to ask")
    };
    for number in 1..=20 {
        world.passkey(&mara, &format!("Number {number}")).await;
    }
    assert_eq!(
        error(world.people(&mara, PeopleCommand::Passkey(PasskeyCommand::Begin)).await),
        PasskeyError::TooMany
    );
    let made = Device::default().make(&json!(early)).await;
    let new = NewPasskey { name: "One too many".into(), credential: serde_json::from_value(made).unwrap() };
    let added = world.people(&mara, PeopleCommand::Passkey(PasskeyCommand::Add(Box::new(new)))).await;
    assert_eq!(error(added), PasskeyError::TooMany);
    assert_eq!(list(&world, &mara).await.len(), 20);
}
