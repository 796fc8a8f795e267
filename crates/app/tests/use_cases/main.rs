//! Every use case that changes something leaves its audit entry and, where decisions depend on it, its change.

mod audit;
mod life;
mod pairs;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};

use claviger_app::{
    Actor, App, ApplyMode, Command, KeyView, NewAccount, NewKey, Outcome, RecorderConfig, Reveal, open_vault,
};
use claviger_catalogue::{Bundle, SourceFile};
use claviger_model::{Clock, CredentialId, Entropy, LifeEvent, Span, Time};
use claviger_store::{Location, Store};
use claviger_vault::{LocalMasterKey, MasterKey};

const OPERATOR: Actor = Actor::Operator { via: "test" };

/// A clock that goes on by a second whenever it is looked at.
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Time {
        Time::from_secs(1_800_000_000 + self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// Bytes that never repeat within a test.
struct Counting(AtomicU8);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

struct World {
    app: App,
    store: Store,
    clock: Arc<Ticking>,
    _folder: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Location::Sqlite(folder.path().join("test.db"))).await.unwrap();
        let entropy: Arc<dyn Entropy> = Arc::new(Counting(AtomicU8::new(0)));
        let clock = Arc::new(Ticking(AtomicI64::new(0)));
        let master = LocalMasterKey::from(MasterKey::generate([7; 32]));
        let vault = open_vault(&store, &master, &*entropy).await.unwrap();
        let records = RecorderConfig { keep_for: Span::from_days(1), keep: 100 };
        let ticking: Arc<dyn Clock> = Arc::<Ticking>::clone(&clock);
        let app = App::start(store.clone(), vault, ticking, entropy, records).await.unwrap();
        Self { app, store, clock, _folder: folder }
    }

    /// Lets time pass.
    fn pass(&self, span: Span) {
        self.clock.0.fetch_add(span.as_micros() / 1_000_000, Ordering::Relaxed);
    }

    async fn run(&self, command: Command) -> Outcome {
        self.app.run(&OPERATOR, command).await.unwrap()
    }

    async fn key(&self, command: Command) -> KeyView {
        match self.run(command).await {
            Outcome::Key(key) => *key,
            other => panic!("not a key: {other:?}"),
        }
    }

    /// The actions in the audit so far, and the number of the last change.
    async fn trail(&self) -> (Vec<String>, u64) {
        let entries = self.store.audit_entries(0, 1000).await.unwrap();
        let actions = entries.into_iter().map(|numbered| numbered.entry.action).collect();
        (actions, self.store.head().await.unwrap().0)
    }
}

const CATALOGUE: &str = r#"
catalogue: 1
apis:
  - slug: things
    name: Things
    policy:
      prefix: thg
      schemes: [{ scheme: basic, user: account_number }]
      key_types: [{ slug: standard, name: Standard }]
      activation: operator
      recoverable: true
      allowlist: { min: 0, max: 2, kind: network }
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
";

fn catalogue(mode: ApplyMode) -> Command {
    applying(CATALOGUE, mode)
}

fn apply(text: &str) -> Command {
    applying(text, ApplyMode::Commit)
}

fn applying(text: &str, mode: ApplyMode) -> Command {
    let catalogue = SourceFile { name: "catalogue.yaml".into(), text: text.into() };
    let documents = [("v1.yaml".to_owned(), DOCUMENT.to_owned())].into();
    Command::Apply { bundle: Bundle { catalogue, documents, variables: [].into() }, mode }
}

fn account() -> Command {
    let new = NewAccount { number: "1".parse().unwrap(), realm: "one".parse().unwrap(), name: "One".into() };
    Command::AccountCreate(new)
}

fn new_key() -> Command {
    Command::KeyCreate(NewKey {
        account: Some("1".parse().unwrap()),
        api: "things".parse().unwrap(),
        environment: None,
        key_type: None,
        algorithm: None,
        label: None,
        access: claviger_app::Access::default(),
        addresses: vec![],
        not_before: None,
        lifetime: None,
        notes: claviger_model::Notes::default(),
        user: None,
    })
}

fn life(id: CredentialId, event: LifeEvent) -> Command {
    Command::KeyLife { id, event, reason: None }
}

#[tokio::test]
async fn every_change_leaves_an_audit_entry_and_a_number() {
    let world = World::new().await;
    world.run(catalogue(ApplyMode::Commit)).await;
    world.run(account()).await;
    let id = world.key(new_key()).await.id;
    for event in [LifeEvent::Activate, LifeEvent::Disable, LifeEvent::Enable] {
        world.run(life(id, event)).await;
    }
    world.run(Command::KeyAllow { id, addresses: vec!["192.0.2.1".into()] }).await;
    world.run(life(id, LifeEvent::Revoke)).await;
    let expected = [
        "catalogue.apply",
        "account.create",
        "key.create",
        "key.activate",
        "key.disable",
        "key.enable",
        "key.allow",
        "key.revoke",
    ];
    assert_eq!(world.trail().await, (expected.map(str::to_owned).to_vec(), 8));
}

#[tokio::test]
async fn seeing_a_secret_stands_in_the_audit_and_changes_nothing() {
    let world = World::new().await;
    world.run(catalogue(ApplyMode::Commit)).await;
    world.run(account()).await;
    let made = world.key(new_key()).await;
    let shown = world.key(Command::KeyShow { id: made.id, reveal: Reveal::Secret }).await;
    assert_eq!(shown.key, made.key);
    let (actions, head) = world.trail().await;
    assert_eq!((actions.last().map(String::as_str), head), (Some("key.reveal"), 3));
    world.run(Command::KeyShow { id: made.id, reveal: Reveal::Nothing }).await;
    assert_eq!(world.trail().await.0.len(), actions.len());
}

#[tokio::test]
async fn no_secret_stands_in_the_audit_or_the_log() {
    let world = World::new().await;
    world.run(catalogue(ApplyMode::Commit)).await;
    world.run(account()).await;
    let key = world.key(new_key()).await.key.unwrap();
    let audit = format!("{:?}", world.store.audit_entries(0, 1000).await.unwrap());
    let log =
        format!("{:?}", world.store.changes_after(claviger_model::ChangeNumber(0), 1000).await.unwrap());
    let random = key.expose().rsplit('_').next().unwrap();
    assert!(audit.contains("key.create") && !audit.contains(random) && !log.contains(random));
}

#[tokio::test]
async fn what_changes_nothing_leaves_no_trace() {
    let world = World::new().await;
    world.run(catalogue(ApplyMode::DryRun)).await;
    assert_eq!(world.trail().await, (vec![], 0));
    world.run(catalogue(ApplyMode::Commit)).await;
    world.run(account()).await;
    let id = world.key(new_key()).await.id;
    world.run(life(id, LifeEvent::Activate)).await;
    let before = world.trail().await;
    world.run(catalogue(ApplyMode::Commit)).await;
    world.run(life(id, LifeEvent::Activate)).await;
    world.run(Command::KeyAllow { id, addresses: vec![] }).await;
    assert!(world.app.run(&OPERATOR, account()).await.is_err());
    assert_eq!(world.trail().await, before);
}

#[tokio::test]
async fn a_change_counts_when_the_answer_is_there() {
    let world = World::new().await;
    world.run(catalogue(ApplyMode::Commit)).await;
    world.run(account()).await;
    world.run(new_key()).await;
    assert_eq!(world.app.snapshots().load().number(), world.store.head().await.unwrap());
    assert_eq!(world.app.snapshots().load().credentials(), 1);
}
