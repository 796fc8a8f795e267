//! Doors to an API with one key, and a service that may ask about it.

use std::sync::{Arc, LazyLock};

use claviger_check::Doors;
use claviger_credential::{DigestKey, key};
use claviger_door::{Counters, Door, Records, RequestIds, Snapshots};
use claviger_model::{
    Change, ChangeNumber, Clock, CredentialId, Entropy, NumberedChange, Refusal, Time, VersionUses,
};
use claviger_policy::{Snapshot, TrustedProxies};
use serde_json::{Value, json};

/// The service's token.
pub(crate) const TOKEN: &str = "svc_token";
const ACCOUNT: &str = "acc_00000000000000000000000001";
const API: &str = "api_00000000000000000000000001";
const ENVIRONMENT: &str = "env_00000000000000000000000001";

/// The only key.
pub(crate) static KEY: LazyLock<String> = LazyLock::new(|| {
    let (prefix, environment) = ("aaa".parse(), "main".parse());
    let (Ok(prefix), Ok(environment)) = (prefix, environment) else { return String::new() };
    key::generate(&prefix, &environment, [7; 32]).expose().to_owned()
});

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Time {
        Time::from_secs(1_800_000_000)
    }
}

impl Entropy for Fixed {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

impl Records for Fixed {
    fn takes_refusals(&self) -> bool {
        true
    }

    fn refused(&self, refusal: Refusal) {
        let written = format!("{refusal:?}");
        assert!(!written.contains(KEY.as_str()), "the key is in the record of a refusal");
    }

    fn used(&self, _: VersionUses) {}

    fn late(&self, _: CredentialId) {}
}

/// The doors. Who asks from the loopback is believed.
///
/// # Panics
/// If the world is not one.
pub(crate) fn world() -> Doors {
    let digest_key = Arc::new(DigestKey::new([9; 32]));
    let mut snapshot = Snapshot::empty(Arc::clone(&digest_key));
    for (place, change) in changes(&digest_key).into_iter().enumerate() {
        let change: Change = serde_json::from_value(change).expect("a change");
        let number = ChangeNumber(place as u64 + 1);
        snapshot.apply(&NumberedChange { number, change }).expect("a change that fits");
    }
    let snapshots = Arc::new(Snapshots::from_pointee(snapshot));
    let trusted = || TrustedProxies::new(vec!["127.0.0.0/8".parse().expect("a network")]);
    let door = |name| Door {
        snapshots: Arc::clone(&snapshots),
        clock: Arc::new(Fixed),
        trusted: trusted(),
        records: Arc::new(Fixed),
        counters: Counters::new(name),
        slow: None,
    };
    Doors {
        askers: trusted(),
        forward_auth: door("forward-auth"),
        ext_authz: door("ext-authz"),
        verify: Door { trusted: TrustedProxies::default(), ..door("verify") },
        ids: RequestIds::new(&Fixed),
    }
}

fn changes(digest_key: &DigestKey) -> [Value; 4] {
    let digest = |text: &str| json!(digest_key.digest(text.as_bytes()));
    [
        json!({ "kind": "account", "value": { "id": ACCOUNT, "number": "1", "realm": "one", "name": "One" } }),
        json!({ "kind": "api", "value": api() }),
        json!({ "kind": "credential", "value": {
            "id": "key_00000000000000000000000001", "digest": digest(&KEY), "account": ACCOUNT,
            "environment": ENVIRONMENT, "key_type": "k", "state": "active", "allowlist": [],
            "permissions": "everything", "not_before": null, "expires_at": null,
        } }),
        json!({ "kind": "service", "value": {
            "name": "asker", "digest": digest(TOKEN), "apis": [API], "created_at": "2026-01-01T00:00:00Z",
        } }),
    ]
}

fn api() -> Value {
    let endpoint = |method: &str| json!({ "method": method, "path": "/a/{id}", "permissions": [] });
    let schemes =
        ["basic", "api_token", "bearer"].map(|scheme| json!({ "scheme": scheme })).into_iter().chain([
            json!({ "scheme": "query", "name": "apiToken" }),
            json!({ "scheme": "header", "name": "x-api-key" }),
        ]);
    json!({
        "id": API, "slug": "one", "name": "One",
        "policy": {
            "prefix": "aaa", "schemes": schemes.collect::<Vec<_>>(),
            "key_types": [{ "slug": "k", "name": "K" }],
        },
        "versions": [{ "name": "v1", "endpoints": [endpoint("GET"), endpoint("POST")] }],
        "environments": [{
            "id": ENVIRONMENT, "slug": "main", "upstream": "http://127.0.0.1:9",
            "routes": [{ "path": "/one/{version}" }],
        }],
    })
}
