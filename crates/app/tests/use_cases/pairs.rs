//! Key pairs: a secret that is shown once, kept sealed, and opened by nobody but decisions.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use claviger_app::{AppError, ErrorKind};
use claviger_model::{ChangeNumber, CredentialKind, Sealed, SignatureAlgorithm};

use super::*;

const SIGNED: &str = r#"
catalogue: 1
apis:
  - slug: signed
    name: Signed
    policy:
      prefix: sgn
      schemes: [{ scheme: signature, algorithms: [hmac-sha512, hmac-sha256] }, { scheme: bearer }]
      key_types: [{ slug: pair, name: Pair, kind: key_pair }, { slug: plain, name: Plain }]
      recoverable: true
    versions: [{ name: v1, document: v1.yaml }]
    environments:
      - { slug: live, upstream: "http://127.0.0.1:9", routes: [{ path: /signed }] }
"#;

async fn world() -> World {
    let world = World::new().await;
    world.run(apply(SIGNED)).await;
    world.run(account()).await;
    world
}

fn new(key_type: &str, algorithm: Option<SignatureAlgorithm>) -> Command {
    let Command::KeyCreate(new) = new_key() else { panic!("it makes a key") };
    let (api, key_type) = ("signed".parse().unwrap(), Some(key_type.parse().unwrap()));
    Command::KeyCreate(NewKey { api, key_type, algorithm, ..new })
}

fn debug(id: CredentialId, seconds: Option<u32>) -> Command {
    Command::KeyDebug { id, until: seconds.map(Span::from_secs) }
}

async fn refused(world: &World, command: Command) -> AppError {
    world.app.run(&OPERATOR, command).await.unwrap_err()
}

impl World {
    async fn sealed(&self, id: CredentialId) -> Sealed {
        self.store.begin().await.unwrap().signer(id).await.unwrap().unwrap().sealed
    }

    /// The same database in another process.
    async fn elsewhere(&self) -> App {
        let entropy: Arc<dyn Entropy> = Arc::new(Counting(AtomicU8::new(0)));
        let clock: Arc<dyn Clock> = Arc::new(Ticking(AtomicI64::new(0)));
        let master = LocalMasterKey::from(MasterKey::generate([7; 32]));
        let vault = open_vault(&self.store, &master, &*entropy).await.unwrap();
        let records = RecorderConfig { keep_for: Span::from_days(1), keep: 100 };
        App::start(self.store.clone(), vault, clock, entropy, records).await.unwrap()
    }
}

#[tokio::test]
async fn the_secret_of_a_pair_is_shown_once() {
    let world = world().await;
    let made = world.key(new("pair", None)).await;
    let secret = made.secret.clone().unwrap();
    assert_eq!((made.kind, made.algorithm), (CredentialKind::KeyPair, Some(SignatureAlgorithm::HmacSha512)));
    assert!(made.key.is_none() && !made.recoverable);
    assert!(secret.expose().starts_with("sgn_live_") && secret.expose().ends_with(&made.hint));
    let error = refused(&world, Command::KeyShow { id: made.id, reveal: Reveal::Secret }).await;
    assert_eq!(error.kind(), ErrorKind::Invalid);
    let shown = world.key(Command::KeyShow { id: made.id, reveal: Reveal::Nothing }).await;
    assert_eq!(shown, KeyView { secret: None, ..made.clone() });
    assert_eq!(world.store.sealed_key(made.id).await.unwrap(), None);
    let Outcome::Keys(keys) = world.run(Command::KeyList(claviger_app::KeyFilter::default())).await else {
        panic!("no list")
    };
    assert_eq!(keys, [shown]);
}

#[tokio::test]
async fn no_secret_of_a_pair_stands_in_audit_or_log_and_no_sealed_bytes_in_the_audit() {
    let world = world().await;
    let made = world.key(new("pair", None)).await;
    world.run(debug(made.id, Some(60))).await;
    let audit = format!("{:?}", world.store.audit_entries(0, 100).await.unwrap());
    let log = serde_json::to_string(&world.store.changes_after(ChangeNumber(0), 100).await.unwrap()).unwrap();
    let sealed = STANDARD.encode(world.sealed(made.id).await.0);
    let secret = made.secret.unwrap();
    let random = secret.expose().rsplit('_').next().unwrap();
    assert!(audit.contains("key.debug") && !audit.contains(&sealed) && !audit.contains("sealed"));
    assert!(log.contains(&sealed) && !log.contains(random) && !audit.contains(random));
    let kinds = ["\"kind\":\"signer\"", "\"kind\":\"credential\""].map(|kind| log.find(kind).unwrap());
    assert!(kinds.is_sorted(), "who is told of a pair can verify it: {log}");
}

#[tokio::test]
async fn the_algorithm_is_one_of_the_apis_and_for_pairs_alone() {
    let world = world().await;
    let shorter = Some(SignatureAlgorithm::HmacSha256);
    assert_eq!(world.key(new("pair", shorter)).await.algorithm, shorter);
    assert_eq!(refused(&world, new("plain", shorter)).await.kind(), ErrorKind::Invalid);
    let plain = world.key(new("plain", None)).await;
    assert_eq!((plain.kind, plain.algorithm), (CredentialKind::ApiKey, None));
    assert!(plain.key.is_some() && plain.secret.is_none() && plain.recoverable);
    world.run(apply(&SIGNED.replace(", hmac-sha256", ""))).await;
    let error = refused(&world, new("pair", shorter)).await.to_string();
    assert_eq!(error, "`signed` takes no signatures by `hmac-sha256`; it takes hmac-sha512");
}

#[tokio::test]
async fn refused_signatures_are_explained_for_an_hour_at_most() {
    let world = world().await;
    let pair = world.key(new("pair", None)).await.id;
    let plain = world.key(new("plain", None)).await.id;
    for (id, seconds) in [(pair, 0), (pair, 3601), (plain, 60)] {
        assert_eq!(refused(&world, debug(id, Some(seconds))).await.kind(), ErrorKind::Invalid);
    }
    let before = world.trail().await;
    let until = world.key(debug(pair, Some(3600))).await.debug_until;
    assert!(until.is_some() && until == world.app.snapshots().load().signing(pair).unwrap().1);
    assert_eq!(world.key(debug(pair, None)).await.debug_until, None);
    world.run(debug(pair, None)).await;
    let (actions, head) = world.trail().await;
    assert_eq!(actions[before.0.len()..], ["key.debug", "key.debug"]);
    assert_eq!(head, before.1 + 2);
}

#[tokio::test]
async fn every_process_can_verify_a_pair() {
    let world = world().await;
    let running = world.elsewhere().await;
    let pair = world.key(new("pair", None)).await.id;
    let started = world.elsewhere().await;
    running.follow().await.unwrap();
    for app in [&world.app, &running, &started] {
        let signing = app.snapshots().load().signing(pair);
        assert_eq!(signing, Some((SignatureAlgorithm::HmacSha512, None)));
    }
}
