use claviger_app::{
    Access, Actor, Command, ErrorKind, KeyFilter, NewRole, Outcome, Part, PeopleCommand, PeopleOutcome,
    Reveal, UserSort,
};
use claviger_model::{LifeEvent, Reason, Right, RoleAccess, Scope, Standing, UserState};
use http::Method;

use claviger_world::{OPERATOR, World, id_of, new_key, new_user};

fn kind<T: std::fmt::Debug>(result: Result<T, claviger_app::AppError>) -> Option<ErrorKind> {
    result.err().map(|error| error.kind())
}

fn users(account: Option<&str>) -> PeopleCommand {
    let account = account.map(|number| number.parse().unwrap());
    PeopleCommand::List { account, sort: UserSort::default(), part: Part::default() }
}

fn roles(user: &str, roles: &[&str]) -> PeopleCommand {
    PeopleCommand::Roles {
        user: user.parse().unwrap(),
        account: "1".parse().unwrap(),
        roles: Some(roles.iter().map(|role| role.parse().unwrap()).collect()),
    }
}

fn role(slug: &str, rights: &[Right], access: RoleAccess) -> PeopleCommand {
    PeopleCommand::RolePut(NewRole {
        account: Some("1".parse().unwrap()),
        slug: slug.parse().unwrap(),
        name: None,
        rights: rights.to_vec(),
        access,
    })
}

const EVERYTHING: RoleAccess = RoleAccess::Scope(Scope::Admin);

/// Own, another's and another account's keys, by what each role lets one do about them.
#[tokio::test]
async fn who_may_do_what_about_keys() {
    let world = World::new().await;
    let maker = role("maker", &[Right::ManageKeys], EVERYTHING);
    world.people(&OPERATOR, maker).await.unwrap();
    for (name, account, role) in [
        ("admin", "1", "admin"),
        ("keys", "1", "api-administrator"),
        ("maker", "1", "maker"),
        ("member", "1", "member"),
        ("elsewhere", "2", "admin"),
    ] {
        world.user(name, account, &[role]).await;
    }
    let others = world.key(&OPERATOR, new_key("1")).await.unwrap().id;
    let (no, unseen) = (Some(ErrorKind::Forbidden), Some(ErrorKind::NotFound));
    for (name, makes, sees_others) in [
        ("admin", None, None),
        ("keys", None, None),
        ("maker", None, no),
        ("member", no, no),
        ("elsewhere", unseen, unseen),
    ] {
        let (actor, _) = world.actor(name).await;
        assert_eq!(kind(world.key(&actor, new_key("1")).await), makes, "{name}");
        let show = Command::KeyShow { id: others, reveal: Reveal::Secret };
        assert_eq!(kind(world.run(&actor, show).await), sees_others, "{name}");
        let disable = Command::KeyLife { id: others, event: LifeEvent::Disable, reason: None };
        assert_eq!(kind(world.run(&actor, disable).await), sees_others, "{name}");
        let Ok(Outcome::Keys(seen)) = world.run(&actor, Command::KeyList(KeyFilter::default())).await else {
            assert_eq!(name, "member");
            continue;
        };
        let own = seen.iter().filter(|key| key.user.as_deref() == Some(name)).count();
        match name {
            "maker" => assert_eq!((seen.len(), own), (1, 1)),
            "elsewhere" => assert_eq!(seen.len(), 0),
            _ => assert!(own == 1 && seen.iter().any(|key| key.id == others), "{name}"),
        }
    }
}

#[tokio::test]
async fn a_role_that_is_cut_narrows_keys_at_once() {
    let world = World::new().await;
    world.user("mara", "1", &["admin"]).await;
    let (mara, token) = world.actor("mara").await;
    let key = world.key(&mara, new_key("1")).await.unwrap();
    assert_eq!(key.user.as_deref(), Some("mara"));
    let secret = key.key.unwrap();
    let calls = |world: &World| {
        [secret.expose(), &token].map(|one| [Method::GET, Method::DELETE].map(|how| world.refused(&how, one)))
    };
    assert_eq!(calls(&world), [[None, None]; 2]);
    world.people(&OPERATOR, roles("mara", &["member"])).await.unwrap();
    assert_eq!(calls(&world), [[None, Some(Reason::InsufficientPermission)]; 2]);
    assert_eq!(kind(world.key(&mara, new_key("1")).await), Some(ErrorKind::Forbidden));
    let state = |state| PeopleCommand::State { user: "mara".parse().unwrap(), state, reason: None };
    world.people(&OPERATOR, state(UserState::Disabled)).await.unwrap();
    assert!(calls(&world).as_flattened().iter().all(Option::is_some));
    world.people(&OPERATOR, state(UserState::Active)).await.unwrap();
    // The key works again; whoever was signed in signs in anew.
    assert_eq!(world.refused(&Method::GET, secret.expose()), None);
    assert!(world.refused(&Method::GET, &token).is_some());
    let user = "mara".parse().unwrap();
    world.people(&OPERATOR, PeopleCommand::Remove { user, reason: None }).await.unwrap();
    assert!(calls(&world).as_flattened().iter().all(Option::is_some));
}

