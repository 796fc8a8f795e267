//! An installation with two accounts and a clock that tests set. Several nodes can share it.
//!
//! For tests alone: what goes wrong ends them.

#![expect(clippy::missing_panics_doc, reason = "a panic is how a test fails")]

mod device;
mod provider;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use claviger_app::{
    Access, Actor, App, AppError, ApplyMode, Command, InvitationView, KeyView, NewAccount, NewInvitation,
    NewKey, NewPasskey, NewUser, Outcome, PasskeyAdded, PasskeyCommand, PeopleCommand, PeopleOutcome,
    RecorderConfig, RelyingParty, SecondFactor, Shown, SignIn, SignInError, SignedInView, UserView,
    open_vault,
};
use claviger_catalogue::{Bundle, SourceFile};
use claviger_model::{Clock, Entropy, Notes, Reason, Span, Standing, Time, UserId};
use claviger_policy::{Body, Decision, Parts, Protocol, Request, decide};
use claviger_store::{Location, Store};
use claviger_vault::{LocalMasterKey, MasterKey};
use http::{HeaderMap, HeaderValue, Method};
use serde_json::json;

pub use device::{Counter, Device, ORIGIN, PARTY};

pub use provider::{finish_with, state_of};

/// Whoever owns the installation.
pub const OPERATOR: Actor = Actor::Operator { via: "test" };
/// From where people come.
pub const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
/// Everybody's password.
pub const PASSWORD: &str = "tern gull heron";

const CATALOGUE: &str = r#"
catalogue: 1
apis:
  - slug: things
    name: Things
    policy:
      prefix: thg
      schemes: [{ scheme: raw }]
      key_types: [{ slug: standard, name: Standard }]
      recoverable: true
      login_tokens: accept
    versions: [{ name: v1, document: v1.yaml }]
    environments:
      - slug: live
        upstream: "http://127.0.0.1:9/{version}"
        routes: [{ path: "/things/{version}" }]
"#;

const DOCUMENT: &str = r"
openapi: 3.1.0
info: { title: Things, version: '1' }
paths:
  /things:
    get: { responses: { '200': { description: Things. } } }
    delete: { responses: { '200': { description: No things. } } }
";

/// A clock that stands until it is told to go on.
pub struct Stopped(AtomicI64);

impl Clock for Stopped {
    fn now(&self) -> Time {
        Time::from_secs(self.0.load(Ordering::Relaxed))
    }
}

/// Bytes that never repeat within a test.
struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let next = self.0.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            chunk.copy_from_slice(&next.to_le_bytes()[..chunk.len()]);
        }
    }
}

/// The installation.
pub struct World {
    /// The use cases of the first node.
    pub app: Arc<App>,
    /// What it keeps.
    pub store: Store,
    /// Its clock.
    pub clock: Arc<Stopped>,
    folder: tempfile::TempDir,
    nodes: AtomicU64,
}

