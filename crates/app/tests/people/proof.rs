//! Whoever comes with a token proves again that it is still them, before what a stolen one must not be enough for.

use std::sync::atomic::{AtomicU64, Ordering};

use claviger_app::{
    Actor, App, AppError, Command, ErrorKind, NewInvitation, NewRole, NewUser, PeopleCommand, Proof,
    ProofView, ProveAgain, Reveal, SecondFactor, Shown, SignInError, UseCase, UserEdit,
};
use claviger_model::{CredentialId, RoleAccess, Scope, SecondFactorRule, Standing};
use claviger_world::{HOME, OPERATOR, PASSWORD, World, enter, new_key, new_user};

use crate::factors::{code, enrolled};

/// How much needs a recent proof and is tried here.
const DELICATE: usize = 10;
const QUARTER: i64 = 15 * 60;

fn refusal<T: std::fmt::Debug>(result: Result<T, AppError>) -> Option<SignInError> {
    match result {
        Ok(_) => None,
        Err(AppError::SignIn(why)) => Some(why),
        Err(other) => panic!("{other}"),
    }
}

async fn prove_with(
    app: &App,
    actor: &Actor,
    password: &str,
    second: Option<SecondFactor>,
) -> Result<ProofView, SignInError> {
    let with = ProveAgain::Password { password: Shown::new(password), second };
    app.prove_again(actor, with, HOME).await.map_err(|error| match error {
        AppError::SignIn(why) => why,
        other => panic!("{other}"),
    })
}

async fn prove(world: &World, actor: &Actor) -> Result<(), SignInError> {
    prove_with(&world.app, actor, PASSWORD, None).await.map(drop)
}

/// Everything that needs a recent proof, in an order in which all of it can be done.
fn delicate(key: CredentialId) -> [(UseCase, Command); DELICATE] {
    let role = NewRole {
        account: None,
        slug: "reader".parse().unwrap(),
        name: None,
        rights: vec![],
        access: RoleAccess::Scope(Scope::ReadOnly),
    };
    let roles = PeopleCommand::Roles {
        user: "otto".parse().unwrap(),
        account: "1".parse().unwrap(),
        roles: Some(vec!["member".parse().unwrap()]),
    };
    let email = |text: &str| UserEdit { email: Some(text.parse().unwrap()), ..UserEdit::default() };
    let (edit, unchanged_since) = (email("otto@example.org"), None);
    let other = PeopleCommand::Edit { user: "otto".parse().unwrap(), edit, unchanged_since };
    let own = PeopleCommand::EditOneself { edit: email("mara@example.org"), unchanged_since };
    let remove = PeopleCommand::RoleRemove { account: None, slug: "reader".parse().unwrap() };
    let account = Command::AccountEdit {
        account: "1".parse().unwrap(),
        second_factor: SecondFactorRule::Optional,
        known: None,
    };
    [
        (UseCase::AccountEdit, account),
        (UseCase::KeyReveal, Command::KeyShow { id: key, reveal: Reveal::Secret }),
        (UseCase::UserCreate, Command::People(PeopleCommand::Create(somebody()))),
        (UseCase::UserRoles, Command::People(roles)),
        (UseCase::UserRename, Command::People(other)),
        (UseCase::OwnRename, Command::People(own)),
        (UseCase::InvitationCreate, Command::People(PeopleCommand::Invite(invited()))),
        (UseCase::RolePut, Command::People(PeopleCommand::RolePut(role))),
        (UseCase::RoleRemove, Command::People(remove)),
        (UseCase::FactorRemove, Command::People(PeopleCommand::TotpRemove { current: Shown::new(PASSWORD) })),
    ]
}

/// Somebody whom nobody has invited before.
fn invited() -> NewInvitation {
    let NewUser { email, account, roles, .. } = somebody();
    NewInvitation { email: email.unwrap(), account, roles, lifetime: None }
}

/// A user whom nobody has made before.
fn somebody() -> NewUser {
    static MADE: AtomicU64 = AtomicU64::new(0);
    new_user(&format!("somebody{}", MADE.fetch_add(1, Ordering::Relaxed)), "1", &["member"])
}

/// What needs a recent proof, and something else that Mara does not have.
const ELSEWHERE: [UseCase; 6] = [
    UseCase::UserRescue,
    UseCase::InvitationJoin,
    UseCase::RecoveryCodes,
    UseCase::PasskeyAdd,
    UseCase::PasskeyRename,
    UseCase::PasskeyRemove,
];