#[tokio::test]
async fn nobody_gives_what_they_do_not_have() {
    let world = World::new().await;
    let reader = RoleAccess::Scope(Scope::ReadOnly);
    let rights = [Right::ManageUsers, Right::ManageRoles, Right::ManageKeys, Right::ManageOthersKeys];
    world.people(&OPERATOR, role("clerk", &rights, reader.clone())).await.unwrap();
    world.user("clerk", "1", &["clerk"]).await;
    world.user("member", "1", &["member"]).await;
    world.user("admin", "1", &["admin"]).await;
    let (clerk, _) = world.actor("clerk").await;
    let no = Some(ErrorKind::Forbidden);
    assert_eq!(kind(world.people(&clerk, roles("member", &["admin"])).await), no);
    assert_eq!(kind(world.people(&clerk, roles("clerk", &["admin"])).await), no);
    assert_eq!(kind(world.people(&clerk, roles("admin", &[])).await), no);
    assert_eq!(kind(world.people(&clerk, role("clerk", &rights, EVERYTHING)).await), no);
    assert_eq!(kind(world.people(&clerk, role("auditor", &[Right::ReadAudit], reader.clone())).await), no);
    assert_eq!(kind(world.people(&clerk, roles("member", &["clerk"])).await), None);
    assert_eq!(kind(world.people(&clerk, role("reader", &[Right::ManageKeys], reader)).await), None);
    let operator = claviger_app::NewUser { standing: Standing::Operator, ..new_user("op", "1", &[]) };
    assert_eq!(kind(world.people(&clerk, PeopleCommand::Create(operator)).await), no);
    let only = Access::Only(vec!["things:things:delete".parse().unwrap()]);
    let wide = claviger_app::NewKey { access: only, ..new_key("1") };
    assert_eq!(kind(world.key(&clerk, wide).await), no);
    // Seeing a key that does more is having it.
    let strong = world.key(&OPERATOR, new_key("1")).await.unwrap().id;
    let reveal = Command::KeyShow { id: strong, reveal: Reveal::Secret };
    assert_eq!(kind(world.run(&clerk, reveal).await), no);
    let rotate = Command::KeyRotate { id: strong, overlap: claviger_model::Span::ZERO };
    assert_eq!(kind(world.run(&clerk, rotate).await), no);
}

#[tokio::test]
async fn others_accounts_are_not_there() {
    let world = World::new().await;
    world.user("mara", "1", &["admin"]).await;
    world.user("otto", "2", &["admin"]).await;
    let (mara, _) = world.actor("mara").await;
    let unseen = Some(ErrorKind::NotFound);
    for command in [
        PeopleCommand::Show { user: "otto".parse().unwrap() },
        users(Some("2")),
        PeopleCommand::Remove { user: "otto".parse().unwrap(), reason: None },
        PeopleCommand::RoleList { account: Some("2".parse().unwrap()), part: Part::default() },
        PeopleCommand::Create(new_user("eve", "2", &[])),
    ] {
        assert_eq!(kind(world.people(&mara, command.clone()).await), unseen, "{command:?}");
    }
    let Ok(Outcome::Accounts(accounts)) = world.run(&mara, Command::AccountList(Part::default())).await
    else {
        panic!()
    };
    assert_eq!(accounts.len(), 1);
    let Ok(PeopleOutcome::Users(users)) = world.people(&mara, users(None)).await else { panic!() };
    assert_eq!(users.iter().map(|user| user.id).collect::<Vec<_>>(), [id_of(&mara)]);
}

#[tokio::test]
async fn everybody_is_told_who_the_admins_are() {
    let world = World::new().await;
    world.user("mara", "1", &["api-administrator"]).await;
    world.user("member", "1", &["member"]).await;
    let (member, _) = world.actor("member").await;
    let Ok(PeopleOutcome::Admins(admins)) = world.people(&member, PeopleCommand::Admins).await else {
        panic!()
    };
    assert_eq!(admins.iter().map(|admin| admin.name.as_str()).collect::<Vec<_>>(), ["mara"]);
}

#[tokio::test]
async fn machines_have_keys_and_do_not_sign_in() {
    let world = World::new().await;
    world.user("mara", "1", &["admin"]).await;
    let robot = claviger_app::NewUser {
        standing: Standing::Service,
        password: None,
        ..new_user("robot", "1", &["member"])
    };
    world.people(&OPERATOR, PeopleCommand::Create(robot)).await.unwrap();
    assert!(world.sign_in("robot", "").await.is_err());
    let (mara, _) = world.actor("mara").await;
    let of = |user: &str| claviger_app::NewKey { user: Some(user.parse().unwrap()), ..new_key("1") };
    let key = world.key(&mara, of("robot")).await.unwrap();
    let secret = key.key.unwrap();
    assert_eq!(world.refused(&Method::GET, secret.expose()), None);
    assert_eq!(world.refused(&Method::DELETE, secret.expose()), Some(Reason::InsufficientPermission));
    world.user("member", "1", &["member"]).await;
    assert_eq!(kind(world.key(&mara, of("member")).await), Some(ErrorKind::Forbidden));
}

#[tokio::test]
async fn operators_stand_above_accounts() {
    let world = World::new().await;
    let new =
        claviger_app::NewUser { standing: Standing::Operator, account: None, ..new_user("op", "1", &[]) };
    world.people(&OPERATOR, PeopleCommand::Create(new)).await.unwrap();
    let (operator, token) = world.actor("op").await;
    assert!(world.key(&operator, new_key("2")).await.is_ok());
    assert!(matches!(operator, Actor::User { .. }));
    assert!(world.refused(&Method::GET, &token).is_some());
}
