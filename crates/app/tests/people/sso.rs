//! Signing in by a provider: whom its word stands for, and what they may.

use claviger_app::{
    AppError, Command, KeyFilter, PeopleCommand, PeopleOutcome, SecondFactor, Shown, SignInError,
    SignedInView, SsoError, SsoLanding, SsoRefusal, UserView,
};
use claviger_model::{Reason, SecondFactorRule, Slug, Standing, UserState};
use claviger_world::{HOME, OPERATOR, PASSWORD, World, finish_with, new_user};
use http::Method;
use serde_json::{Value, json};

use crate::factors::{code, enrol};

fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

/// Signs somebody in of whom a provider says this.
async fn by(world: &World, provider: &str, says: &Value) -> Result<SignedInView, AppError> {
    let begun = world.app.begin_sso(&slug(provider), SsoLanding::Configured).await?;
    world.app.finish_sso(&slug(provider), finish_with(&begun, &says.to_string()), HOME).await
}

async fn refused(world: &World, provider: &str, says: &Value) -> SsoRefusal {
    match by(world, provider, says).await {
        Err(AppError::Sso(SsoError::Refused(why))) => why,
        other => panic!("{says}: {other:?}"),
    }
}

fn ada() -> Value {
    json!({ "sub": "ada-1", "preferred_username": "ada", "name": "Ada", "groups": ["staff"],
        "email": "ada@example.com", "email_verified": true })
}

fn with(mut says: Value, name: &str, value: Value) -> Value {
    says[name] = value;
    says
}

fn roles(user: &UserView) -> Vec<(String, String)> {
    let all = user.memberships.iter().flat_map(|one| one.roles.iter().map(|role| (&one.account, role)));
    all.map(|(account, role)| (account.clone(), role.to_string())).collect()
}

fn in_one(role: &str) -> Vec<(String, String)> {
    vec![("1".to_owned(), role.to_owned())]
}

async fn actions(world: &World) -> Vec<String> {
    let all = ["user.create", "user.link", "user.roles", "sign_in", "sign_in.fail"];
    let trail = world.trail().await.into_iter().map(|(action, _)| action);
    trail.filter(|action| all.contains(&action.as_str())).collect()
}

#[tokio::test]
async fn a_user_is_made_once_and_known_by_their_subject() {
    let world = World::new().await;
    let first = by(&world, "company", &ada()).await.unwrap();
    assert_eq!((first.user.username.as_str(), first.user.name.as_str()), ("ada", "Ada"));
    assert_eq!((first.user.password, roles(&first.user)), (false, in_one("member")));
    assert_eq!(actions(&world).await, ["user.create", "user.link", "sign_in"]);
    let renamed = with(with(ada(), "preferred_username", json!("other")), "email", json!("o@example.com"));
    let second = by(&world, "company", &renamed).await.unwrap();
    assert_eq!((second.user.id, second.user.username.as_str()), (first.user.id, "ada"));
    let token = second.session.token.unwrap();
    assert!(world.app.actor_of(token.expose(), HOME).is_some());
    assert_eq!(world.sign_in("ada", "").await.unwrap_err(), SignInError::Wrong);
}

#[tokio::test]
async fn roles_are_what_the_provider_says_each_time() {
    let world = World::new().await;
    let admin = with(ada(), "groups", json!(["admins", "staff", "others"]));
    let entered = by(&world, "company", &admin).await.unwrap();
    let token = entered.session.token.unwrap();
    let lists = || world.app.actor_of(token.expose(), HOME).unwrap();
    world.run(&lists(), Command::KeyList(KeyFilter::default())).await.unwrap();
    let own = ["admin", "member", "firm-admin"].map(slug).to_vec();
    let (user, account) = (entered.user.username.to_string().into(), "1".parse().unwrap());
    world.people(&OPERATOR, PeopleCommand::Roles { user, account, roles: Some(own) }).await.unwrap();
    let again = by(&world, "company", &ada()).await.unwrap();
    let kept: Vec<_> = roles(&again.user).into_iter().map(|(_, role)| role).collect();
    assert_eq!(kept, ["firm-admin", "member"], "what the provider does not give, it does not take");
    // What the token may is narrower at once.
    let (user, account) = (again.user.username.to_string().into(), "1".parse().unwrap());
    let roles = Some(vec![slug("member")]);
    world.people(&OPERATOR, PeopleCommand::Roles { user, account, roles }).await.unwrap();
    assert!(world.run(&lists(), Command::KeyList(KeyFilter::default())).await.is_err());
}

