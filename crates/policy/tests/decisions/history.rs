//! Histories: logs of changes that could have happened, and requests that tell their outcomes apart.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use claviger_model::{
    Account, Allowlist, AllowlistRule, Change, ChangeNumber, Credential, CredentialId, CredentialState,
    LifeEvent, Mixing, NumberedChange, PermissionSet,
};
use claviger_policy::{Decision, Replays, Snapshot, Uses, decide};
use proptest::prelude::*;
use proptest::sample::select;

use crate::fixture::{ApiFixture, Ask, KeyFixture, NOW, account, api, ask, digest_key, key_of, summary};
use crate::worlds::MOMENT;

const ACCOUNTS: [&str; 3] = ["100042", "100077", "100099"];
const APIS: [&str; 2] = ["billing", "cloud"];
const API_VARIANTS: u8 = 7;
const OTHER_NUMBER: &str = "200000";

/// The keys that there are in every history: their accounts and places.
const KEYS: [(&str, &str); 4] = [
    ("100042", "billing/production"),
    ("100077", "billing/sandbox"),
    ("100042", "cloud/production"),
    ("100099", "billing/production"),
];

fn key(index: usize) -> KeyFixture {
    let (account, place) = KEYS[index];
    key_of(&format!("key {index}"), account, place)
}

/// One thing that happens. Objects are named by their places in the lists above.
#[derive(Debug, Clone)]
enum Step {
    Account(usize),
    OtherNumber(usize),
    AccountRemoved(usize),
    Api(usize, u8),
    ApiRemoved(usize),
    Life(usize, LifeEvent),
    Addresses(usize, &'static [&'static str]),
    Permissions(usize, bool),
    Validity(usize, i8, i8),
}

fn step() -> impl Strategy<Value = Step> {
    let key = 0..KEYS.len();
    let lists: Vec<&'static [&'static str]> = vec![&[], &["192.0.2.0/24"], &["2001:db8::/32", "192.0.2.7"]];
    prop_oneof![
        1 => (0..ACCOUNTS.len()).prop_map(Step::Account),
        1 => (0..ACCOUNTS.len()).prop_map(Step::OtherNumber),
        1 => (0..ACCOUNTS.len()).prop_map(Step::AccountRemoved),
        3 => (0..APIS.len(), 0..API_VARIANTS).prop_map(|(api, variant)| Step::Api(api, variant)),
        1 => (0..APIS.len()).prop_map(Step::ApiRemoved),
        4 => (key.clone(), select(LifeEvent::ALL.to_vec())).prop_map(|(key, event)| Step::Life(key, event)),
        2 => (key.clone(), select(lists)).prop_map(|(key, list)| Step::Addresses(key, list)),
        1 => (key.clone(), any::<bool>()).prop_map(|(key, all)| Step::Permissions(key, all)),
        1 => (key, -1..2_i8, -1..2_i8).prop_map(|(key, from, until)| Step::Validity(key, from, until)),
    ]
}

/// An API as it may be at some time: with other versions, environments, routes or rules, or broken.
fn variant(slug: &str, variant: u8) -> Change {
    let endpoints = ["GET /items items:read", "POST /items items:create"];
    let (own, both) = (format!("/{slug}/{{version}}"), "/both/{version}");
    let production = |api: ApiFixture, routes: &[&str]| api.environment("production", "http://up", routes);
    let sandbox = |api: ApiFixture| {
        api.environment("sandbox", "http://sand/{version}", &[&format!("sandbox.test{own}")])
    };
    let (one, two) =
        (|api: ApiFixture| api.version("v1", &endpoints), |api: ApiFixture| api.version("v2", &endpoints));
    let mixing =
        |mixing: Mixing| move |api: ApiFixture| api.policy(|policy| policy.version_mixing.action = mixing);
    let api = match variant {
        0 => sandbox(production(two(one(api(slug))), &[&own, both])),
        1 => production(one(two(api(slug))), &[&own]),
        2 => sandbox(one(api(slug))),
        3 => sandbox(two(one(api(slug)))).environment("production", "nowhere", &[&own]),
        4 => sandbox(mixing(Mixing::Refuse)(production(two(one(api(slug))), &[&own]))),
        5 => mixing(Mixing::Warn)(production(two(one(api(slug))), &[both, &own])),
        _ => production(two(api(slug)), &[both]).policy(|policy| policy.methods = vec!["POST".into()]),
    };
    Change::Api(Box::new(api.0))
}

