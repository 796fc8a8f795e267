//! An installation with one API, a door to it, and a hasher that tests hold in their hands.

use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use claviger_app::{
    Access, Actor, App, ApplyMode, Command, Import, ImportFormat, ImportReport, NewAccount, Outcome,
    RecorderConfig, Shown, SlowHash, SlowKeys, Trust, open_vault,
};
use claviger_catalogue::{Bundle, SourceFile};
use claviger_door::{Asked, Counters, Door, Prepared};
use claviger_model::{Clock, Entropy, Reason, RequestId, Span, Time};
use claviger_policy::{Body, Decision, Parts, Protocol, TrustedProxies};
use claviger_store::{Location, Store};
use claviger_vault::{LocalMasterKey, MasterKey};
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, Method};

const OPERATOR: Actor = Actor::Operator { via: "test" };
const PROXY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

const CATALOGUE: &str = r#"
catalogue: 1
apis:
  - slug: things
    name: Things
    policy:
      prefix: thg
      schemes: [{ scheme: basic, user: account_number }]
      key_types: [{ slug: standard, name: Standard }]
      recoverable: true
      max_lifetime: 365d
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

/// A clock that goes on by a second whenever it is looked at.
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Time {
        Time::from_secs(1_800_000_000 + self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// Bytes that never repeat within a test.
struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let next = self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes();
            chunk.copy_from_slice(&next[..chunk.len()]);
        }
    }
}

/// Says that a password is right if it is `right`, once the gate is open.
#[derive(Default)]
pub(crate) struct Gate {
    open: Mutex<bool>,
    opened: Condvar,
    pub(crate) checks: AtomicU64,
}

impl Gate {
    pub(crate) fn open(&self) {
        *self.open.lock().unwrap() = true;
        self.opened.notify_all();
    }
}

impl SlowHash for Gate {
    fn matches(&self, digest: &str, password: &str) -> bool {
        assert!(digest.starts_with("$2"));
        self.checks.fetch_add(1, Ordering::Relaxed);
        drop(self.opened.wait_while(self.open.lock().unwrap(), |open| !*open).unwrap());
        password == "the right one"
    }
}

pub(crate) struct World {
    pub(crate) app: Arc<App>,
    pub(crate) store: Store,
    pub(crate) door: Arc<Door>,
    pub(crate) gate: Arc<Gate>,
    _folder: tempfile::TempDir,
}

impl World {
    /// With as many accounts: 1, 2 and so on.
    pub(crate) async fn with_accounts(accounts: u32) -> Self {
        Self::of(accounts, Duration::ZERO).await
    }

    /// The same, where passwords wait so long for a place.
    pub(crate) async fn of(accounts: u32, patience: Duration) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Location::Sqlite(folder.path().join("test.db"))).await.unwrap();
        let entropy: Arc<dyn Entropy> = Arc::new(Counting(AtomicU64::new(1)));
        let clock: Arc<dyn Clock> = Arc::new(Ticking(AtomicI64::new(0)));
        let vault = open_vault(&store, &LocalMasterKey::from(MasterKey::generate([7; 32])), &*entropy).await;
        let records = RecorderConfig { keep_for: Span::from_days(1), keep: 100 };
        let app = App::start(store.clone(), vault.unwrap(), Arc::clone(&clock), entropy, records).await;
        let app = Arc::new(app.unwrap());
        let gate = Arc::new(Gate::default());
        let slow = SlowKeys::new(Arc::clone(&app), Arc::clone(&gate) as Arc<dyn SlowHash>);
        // No test waits: without patience what finds no place is told at once.
        let slow = slow.waiting(patience);
        let door = Door {
            snapshots: Arc::clone(app.snapshots()),
            clock,
            trusted: TrustedProxies::new(vec![PROXY.into()]),
            records: Arc::new(app.recorder().clone()),
            counters: Counters::new("test"),
            slow: Some(Arc::new(slow)),
        };
        let world = Self { app, store, door: Arc::new(door), gate, _folder: folder };
        world.fill(accounts).await;
        world
    }

    async fn fill(&self, accounts: u32) {
        let catalogue = SourceFile { name: "catalogue.yaml".into(), text: CATALOGUE.into() };
        let documents = [("v1.yaml".to_owned(), DOCUMENT.to_owned())].into();
        let bundle = Bundle { catalogue, documents, variables: [].into() };
        self.run(Command::Apply { bundle, mode: ApplyMode::Commit }).await;
        for number in 1..=accounts {
            self.run(Command::AccountCreate(NewAccount {
                number: number.to_string().parse().unwrap(),
                realm: format!("realm-{number}").parse().unwrap(),
                name: number.to_string(),
            }))
            .await;
        }
    }

    pub(crate) async fn run(&self, command: Command) -> Outcome {
        self.app.run(&OPERATOR, command).await.unwrap()
    }

    pub(crate) async fn import(&self, format: ImportFormat, file: &str, mode: ApplyMode) -> ImportReport {
        match self.run(Command::KeyImport(import(format, file, mode))).await {
            Outcome::Imported(report) => report,
            other => panic!("no report: {other:?}"),
        }
    }

    /// Everything in the audit and the change log.
    pub(crate) async fn trail(&self) -> String {
        let audit = self.store.audit_entries(0, 10_000).await.unwrap();
        let log = self.store.changes_after(claviger_model::ChangeNumber(0), 10_000).await.unwrap();
        format!("{audit:?}{log:?}")
    }

    /// Why a request with these credentials is refused.
    pub(crate) fn reason(&self, user: &str, password: &str) -> Option<Reason> {
        reason(&self.door, user, password)
    }
}

pub(crate) fn import(format: ImportFormat, file: &str, mode: ApplyMode) -> Import {
    Import {
        api: "things".parse().unwrap(),
        environment: None,
        account: None,
        key_type: None,
        access: Access::default(),
        addresses: vec![],
        owners: vec![],
        format,
        trust: Trust::Checked,
        file: Shown::new(file),
        mode,
    }
}

fn headers(user: &str, password: &str) -> HeaderMap {
    let value = format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")));
    [(AUTHORIZATION, HeaderValue::try_from(value).unwrap())].into_iter().collect()
}

fn asked(headers: &HeaderMap) -> Asked<'_> {
    Asked {
        id: RequestId::from_u128(1),
        parts: Parts {
            method: &Method::GET,
            host: "localhost",
            authority: "localhost",
            protocol: Protocol::Http,
            target: "/things/v1/things",
            headers,
            body: Body::None,
        },
        peer: PROXY,
    }
}

pub(crate) async fn prepare(door: &Door, user: &str, password: &str) -> Prepared {
    prepare_from(door, "192.0.2.1", user, password).await
}

/// The same, through a proxy that says from where it came.
pub(crate) async fn prepare_from(door: &Door, client: &str, user: &str, password: &str) -> Prepared {
    let mut headers = headers(user, password);
    headers.insert("x-forwarded-for", HeaderValue::try_from(client).unwrap());
    door.prepare(&asked(&headers)).await
}

pub(crate) fn reason(door: &Door, user: &str, password: &str) -> Option<Reason> {
    door.ask(&asked(&headers(user, password)), |decision, _| match decision {
        Decision::Allow(_) => None,
        Decision::Deny(denial) => Some(denial.reason),
    })
}
