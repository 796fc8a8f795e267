//! Passkeys that are not taken, and why.

use std::sync::Arc;

use claviger_app::{
    App, AppError, ErrorKind, NewPasskey, PasskeyCommand, PasskeyError, PeopleCommand, PeopleOutcome,
    ProveAgain, Shown, SignInError, SignedInView,
};
use claviger_model::UserState;
use claviger_world::{Device, HOME, OPERATOR, PASSWORD, World, enter};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use crate::passkeys::{asked, asked_for_proof, prove, second, sign_in, why};

const WRONG: Option<SignInError> = Some(SignInError::PasskeyWrong);

/// Mara, who signed in, and the device of her passkey.
async fn mara(world: &World) -> (claviger_app::Actor, Device) {
    world.user("mara", "1", &["admin"]).await;
    let (mara, _) = world.actor("mara").await;
    let (_, device) = world.passkey(&mara, "Blue").await;
    (mara, device)
}

async fn refused(world: &World, answer: Value) -> Option<SignInError> {
    why(sign_in(&world.app, answer).await)
}

#[tokio::test]
async fn an_answer_works_once_on_whatever_node() {
    let world = World::new().await;
    let (_, mut device) = mara(&world).await;
    let other = world.another_node().await;
    for node in [&world.app, &other] {
        let answer = device.answer(&asked(node)).await;
        assert!(sign_in(&world.app, answer.clone()).await.is_ok(), "asked here or there");
        for again in [&world.app, &other] {
            assert_eq!(why(sign_in(again, answer.clone()).await), WRONG);
        }
        world.pass(60);
    }
    let answer = device.answer(&asked(&world.app)).await;
    let both = tokio::join!(sign_in(&world.app, answer.clone()), sign_in(&other, answer));
    let both = [why(both.0), why(both.1)];
    assert!(both.contains(&None) && both.contains(&WRONG), "{both:?}");
}

#[tokio::test]
async fn an_answer_is_to_what_was_asked_of_whom_and_when() {
    let world = World::new().await;
    let (mara, mut device) = mara(&world).await;
    let entered = sign_in(&world.app, device.answer(&asked(&world.app)).await).await.unwrap();
    let elsewhere = world.app.actor_of(entered.session.token.unwrap().expose(), HOME).unwrap();
    // Made up, or for something else.
    let mut made_up = asked(&world.app);
    made_up["publicKey"]["challenge"] = BASE64URL_NOPAD.encode(&[7; 56]).into();
    assert_eq!(refused(&world, device.answer(&made_up).await).await, WRONG);
    let for_proof = device.answer(&asked_for_proof(&world, &mara).await).await;
    assert_eq!(refused(&world, for_proof.clone()).await, WRONG);
    assert_eq!(why(prove(&world, &elsewhere, for_proof.clone()).await), WRONG, "it is of another session");
    let to_sign_in = device.answer(&asked(&world.app)).await;
    assert_eq!(why(prove(&world, &mara, to_sign_in).await), WRONG);
    world.pass(30);
    assert_eq!(why(prove(&world, &mara, for_proof).await), None, "what is refused is not used");
    // Late.
    let late = device.answer(&asked(&world.app)).await;
    world.pass(300);
    assert_eq!(refused(&world, late).await, WRONG);
    let in_time = device.answer(&asked(&world.app)).await;
    world.pass(299);
    assert_eq!(refused(&world, in_time).await, None);
}

#[tokio::test]
async fn an_answer_is_from_a_page_of_ours_and_from_whoever_unlocked_the_device() {
    let world = World::new().await;
    let (_, mut device) = mara(&world).await;
    for page in ["https://other.example.com", "https://keys.example.com:8443"] {
        let mut there = device.at(page);
        let answer = there.answer(&asked(&world.app)).await;
        assert_eq!(refused(&world, answer).await, WRONG, "{page}");
        device = there.at(claviger_world::ORIGIN);
    }
    let mut of_another = asked(&world.app);
    of_another["publicKey"]["rpId"] = "example.net".into();
    let answer = device.at("https://keys.example.net").answer(&of_another).await;
    assert_eq!(refused(&world, answer).await, WRONG);
    let mut of_a_part = asked(&world.app);
    of_a_part["publicKey"]["rpId"] = "keys.example.com".into();
    assert_eq!(
        refused(&world, device.answer(&of_a_part).await).await,
        WRONG,
        "another relying party on our page"
    );
    let mut locked = asked(&world.app);
    locked["publicKey"]["userVerification"] = "discouraged".into();
    assert_eq!(refused(&world, device.answer(&locked).await).await, WRONG);
    world.pass(60);
    assert_eq!(refused(&world, device.answer(&asked(&world.app)).await).await, None);
}