/// The log under construction.
struct Log {
    changes: Vec<NumberedChange>,
    credentials: Vec<Credential>,
}

impl Log {
    /// Everything is made once, so that there is something to change.
    fn begin() -> Self {
        let credentials: Vec<_> = (0..KEYS.len()).map(|index| key(index).credential).collect();
        let mut log = Self { changes: vec![], credentials };
        for number in ACCOUNTS {
            log.push(Change::Account(account(number)));
        }
        for slug in APIS {
            log.push(variant(slug, 0));
        }
        log.credentials[1].state = CredentialState::Pending;
        for credential in log.credentials.clone() {
            log.push(Change::Credential(credential));
        }
        log
    }

    fn push(&mut self, change: Change) {
        let number = ChangeNumber(self.changes.len() as u64 + 1);
        self.changes.push(NumberedChange { number, change });
    }

    fn credential(&mut self, index: usize, change: impl FnOnce(&mut Credential)) {
        change(&mut self.credentials[index]);
        self.push(Change::Credential(self.credentials[index].clone()));
    }

    fn take(&mut self, step: &Step) {
        match *step {
            Step::Account(index) => self.push(Change::Account(account(ACCOUNTS[index]))),
            Step::OtherNumber(index) => {
                let number = OTHER_NUMBER.parse().unwrap();
                self.push(Change::Account(Account { number, ..account(ACCOUNTS[index]) }));
            }
            Step::AccountRemoved(index) => self.push(Change::AccountRemoved(account(ACCOUNTS[index]).id)),
            Step::Api(index, number) => self.push(variant(APIS[index], number)),
            Step::ApiRemoved(index) => self.push(Change::ApiRemoved(api(APIS[index]).0.id)),
            Step::Life(index, event) => {
                if let Ok(state) = self.credentials[index].state.after(event) {
                    self.credential(index, |credential| credential.state = state);
                }
            }
            Step::Addresses(index, list) => {
                let list = Allowlist::parse(list.iter().copied(), &AllowlistRule::default()).unwrap();
                self.credential(index, |credential| credential.allowlist = list);
            }
            Step::Permissions(index, all) => self.credential(index, |credential| {
                let read = ["billing:items:read".parse().unwrap(), "cloud:items:read".parse().unwrap()];
                let some = PermissionSet::only(read.to_vec());
                credential.permissions = if all { PermissionSet::Everything } else { some };
            }),
            Step::Validity(index, from, until) => {
                let bound = |sign: i8| match sign {
                    -1 => Some(NOW.before(MOMENT)),
                    0 => None,
                    _ => Some(NOW.after(MOMENT)),
                };
                self.credential(index, |credential| {
                    (credential.not_before, credential.expires_at) = (bound(from), bound(until));
                });
            }
        }
    }
}

/// A log, numbered from 1.
pub(crate) fn history() -> impl Strategy<Value = Vec<NumberedChange>> {
    proptest::collection::vec(step(), 0..40).prop_map(|steps| {
        let mut log = Log::begin();
        for step in &steps {
            log.take(step);
        }
        log.changes
    })
}

/// A log, and an order in which its changes arrive: each at least once, some more often.
pub(crate) fn history_and_order() -> impl Strategy<Value = (Vec<NumberedChange>, Vec<usize>)> {
    history().prop_flat_map(|log| {
        let places = 0..log.len();
        let again = proptest::collection::vec(places.clone(), 0..log.len());
        let order =
            again.prop_map(move |again| places.clone().chain(again).collect::<Vec<_>>()).prop_shuffle();
        (Just(log), order)
    })
}

