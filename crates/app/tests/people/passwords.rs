use claviger_app::{PeopleCommand, Shown, SignInError};
use claviger_model::UserState;
use http::Method;

use claviger_world::{OPERATOR, PASSWORD, World};

#[tokio::test]
async fn who_exists_is_not_told() {
    let world = World::new().await;
    world.user("mara", "1", &["admin"]).await;
    world.user("off", "1", &["admin"]).await;
    let disable =
        PeopleCommand::State { user: "off".parse().unwrap(), state: UserState::Disabled, reason: None };
    world.people(&OPERATOR, disable).await.unwrap();
    for (name, password) in [
        ("mara", "gull tern heron"),
        ("nobody", PASSWORD),
        ("off", PASSWORD),
        ("mara@example.com ", PASSWORD),
        ("", ""),
    ] {
        let refused = world.sign_in(name, password).await.unwrap_err();
        assert_eq!(refused, SignInError::Wrong, "{name}");
    }
    let failures = world.trail().await.into_iter().filter(|(action, _)| action == "sign_in.fail");
    let reasons: Vec<_> = failures.map(|(_, reason)| reason.unwrap()).collect();
    assert_eq!(reasons.len(), 5);
    assert!(reasons.windows(2).all(|two| two[0] == two[1]));
}

#[tokio::test]
async fn one_signs_in_by_user_name_or_address_in_whatever_case() {
    let world = World::new().await;
    let mara = world.user("Mara", "1", &["admin"]).await;
    for login in ["Mara", "mara", "MARA@EXAMPLE.COM"] {
        let entered = world.sign_in(login, PASSWORD).await.unwrap();
        assert_eq!(entered.user.id, mara.id);
        let token = entered.session.token.unwrap();
        assert!(token.expose().starts_with("login_user_"), "{login}");
        assert_eq!(world.refused(&Method::GET, token.expose()), None);
    }
    assert!(world.trail().await.iter().any(|(action, _)| action == "sign_in"));
}

#[tokio::test]
async fn a_changed_password_signs_one_out() {
    let world = World::new().await;
    world.user("mara", "1", &["admin"]).await;
    let (mara, token) = world.actor("mara").await;
    let change = |current: &str, password: &str| PeopleCommand::PasswordChange {
        current: Shown::new(current),
        password: Shown::new(password),
    };
    assert!(world.people(&mara, change("wrong", "a heron and a gull")).await.is_err());
    assert!(world.people(&mara, change(PASSWORD, "passwordpassword")).await.is_err());
    assert_eq!(world.refused(&Method::GET, &token), None);
    world.people(&mara, change(PASSWORD, "a heron and a gull")).await.unwrap();
    assert!(world.refused(&Method::GET, &token).is_some());
    assert!(world.app.actor_of(&token, claviger_world::HOME).is_none());
    assert!(world.sign_in("mara", PASSWORD).await.is_err());
    assert!(world.sign_in("mara", "a heron and a gull").await.is_ok());
}

#[tokio::test]
async fn one_signs_out() {
    let world = World::new().await;
    world.user("mara", "1", &["member"]).await;
    world.user("otto", "1", &["admin"]).await;
    let (mara, token) = world.actor("mara").await;
    let id = world.app.signed_in(&token, claviger_world::HOME).unwrap().token;
    let (otto, _) = world.actor("otto").await;
    let revoke = PeopleCommand::SessionRevoke { id: Some(id) };
    assert!(world.people(&otto, revoke.clone()).await.is_err());
    assert_eq!(world.refused(&Method::GET, &token), None);
    world.people(&mara, revoke).await.unwrap();
    assert!(world.refused(&Method::GET, &token).is_some());
}
