//! An account asks everybody for a second factor.

use claviger_app::{
    Actor, AppError, ApplyMode, Command, ErrorKind, KeyFilter, Outcome, Part, PeopleCommand, PeopleOutcome,
    SessionSort, Shown, SignInError,
};
use claviger_catalogue::{Bundle, SourceFile};
use claviger_model::{Reason, SecondFactorRule};
use claviger_world::{HOME, OPERATOR, PASSWORD, World, new_key};
use http::Method;

use crate::factors::code;

fn asks(account: &str, second_factor: SecondFactorRule) -> Command {
    Command::AccountEdit { account: account.parse().unwrap(), second_factor, known: None }
}

const REQUIRED: SecondFactorRule = SecondFactorRule::Required;
const HELD: Option<SignInError> = Some(SignInError::SecondFactorRequired);

fn sessions() -> PeopleCommand {
    PeopleCommand::SessionList { sort: SessionSort::default(), part: Part::default() }
}

fn refusal<T: std::fmt::Debug>(result: Result<T, AppError>) -> Option<SignInError> {
    match result {
        Ok(_) => None,
        Err(AppError::SignIn(why)) => Some(why),
        Err(other) => panic!("{other}"),
    }
}

fn begin() -> PeopleCommand {
    PeopleCommand::TotpBegin { current: Shown::new(PASSWORD) }
}

async fn enrol(world: &World, who: &Actor) {
    let PeopleOutcome::Totp { secret, .. } = world.people(who, begin()).await.unwrap() else { panic!() };
    let confirm = PeopleCommand::TotpConfirm { code: code(world, secret.expose()) };
    world.people(who, confirm).await.unwrap();
}

#[tokio::test]
async fn whoever_has_none_can_do_nothing_but_set_one_up() {
    let world = World::new().await;
    world.user("mara", "1", &["admin"]).await;
    let (before, old) = world.actor("mara").await;
    world.run(&OPERATOR, asks("1", REQUIRED)).await.unwrap();
    let (after, new) = world.actor("mara").await;
    let list = || Command::KeyList(KeyFilter::default());
    for (actor, token) in [(&before, &old), (&after, &new)] {
        assert_eq!(refusal(world.run(actor, list()).await), HELD);
        assert_eq!(refusal(world.key(actor, new_key("1")).await), HELD);
        assert_eq!(refusal(world.run(actor, asks("1", SecondFactorRule::Optional)).await), HELD);
        assert_eq!(refusal(world.people(actor, sessions()).await), HELD);
        let change =
            PeopleCommand::PasswordChange { current: Shown::new(PASSWORD), password: Shown::new("a heron") };
        assert_eq!(refusal(world.people(actor, change).await), HELD);
        assert_eq!(refusal(world.people(actor, PeopleCommand::WhoAmI).await), None);
        assert_eq!(world.refused(&Method::GET, token), Some(Reason::SecondFactorRequired));
    }
    enrol(&world, &before).await;
    assert_eq!(refusal(world.run(&before, list()).await), None);
    assert_eq!(world.refused(&Method::GET, &old), None);
    assert_eq!(world.refused(&Method::GET, &new), Some(Reason::Revoked), "it was got by the password alone");
    // Whoever takes theirs away is where they were.
    let remove = PeopleCommand::TotpRemove { current: Shown::new(PASSWORD) };
    world.people(&before, remove).await.unwrap();
    assert_eq!(refusal(world.run(&before, list()).await), HELD);
    assert_eq!(world.refused(&Method::GET, &old), Some(Reason::SecondFactorRequired));
    world.people(&before, PeopleCommand::SessionRevoke { id: None }).await.unwrap();
    assert!(world.app.actor_of(&old, HOME).is_none());
}

#[tokio::test]
async fn it_counts_on_other_nodes_and_after_a_rescue() {
    let world = World::new().await;
    world.user("mara", "1", &["admin"]).await;
    world.run(&OPERATOR, asks("1", REQUIRED)).await.unwrap();
    let (mara, _) = world.actor("mara").await;
    let list = || Command::KeyList(KeyFilter::default());
    let early = world.another_node().await;
    assert_eq!(refusal(early.run(&mara, list()).await), HELD);
    enrol(&world, &mara).await;
    early.follow().await.unwrap();
    for node in [early, world.another_node().await] {
        assert_eq!(refusal(node.run(&mara, list()).await), None, "followed or loaded");
    }
    let (user, reason) = ("mara".parse().unwrap(), None);
    world.people(&OPERATOR, PeopleCommand::FactorReset { user, reason }).await.unwrap();
    let (mara, token) = world.actor("mara").await;
    assert_eq!(refusal(world.run(&mara, list()).await), HELD);
    let loaded = world.another_node().await;
    assert_eq!(refusal(loaded.run(&mara, list()).await), HELD);
    assert_eq!(world.refused(&Method::GET, &token), Some(Reason::SecondFactorRequired));
}

#[tokio::test]
async fn keys_are_no_people_and_go_on() {
    let world = World::new().await;
    world.user("mara", "1", &["admin"]).await;
    let (mara, _) = world.actor("mara").await;
    let key = world.key(&mara, new_key("1")).await.unwrap().key.unwrap();
    world.run(&OPERATOR, asks("1", REQUIRED)).await.unwrap();
    assert_eq!(world.refused(&Method::GET, key.expose()), None);
    let (robot, _) = world.app.manager(key.expose(), HOME).unwrap();
    assert_eq!(refusal(world.run(&robot, Command::KeyList(KeyFilter::default())).await), None);
}

#[tokio::test]
async fn whoever_manages_users_says_so_for_their_own_account() {
    let world = World::new().await;
    for (name, account, role) in
        [("admin", "1", "admin"), ("keys", "1", "api-administrator"), ("elsewhere", "2", "admin")]
    {
        world.user(name, account, &[role]).await;
    }
    for (name, refused) in
        [("keys", Some(ErrorKind::Forbidden)), ("elsewhere", Some(ErrorKind::NotFound)), ("admin", None)]
    {
        let (actor, _) = world.actor(name).await;
        let done = world.run(&actor, asks("1", REQUIRED)).await;
        assert_eq!(done.as_ref().err().map(AppError::kind), refused, "{name}");
        if let Ok(outcome) = done {
            let Outcome::Account(account) = outcome else { panic!("no account") };
            assert_eq!(account.second_factor, REQUIRED);
        }
    }
    let (elsewhere, _) = world.actor("elsewhere").await;
    assert_eq!(refusal(world.run(&elsewhere, Command::KeyList(KeyFilter::default())).await), None);
    assert!(world.trail().await.iter().any(|(action, _)| action == "account.edit"));
}

#[tokio::test]
async fn a_catalogue_says_so_or_leaves_it_as_it_is() {
    let world = World::new().await;
    let apply = async |said: &str| {
        let text = format!("catalogue: 1\naccounts:\n  - {{ number: '1', realm: one, name: one{said} }}\n");
        let catalogue = SourceFile { name: "catalogue.yaml".into(), text };
        let bundle = Bundle { catalogue, documents: [].into(), variables: [].into() };
        world.run(&OPERATOR, Command::Apply { bundle, mode: ApplyMode::Commit }).await.unwrap();
        match world.run(&OPERATOR, Command::AccountList(Part::default())).await {
            Ok(Outcome::Accounts(accounts)) => accounts[0].second_factor,
            other => panic!("no accounts: {other:?}"),
        }
    };
    assert_eq!(apply(", second_factor: required").await, REQUIRED);
    assert_eq!(apply("").await, REQUIRED);
    assert_eq!(apply(", second_factor: optional").await, SecondFactorRule::Optional);
}
