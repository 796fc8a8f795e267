//! The first operator comes in by a link that is offered when the server starts, once.

use claviger_app::{App, AppError, LinkError, NewUser, PeopleCommand, SetUp, Shown, SignInError, UserView};
use claviger_model::{Standing, UserState};
use claviger_world::{HOME, OPERATOR, PASSWORD, World, new_user};

async fn set_up(app: &App, token: &Shown, username: &str) -> Result<UserView, AppError> {
    let with = SetUp {
        token: token.clone(),
        username: username.parse().unwrap(),
        email: None,
        name: None,
        password: Shown::new(PASSWORD),
    };
    app.set_up(with, HOME).await
}

async fn offered(app: &App) -> Shown {
    app.offer_setup().await.unwrap().unwrap().token
}

fn dead<T: std::fmt::Debug>(result: Result<T, AppError>) -> LinkError {
    match result {
        Err(AppError::Link(why)) => why,
        other => panic!("{other:?}"),
    }
}

fn operator(name: &str) -> PeopleCommand {
    let new = NewUser { standing: Standing::Operator, account: None, ..new_user(name, "1", &[]) };
    PeopleCommand::Create(new)
}

#[tokio::test]
async fn whoever_has_the_link_becomes_the_first_operator_once() {
    let world = World::new().await;
    // Others do not count.
    world.user("mara", "1", &["admin"]).await;
    let token = offered(&world.app).await;
    let other = world.another_node().await;
    let (one, two) = tokio::join!(set_up(&world.app, &token, "root"), set_up(&other, &token, "toor"));
    assert_ne!(one.is_ok(), two.is_ok(), "{one:?} {two:?}");
    let made = one.as_ref().or(two.as_ref()).unwrap();
    assert_eq!((made.standing, made.password, made.memberships.len()), (Standing::Operator, true, 0));
    let name = made.username.to_string();
    dead(if one.is_ok() { two } else { one });
    assert_eq!(world.app.offer_setup().await.unwrap(), None);
    let (root, _) = world.actor(&name).await;
    assert!(world.key(&root, claviger_world::new_key("2")).await.is_ok());
    let trail: Vec<_> = world.trail().await.into_iter().map(|(action, _)| action).collect();
    for action in ["setup.offer", "setup", "setup.fail"] {
        assert_eq!(trail.iter().filter(|one| *one == action).count(), 1, "{action}: {trail:?}");
    }
    let audit = format!("{:?}", world.store.audit_entries(0, 1000).await.unwrap());
    assert!(!audit.contains(token.expose()));
}

#[tokio::test]
async fn each_start_has_a_link_of_its_own_for_an_hour() {
    let world = World::new().await;
    let first = offered(&world.app).await;
    let second = offered(&*world.another_node().await).await;
    assert_eq!(dead(set_up(&world.app, &first, "root").await), LinkError::Unknown);
    world.pass(3600);
    assert_eq!(dead(set_up(&world.app, &second, "root").await), LinkError::Expired);
    let third = offered(&world.app).await;
    world.pass(3599);
    assert!(set_up(&world.app, &third, "root").await.is_ok());
}

#[tokio::test]
async fn an_operator_ends_it_for_good() {
    let world = World::new().await;
    let token = offered(&world.app).await;
    world.people(&OPERATOR, operator("root")).await.unwrap();
    assert_eq!(dead(set_up(&world.app, &token, "other").await), LinkError::Unknown);
    let state = |state| PeopleCommand::State { user: "root".parse().unwrap(), state, reason: None };
    world.people(&OPERATOR, state(UserState::Disabled)).await.unwrap();
    assert_eq!(dead(set_up(&world.app, &token, "other").await), LinkError::Unknown);
    // Nobody can sign in as an operator: the next start offers it again.
    let token = offered(&world.app).await;
    world.people(&OPERATOR, state(UserState::Active)).await.unwrap();
    assert_eq!(dead(set_up(&world.app, &token, "other").await), LinkError::Unknown);
    assert_eq!(world.app.offer_setup().await.unwrap(), None);
}

#[tokio::test]
async fn passwords_are_held_to_the_usual_rules_and_guesses_counted() {
    let world = World::new().await;
    let token = offered(&world.app).await;
    let weak = SetUp {
        token: token.clone(),
        username: "root".parse().unwrap(),
        email: None,
        name: None,
        password: Shown::new("passwordpassword"),
    };
    assert!(matches!(world.app.set_up(weak, HOME).await, Err(AppError::Password(_))));
    for _ in 0..100 {
        dead(set_up(&world.app, &Shown::new("nonsense"), "root").await);
    }
    let blocked = set_up(&world.app, &token, "root").await;
    assert!(matches!(blocked, Err(AppError::SignIn(SignInError::Blocked { .. }))), "{blocked:?}");
}