#[tokio::test]
async fn of_a_device_and_its_copy_the_one_that_lags_is_refused() {
    let world = World::new().await;
    let (mara, mut device) = mara(&world).await;
    let mut copy = device.clone();
    assert_eq!(refused(&world, device.answer(&asked(&world.app)).await).await, None);
    let cloned = Some(SignInError::PasskeyCloned);
    assert_eq!(refused(&world, copy.answer(&asked(&world.app)).await).await, cloned);
    let proof = device.clone().answer(&asked_for_proof(&world, &mara).await).await;
    assert_eq!(why(prove(&world, &mara, proof).await), None);
    assert_eq!(refused(&world, device.answer(&asked(&world.app)).await).await, cloned);
    let trail = world.trail().await;
    let told = trail
        .iter()
        .filter(|(action, why)| action == "sign_in.fail" && *why == cloned.map(|why| why.to_string()));
    assert_eq!(told.count(), 2);
}

#[tokio::test]
async fn nobody_uses_the_passkey_of_another() {
    let world = World::new().await;
    let (mara, mut marasdevice) = mara(&world).await;
    world.user("nils", "1", &["admin"]).await;
    let (nils, _) = world.actor("nils").await;
    let (_, mut device) = world.passkey(&nils, "Green").await;
    let answer = device.answer(&asked(&world.app)).await;
    let beside = enter(&world.app, "mara", PASSWORD, Some(second(answer)), HOME).await;
    assert_eq!(beside.map(drop), Err(SignInError::PasskeyWrong));
    let mut proof = asked_for_proof(&world, &mara).await;
    proof["publicKey"].as_object_mut().unwrap().remove("allowCredentials");
    assert_eq!(why(prove(&world, &mara, device.answer(&proof).await).await), WRONG);
    // The passkey of one, with the name of the other.
    let hers = marasdevice.answer(&asked(&world.app)).await;
    let mut mixed = device.answer(&asked(&world.app)).await;
    mixed["response"]["userHandle"] = hers["response"]["userHandle"].clone();
    assert_eq!(refused(&world, mixed).await, WRONG);
    let mut mixed = device.answer(&asked(&world.app)).await;
    for member in ["id", "rawId"] {
        mixed[member] = hers[member].clone();
    }
    assert_eq!(refused(&world, mixed).await, WRONG);
    let mut nameless = device.answer(&asked(&world.app)).await;
    nameless["response"].as_object_mut().unwrap().remove("userHandle");
    assert_eq!(refused(&world, nameless).await, WRONG);
}

#[tokio::test]
async fn no_part_of_an_answer_can_be_changed() {
    let world = World::new().await;
    let (_, mut device) = mara(&world).await;
    for part in ["authenticatorData", "clientDataJSON", "signature"] {
        let answer = device.answer(&asked(&world.app)).await;
        let bytes = BASE64URL_NOPAD.decode(answer["response"][part].as_str().unwrap().as_bytes()).unwrap();
        for place in (0..bytes.len()).step_by(7).chain([bytes.len() - 1]) {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            let mut answer = answer.clone();
            answer["response"][part] = BASE64URL_NOPAD.encode(&changed).into();
            assert_eq!(refused(&world, answer).await, WRONG, "{part} {place}");
            world.pass(1000);
        }
    }
    for text in ["", "?", "AQID", "bm8ganNvbg"] {
        for part in ["authenticatorData", "clientDataJSON", "signature", "userHandle"] {
            let mut answer = device.answer(&asked(&world.app)).await;
            answer["response"][part] = text.into();
            assert_eq!(refused(&world, answer).await, WRONG, "{part} {text}");
            world.pass(1000);
        }
    }
}

