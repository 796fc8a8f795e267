//! Who may do what to whose: each role at each endpoint, on what is their own, another's and another account's.
//!
//! `matrix.golden` has a line for each endpoint and each of whose it is about, and a column for each role: the status.

use std::collections::BTreeMap;
use std::fmt::Write;

use claviger_app::{Command, NewRole, PeopleCommand, UseCase};
use claviger_model::{LifeEvent, RoleAccess, Scope, Standing, UserId};
use claviger_rest::{Access, Endpoint, endpoints};
use claviger_world::{Device, HOME, OPERATOR, PASSWORD, new_key, new_user};
use serde_json::{Value, json};

use crate::site::Site;

const ROLES: [&str; 7] =
    ["nobody", "member", "auditor", "api-administrator", "admin", "firm-admin", "operator"];

/// Use cases that no endpoint serves, and why.
const ELSEWHERE: [(UseCase, &str); 5] = [
    (UseCase::KeyImport, "on the command line"),
    (UseCase::KeyReplaceDigest, "the server's own"),
    (UseCase::AuditPrune, "the server's own"),
    (UseCase::UserLink, "the server's own, when somebody signs in by a provider"),
    (UseCase::SetupOffer, "the server's own"),
];

/// Operations about an account whose path does not name what is in it.
const OF_ACCOUNT: [&str; 10] = [
    "listUsage",
    "listUsers",
    "listKeys",
    "listRoles",
    "listAudit",
    "listInvitations",
    "createUser",
    "createKey",
    "changeKeys",
    "inviteUser",
];

/// Whose a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Whose {
    Nobodys,
    Anothers,
    Foreign,
    Own,
}

/// Somebody with a role in account 1, signed in.
struct Somebody {
    token: String,
    id: Option<UserId>,
    name: String,
    is_operator: bool,
}

struct Matrix {
    site: Site,
    made: usize,
}

impl Matrix {
    async fn new() -> Self {
        let site = Site::new().await;
        for account in ["1", "2"] {
            let role = NewRole {
                account: Some(account.parse().unwrap()),
                slug: "auditor".parse().unwrap(),
                name: None,
                rights: vec![claviger_model::Right::ReadAudit],
                access: RoleAccess::Scope(Scope::ReadOnly),
            };
            site.world.people(&OPERATOR, PeopleCommand::RolePut(role)).await.unwrap();
        }
        Self { site, made: 0 }
    }

    fn name(&mut self) -> String {
        self.made += 1;
        format!("user{}", self.made)
    }

    async fn somebody(&mut self, role: &str) -> Somebody {
        let name = self.name();
        let mut new = new_user(&name, "1", &[role]);
        match role {
            "nobody" => return Somebody { token: String::new(), id: None, name, is_operator: false },
            "operator" => (new.standing, new.account, new.roles) = (Standing::Operator, None, vec![]),
            _ => {}
        }
        let outcome = self.site.world.people(&OPERATOR, PeopleCommand::Create(new)).await.unwrap();
        let claviger_app::PeopleOutcome::User(view) = outcome else { panic!("no user") };
        let token = self.site.token(&name).await;
        Somebody { token, id: Some(view.id), name, is_operator: role == "operator" }
    }

    /// The target of an endpoint, with things of whose in the place of its parameters.
    async fn target(&mut self, endpoint: &Endpoint, whose: Whose, who: &Somebody) -> String {
        let mut target = endpoint.path.to_owned();
        for parameter in endpoint.parameters() {
            let thing = self.thing(endpoint, parameter, whose, who).await;
            target = target.replace(&format!("{{{parameter}}}"), &thing);
        }
        target
    }

    async fn thing(&mut self, endpoint: &Endpoint, parameter: &str, whose: Whose, who: &Somebody) -> String {
        match parameter {
            "id" if endpoint.path.starts_with("/v1/keys") => self.key(endpoint.operation, whose, who).await,
            "id" if endpoint.path.starts_with("/v1/me/passkeys") => self.passkey(whose, who).await,
            "id" => self.session(whose, who).await,
            "user" if whose == Whose::Own => who.name.clone(),
            "user" => self.user(whose).await,
            "role" => self.role(whose).await,
            "service" => self.service().await,
            "invitation" => {
                let name = self.name();
                let invited = self.site.world.invite(&OPERATOR, &name, account(whose), &["member"]).await;
                invited.unwrap().id.to_string()
            }
            "number" => account(whose).to_owned(),
            "api" => "things".to_owned(),
            "provider" => "company".to_owned(),
            "request_id" => "req_00000000000000000000000000".to_owned(),
            other => panic!("no thing for {other} of {}", endpoint.path),
        }
    }

    async fn user(&mut self, whose: Whose) -> String {
        let name = self.name();
        self.site.world.user(&name, account(whose), &["member"]).await;
        name
    }