#[tokio::test]
async fn who_has_no_group_any_more_loses_what_they_had() {
    let world = World::new().await;
    let entered = by(&world, "company", &ada()).await.unwrap();
    let token = entered.session.token.unwrap();
    assert!(world.app.actor_of(token.expose(), HOME).is_some());
    for groups in [json!([]), json!("others"), Value::Null] {
        assert_eq!(refused(&world, "company", &with(ada(), "groups", groups)).await, SsoRefusal::NoRole);
    }
    assert!(world.app.actor_of(token.expose(), HOME).is_none(), "they belong to the account no more");
    assert_eq!(roles(&by(&world, "company", &ada()).await.unwrap().user), in_one("member"));
}

#[tokio::test]
async fn whoever_is_not_mapped_or_not_known_does_not_get_in() {
    let world = World::new().await;
    let table = [
        ("company", with(ada(), "groups", json!("others")), SsoRefusal::NoRole),
        ("partner", json!({ "sub": "p" }), SsoRefusal::NoAccount),
        ("partner", json!({ "sub": "p", "tenant": "nowhere" }), SsoRefusal::NoAccount),
        ("partner", json!({ "sub": "p", "tenant": "No realm" }), SsoRefusal::NoAccount),
        ("partner", json!({ "sub": "p", "tenant": ["one", "two"] }), SsoRefusal::NoAccount),
        ("partner", json!({ "sub": "p", "tenant": "one" }), SsoRefusal::Unknown),
        ("company", json!("no claims"), SsoRefusal::Unproven("the code is none".to_owned())),
    ];
    let count = table.len();
    for (provider, says, why) in table {
        assert_eq!(refused(&world, provider, &says).await, why, "{says}");
    }
    assert_eq!(actions(&world).await, vec!["sign_in.fail"; count]);
    let told = by(&world, "company", &json!("no claims")).await.unwrap_err().to_string();
    let same = by(&world, "partner", &json!({ "sub": "p" })).await.unwrap_err().to_string();
    assert_eq!(told, same, "nobody is told why");
}

/// A user whom somebody made with an address, and who has nothing to come in with.
async fn awaited(world: &World, name: &str, account: &str) {
    let mut new = new_user(name, account, &["admin"]);
    new.password = None;
    world.people(&OPERATOR, PeopleCommand::Create(new)).await.unwrap();
}

/// What the provider says of somebody else who has this user's address.
fn at(name: &str) -> Value {
    with(with(ada(), "sub", json!(name)), "email", json!(format!("{name}@example.com")))
}

async fn joins(world: &World, name: &str) {
    let (user, account) = (name.to_owned().into(), "2".parse().unwrap());
    let roles = Some(vec![slug("member")]);
    world.people(&OPERATOR, PeopleCommand::Roles { user, account, roles }).await.unwrap();
}

#[tokio::test]
async fn only_who_was_made_for_it_is_known_by_a_verified_address() {
    let world = World::new().await;
    for (name, account) in [("ada", "1"), ("foreign", "2"), ("both", "1")] {
        awaited(&world, name, account).await;
    }
    joins(&world, "both").await;
    let mut above = new_user("above", "1", &[]);
    (above.standing, above.account, above.password) = (Standing::Operator, None, None);
    world.people(&OPERATOR, PeopleCommand::Create(above)).await.unwrap();
    // Whoever has a password may have put the address of somebody who may more into their own place.
    world.user("mallory", "1", &["member"]).await;
    for name in ["foreign", "both", "above", "mallory"] {
        let made = by(&world, "company", &at(name)).await.unwrap().user;
        assert_eq!((made.username.as_str() == name, made.email), (false, None), "{name}");
    }
    let mallory = world.people(&OPERATOR, PeopleCommand::Show { user: "mallory".to_owned().into() }).await;
    let Ok(PeopleOutcome::User(mallory)) = mallory else { panic!("no user") };
    assert_eq!(roles(&mallory), in_one("member"), "nobody becomes more by an address");
    let unverified = with(with(ada(), "sub", json!("stranger")), "email_verified", json!("true"));
    let made = by(&world, "company", &unverified).await.unwrap().user;
    assert_eq!((made.email, made.username.as_str() == "ada"), (None, false), "somebody else");
    let known = by(&world, "company", &ada()).await.unwrap().user;
    assert_eq!((known.username.as_str(), known.password), ("ada", false));
    let kept: Vec<_> = roles(&known).into_iter().map(|(_, role)| role).collect();
    assert_eq!(kept, ["member"], "the provider says it from now on");
}