#[tokio::test]
async fn who_is_disabled_or_gone_does_not_get_in() {
    let world = World::new().await;
    let (_, mut device) = mara(&world).await;
    let state = |state| PeopleCommand::State { user: "mara".parse().unwrap(), state, reason: None };
    world.people(&OPERATOR, state(UserState::Disabled)).await.unwrap();
    assert_eq!(refused(&world, device.answer(&asked(&world.app)).await).await, WRONG);
    world.people(&OPERATOR, state(UserState::Active)).await.unwrap();
    assert_eq!(refused(&world, device.answer(&asked(&world.app)).await).await, None);
    world
        .people(&OPERATOR, PeopleCommand::Remove { user: "mara".parse().unwrap(), reason: None })
        .await
        .unwrap();
    assert_eq!(refused(&world, device.answer(&asked(&world.app)).await).await, WRONG);
}

#[tokio::test]
async fn a_wrong_answer_is_a_guess() {
    let world = World::new().await;
    let (_, mut device) = mara(&world).await;
    for _ in 0..5 {
        let mut answer = device.answer(&asked(&world.app)).await;
        answer["response"]["signature"] = "AQID".into();
        assert_eq!(refused(&world, answer).await, WRONG);
    }
    let right = device.answer(&asked(&world.app)).await;
    assert!(matches!(refused(&world, right.clone()).await, Some(SignInError::Blocked { .. })));
    // The same counts as a guess at the password.
    assert!(matches!(world.sign_in("mara", PASSWORD).await, Err(SignInError::Blocked { .. })));
    world.pass(1);
    assert_eq!(refused(&world, right).await, None);
    let trail = world.trail().await;
    assert_eq!(trail.iter().filter(|(action, _)| action == "sign_in.fail").count(), 5);
    // Of those that nobody has, too.
    for _ in 0..5 {
        let mut answer = device.answer(&asked(&world.app)).await;
        answer["rawId"] = "AQID".into();
        assert_eq!(refused(&world, answer).await, WRONG);
    }
    let mut answer = device.answer(&asked(&world.app)).await;
    answer["rawId"] = "AQID".into();
    assert!(matches!(refused(&world, answer).await, Some(SignInError::Blocked { .. })));
}

/// What came of adding a passkey by what a browser answered.
async fn add(world: &World, who: &claviger_app::Actor, made: Value) -> Result<(), AppError> {
    let new = NewPasskey { name: "Blue".into(), credential: serde_json::from_value(made).unwrap() };
    world.people(who, PeopleCommand::Passkey(PasskeyCommand::Add(Box::new(new)))).await.map(drop)
}

async fn begun(world: &World, who: &claviger_app::Actor) -> Value {
    match world.people(who, PeopleCommand::Passkey(PasskeyCommand::Begin)).await.unwrap() {
        PeopleOutcome::PasskeyOptions(options) => json!(options),
        other => panic!("nothing to ask: {other:?}"),
    }
}