    async fn session(&mut self, whose: Whose, who: &Somebody) -> String {
        let name = if whose == Whose::Own { who.name.clone() } else { self.user(whose).await };
        if who.id.is_none() && whose == Whose::Own {
            return "key_00000000000000000000000000".to_owned();
        }
        let token = self.site.token(&name).await;
        self.site.world.app.signed_in(&token, claviger_world::HOME).unwrap().token.to_string()
    }

    async fn passkey(&mut self, whose: Whose, who: &Somebody) -> String {
        if who.id.is_none() {
            return "psk_00000000000000000000000000".to_owned();
        }
        let actor = if whose == Whose::Own {
            self.site.world.app.actor_of(&who.token, HOME).unwrap()
        } else {
            let name = self.user(whose).await;
            self.site.world.actor(&name).await.0
        };
        self.site.world.passkey(&actor, "Blue").await.0.passkey.id.to_string()
    }

    /// What a device answers to what somebody is asked who adds a passkey.
    async fn made_passkey(&self, who: &Somebody) -> Value {
        let asked = self.site.send(&who.token, "POST /v1/me/passkeys/begin", None).await;
        let made = if who.id.is_none() { unlike_any() } else { Device::default().make(&asked.body).await };
        json!({ "name": "Blue", "credential": made })
    }

    async fn role(&mut self, whose: Whose) -> String {
        let slug = format!("role{}", self.made);
        self.made += 1;
        let role = NewRole {
            account: Some(account(whose).parse().unwrap()),
            slug: slug.parse().unwrap(),
            name: None,
            rights: vec![],
            access: RoleAccess::Scope(Scope::ReadOnly),
        };
        self.site.world.people(&OPERATOR, PeopleCommand::RolePut(role)).await.unwrap();
        slug
    }

    async fn service(&mut self) -> String {
        let name = format!("service{}", self.made);
        self.made += 1;
        let new =
            claviger_app::NewService { name: name.parse().unwrap(), apis: vec!["things".parse().unwrap()] };
        self.site.world.run(&OPERATOR, Command::ServiceCreate(new)).await.unwrap();
        name
    }

    /// A key in the state from which the operation can be done.
    async fn key(&mut self, operation: &str, whose: Whose, who: &Somebody) -> String {
        let mut new = new_key(account(whose));
        new.user = match whose {
            // Those above accounts have none there.
            Whose::Own => who.id.filter(|_| !who.is_operator).map(|id| id.to_string().into()),
            _ => Some(self.user(whose).await.into()),
        };
        let world = &self.site.world;
        let id = world.key(&OPERATOR, new).await.unwrap().id;
        match operation {
            "enableKey" => {
                let command = Command::KeyLife { id, event: LifeEvent::Disable, reason: None };
                world.run(&OPERATOR, command).await.unwrap();
            }
            "cancelKeyRotation" => {
                let overlap = claviger_model::Span::from_days(1);
                world.run(&OPERATOR, Command::KeyRotate { id, overlap }).await.unwrap();
            }
            _ => {}
        }
        id.to_string()
    }

    /// A body with which the operation can be done.
    fn body(&mut self, endpoint: &Endpoint, whose: Whose) -> Option<Value> {
        let fresh = self.name();
        let account = account(whose);
        Some(match endpoint.operation {
            "signIn" => json!({ "login": "nobody", "password": PASSWORD }),
            "applyCatalogue" => json!({ "catalogue": "catalogue: 1\n", "mode": "commit" }),
            "finishSso" => json!({ "handle": "none", "code": "none", "state": "none" }),
            "createAccount" => json!({ "number": fresh, "realm": fresh, "name": fresh }),
            "createUser" => json!({ "username": fresh, "account": account, "roles": ["member"] }),
            "createKey" => json!({ "api": "things", "account": account }),
            "createService" => json!({ "name": fresh, "apis": ["things"] }),
            "setUserRoles" => json!({ "account": account, "roles": ["member"] }),
            "setUserPassword" => json!({ "password": "another tern and gull" }),
            "putRole" => json!({ "account": account, "access": { "scope": "read_only" } }),
            "updateKey" => json!({ "label": "Other" }),
            "rotateKey" => json!({ "overlap": "1d" }),
            "changeKeys" => {
                json!({ "keys": { "where": { "account": account, "state": "active" } }, "event": "disable", "mode": "dry_run" })
            }
            "signInWithPasskey" => json!({ "credential": unlike_any() }),
            "renamePasskey" => json!({ "name": fresh }),
            "updateAccount" => json!({ "second_factor": "optional" }),
            "updateUser" => json!({ "email": format!("{fresh}@example.com") }),
            "updateMe" => json!({ "name": "Other" }),
            "inviteUser" => {
                json!({ "email": format!("{fresh}@example.com"), "account": account, "roles": ["member"] })
            }
            "acceptInvitation" | "setUp" => {
                json!({ "token": "nonsense", "username": fresh, "password": PASSWORD })
            }
            "joinAccount" => json!({ "token": "nonsense" }),
            "prove" => json!({ "password": PASSWORD }),
            "changePassword" => json!({ "current": PASSWORD, "password": "another tern and gull" }),
            "beginTotp" | "removeTotp" | "newRecoveryCodes" | "removePasskey" => {
                json!({ "current": PASSWORD })
            }
            "confirmTotp" => json!({ "code": "000000" }),
            _ => return None,
        })
    }