async fn refusals(app: &App, actor: &Actor, key: CredentialId) -> Vec<Option<SignInError>> {
    let mut refusals = Vec::new();
    for (_, command) in delicate(key) {
        refusals.push(refusal(app.run(actor, command).await));
    }
    refusals
}

/// An account with Mara, who may everything, Otto, and a key.
async fn world() -> (World, CredentialId) {
    let world = World::new().await;
    world.user("mara", "1", &["admin"]).await;
    world.user("otto", "1", &["member"]).await;
    let key = world.key(&OPERATOR, new_key("1")).await.unwrap().id;
    (world, key)
}

#[test]
fn every_use_case_that_wants_a_recent_proof_is_tried_here() {
    let here = |one: &&UseCase| one.proof() == Proof::Lately && !ELSEWHERE.contains(one);
    let wanted: Vec<_> = UseCase::ALL.iter().filter(here).copied().collect();
    let tried = delicate(CredentialId::from_u128(0)).map(|(use_case, _)| use_case);
    assert_eq!(wanted, tried);
}

#[tokio::test]
async fn signing_in_counts_for_a_quarter_of_an_hour_and_proving_for_another() {
    let (world, key) = world().await;
    let (mara, _) = world.actor("mara").await;
    let (none, all) = (vec![None; DELICATE], vec![Some(SignInError::ProofNeeded); DELICATE]);
    world.pass(QUARTER - 1);
    assert_eq!(refusals(&world.app, &mara, key).await, none);
    world.pass(1);
    assert_eq!(refusals(&world.app, &mara, key).await, all);
    // The rest goes on.
    let show = Command::KeyShow { id: key, reveal: Reveal::Nothing };
    assert_eq!(refusal(world.run(&mara, show).await), None);
    assert_eq!(refusal(world.key(&mara, new_key("1")).await), None);
    assert_eq!(prove(&world, &mara).await, Ok(()));
    world.pass(QUARTER - 1);
    assert_eq!(refusals(&world.app, &mara, key).await, none);
    world.pass(1);
    assert_eq!(refusals(&world.app, &mara, key).await, all);
    // Whoever owns the data folder is not asked.
    let reveal = Command::KeyShow { id: key, reveal: Reveal::Secret };
    assert_eq!(refusal(world.run(&OPERATOR, reveal).await), None);
}

#[tokio::test]
async fn a_proof_counts_on_every_node_and_for_its_own_session() {
    let (world, key) = world().await;
    let (here, _) = world.actor("mara").await;
    let (there, _) = world.actor("mara").await;
    let other = world.another_node().await;
    world.pass(QUARTER);
    let proof = prove_with(&world.app, &here, PASSWORD, None).await.unwrap();
    assert_eq!(proof.until.since(proof.proved_at).as_micros(), QUARTER * 1_000_000);
    assert_eq!(refusals(&other, &here, key).await, vec![None; DELICATE]);
    assert_eq!(refusals(&world.app, &there, key).await, vec![Some(SignInError::ProofNeeded); DELICATE]);
    assert!(world.trail().await.iter().any(|(action, _)| action == "session.prove"));
    // What is ended proves nothing.
    let Actor::User { token, .. } = here else { panic!("no user") };
    world.people(&there, PeopleCommand::SessionRevoke { id: token }).await.unwrap();
    assert_eq!(refusals(&world.app, &here, key).await, vec![Some(SignInError::ProofNeeded); DELICATE]);
    let with = ProveAgain::Password { password: Shown::new(PASSWORD), second: None };
    let ended = world.app.prove_again(&here, with, HOME).await.unwrap_err();
    assert_eq!(ended.kind(), ErrorKind::NotFound, "{ended}");
}

