//! `kill -9` at any moment loses nothing that was acknowledged.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use claviger_app::{Command, KeyFilter, KeyView, NewKey, Outcome};
use claviger_model::{CredentialId, LifeEvent};
use claviger_store::{Location, Store};
use rstest::rstest;

use crate::bed::{ACCOUNT, Bed, Engine, basic};
use crate::counting;
use crate::dice::Dice;
use crate::gate;
use crate::raw::Caller;

const WORKERS: usize = 2;

/// For each engine; more where there is time.
fn kills() -> usize {
    if std::env::var_os("CLAVIGER_TEST_LONG").is_some() { 250 } else { 50 }
}

/// What is known of a key that was made.
#[derive(Debug, Clone)]
struct Known {
    key: String,
    life: Life,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    Active,
    /// It was to be revoked, and the server was killed before it said that it had done so.
    Unclear,
    Revoked,
}

type Keys = BTreeMap<CredentialId, Known>;

/// Makes keys and revokes some, until the server is gone.
struct Worker {
    data_dir: PathBuf,
    dice: Dice,
    keys: Keys,
    acknowledged: Sender<()>,
}

impl Worker {
    fn run(mut self) -> Keys {
        while self.step().is_some() {
            let _ = self.acknowledged.send(());
        }
        self.keys
    }

    fn step(&mut self) -> Option<()> {
        let active = |(id, known): (&CredentialId, &Known)| (known.life == Life::Active).then_some(*id);
        let active: Vec<_> = self.keys.iter().filter_map(active).collect();
        if active.is_empty() || self.dice.below(3) > 0 {
            return self.create();
        }
        let id = *self.dice.one_of(&active);
        self.revoke(id)
    }

    fn create(&mut self) -> Option<()> {
        let Outcome::Key(view) = gate::ask(&self.data_dir, &new_key()).ok()? else { return None };
        let shown = serde_json::to_value(&view).ok()?;
        let key = shown["key"].as_str().expect("a new key is shown").to_owned();
        self.keys.insert(view.id, Known { key, life: Life::Active });
        Some(())
    }

    fn revoke(&mut self, id: CredentialId) -> Option<()> {
        let known = self.keys.get_mut(&id)?;
        known.life = Life::Unclear;
        gate::ask(&self.data_dir, &Command::KeyLife { id, event: LifeEvent::Revoke, reason: None }).ok()?;
        known.life = Life::Revoked;
        Some(())
    }
}

fn new_key() -> Command {
    Command::KeyCreate(NewKey {
        account: Some(ACCOUNT.parse().expect("an account number")),
        api: "customers".parse().expect("a slug"),
        environment: None,
        key_type: None,
        algorithm: None,
        label: None,
        access: claviger_app::Access::default(),
        addresses: vec!["127.0.0.1".into()],
        not_before: None,
        lifetime: None,
        notes: claviger_model::Notes::default(),
        user: None,
    })
}

/// Shares the keys out among workers, lets them work, and kills the server after a random number of answers and a
/// little random time.
fn round(bed: &mut Bed, dice: &mut Dice, keys: Keys) -> Keys {
    let (acknowledged, answers) = channel();
    let mut shares = vec![Keys::new(); WORKERS];
    for (place, (id, known)) in keys.into_iter().enumerate() {
        shares[place % WORKERS].insert(id, known);
    }
    let mut start = |keys| {
        let dice = Dice::new(dice.number() | 1);
        let (data_dir, acknowledged) = (bed.data_dir(), acknowledged.clone());
        let worker = Worker { data_dir, dice, keys, acknowledged };
        std::thread::spawn(move || worker.run())
    };
    let workers: Vec<_> = shares.into_iter().map(&mut start).collect();
    drop(acknowledged);
    for _ in 0..dice.below(12) {
        answers.recv().expect("the workers work");
    }
    // Nobody answers on it: the kill comes at some moment within the next few commits.
    let (_open, nobody) = channel::<()>();
    let _ = nobody.recv_timeout(Duration::from_micros(dice.number() % 6000));
    bed.kill9();
    workers.into_iter().flat_map(|worker| worker.join().expect("a worker ends")).collect()
}