    async fn status(&mut self, endpoint: &Endpoint, whose: Whose, who: &Somebody) -> u16 {
        let target = self.target(endpoint, whose, who).await;
        let query = match endpoint.operation {
            "listUsers" | "listUsage" | "listKeys" | "listRoles" | "listAudit" | "listInvitations"
            | "getRole" | "removeRole" => {
                format!("?account={}", account(whose))
            }
            _ => String::new(),
        };
        let body = match endpoint.operation {
            "addPasskey" => Some(self.made_passkey(who).await),
            _ => self.body(endpoint, whose),
        };
        let line = format!("{} {target}{query}", endpoint.method);
        self.site.send(&who.token, &line, body).await.status
    }
}

/// What a browser answers for a passkey that nobody has.
fn unlike_any() -> Value {
    let response = json!({ "clientDataJSON": "AQID", "authenticatorData": "AQID", "signature": "AQID",
        "attestationObject": "AQID" });
    json!({ "id": "AQID", "rawId": "AQID", "type": "public-key", "response": response })
}

/// The number of the account that it is in.
fn account(whose: Whose) -> &'static str {
    if whose == Whose::Foreign { "2" } else { "1" }
}

/// About whose things an endpoint can be asked. What is done to oneself comes last: it may end the session.
fn cases(endpoint: &Endpoint) -> &'static [Whose] {
    let of_somebody = endpoint.parameters().any(|parameter| ["id", "user"].contains(&parameter));
    let of_account =
        endpoint.parameters().any(|parameter| ["role", "number", "invitation"].contains(&parameter))
            || OF_ACCOUNT.contains(&endpoint.operation);
    match (of_somebody, of_account) {
        (true, _) => &[Whose::Anothers, Whose::Foreign, Whose::Own],
        (false, true) => &[Whose::Anothers, Whose::Foreign],
        (false, false) => &[Whose::Nobodys],
    }
}

#[tokio::test]
async fn who_may_do_what_to_whose() {
    let mut matrix = Matrix::new().await;
    let mut lines = BTreeMap::new();
    for endpoint in endpoints() {
        for role in ROLES {
            // What failed to sign in before is forgotten by then.
            matrix.site.world.pass(24 * 3600);
            let who = matrix.somebody(role).await;
            for whose in cases(&endpoint) {
                let status = matrix.status(&endpoint, *whose, &who).await;
                let name = format!("{} {}", endpoint.method, endpoint.path);
                lines.entry((name, *whose)).or_insert_with(Vec::new).push(status);
            }
        }
    }
    let mut seen =
        format!("{:<44}{:<10}{}\n", "endpoint", "whose", ROLES.map(|role| format!("{role:>18}")).concat());
    for ((name, whose), statuses) in lines {
        let statuses = statuses.iter().fold(String::new(), |line, status| line + &format!("{status:>18}"));
        writeln!(seen, "{name:<44}{:<10}{statuses}", format!("{whose:?}")).unwrap();
    }
    let golden = include_str!("matrix.golden");
    assert!(seen == golden, "the matrix is\n{seen}");
}

#[test]
fn every_use_case_is_in_the_matrix() {
    let all = endpoints();
    for use_case in UseCase::ALL {
        let served = all.iter().any(|endpoint| endpoint.use_cases.contains(use_case));
        let elsewhere = ELSEWHERE.iter().any(|(other, _)| other == use_case);
        assert!(served || elsewhere, "{use_case:?} is served nowhere");
    }
}

/// What belongs to signing in.
const OPEN: [&str; 8] = [
    "signIn",
    "askToSignIn",
    "signInWithPasskey",
    "listProviders",
    "beginSso",
    "finishSso",
    "acceptInvitation",
    "setUp",
];

#[test]
fn only_coming_in_is_for_everybody() {
    let open = endpoints().into_iter().filter(|endpoint| endpoint.access == Access::Everybody);
    let open: Vec<_> = open.map(|endpoint| endpoint.operation).collect();
    assert_eq!(open, OPEN);
}
