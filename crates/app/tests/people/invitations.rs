//! Somebody is let into an account by whoever manages its users, by a link that works once.

use claviger_app::{
    AcceptInvitation, Actor, App, AppError, ErrorKind, InvitationView, LinkError, NewInvitation, NewRole,
    Part, PeopleCommand, PeopleOutcome, Shown, SignInError, UserView,
};
use claviger_model::{Right, RoleAccess, Scope, UserState};
use claviger_world::{HOME, OPERATOR, PASSWORD, World};

const DAY: i64 = 24 * 3600;

fn kind<T: std::fmt::Debug>(result: Result<T, AppError>) -> Option<ErrorKind> {
    result.err().map(|error| error.kind())
}

async fn accept(app: &App, token: &Shown, username: &str) -> Result<UserView, AppError> {
    let with = AcceptInvitation {
        token: token.clone(),
        username: username.parse().unwrap(),
        name: None,
        password: Shown::new(PASSWORD),
    };
    app.accept_invitation(with, HOME).await
}

/// Why a link does nothing. What whoever holds it is told is always the same.
fn dead<T: std::fmt::Debug>(result: Result<T, AppError>) -> LinkError {
    match result {
        Err(error @ AppError::Link(why)) => {
            assert_eq!(error.to_string(), LinkError::Unknown.to_string());
            assert_eq!(error.kind(), ErrorKind::NotFound);
            why
        }
        other => panic!("{other:?}"),
    }
}

fn token(view: InvitationView) -> Shown {
    view.token.unwrap()
}

async fn open(world: &World, actor: &Actor) -> Vec<InvitationView> {
    let list = PeopleCommand::InvitationList { account: None, part: Part::default() };
    match world.people(actor, list).await.unwrap() {
        PeopleOutcome::Invitations(all) => all,
        other => panic!("{other:?}"),
    }
}

fn role(slug: &str, rights: &[Right]) -> PeopleCommand {
    PeopleCommand::RolePut(NewRole {
        account: Some("1".parse().unwrap()),
        slug: slug.parse().unwrap(),
        name: None,
        rights: rights.to_vec(),
        access: RoleAccess::Scope(Scope::ReadOnly),
    })
}

fn roles(user: &str, roles: &[&str]) -> PeopleCommand {
    PeopleCommand::Roles {
        user: user.parse().unwrap(),
        account: "1".parse().unwrap(),
        roles: Some(roles.iter().map(|role| role.parse().unwrap()).collect()),
    }
}

/// An account with Mara, who may everything, and Mara herself.
async fn world() -> (World, Actor) {
    let world = World::new().await;
    world.user("mara", "1", &["admin"]).await;
    let (mara, _) = world.actor("mara").await;
    (world, mara)
}

#[tokio::test]
async fn whoever_is_invited_comes_in_once_with_what_they_were_given() {
    let (world, mara) = world().await;
    let view = world.invite(&mara, "otto", "1", &["member"]).await.unwrap();
    assert_eq!(view.expires_at.since(view.created_at).as_micros(), 7 * DAY * 1_000_000);
    let token = view.token.clone().unwrap();
    assert!(claviger_credential_form(token.expose()), "a scanner finds it");
    assert_eq!(open(&world, &mara).await, [InvitationView { token: None, ..view }]);
    let otto = accept(&world.app, &token, "otto").await.unwrap();
    assert_eq!(otto.email.unwrap().as_str(), "otto@example.com");
    assert_eq!(
        (otto.memberships[0].account.as_str(), otto.memberships[0].roles[0].as_str()),
        ("1", "member")
    );
    assert!(world.sign_in("otto", PASSWORD).await.is_ok());
    assert_eq!(open(&world, &mara).await, []);
    assert_eq!(dead(accept(&world.app, &token, "other").await), LinkError::Unknown);
    let trail: Vec<_> = world.trail().await.into_iter().map(|(action, _)| action).collect();
    for action in ["invitation.create", "invitation.accept", "invitation.fail"] {
        assert!(trail.iter().any(|one| one == action), "{action}: {trail:?}");
    }
    let audit = format!("{:?}", world.store.audit_entries(0, 1000).await.unwrap());
    assert!(!audit.contains(token.expose()));
}