/// The snapshot after these changes, in this order.
pub(crate) fn applied<'a>(changes: impl IntoIterator<Item = &'a NumberedChange>) -> Snapshot {
    let mut snapshot = Snapshot::empty(Arc::new(digest_key()));
    for change in changes {
        apply(&mut snapshot, change);
    }
    snapshot
}

/// Broken APIs are a part of histories.
pub(crate) fn apply(snapshot: &mut Snapshot, change: &NumberedChange) {
    let _ = snapshot.apply(change);
}

/// What a store holds in the end: each object with the number of its last change. What was removed is not there.
pub(crate) fn final_states(log: &[NumberedChange]) -> Vec<NumberedChange> {
    let mut objects = BTreeMap::new();
    for change in log {
        match &change.change {
            Change::Account(account) => objects.insert((0, account.id.as_u128()), change),
            Change::AccountRemoved(id) => objects.remove(&(0, id.as_u128())),
            Change::Api(api) => objects.insert((1, api.id.as_u128()), change),
            Change::ApiRemoved(id) => objects.remove(&(1, id.as_u128())),
            Change::Credential(credential) => objects.insert((2, credential.id.as_u128()), change),
            Change::User(user) => objects.insert((5, user.id.as_u128()), change),
            Change::UserRemoved(id) => objects.remove(&(5, id.as_u128())),
            Change::Signer(signer) => objects.insert((3, signer.credential.as_u128()), change),
            // They are in none of these histories.
            Change::Role(_) | Change::RoleRemoved { .. } | Change::Service(_) | Change::ServiceRemoved(_) => {
                None
            }
        };
    }
    objects.into_values().cloned().collect()
}

/// The credentials that cannot be used in the end, whatever else is the case.
pub(crate) fn switched_off(log: &[NumberedChange]) -> Vec<CredentialId> {
    let off = |change: NumberedChange| match change.change {
        Change::Credential(Credential { id, state, .. }) => {
            matches!(state, CredentialState::Disabled | CredentialState::Revoked).then_some(id)
        }
        _ => None,
    };
    final_states(log).into_iter().filter_map(off).collect()
}

/// A request with the key of a credential.
pub(crate) struct Probe {
    pub(crate) credential: CredentialId,
    pub(crate) ask: Ask,
}

/// Every key with the numbers that its account may have, at every place.
pub(crate) static PROBES: LazyLock<Vec<Probe>> = LazyLock::new(|| {
    let lines = [
        "GET /billing/v1/items",
        "GET /billing/latest/items",
        "POST /billing/v2/items",
        "GET /both/v1/items",
        "GET /both/v2/items",
        "POST /both/v2/items",
        "GET /cloud/v2/items",
        "GET /cloud/v1/items",
    ];
    let mut probes = Vec::new();
    for index in 0..KEYS.len() {
        let KeyFixture { credential, user, secret } = key(index);
        for user in [user.as_str(), OTHER_NUMBER] {
            let presented = lines.iter().map(|line| ask(line).basic(user, &secret));
            let here: Vec<_> = presented.collect();
            let elsewhere = here[..2].iter().flat_map(|ask| {
                [
                    ask.clone().host("sandbox.test"),
                    ask.clone().from("2001:db8::1"),
                    ask.clone().from("203.0.113.5"),
                ]
            });
            let elsewhere: Vec<_> = elsewhere.collect();
            let asks = here.into_iter().chain(elsewhere);
            probes.extend(asks.map(|ask| Probe { credential: credential.id, ask }));
        }
    }
    probes
});

/// The answers to all probes, one after the other: each that is let through counts as a use.
pub(crate) fn answers(snapshot: &Snapshot) -> Vec<String> {
    let uses = Uses::default();
    let replays = Replays::default();
    let answer = |probe: &Probe| {
        let decision = decide(snapshot, &probe.ask.request(&uses, &replays), NOW);
        if let Decision::Allow(grant) = &decision {
            let (slot, mark) = grant.use_mark(NOW);
            uses.record(slot, mark);
        }
        summary(&decision)
    };
    PROBES.iter().map(answer).collect()
}