impl World {
    /// Two accounts, `1` and `2`, and one API, `things`.
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(Stopped(AtomicI64::new(1_800_000_000)));
        let (app, store) = node(folder.path(), &clock, 1).await;
        let world = Self { app, store, clock, folder, nodes: AtomicU64::new(1) };
        let catalogue = SourceFile { name: "catalogue.yaml".into(), text: CATALOGUE.into() };
        let documents = [("v1.yaml".to_owned(), DOCUMENT.to_owned())].into();
        let bundle = Bundle { catalogue, documents, variables: [].into() };
        world.run(&OPERATOR, Command::Apply { bundle, mode: ApplyMode::Commit }).await.unwrap();
        for (number, realm) in [("1", "one"), ("2", "two")] {
            let (number, realm, name) = (number.parse().unwrap(), realm.parse().unwrap(), realm.to_owned());
            let new = NewAccount { number, realm, name };
            world.run(&OPERATOR, Command::AccountCreate(new)).await.unwrap();
        }
        world
    }

    /// Another process on the same data.
    pub async fn another_node(&self) -> Arc<App> {
        let number = self.nodes.fetch_add(1, Ordering::Relaxed) + 1;
        node(self.folder.path(), &self.clock, number).await.0
    }

    /// One that nobody told at which address people find it.
    pub async fn node_without_passkeys(&self) -> Arc<App> {
        let number = self.nodes.fetch_add(1, Ordering::Relaxed) + 1;
        Arc::new(bare_node(self.folder.path(), &self.clock, number).await.0)
    }

    /// Time passes.
    pub fn pass(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Does what the command says.
    pub async fn run(&self, actor: &Actor, command: Command) -> Result<Outcome, AppError> {
        self.app.run(actor, command).await
    }

    /// The same, about people.
    pub async fn people(&self, actor: &Actor, command: PeopleCommand) -> Result<PeopleOutcome, AppError> {
        match self.run(actor, Command::People(command)).await? {
            Outcome::People(outcome) => Ok(outcome),
            other => panic!("nothing about people: {other:?}"),
        }
    }

    /// A user of an account with these roles and [`PASSWORD`].
    pub async fn user(&self, name: &str, account: &str, roles: &[&str]) -> UserView {
        let new = new_user(name, account, roles);
        match self.people(&OPERATOR, PeopleCommand::Create(new)).await.unwrap() {
            PeopleOutcome::User(view) => *view,
            other => panic!("no user: {other:?}"),
        }
    }

    /// Invites somebody into an account with these roles.
    pub async fn invite(
        &self,
        actor: &Actor,
        name: &str,
        account: &str,
        roles: &[&str],
    ) -> Result<InvitationView, AppError> {
        let new = NewInvitation {
            email: format!("{name}@example.com").parse().unwrap(),
            account: Some(account.parse().unwrap()),
            roles: roles.iter().map(|role| role.parse().unwrap()).collect(),
            lifetime: None,
        };
        match self.people(actor, PeopleCommand::Invite(new)).await? {
            PeopleOutcome::Invitation(view) => Ok(*view),
            other => panic!("no invitation: {other:?}"),
        }
    }

    /// Signs somebody in.
    pub async fn sign_in(&self, name: &str, password: &str) -> Result<SignedInView, SignInError> {
        enter(&self.app, name, password, None, HOME).await
    }

    /// Somebody who signed in.
    pub async fn actor(&self, name: &str) -> (Actor, String) {
        let token = self.sign_in(name, PASSWORD).await.unwrap().session.token.unwrap();
        (self.app.actor_of(token.expose(), HOME).unwrap(), token.expose().to_owned())
    }

    /// Adds a passkey to somebody who signed in lately, and gives its device.
    pub async fn passkey(&self, actor: &Actor, name: &str) -> (PasskeyAdded, Device) {
        let mut device = Device::default();
        let added = self.add_passkey(actor, name, &mut device).await.unwrap();
        (added, device)
    }

    /// The same, with this device.
    pub async fn add_passkey(
        &self,
        actor: &Actor,
        name: &str,
        device: &mut Device,
    ) -> Result<PasskeyAdded, AppError> {
        let asked = self.people(actor, PeopleCommand::Passkey(PasskeyCommand::Begin)).await?;
        let PeopleOutcome::PasskeyOptions(options) = asked else { panic!("nothing to ask: {asked:?}") };
        let made = device.make(&json!(options)).await;
        let new = NewPasskey { name: name.to_owned(), credential: serde_json::from_value(made).unwrap() };
        match self.people(actor, PeopleCommand::Passkey(PasskeyCommand::Add(Box::new(new)))).await? {
            PeopleOutcome::PasskeyAdded(added) => Ok(*added),
            other => panic!("no passkey: {other:?}"),
        }
    }

    /// Makes a key of account 1 or says why not.
    pub async fn key(&self, actor: &Actor, new: NewKey) -> Result<KeyView, AppError> {
        match self.run(actor, Command::KeyCreate(new)).await? {
            Outcome::Key(view) => Ok(*view),
            other => panic!("no key: {other:?}"),
        }
    }

    /// Why a call with this secret is refused.
    #[must_use]
    pub fn refused(&self, method: &Method, secret: &str) -> Option<Reason> {
        let snapshot = self.app.snapshots().load_full();
        let mut headers = HeaderMap::new();
        headers.insert(http::header::AUTHORIZATION, HeaderValue::from_str(secret).unwrap());
        let parts = Parts {
            method,
            host: "localhost",
            authority: "localhost",
            protocol: Protocol::Http,
            target: "/things/v1/things",
            headers: &headers,
            body: Body::None,
        };
        let (uses, replays) = (snapshot.uses(), snapshot.replays());
        match decide(&snapshot, &Request { parts, client: HOME, uses, replays }, self.clock.now()) {
            Decision::Allow(_) => None,
            Decision::Deny(denial) => Some(denial.reason),
        }
    }

    /// Whether these bytes are anywhere in the files of the database.
    #[must_use]
    pub fn holds(&self, bytes: &[u8]) -> bool {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        files
            .map(|file| std::fs::read(file.unwrap().path()).unwrap())
            .any(|content| content.windows(bytes.len()).any(|part| part == bytes))
    }

    /// The action and the reason of each audit entry.
    pub async fn trail(&self) -> Vec<(String, Option<String>)> {
        let entries = self.store.audit_entries(0, 10_000).await.unwrap();
        entries.into_iter().map(|one| (one.entry.action, one.entry.reason)).collect()
    }
}

