//! What belongs to a user lives with them, and does no more than they may.

use claviger_model::{
    Account, AccountId, Change, Credential, EnvironmentId, LoginTokens, Membership, Reason, Role, RoleAccess,
    Scheme, SecondFactorRule, Slug, Standing, User, UserId, UserState,
};
use claviger_policy::Decision;

use crate::fixture::{Ask, KeyFixture, World, account, api, ask, id, key_of};

const READ: &str = "GET /vms/v1/vms";
const DELETE: &str = "DELETE /vms/v1/vms";

fn user(roles: &[&str]) -> User {
    let roles = roles.iter().map(|role| role.parse().unwrap()).collect();
    User {
        id: UserId::from_u128(7),
        username: "mara".parse().unwrap(),
        email: None,
        name: "Mara".into(),
        state: UserState::Active,
        standing: Standing::Member,
        memberships: vec![Membership { account: AccountId::from_u128(id("100042")), roles }],
        second_factor_since: None,
    }
}

fn owned(mut key: KeyFixture) -> KeyFixture {
    key.credential.user = Some(UserId::from_u128(7));
    key
}

/// What one gets for signing in: for no API in particular.
fn login_token() -> KeyFixture {
    let key = owned(key_of("token", "100042", "vms/production"));
    KeyFixture { credential: Credential { environment: EnvironmentId::PEOPLE, ..key.credential }, ..key }
}

fn place(slug: &str, login_tokens: LoginTokens) -> crate::fixture::ApiFixture {
    api(slug)
        .version("v1", &["GET /vms vms:read", "DELETE /vms vms:delete"])
        .environment("production", "http://up", &[&format!("/{slug}/{{version}}")])
        .policy(|policy| {
            policy.schemes = vec![Scheme::Raw {}];
            policy.login_tokens = login_tokens;
        })
}

fn world(roles: &[&str]) -> World {
    World::empty()
        .account("100042")
        .api(place("vms", LoginTokens::Accept))
        .api(place("keys", LoginTokens::Refuse))
        .with(Change::User(user(roles)))
        .key("mine", owned(key_of("mine", "100042", "vms/production")))
        .key("token", login_token())
}

fn ask_with(world: &World, name: &str, line: &str) -> Ask {
    ask(line).header("authorization", &world.known(name).secret)
}

fn reason(world: &World, name: &str, line: &str) -> Option<Reason> {
    match world.judge(&ask_with(world, name, line)).0 {
        Decision::Allow(_) => None,
        Decision::Deny(denial) => Some(denial.reason),
    }
}

#[test]
fn a_users_key_and_token_do_what_the_user_may() {
    for name in ["mine", "token"] {
        let admin = world(&["admin"]);
        assert_eq!([READ, DELETE].map(|line| reason(&admin, name, line)), [None, None]);
        let member = world(&["member"]);
        let lacks = Some(Reason::InsufficientPermission);
        assert_eq!([READ, DELETE].map(|line| reason(&member, name, line)), [None, lacks], "{name}");
        assert_eq!(reason(&world(&[]), name, READ), lacks, "{name}");
    }
}

#[test]
fn a_role_that_is_cut_counts_at_once() {
    let role = |access| {
        Change::Role(Role {
            account: AccountId::from_u128(id("100042")),
            slug: "cleaner".parse().unwrap(),
            name: "Cleaner".into(),
            rights: vec![],
            access,
        })
    };
    let only = |text: &str| RoleAccess::Only(vec![text.parse().unwrap()]);
    let made = world(&["cleaner"]).with(role(only("vms:vms:delete")));
    assert_eq!(reason(&made, "mine", DELETE), None);
    assert_eq!(reason(&made, "mine", READ), Some(Reason::InsufficientPermission));
    let cut = made.with(role(only("vms:vms:read")));
    assert_eq!(reason(&cut, "mine", DELETE), Some(Reason::InsufficientPermission));
    let slug: Slug = "cleaner".parse().unwrap();
    let gone = cut.with(Change::RoleRemoved { account: AccountId::from_u128(id("100042")), slug });
    assert_eq!(reason(&gone, "mine", READ), Some(Reason::InsufficientPermission));
}

#[test]
fn a_user_who_is_disabled_gone_or_no_member_has_nothing() {
    for name in ["mine", "token"] {
        let disabled = User { state: UserState::Disabled, ..user(&["admin"]) };
        let world_of = |user: User| world(&["admin"]).with(Change::User(user));
        assert_eq!(reason(&world_of(disabled), name, READ), Some(Reason::Disabled));
        let elsewhere = User { memberships: vec![], ..user(&["admin"]) };
        assert_eq!(reason(&world_of(elsewhere), name, READ), Some(Reason::Revoked));
        let removed = world(&["admin"]).with(Change::UserRemoved(UserId::from_u128(7)));
        assert_eq!(reason(&removed, name, READ), Some(Reason::Revoked));
        let ticket = world(&["admin"]);
        let ticket = ticket.grant(&ask_with(&ticket, name, READ)).ticket;
        assert!(!removed.snapshot.stands(&ticket, crate::fixture::NOW));
    }
}

/// The account, and what it asks of its people.
fn asks(second_factor: SecondFactorRule) -> Change {
    Change::Account(Account { second_factor, ..account("100042") })
}

#[test]
fn an_account_that_asks_for_a_second_factor_holds_login_tokens_back_and_not_keys() {
    let held = Some(Reason::SecondFactorRequired);
    let before = world(&["admin"]);
    let ticket = |name| before.grant(&ask_with(&before, name, READ)).ticket;
    let (token, key) = (ticket("token"), ticket("mine"));
    let stands = |world: &World, ticket| world.snapshot.stands(ticket, crate::fixture::NOW);
    let asked = world(&["admin"]).with(asks(SecondFactorRule::Required));
    assert_eq!(["token", "mine"].map(|name| reason(&asked, name, READ)), [held, None]);
    assert_eq!([&token, &key].map(|ticket| stands(&asked, ticket)), [false, true]);
    let enrolled = User { second_factor_since: Some(crate::fixture::NOW), ..user(&["admin"]) };
    let enrolled = asked.with(Change::User(enrolled));
    assert_eq!(reason(&enrolled, "token", READ), None);
    assert!(stands(&enrolled, &token));
    let lost = enrolled.with(Change::User(user(&["admin"])));
    assert_eq!(reason(&lost, "token", READ), held);
    assert_eq!(reason(&lost.with(asks(SecondFactorRule::Optional)), "token", READ), None);
}

#[test]
fn machines_and_people_of_other_accounts_are_not_asked() {
    let snapshot = world(&["admin"]).with(asks(SecondFactorRule::Required)).snapshot;
    let account = AccountId::from_u128(id("100042"));
    let owes = |user: User| snapshot.owes_factor(&user, account);
    let of = |standing| User { standing, ..user(&["admin"]) };
    assert_eq!(
        [Standing::Member, Standing::Operator, Standing::Service].map(|standing| owes(of(standing))),
        [true, true, false]
    );
    // Those above accounts belong to none.
    assert!(!owes(User { memberships: vec![], ..of(Standing::Operator) }));
}

#[test]
fn a_login_token_is_taken_where_the_api_takes_them() {
    let world = world(&["admin"]);
    assert_eq!(reason(&world, "token", "GET /keys/v1/vms"), Some(Reason::WrongApi));
    assert_eq!(reason(&world, "mine", "GET /keys/v1/vms"), Some(Reason::WrongApi));
}