fn passkey_error(result: Result<(), AppError>) -> Option<PasskeyError> {
    match result {
        Ok(()) => None,
        Err(AppError::Passkey(error)) => Some(error),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_passkey_is_added_by_whom_it_was_asked_of_once_and_in_time() {
    let world = World::new().await;
    for name in ["mara", "nils"] {
        world.user(name, "1", &["admin"]).await;
    }
    let [(mara, _), (nils, _)] = [world.actor("mara").await, world.actor("nils").await];
    let made = Device::default().make(&begun(&world, &mara).await).await;
    assert_eq!(passkey_error(add(&world, &nils, made.clone()).await), Some(PasskeyError::NotAsked));
    assert_eq!(passkey_error(add(&world, &mara, made.clone()).await), None);
    assert_eq!(passkey_error(add(&world, &mara, made).await), Some(PasskeyError::NotAsked), "once");
    let late = Device::default().make(&begun(&world, &mara).await).await;
    world.pass(300);
    assert_eq!(passkey_error(add(&world, &mara, late).await), Some(PasskeyError::NotAsked));
    let mut made_up = begun(&world, &mara).await;
    made_up["publicKey"]["challenge"] = "AQID".into();
    let made = Device::default().make(&made_up).await;
    assert_eq!(passkey_error(add(&world, &mara, made).await), Some(PasskeyError::NotAsked));
    let for_proof = asked_for_proof(&world, &mara).await["publicKey"]["challenge"].clone();
    let mut for_proof_asked = begun(&world, &mara).await;
    for_proof_asked["publicKey"]["challenge"] = for_proof;
    let made = Device::default().make(&for_proof_asked).await;
    assert_eq!(passkey_error(add(&world, &mara, made).await), Some(PasskeyError::NotAsked));
}

#[tokio::test]
async fn a_passkey_is_made_on_a_page_of_ours_by_a_device_that_was_unlocked() {
    let world = World::new().await;
    world.user("mara", "1", &["admin"]).await;
    let (mara, _) = world.actor("mara").await;
    let made = Device::default().at("https://other.example.com").make(&begun(&world, &mara).await).await;
    assert_eq!(passkey_error(add(&world, &mara, made).await), Some(PasskeyError::Elsewhere));
    let mut of_another = begun(&world, &mara).await;
    of_another["publicKey"]["rp"]["id"] = "keys.example.com".into();
    let made = Device::default().make(&of_another).await;
    assert_eq!(passkey_error(add(&world, &mara, made).await), Some(PasskeyError::Elsewhere));
    let mut locked = begun(&world, &mara).await;
    locked["publicKey"]["authenticatorSelection"]["userVerification"] = "discouraged".into();
    let made = Device::default().make(&locked).await;
    assert_eq!(passkey_error(add(&world, &mara, made).await), Some(PasskeyError::Unverified));
    let mut broken = Device::default().make(&begun(&world, &mara).await).await;
    broken["response"]["attestationObject"] = "AQID".into();
    assert_eq!(passkey_error(add(&world, &mara, broken).await), Some(PasskeyError::Unreadable));
}

#[tokio::test]
async fn a_passkey_that_is_somebodys_is_nobody_elses() {
    let world = World::new().await;
    for name in ["mara", "nils"] {
        world.user(name, "1", &["admin"]).await;
    }
    let [(mara, _), (nils, _)] = [world.actor("mara").await, world.actor("nils").await];
    let made = Device::default().make(&begun(&world, &mara).await).await;
    add(&world, &mara, made.clone()).await.unwrap();
    // What Mara's device made, as an answer to what was asked of Nils: no attestation forbids it.
    let asked = begun(&world, &nils).await;
    let told = json!({ "type": "webauthn.create", "challenge": asked["publicKey"]["challenge"],
        "origin": claviger_world::ORIGIN, "crossOrigin": false });
    let mut stolen = made;
    stolen["response"]["clientDataJSON"] = BASE64URL_NOPAD.encode(told.to_string().as_bytes()).into();
    let added = add(&world, &nils, stolen).await;
    assert_eq!(added.unwrap_err().kind(), ErrorKind::Conflict);
}

#[tokio::test]
async fn a_key_has_no_passkeys() {
    let world = World::new().await;
    let (mara, _) = mara(&world).await;
    let key = world.key(&mara, claviger_world::new_key("1")).await.unwrap().key.unwrap();
    let (robot, _) = world.app.manager(key.expose(), HOME).unwrap();
    for command in
        [PeopleCommand::Passkey(PasskeyCommand::Begin), PeopleCommand::Passkey(PasskeyCommand::Challenge)]
    {
        assert_eq!(why(world.people(&robot, command).await), Some(SignInError::KeyProvesNothing));
    }
}

#[tokio::test]
async fn where_no_address_is_said_every_way_in_says_so() {
    let world = World::new().await;
    let (mara, mut device) = mara(&world).await;
    let answer = device.answer(&asked(&world.app)).await;
    let without: Arc<App> = world.node_without_passkeys().await;
    let off = |error: AppError| {
        assert!(error.to_string().contains("management.public_url"), "{error}");
        assert!(matches!(error, AppError::Passkey(PasskeyError::NotConfigured)), "{error}");
    };
    off(without.ask_to_sign_in().unwrap_err());
    off(sign_in(&without, answer.clone()).await.map(|_: SignedInView| ()).unwrap_err());
    for command in
        [PeopleCommand::Passkey(PasskeyCommand::Begin), PeopleCommand::Passkey(PasskeyCommand::Challenge)]
    {
        off(without.run(&mara, claviger_app::Command::People(command)).await.unwrap_err());
    }
    let alone = ProveAgain::Passkey(serde_json::from_value(answer).unwrap());
    off(without.prove_again(&mara, alone, HOME).await.unwrap_err());
    // What needs no device goes on.
    let current = Some(Shown::new(PASSWORD));
    let PeopleOutcome::Passkeys(own) =
        world.people(&mara, PeopleCommand::Passkey(PasskeyCommand::List)).await.unwrap()
    else {
        panic!()
    };
    let remove = PeopleCommand::Passkey(PasskeyCommand::Remove { id: own[0].id, current });
    without.run(&mara, claviger_app::Command::People(remove)).await.unwrap();
}
