//! Names and what people sign in with are changed by themselves, and by who manages users.

use claviger_app::{
    AppError, ErrorKind, NewUser, PeopleCommand, PeopleOutcome, SignInError, UserEdit, UserView,
};
use claviger_model::{Right, Standing};
use claviger_world::{HOME, OPERATOR, PASSWORD, World, new_key, new_user};

fn kind<T: std::fmt::Debug>(result: Result<T, AppError>) -> Option<ErrorKind> {
    result.err().map(|error| error.kind())
}

fn edit(username: Option<&str>, email: Option<&str>, name: Option<&str>) -> UserEdit {
    UserEdit {
        username: username.map(|text| text.parse().unwrap()),
        email: email.map(|text| text.parse().unwrap()),
        name: name.map(str::to_owned),
    }
}

fn of(user: &str, edit: UserEdit) -> PeopleCommand {
    PeopleCommand::Edit { user: user.parse().unwrap(), edit, unchanged_since: None }
}

const fn own(edit: UserEdit) -> PeopleCommand {
    PeopleCommand::EditOneself { edit, unchanged_since: None }
}

fn view(outcome: PeopleOutcome) -> UserView {
    match outcome {
        PeopleOutcome::User(view) => *view,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn one_changes_ones_name_and_address_and_signs_in_with_the_new_one() {
    let world = World::new().await;
    world.user("otto", "1", &["member"]).await;
    let (otto, _) = world.actor("otto").await;
    let changed = world.people(&otto, own(edit(None, Some("o@example.org"), Some("Otto")))).await;
    let changed = view(changed.unwrap());
    assert_eq!((changed.email.unwrap().as_str(), changed.name.as_str()), ("o@example.org", "Otto"));
    assert!(world.sign_in("O@example.org", PASSWORD).await.is_ok());
    assert!(world.sign_in("otto@example.com", PASSWORD).await.is_err());
    let nowhere = view(world.people(&otto, own(edit(None, Some(""), None))).await.unwrap());
    assert_eq!(nowhere.email, None);
    let entries = world.store.audit_entries(0, 1000).await.unwrap();
    let entry = &entries.iter().find(|one| one.entry.action == "user.self.rename").unwrap().entry;
    assert!(entry.before.as_ref().unwrap().contains("otto@example.com"));
    assert!(entry.after.as_ref().unwrap().contains("o@example.org"));
}

#[tokio::test]
async fn what_one_signs_in_with_needs_a_recent_proof_and_a_name_does_not() {
    let world = World::new().await;
    world.user("mara", "1", &["admin"]).await;
    world.user("otto", "1", &["member"]).await;
    let (mara, _) = world.actor("mara").await;
    let key = world.key(&mara, new_key("1")).await.unwrap().key.unwrap();
    let (robot, _) = world.app.manager(key.expose(), HOME).unwrap();
    world.pass(3600);
    let refusal = |result: Result<PeopleOutcome, AppError>| match result {
        Ok(_) => None,
        Err(AppError::SignIn(why)) => Some(why),
        Err(other) => panic!("{other}"),
    };
    let (handle, name) = (edit(None, Some("m@example.org"), None), edit(None, None, Some("Mara")));
    let username = edit(Some("other"), None, None);
    let (needed, nothing) = (SignInError::ProofNeeded, SignInError::KeyProvesNothing);
    for (command, with_token, with_key) in [
        (own(handle.clone()), Some(needed), Some(nothing)),
        (of("otto", handle), Some(needed), Some(nothing)),
        (of("otto", username), Some(needed), Some(nothing)),
        (own(name.clone()), None, None),
        (of("otto", name), None, None),
    ] {
        assert_eq!(refusal(world.people(&mara, command.clone()).await), with_token, "{command:?}");
        assert_eq!(refusal(world.people(&robot, command.clone()).await), with_key, "{command:?}");
    }
}

#[tokio::test]
async fn nobody_gets_what_another_signs_in_with() {
    let world = World::new().await;
    world.user("mara", "1", &["admin"]).await;
    world.user("otto", "1", &["member"]).await;
    let (mara, _) = world.actor("mara").await;
    // As the user name of another, as the address, and as one in the place of the other, in whatever case.
    let crossed = new_user("odd", "2", &[]);
    let crossed = NewUser { username: "odd@example.org".parse().unwrap(), email: None, ..crossed };
    world.people(&OPERATOR, PeopleCommand::Create(crossed)).await.unwrap();
    for wrong in [
        edit(Some("OTTO"), None, None),
        edit(None, Some("Otto@example.com"), None),
        edit(None, Some("ODD@example.org"), None),
    ] {
        let refused = world.people(&mara, own(wrong.clone())).await;
        let plain = format!("{:?}", refused.as_ref().map_err(ToString::to_string));
        assert!(plain.contains("is there already"), "{plain}");
        assert_eq!(kind(refused), Some(ErrorKind::Conflict));
    }
    // One's own in another spelling is one's own.
    assert_eq!(kind(world.people(&mara, of("mara", edit(Some("Mara"), None, None))).await), None);
}

#[tokio::test]
async fn who_manages_users_changes_those_who_have_no_more() {
    let world = World::new().await;
    let clerk = claviger_app::NewRole {
        account: Some("1".parse().unwrap()),
        slug: "clerk".parse().unwrap(),
        name: None,
        rights: vec![Right::ManageUsers],
        access: claviger_model::RoleAccess::Scope(claviger_model::Scope::ReadOnly),
    };
    world.people(&OPERATOR, PeopleCommand::RolePut(clerk)).await.unwrap();
    for (name, account, role) in
        [("clerk", "1", "clerk"), ("mara", "1", "admin"), ("otto", "1", "member"), ("bea", "2", "admin")]
    {
        world.user(name, account, &[role]).await;
    }
    let root = NewUser { standing: Standing::Operator, account: None, ..new_user("root", "1", &[]) };
    world.people(&OPERATOR, PeopleCommand::Create(root)).await.unwrap();
    let ((clerk, _), (otto, _)) = (world.actor("clerk").await, world.actor("otto").await);
    let name = || edit(Some("renamed"), None, Some("Other"));
    for (user, expected) in [
        ("mara", Some(ErrorKind::Forbidden)),
        ("bea", Some(ErrorKind::NotFound)),
        ("root", Some(ErrorKind::NotFound)),
        ("otto", None),
    ] {
        assert_eq!(kind(world.people(&clerk, of(user, name())).await), expected, "{user}");
    }
    assert_eq!(kind(world.people(&otto, of("clerk", name())).await), Some(ErrorKind::Forbidden));
    assert!(world.sign_in("renamed", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn a_change_is_made_to_what_is_still_so_and_leaves_a_trace_only_if_it_is_one() {
    let world = World::new().await;
    let otto = world.user("otto", "1", &["member"]).await;
    let since = |known, edit| PeopleCommand::Edit {
        user: "otto".parse().unwrap(),
        edit,
        unchanged_since: Some(known),
    };
    world.pass(1);
    let name = |text: &str| edit(None, None, Some(text));
    assert_eq!(kind(world.people(&OPERATOR, since(otto.updated_at, name("Otto"))).await), None);
    let stale = world.people(&OPERATOR, since(otto.updated_at, name("Late"))).await;
    assert_eq!(kind(stale), Some(ErrorKind::Stale));
    let before = world.trail().await;
    world.people(&OPERATOR, of("otto", name("Otto"))).await.unwrap();
    assert_eq!(world.trail().await, before);
    assert_eq!(kind(world.people(&OPERATOR, of("otto", name(" "))).await), Some(ErrorKind::Invalid));
}

#[tokio::test]
async fn who_is_here_cannot_be_tried_out_by_taking_addresses() {
    let world = World::new().await;
    world.user("otto", "1", &["member"]).await;
    world.user("elsewhere", "2", &["member"]).await;
    let (otto, _) = world.actor("otto").await;
    let taken = || own(edit(None, Some("elsewhere@example.com"), None));
    for number in 0..5 {
        let free = own(edit(None, Some(&format!("o{number}@example.org")), None));
        assert_eq!(kind(world.people(&otto, free).await), None, "what is free is no guess");
        assert_eq!(kind(world.people(&otto, taken()).await), Some(ErrorKind::Conflict), "{number}");
    }
    assert_eq!(kind(world.people(&otto, taken()).await), Some(ErrorKind::Busy));
}