/// The form of keys, as the guides give it to scanners: a prefix, a word and 49 letters and digits.
fn claviger_credential_form(text: &str) -> bool {
    let parts: Vec<_> = text.split('_').collect();
    parts.len() == 3 && parts[2].len() == 49 && parts[2].bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[tokio::test]
async fn of_two_who_use_one_link_on_two_nodes_one_comes_in() {
    let (world, mara) = world().await;
    let token = token(world.invite(&mara, "otto", "1", &["member"]).await.unwrap());
    let other = world.another_node().await;
    let (one, two) = tokio::join!(accept(&world.app, &token, "otto"), accept(&other, &token, "oskar"));
    assert_ne!(one.is_ok(), two.is_ok(), "{one:?} {two:?}");
    let lost = if one.is_ok() { two } else { one };
    assert_eq!(dead(lost), LinkError::Unknown);
}

#[tokio::test]
async fn what_is_unknown_used_withdrawn_or_over_is_answered_alike() {
    let (world, mara) = world().await;
    let withdrawn = world.invite(&mara, "a", "1", &[]).await.unwrap();
    let withdraw = PeopleCommand::InvitationWithdraw { id: withdrawn.id, reason: Some("a slip".into()) };
    world.people(&mara, withdraw.clone()).await.unwrap();
    assert_eq!(kind(world.people(&mara, withdraw).await), Some(ErrorKind::NotFound));
    let used = token(world.invite(&mara, "b", "1", &[]).await.unwrap());
    accept(&world.app, &used, "b").await.unwrap();
    let over = token(world.invite(&mara, "c", "1", &[]).await.unwrap());
    let spare = token(world.invite(&OPERATOR, "d", "1", &[]).await.unwrap());
    world.pass(7 * DAY - 1);
    accept(&world.app, &spare, "d").await.unwrap();
    world.pass(1);
    for (token, why) in [
        (Shown::new("nonsense"), LinkError::Unknown),
        (token_of(withdrawn), LinkError::Unknown),
        (used, LinkError::Unknown),
        (over, LinkError::Expired),
    ] {
        assert_eq!(dead(accept(&world.app, &token, "e").await), why);
    }
    assert!(open(&world, &OPERATOR).await.is_empty());
}

fn token_of(view: InvitationView) -> Shown {
    view.token.unwrap()
}

#[tokio::test]
async fn nobody_invites_to_more_than_they_may_give() {
    let (world, mara) = world().await;
    world.people(&OPERATOR, role("clerk", &[Right::ManageUsers])).await.unwrap();
    world.user("clerk", "1", &["clerk"]).await;
    world.user("member", "1", &["member"]).await;
    let ((clerk, _), (member, _)) = (world.actor("clerk").await, world.actor("member").await);
    let no = Some(ErrorKind::Forbidden);
    assert_eq!(kind(world.invite(&clerk, "a", "1", &["admin"]).await), no);
    assert_eq!(kind(world.invite(&member, "a", "1", &[]).await), no);
    assert_eq!(kind(world.invite(&clerk, "a", "2", &[]).await), Some(ErrorKind::NotFound));
    assert_eq!(kind(world.invite(&clerk, "a", "1", &["clerk"]).await), None);
    // Nor take back what somebody gives who has more, or see what is given elsewhere.
    let admin = world.invite(&mara, "b", "1", &["admin"]).await.unwrap();
    let withdraw = PeopleCommand::InvitationWithdraw { id: admin.id, reason: None };
    assert_eq!(kind(world.people(&clerk, withdraw).await), no);
    let foreign = world.invite(&OPERATOR, "c", "2", &[]).await.unwrap();
    let withdraw = PeopleCommand::InvitationWithdraw { id: foreign.id, reason: None };
    assert_eq!(kind(world.people(&mara, withdraw).await), Some(ErrorKind::NotFound));
    assert_eq!(open(&world, &mara).await.len(), 2);
    assert_eq!(open(&world, &OPERATOR).await.len(), 3);
}

#[tokio::test]
async fn an_invitation_gives_no_more_than_its_inviter_could_give_now() {
    let (world, _) = world().await;
    world.people(&OPERATOR, role("reader", &[Right::ReadAudit])).await.unwrap();
    let state = |state| PeopleCommand::State { user: "ines".parse().unwrap(), state, reason: None };
    let leave =
        PeopleCommand::Roles { user: "ines".parse().unwrap(), account: "1".parse().unwrap(), roles: None };
    world.user("ines", "1", &["admin"]).await;
    let (ines, _) = world.actor("ines").await;
    let invited = token(world.invite(&ines, "otto", "1", &["reader"]).await.unwrap());
    world.people(&OPERATOR, role("clerk", &[Right::ManageUsers])).await.unwrap();
    for cut in [
        roles("ines", &["member"]),
        // They may still invite, and not to this.
        roles("ines", &["clerk"]),
        state(UserState::Disabled),
        leave,
    ] {
        world.people(&OPERATOR, cut.clone()).await.unwrap();
        assert_eq!(dead(accept(&world.app, &invited, "otto").await), LinkError::Inviter, "{cut:?}");
        world.people(&OPERATOR, state(UserState::Active)).await.unwrap();
        world.people(&OPERATOR, roles("ines", &["admin"])).await.unwrap();
    }
    // A role that says less by now gives less.
    world.people(&OPERATOR, role("reader", &[])).await.unwrap();
    accept(&world.app, &invited, "otto").await.unwrap();
    let (otto, _) = world.actor("otto").await;
    let audit = claviger_app::Command::AuditList(claviger_app::AuditFilter::default());
    assert_eq!(kind(world.run(&otto, audit).await), Some(ErrorKind::Forbidden));
}

#[tokio::test]
async fn what_somebody_who_is_gone_offered_is_dead() {
    let (world, mara) = world().await;
    world.user("ines", "1", &["admin"]).await;
    let (ines, _) = world.actor("ines").await;
    let invited = token(world.invite(&ines, "otto", "1", &["member"]).await.unwrap());
    let remove = PeopleCommand::Remove { user: "ines".parse().unwrap(), reason: None };
    // It is found out by a node on which nothing of it was done.
    let other = world.another_node().await;
    world.people(&mara, remove).await.unwrap();
    assert_eq!(dead(accept(&other, &invited, "otto").await), LinkError::Inviter);
}

#[tokio::test]
async fn an_account_that_asks_for_a_second_factor_asks_whoever_invites() {
    let (world, mara) = world().await;
    let invited = token(world.invite(&mara, "otto", "1", &["member"]).await.unwrap());
    let rule = |second_factor| claviger_app::Command::AccountEdit {
        account: "1".parse().unwrap(),
        second_factor,
        known: None,
    };
    world.run(&OPERATOR, rule(claviger_model::SecondFactorRule::Required)).await.unwrap();
    assert_eq!(dead(accept(&world.app, &invited, "otto").await), LinkError::Inviter);
    world.run(&OPERATOR, rule(claviger_model::SecondFactorRule::Optional)).await.unwrap();
    accept(&world.app, &invited, "otto").await.unwrap();
}

#[tokio::test]
async fn a_role_that_is_removed_takes_its_invitations_along() {
    let (world, mara) = world().await;
    world.people(&OPERATOR, role("reader", &[])).await.unwrap();
    let invited = token(world.invite(&mara, "otto", "1", &["member", "reader"]).await.unwrap());
    world.invite(&mara, "oskar", "1", &["member"]).await.unwrap();
    let account = Some("1".parse().unwrap());
    let remove = PeopleCommand::RoleRemove { account, slug: "reader".parse().unwrap() };
    world.people(&mara, remove).await.unwrap();
    assert_eq!(open(&world, &mara).await.len(), 1);
    // Another role with its slug is another role.
    world.people(&OPERATOR, role("reader", &Right::ALL)).await.unwrap();
    assert_eq!(dead(accept(&world.app, &invited, "otto").await), LinkError::Unknown);
}

#[tokio::test]
async fn whoever_is_a_user_joins_and_needs_a_recent_proof() {
    let (world, mara) = world().await;
    world.user("bea", "2", &["admin"]).await;
    let (bea, _) = world.actor("bea").await;
    let invited = token(world.invite(&mara, "bea-at-one", "1", &["member"]).await.unwrap());
    world.pass(3600);
    let late = world.app.join_account(&bea, &invited, HOME).await;
    assert!(matches!(late, Err(AppError::SignIn(SignInError::ProofNeeded))), "{late:?}");
    let ((bea, _), (mara, _)) = (world.actor("bea").await, world.actor("mara").await);
    let joined = world.app.join_account(&bea, &invited, HOME).await.unwrap();
    let accounts: Vec<_> = joined.memberships.iter().map(|one| one.account.as_str()).collect();
    assert_eq!(accounts, ["2", "1"]);
    assert_eq!(dead(world.app.join_account(&bea, &invited, HOME).await), LinkError::Unknown);
    // It is no way to other roles, and stays for whom it was meant.
    let more = token(world.invite(&mara, "somebody", "1", &["admin"]).await.unwrap());
    assert_eq!(kind(world.app.join_account(&bea, &more, HOME).await), Some(ErrorKind::Conflict));
    assert_eq!(open(&world, &mara).await.len(), 1);
    let refused = world.app.join_account(&OPERATOR, &more, HOME).await;
    assert_eq!(kind(refused), Some(ErrorKind::Invalid));
}

#[tokio::test]
async fn a_key_takes_nobody_into_an_account() {
    let (world, mara) = world().await;
    world.user("bea", "2", &["admin"]).await;
    let (bea, _) = world.actor("bea").await;
    let key = world.key(&bea, claviger_world::new_key("2")).await.unwrap().key.unwrap();
    let (robot, _) = world.app.manager(key.expose(), HOME).unwrap();
    let invited = token(world.invite(&mara, "x", "1", &[]).await.unwrap());
    let refused = world.app.join_account(&robot, &invited, HOME).await;
    assert!(matches!(refused, Err(AppError::SignIn(SignInError::KeyProvesNothing))), "{refused:?}");
    assert_eq!(kind(world.invite(&robot, "y", "2", &[]).await), Some(ErrorKind::Forbidden));
}

#[tokio::test]
async fn names_and_passwords_are_held_to_the_usual_rules() {
    let (world, mara) = world().await;
    let invited = token(world.invite(&mara, "otto", "1", &[]).await.unwrap());
    let with = |username: &str, name: Option<&str>, password: &str| AcceptInvitation {
        token: invited.clone(),
        username: username.parse().unwrap(),
        name: name.map(str::to_owned),
        password: Shown::new(password),
    };
    for (wrong, expected) in [
        (with("otto", None, "short"), ErrorKind::Invalid),
        (with("otto", None, "OTTO@example.com"), ErrorKind::Invalid),
        (with("otto", Some(""), PASSWORD), ErrorKind::Invalid),
        (with("MARA", None, PASSWORD), ErrorKind::Conflict),
    ] {
        assert_eq!(kind(world.app.accept_invitation(wrong, HOME).await), Some(expected));
    }
    world.app.accept_invitation(with("otto", Some("Otto the Second"), PASSWORD), HOME).await.unwrap();
}

#[tokio::test]
async fn guesses_are_counted_by_address_together_with_those_at_signing_in() {
    let (world, mara) = world().await;
    let invited = token(world.invite(&mara, "otto", "1", &[]).await.unwrap());
    let nonsense = Shown::new("nonsense");
    for _ in 0..99 {
        dead(accept(&world.app, &nonsense, "otto").await);
    }
    // Names of others are guessed in the same way.
    assert_eq!(kind(accept(&world.app, &invited, "mara").await), Some(ErrorKind::Conflict));
    let blocked = |result: Result<UserView, AppError>| {
        matches!(result, Err(AppError::SignIn(SignInError::Blocked { .. })))
    };
    assert!(blocked(accept(&world.app, &invited, "otto").await));
    assert!(
        world
            .sign_in("mara", "a wrong password")
            .await
            .is_err_and(|error| { matches!(error, SignInError::Blocked { .. }) })
    );
    world.pass(DAY);
    accept(&world.app, &invited, "otto").await.unwrap();
}

#[tokio::test]
async fn what_can_be_open_is_bounded() {
    let (world, _) = world().await;
    for number in 0..100 {
        world.invite(&OPERATOR, &format!("user{number}"), "1", &[]).await.unwrap();
    }
    assert_eq!(kind(world.invite(&OPERATOR, "another", "1", &[]).await), Some(ErrorKind::Invalid));
    assert_eq!(kind(world.invite(&OPERATOR, "another", "2", &[]).await), None);
    assert_eq!(kind(world.invite(&OPERATOR, "ANOTHER", "2", &[]).await), Some(ErrorKind::Conflict));
    world.pass(7 * DAY);
    assert_eq!(kind(world.invite(&OPERATOR, "another", "1", &[]).await), None);
    let long = NewInvitation {
        email: "a@example.com".parse().unwrap(),
        account: Some("1".parse().unwrap()),
        roles: vec![],
        lifetime: Some(claviger_model::Span::from_days(31)),
    };
    assert_eq!(kind(world.people(&OPERATOR, PeopleCommand::Invite(long)).await), Some(ErrorKind::Invalid));
    world.app.prune(claviger_app::Keep { changes: 1000, audit: None }).await.unwrap();
    assert_eq!(open(&world, &OPERATOR).await.len(), 1);
}