#[tokio::test]
async fn a_provider_lets_nobody_in_who_belongs_elsewhere_too() {
    let world = World::new().await;
    let token = by(&world, "company", &ada()).await.unwrap().session.token.unwrap();
    let known = world.app.actor_of(token.expose(), HOME).unwrap();
    let invited = world.invite(&OPERATOR, "ada", "2", &["admin"]).await.unwrap().token.unwrap();
    let joined = world.app.join_account(&known, &invited, HOME).await.unwrap_err();
    assert!(joined.to_string().contains("signs in by a provider"), "{joined}");
    joins(&world, "ada").await;
    assert_eq!(refused(&world, "company", &ada()).await, SsoRefusal::Foreign);
}

#[tokio::test]
async fn names_that_look_like_addresses_are_not_taken_from_a_provider() {
    let world = World::new().await;
    let says = json!({ "sub": "x", "preferred_username": "boss@example.com", "groups": "staff" });
    let made = by(&world, "company", &says).await.unwrap().user;
    assert!(!made.username.as_str().contains('@'), "{}", made.username);
    assert_eq!(made.username.as_str().replace('-', "_"), made.id.to_string());
}

#[tokio::test]
async fn a_disabled_user_does_not_get_in() {
    let world = World::new().await;
    by(&world, "company", &ada()).await.unwrap();
    let state = UserState::Disabled;
    let disable = PeopleCommand::State { user: "ada".to_owned().into(), state, reason: None };
    world.people(&OPERATOR, disable).await.unwrap();
    assert_eq!(refused(&world, "company", &ada()).await, SsoRefusal::Disabled);
}

#[tokio::test]
async fn a_handle_works_once_with_its_own_state_at_its_own_provider_and_for_ten_minutes() {
    let world = World::new().await;
    let node = world.another_node().await;
    let (company, says) = (slug("company"), ada().to_string());
    let begin = async || world.app.begin_sso(&company, SsoLanding::Configured).await.unwrap();
    let why = async |provider: &str, with| match world.app.finish_sso(&slug(provider), with, HOME).await {
        Err(AppError::Sso(SsoError::Refused(why))) => why,
        other => panic!("{other:?}"),
    };
    let (first, second) = (begin().await, begin().await);
    let mut swapped = finish_with(&first, &says);
    swapped.state = finish_with(&second, &says).state;
    assert_eq!(why("company", swapped).await, SsoRefusal::State);
    assert_eq!(why("partner", finish_with(&first, &says)).await, SsoRefusal::Handle);
    let mut without = finish_with(&first, &says);
    without.handle = claviger_app::Shown::new("no handle");
    assert_eq!(why("company", without).await, SsoRefusal::Handle);
    // Any node can finish, and then none.
    node.finish_sso(&company, finish_with(&first, &says), HOME).await.unwrap();
    assert_eq!(why("company", finish_with(&first, &says)).await, SsoRefusal::Used);
    world.pass(600);
    assert_eq!(why("company", finish_with(&second, &says)).await, SsoRefusal::Late);
    let third = begin().await;
    world.pass(599);
    assert!(world.app.finish_sso(&company, finish_with(&third, &says), HOME).await.is_ok());
}

#[tokio::test]
async fn a_provider_that_is_down_is_no_failure_of_whoever_signs_in() {
    let world = World::new().await;
    let begun = world.app.begin_sso(&slug("company"), SsoLanding::Configured).await.unwrap();
    for _ in 0..200 {
        let down = world.app.finish_sso(&slug("company"), finish_with(&begun, "down"), HOME).await;
        assert!(matches!(down, Err(AppError::Sso(SsoError::Unavailable))), "{down:?}");
    }
    assert_eq!(actions(&world).await, Vec::<String>::new());
}