async fn node(folder: &std::path::Path, clock: &Arc<Stopped>, number: u64) -> (Arc<App>, Store) {
    let (app, store) = bare_node(folder, clock, number).await;
    let party = RelyingParty::new(Some(PARTY), &[ORIGIN.to_owned()]).unwrap();
    (Arc::new(app.with_passkeys(party)), store)
}

async fn bare_node(folder: &std::path::Path, clock: &Arc<Stopped>, number: u64) -> (App, Store) {
    let store = Store::open(&Location::Sqlite(folder.join("test.db"))).await.unwrap();
    let entropy: Arc<dyn Entropy> = Arc::new(Counting(AtomicU64::new(number << 32)));
    let master = LocalMasterKey::from(MasterKey::generate([7; 32]));
    let vault = open_vault(&store, &master, &*entropy).await.unwrap();
    let records = RecorderConfig { keep_for: Span::from_days(1), keep: 100 };
    let clock: Arc<dyn Clock> = Arc::<Stopped>::clone(clock);
    let app = App::start(store.clone(), vault, clock, entropy, records).await.unwrap();
    (app.with_sso(provider::sso()), store)
}

/// A user to make.
#[must_use]
pub fn new_user(name: &str, account: &str, roles: &[&str]) -> NewUser {
    NewUser {
        username: name.parse().unwrap(),
        email: Some(format!("{name}@example.com").parse().unwrap()),
        name: None,
        standing: Standing::Member,
        account: Some(account.parse().unwrap()),
        roles: roles.iter().map(|role| role.parse().unwrap()).collect(),
        password: Some(Shown::new(PASSWORD)),
    }
}

/// A key to make.
#[must_use]
pub fn new_key(account: &str) -> NewKey {
    NewKey {
        account: Some(account.parse().unwrap()),
        api: "things".parse().unwrap(),
        environment: None,
        key_type: None,
        algorithm: None,
        label: None,
        access: Access::default(),
        addresses: vec![],
        not_before: None,
        lifetime: None,
        notes: Notes::default(),
        user: None,
    }
}

/// Signs somebody in on a node.
pub async fn enter(
    app: &App,
    name: &str,
    password: &str,
    second: Option<SecondFactor>,
    client: IpAddr,
) -> Result<SignedInView, SignInError> {
    let with = SignIn {
        login: name.to_owned(),
        password: Shown::new(password),
        second,
        account: None,
        kind: claviger_app::LoginKind::LoginToken,
    };
    app.sign_in(with, client).await.map_err(|error| match error {
        AppError::SignIn(why) => why,
        other => panic!("{other}"),
    })
}

/// Who it is.
#[must_use]
pub fn id_of(actor: &Actor) -> UserId {
    match actor {
        Actor::User { id, .. } => *id,
        other => panic!("no user: {other}"),
    }
}