/// Whether the gateway takes each key as it has to.
fn check(bed: &Bed, keys: &Keys) {
    let mut caller = gate::caller(bed);
    for (id, known) in keys {
        let (status, code) = call(&mut caller, &known.key);
        let active = (status, code.as_str()) == (200, "");
        let revoked = (status, code.as_str()) == (403, "revoked");
        let fits = match known.life {
            Life::Active => active,
            Life::Unclear => active || revoked,
            Life::Revoked => revoked,
        };
        assert!(fits, "{id} is {:?} and got {status} {code}", known.life);
    }
}

fn call(caller: &mut Caller, key: &str) -> (u16, String) {
    let authorization = basic(ACCOUNT, key);
    caller.send(format!(
        "GET /customers/v1/customers HTTP/1.1\r\nHost: a\r\nAuthorization: {authorization}\r\n\r\n"
    ));
    let answer = caller.answer();
    (answer.status, answer.code())
}

/// Every key that the server knows, page by page.
fn listed(data_dir: &Path) -> Vec<KeyView> {
    let mut all: Vec<KeyView> = Vec::new();
    loop {
        let after = all.last().map(|view| view.id.into());
        let filter = KeyFilter { after, limit: Some(1000), ..KeyFilter::default() };
        let Ok(Outcome::Keys(page)) = gate::ask(data_dir, &Command::KeyList(filter)) else {
            panic!("the keys cannot be listed");
        };
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

/// Whether what is kept agrees with itself and with what was acknowledged.
async fn check_logs(location: Location, keys: &Keys, listed: &[KeyView]) {
    let store = Store::open(&location).await.expect("the store opens");
    let entries = store.audit_entries(0, u32::MAX >> 1).await.expect("the audit can be read");
    let numbers: Vec<_> = entries.iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>(), "the audit has gaps");
    let changes = store.changes_after(claviger_model::ChangeNumber(0), u32::MAX >> 1).await;
    let numbers: Vec<_> =
        changes.expect("the log can be read").iter().map(|change| change.number.0).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>(), "the change log has gaps");
    assert_eq!(store.head().await.expect("the counter can be read").0, numbers.len() as u64);
    let objects = |action: &str| {
        let mut objects: Vec<_> =
            entries.iter().filter(|e| e.entry.action == action).map(|e| e.entry.object.clone()).collect();
        objects.sort_unstable();
        objects
    };
    let ids = |wanted: fn(&KeyView) -> bool| {
        let mut ids: Vec<_> =
            listed.iter().filter(|view| wanted(view)).map(|view| view.id.to_string()).collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!(objects("key.create"), ids(|_| true));
    assert_eq!(objects("key.revoke"), ids(|view| view.state == "revoked"));
    assert!(keys.keys().all(|id| listed.iter().any(|view| view.id == *id)));
    store.close().await;
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn what_was_acknowledged_outlives_a_kill(#[case] engine: Engine) {
    let upstream = counting::listen(std::sync::Arc::new(|_| {}));
    let mut bed = gate::serve(engine, "", gate::EXAMPLE, upstream);
    let (mut dice, mut keys) = (Dice::new(0x0C1A_719E), Keys::new());
    for _ in 0..kills() {
        keys = round(&mut bed, &mut dice, keys);
        bed.run_serve();
        check(&bed, &keys);
    }
    let listed = listed(&bed.data_dir());
    assert!(bed.stop().is_some_and(|status| status.success()));
    let location = bed.database_url().map_or_else(
        || Location::Sqlite(bed.data_dir().join("claviger.db")),
        |url| Location::Postgres(url.to_owned().into()),
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime can be made").block_on(check_logs(location, &keys, &listed));
    let revoked = keys.values().filter(|known| known.life == Life::Revoked).count();
    println!(
        "{} kills, {} keys made and {revoked} revoked as acknowledged, {} in all",
        kills(),
        keys.len(),
        listed.len()
    );
}