#[tokio::test]
async fn whoever_has_a_second_factor_proves_with_it() {
    let world = World::new().await;
    let (secret, recovery) = enrolled(&world).await;
    let key = world.key(&OPERATOR, new_key("1")).await.unwrap().id;
    world.pass(30);
    let second = Some(SecondFactor::Code(code(&world, &secret)));
    let entered = enter(&world.app, "mara", PASSWORD, second.clone(), HOME).await.unwrap();
    let mara = world.app.actor_of(entered.session.token.unwrap().expose(), HOME).unwrap();
    let proof = |second| prove_with(&world.app, &mara, PASSWORD, second);
    assert_eq!(proof(None).await, Err(SignInError::SecondFactorNeeded));
    assert_eq!(proof(second).await, Err(SignInError::SecondFactorWrong), "it was used to sign in");
    world.pass(QUARTER);
    let reveal = Command::KeyShow { id: key, reveal: Reveal::Secret };
    assert_eq!(refusal(world.run(&mara, reveal.clone()).await), Some(SignInError::ProofNeeded));
    let fresh = Some(SecondFactor::Code(code(&world, &secret)));
    assert!(proof(fresh.clone()).await.is_ok());
    assert_eq!(refusal(world.run(&mara, reveal).await), None);
    assert_eq!(proof(fresh).await, Err(SignInError::SecondFactorWrong));
    assert!(proof(Some(SecondFactor::Recovery(recovery[0].clone()))).await.is_ok());
}

#[tokio::test]
async fn operators_and_those_with_codes_are_asked_too() {
    let world = World::new().await;
    enrolled(&world).await;
    world.pass(30);
    let mut root = new_user("root", "1", &[]);
    (root.standing, root.account) = (Standing::Operator, None);
    world.people(&OPERATOR, PeopleCommand::Create(root)).await.unwrap();
    let (root, _) = world.actor("root").await;
    let needed = Some(SignInError::ProofNeeded);
    world.pass(QUARTER);
    let password = Shown::new("a heron and a gull");
    let rescue = PeopleCommand::PasswordSet { user: "mara".parse().unwrap(), password };
    assert_eq!(refusal(world.people(&root, rescue.clone()).await), needed);
    assert_eq!(prove(&world, &root).await, Ok(()));
    assert_eq!(refusal(world.people(&root, rescue).await), None);
}

#[tokio::test]
async fn other_recovery_codes_need_more_than_the_password() {
    let world = World::new().await;
    let (secret, _) = enrolled(&world).await;
    world.pass(30);
    let second = Some(SecondFactor::Code(code(&world, &secret)));
    let entered = enter(&world.app, "mara", PASSWORD, second, HOME).await.unwrap();
    let mara = world.app.actor_of(entered.session.token.unwrap().expose(), HOME).unwrap();
    let codes = || PeopleCommand::RecoveryCodes { current: Shown::new(PASSWORD) };
    assert_eq!(refusal(world.people(&mara, codes()).await), None);
    world.pass(QUARTER);
    assert_eq!(refusal(world.people(&mara, codes()).await), Some(SignInError::ProofNeeded));
}

#[tokio::test]
async fn guesses_count_like_guesses_at_signing_in() {
    let (world, _) = world().await;
    let (mara, _) = world.actor("mara").await;
    for _ in 0..5 {
        let wrong = prove_with(&world.app, &mara, "a wrong password", None).await;
        assert_eq!(wrong.unwrap_err(), SignInError::Wrong);
    }
    let blocked = |result: Result<(), SignInError>| matches!(result, Err(SignInError::Blocked { .. }));
    assert!(blocked(prove(&world, &mara).await));
    assert!(blocked(world.sign_in("mara", PASSWORD).await.map(drop)));
    let failures = world.trail().await.into_iter().filter(|(action, _)| action == "sign_in.fail");
    assert_eq!(failures.count(), 5);
    world.pass(1);
    assert_eq!(prove(&world, &mara).await, Ok(()));
}

#[tokio::test]
async fn a_key_proves_nothing() {
    let (world, key) = world().await;
    let (mara, _) = world.actor("mara").await;
    let own = world.key(&mara, new_key("1")).await.unwrap().key.unwrap();
    let (robot, _) = world.app.manager(own.expose(), HOME).unwrap();
    assert_eq!(refusal(world.key(&robot, new_key("1")).await), None);
    assert_eq!(refusals(&world.app, &robot, key).await, vec![Some(SignInError::KeyProvesNothing); DELICATE]);
    assert_eq!(prove(&world, &robot).await, Err(SignInError::KeyProvesNothing));
    let current = || Shown::new(PASSWORD);
    for command in [
        PeopleCommand::PasswordChange { current: current(), password: Shown::new("a heron and a gull") },
        PeopleCommand::TotpBegin { current: current() },
        PeopleCommand::TotpConfirm { code: Shown::new("000000") },
        PeopleCommand::TotpRemove { current: current() },
        PeopleCommand::RecoveryCodes { current: current() },
    ] {
        assert_eq!(refusal(world.people(&robot, command).await), Some(SignInError::KeyProvesNothing));
    }
}