#[tokio::test]
async fn who_tries_on_and_on_waits_and_makes_nobody_else_wait() {
    let world = World::new().await;
    let says = json!("nothing");
    let blocked = loop {
        match by(&world, "company", &says).await {
            Err(AppError::Sso(SsoError::Refused(_))) => {}
            other => break other,
        }
    };
    assert!(matches!(blocked, Err(AppError::SignIn(SignInError::Blocked { .. }))), "{blocked:?}");
    let begun = world.app.begin_sso(&slug("company"), SsoLanding::Configured).await.unwrap();
    let elsewhere = "192.0.2.7".parse().unwrap();
    let finish = finish_with(&begun, &ada().to_string());
    assert!(world.app.finish_sso(&slug("company"), finish, elsewhere).await.is_ok());
}

#[tokio::test]
async fn a_second_factor_is_asked_for_unless_the_provider_vouches_for_one() {
    let world = World::new().await;
    awaited(&world, "mara", "1").await;
    let says = json!({ "sub": "m", "groups": "staff", "email": "mara@example.com", "email_verified": true });
    assert_eq!(by(&world, "company", &says).await.unwrap().user.username.as_str(), "mara");
    let (user, password) = ("mara".to_owned().into(), Shown::new(PASSWORD));
    world.people(&OPERATOR, PeopleCommand::PasswordSet { user, password }).await.unwrap();
    let (secret, _) = enrol(&world).await;
    let needed = by(&world, "company", &says).await;
    assert!(matches!(needed, Err(AppError::SignIn(SignInError::SecondFactorNeeded))), "{needed:?}");
    let begun = world.app.begin_sso(&slug("company"), SsoLanding::Configured).await.unwrap();
    world.pass(30);
    let mut finish = finish_with(&begun, &says.to_string());
    finish.second = Some(SecondFactor::Code(code(&world, &secret)));
    world.app.finish_sso(&slug("company"), finish, HOME).await.unwrap();
    let vouched = with(says, "amr", json!("mfa"));
    assert!(by(&world, "company", &vouched).await.is_ok());
    assert!(world.sign_in("mara", PASSWORD).await.is_err(), "with the password it is asked for");
}

#[tokio::test]
async fn what_a_provider_vouches_for_counts_for_the_rule_of_the_account() {
    let world = World::new().await;
    let rule = SecondFactorRule::Required;
    let edit = Command::AccountEdit { account: "1".parse().unwrap(), second_factor: rule, known: None };
    world.run(&OPERATOR, edit).await.unwrap();
    let admin = with(ada(), "groups", json!("admins"));
    for (says, held) in [(admin.clone(), true), (with(admin, "amr", json!("mfa")), false)] {
        let entered = by(&world, "company", &says).await.unwrap();
        let token = entered.session.token.unwrap();
        let actor = world.app.actor_of(token.expose(), HOME).unwrap();
        let listed = world.run(&actor, Command::KeyList(KeyFilter::default())).await;
        assert_eq!(listed.is_err(), held, "{listed:?}");
        let reason = held.then_some(Reason::SecondFactorRequired);
        assert_eq!(world.refused(&Method::GET, token.expose()), reason);
        // A node that reads everything anew knows it, too.
        let node = world.another_node().await;
        let actor = node.actor_of(token.expose(), HOME).unwrap();
        let listed = node.run(&actor, Command::KeyList(KeyFilter::default())).await;
        assert_eq!(listed.is_err(), held, "{listed:?}");
    }
}

#[tokio::test]
async fn who_is_removed_is_somebody_new_when_they_come_again() {
    let world = World::new().await;
    let first = by(&world, "company", &ada()).await.unwrap().user;
    let remove = PeopleCommand::Remove { user: "ada".to_owned().into(), reason: None };
    world.people(&OPERATOR, remove).await.unwrap();
    assert_ne!(by(&world, "company", &ada()).await.unwrap().user.id, first.id);
}
