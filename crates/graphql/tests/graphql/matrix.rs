//! Who may do what to whose: each role at each field, on what is their own, another's and another account's.
//!
//! `matrix.golden` has a line for each field and each of whose it is about, and a column for each role: the code of the
//! error, or `ok`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use claviger_app::{Command, NewRole, PeopleCommand};
use claviger_model::{LifeEvent, Right, RoleAccess, Scope, Span};
use claviger_world::{HOME, OPERATOR, new_key, new_user};

use crate::world::{PASSWORD, World};

const ROLES: [&str; 7] =
    ["nobody", "member", "auditor", "api-administrator", "admin", "firm-admin", "operator"];

/// What a field is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Nothing,
    Key,
    DisabledKey,
    RotatedKey,
    Session,
    User,
    Account,
    Role,
    Invitation,
}

/// Whose a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Whose {
    Nobodys,
    Anothers,
    Foreign,
    Own,
}

/// Each field, what it is about, and how it is asked for: `ID` is the thing, `NEW` a name that nothing has, `ACCOUNT` the
/// number of the account and `PASSWORD` everybody's.
const FIELDS: [(&str, Of, &str); 50] = [
    ("accounts", Of::Nothing, "{ accounts { id } }"),
    ("activateKey", Of::Key, r#"mutation { activateKey(id: "ID") { id } }"#),
    ("admins", Of::Nothing, "{ admins { name } }"),
    ("allowKey", Of::Key, r#"mutation { allowKey(id: "ID", addresses: ["127.0.0.1"]) { id } }"#),
    ("apis", Of::Nothing, "{ apis { id } }"),
    ("audit", Of::Account, r#"{ audit(where: { account: "ACCOUNT" }) { entries { seq } } }"#),
    ("beginTotp", Of::Nothing, r#"mutation { beginTotp(current: "PASSWORD") { url } }"#),
    ("cancelRotation", Of::RotatedKey, r#"mutation { cancelRotation(id: "ID") { id } }"#),
    (
        "changePassword",
        Of::Nothing,
        r#"mutation { changePassword(current: "PASSWORD", password: "another tern and gull") { id } }"#,
    ),
    ("confirmTotp", Of::Nothing, r#"mutation { confirmTotp(code: "000000") }"#),
    (
        "createAccount",
        Of::Nothing,
        r#"mutation { createAccount(number: "NEW", realm: "NEW", name: "NEW") { id } }"#,
    ),
    (
        "createApiKey",
        Of::Account,
        r#"mutation { createApiKey(data: { name: "x", api: "things", account: "ACCOUNT" }) { id } }"#,
    ),
    (
        "createUser",
        Of::Account,
        r#"mutation { createUser(data: { username: "NEW", account: "ACCOUNT", roles: ["member"] }) { id } }"#,
    ),
    ("debugKey", Of::Key, r#"mutation { debugKey(id: "ID") { id } }"#),
    ("deleteApiKey", Of::Key, r#"mutation { deleteApiKey(where: { id: "ID" }) { id } }"#),
    ("describeKey", Of::Key, r#"mutation { describeKey(id: "ID", name: "Other") { id } }"#),
    ("disableKey", Of::Key, r#"mutation { disableKey(id: "ID") { id } }"#),
    ("disableUser", Of::User, r#"mutation { disableUser(user: "ID") { id } }"#),
    ("editMe", Of::Nothing, r#"mutation { editMe(name: "Other") { id } }"#),
    ("editUser", Of::User, r#"mutation { editUser(user: "ID", data: { email: "NEW@example.com" }) { id } }"#),
    ("editKey", Of::Key, r#"mutation { editKey(id: "ID", data: { memo: "Other" }) { id } }"#),
    ("enableKey", Of::DisabledKey, r#"mutation { enableKey(id: "ID") { id } }"#),
    ("enableUser", Of::User, r#"mutation { enableUser(user: "ID") { id } }"#),
    ("endpoints", Of::Nothing, r#"{ endpoints(api: "things") { path } }"#),
    ("invitations", Of::Account, r#"{ invitations(account: "ACCOUNT") { id } }"#),
    (
        "inviteUser",
        Of::Account,
        r#"mutation { inviteUser(data: { email: "NEW@example.com", account: "ACCOUNT", roles: ["member"] }) { id } }"#,
    ),
    ("joinAccount", Of::Nothing, r#"mutation { joinAccount(token: "nonsense") { id } }"#),
    ("key", Of::Key, r#"{ key(id: "ID") { id } }"#),
    ("keys", Of::Account, r#"{ keys(where: { account: "ACCOUNT" }) { keys { id } } }"#),
    (
        "login",
        Of::Nothing,
        r#"mutation { login(data: { username: "nobody", password: "PASSWORD" }) { token } }"#,
    ),
    ("newRecoveryCodes", Of::Nothing, r#"mutation { newRecoveryCodes(current: "PASSWORD") }"#),
    ("prove", Of::Nothing, r#"mutation { prove(data: { password: "PASSWORD" }) { until } }"#),
    (
        "putRole",
        Of::Role,
        r#"mutation { putRole(data: { id: "ID", account: "ACCOUNT", access: { scope: READ_ONLY }, rights: [] }) { id } }"#,
    ),
    ("removeRole", Of::Role, r#"mutation { removeRole(id: "ID", account: "ACCOUNT") { id } }"#),
    ("removeTotp", Of::Nothing, r#"mutation { removeTotp(current: "PASSWORD") { id } }"#),
    ("removeUser", Of::User, r#"mutation { removeUser(user: "ID") { id } }"#),
    (
        "requireSecondFactor",
        Of::Account,
        r#"mutation { requireSecondFactor(account: "ACCOUNT", required: false) { id } }"#,
    ),
    ("revealKey", Of::Key, r#"mutation { revealKey(id: "ID") { id } }"#),
    ("revokeKey", Of::Key, r#"mutation { revokeKey(id: "ID") { id } }"#),
    ("roles", Of::Account, r#"{ roles(account: "ACCOUNT") { id } }"#),
    ("rotateKey", Of::Key, r#"mutation { rotateKey(id: "ID") { id } }"#),
    ("sessions", Of::Nothing, "{ sessions { id } }"),
    ("setKeyOwners", Of::Key, r#"mutation { setKeyOwners(id: "ID", owners: ["a@example.com"]) { id } }"#),
    (
        "setUserRoles",
        Of::User,
        r#"mutation { setUserRoles(user: "ID", account: "ACCOUNT", roles: ["member"]) { id } }"#,
    ),
    ("signOut", Of::Session, r#"mutation { signOut(id: "ID") { id } }"#),
    ("tagKey", Of::Key, r#"mutation { tagKey(id: "ID", set: [{ name: "a" }]) { id } }"#),
    ("user", Of::User, r#"{ user(user: "ID") { id } }"#),
    ("users", Of::Account, r#"{ users(account: "ACCOUNT") { id } }"#),
    ("withdrawInvitation", Of::Invitation, r#"mutation { withdrawInvitation(id: "ID") { id } }"#),
    ("whoAmI", Of::Nothing, "{ whoAmI { id } }"),
];

/// Somebody with a role in account 1.
struct Somebody {
    name: String,
    /// None for nobody.
    token: Option<String>,
    is_member: bool,
}

struct Matrix {
    world: World,
    made: usize,
}

impl Matrix {
    async fn new() -> Self {
        let world = World::new().await;
        for account in ["1", "2"] {
            put_role(&world, account, "auditor", vec![Right::ReadAudit]).await;
        }
        Self { world, made: 0 }
    }

    fn name(&mut self) -> String {
        self.made += 1;
        format!("name{}", self.made)
    }

    async fn somebody(&mut self, role: &str) -> Somebody {
        let name = self.name();
        match role {
            "nobody" => return Somebody { name, token: None, is_member: false },
            "operator" => self.world.operator(&name).await,
            role => {
                self.world
                    .operate(Command::People(PeopleCommand::Create(new_user(&name, "1", &[role]))))
                    .await;
            }
        }
        let token = Some(self.world.token(&name).await);
        Somebody { name, token, is_member: role != "operator" }
    }

    async fn user(&mut self, whose: Whose) -> String {
        let name = self.name();
        let new = new_user(&name, account(whose), &["member"]);
        self.world.operate(Command::People(PeopleCommand::Create(new))).await;
        name
    }

    /// What stands for `ID`.
    async fn thing(&mut self, of: Of, whose: Whose, who: &Somebody) -> String {
        match of {
            Of::Nothing | Of::Account => String::new(),
            Of::Key | Of::DisabledKey | Of::RotatedKey => self.key(of, whose, who).await,
            Of::Session => self.session(whose, who).await,
            Of::User if whose == Whose::Own => who.name.clone(),
            Of::User => self.user(whose).await,
            Of::Role => {
                let slug = self.name();
                put_role(&self.world, account(whose), &slug, vec![]).await;
                slug
            }
            Of::Invitation => {
                let name = self.name();
                self.world
                    .inside()
                    .invite(&OPERATOR, &name, account(whose), &["member"])
                    .await
                    .unwrap()
                    .id
                    .to_string()
            }
        }
    }

    async fn session(&mut self, whose: Whose, who: &Somebody) -> String {
        let name = if whose == Whose::Own { who.name.clone() } else { self.user(whose).await };
        if who.token.is_none() && whose == Whose::Own {
            return "key_00000000000000000000000000".to_owned();
        }
        let token = self.world.token(&name).await;
        self.world.inside().app.signed_in(&token, HOME).unwrap().token.to_string()
    }

    async fn key(&mut self, of: Of, whose: Whose, who: &Somebody) -> String {
        let mut new = new_key(account(whose));
        new.user = match whose {
            // Those above accounts have none there.
            Whose::Own => who.is_member.then(|| who.name.clone().into()),
            _ => Some(self.user(whose).await.into()),
        };
        let inside = self.world.inside();
        let id = inside.key(&OPERATOR, new).await.unwrap().id;
        let before = match of {
            Of::DisabledKey => Some(Command::KeyLife { id, event: LifeEvent::Disable, reason: None }),
            Of::RotatedKey => Some(Command::KeyRotate { id, overlap: Span::from_days(1) }),
            _ => None,
        };
        if let Some(command) = before {
            self.world.operate(command).await;
        }
        id.to_string()
    }

    async fn code(&mut self, (of, query): (Of, &str), whose: Whose, who: &Somebody) -> String {
        let (thing, fresh) = (self.thing(of, whose, who).await, self.name());
        let query = query.replace("PASSWORD", PASSWORD).replace("ACCOUNT", account(whose));
        let query = query.replace("\"ID\"", &format!("\"{thing}\"")).replace("NEW", &fresh);
        let answer = match &who.token {
            Some(token) => self.world.query(token, &query).await,
            None => self.world.stranger(&query).await,
        };
        match answer.code() {
            "none" => "ok".to_owned(),
            code => code.to_owned(),
        }
    }
}

async fn put_role(world: &World, account: &str, slug: &str, rights: Vec<Right>) {
    let access = RoleAccess::Scope(Scope::ReadOnly);
    let (account, slug) = (Some(account.parse().unwrap()), slug.parse().unwrap());
    let role = NewRole { account, slug, name: None, rights, access };
    world.operate(Command::People(PeopleCommand::RolePut(role))).await;
}

fn account(whose: Whose) -> &'static str {
    if whose == Whose::Foreign { "2" } else { "1" }
}

/// Whose things a field can be asked about. What is done to oneself comes last: it may end the session.
fn cases(of: Of) -> &'static [Whose] {
    match of {
        Of::Nothing => &[Whose::Nobodys],
        Of::Account | Of::Role | Of::Invitation => &[Whose::Anothers, Whose::Foreign],
        Of::Key | Of::DisabledKey | Of::RotatedKey | Of::Session | Of::User => {
            &[Whose::Anothers, Whose::Foreign, Whose::Own]
        }
    }
}

#[tokio::test]
async fn who_may_do_what_to_whose() {
    let mut matrix = Matrix::new().await;
    let mut lines = BTreeMap::new();
    for (field, of, query) in FIELDS {
        for role in ROLES {
            // What failed to sign in before is forgotten by then.
            matrix.world.pass(24 * 3600);
            let who = matrix.somebody(role).await;
            for whose in cases(of) {
                let code = matrix.code((of, query), *whose, &who).await;
                lines.entry((field, *whose)).or_insert_with(Vec::new).push(code);
            }
        }
    }
    let header = ROLES.map(|role| format!("{role:>20}")).concat();
    let mut seen = format!("{:<20}{:<10}{header}\n", "field", "whose");
    for ((field, whose), codes) in lines {
        let codes = codes.iter().fold(String::new(), |line, code| line + &format!("{code:>20}"));
        writeln!(seen, "{field:<20}{:<10}{codes}", format!("{whose:?}")).unwrap();
    }
    assert!(seen == include_str!("matrix.golden"), "the matrix is\n{seen}");
}

#[tokio::test]
async fn every_field_is_in_the_matrix() {
    let world = World::new().await;
    let query = "{ __schema { queryType { fields { name } } mutationType { fields { name } } } }";
    let answer = world.query(&world.token("max").await, query).await;
    let schema = &answer.data()["__schema"];
    let fields = ["queryType", "mutationType"].map(|name| schema[name]["fields"].as_array().unwrap());
    let there: BTreeSet<_> = fields.into_iter().flatten().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(there, FIELDS.iter().map(|(field, ..)| *field).collect());
}
