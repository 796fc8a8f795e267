//! What bad input gets: a defined status and code, and nothing of it reaches the upstream.

mod addresses;
mod framing;
mod http2;
mod row;
mod stranger;
mod what;
mod who;

use rstest::rstest;

use crate::bed::{ACCOUNT, Bed, Credential, Engine, basic};
use crate::counting::Counting;
use crate::gate;
use row::Row;

const OTHER_ACCOUNT: &str = "100043";
const LIST: &str = "GET /customers/v1/customers";

/// The example behind a gateway, with a key in each state.
struct World {
    bed: Bed,
    upstream: Counting,
    keys: Keys,
}

struct Keys {
    good: Credential,
    billing: Credential,
    sandbox: Credential,
    pending: Credential,
    elsewhere: Credential,
    disabled: Credential,
    revoked: Credential,
    expired: Credential,
    early: Credential,
    foreign: Credential,
}

impl Keys {
    fn make(bed: &Bed) -> Self {
        let key = |api, more: &[&str]| bed.create(ACCOUNT, api, &[&["--allow", "127.0.0.1"], more].concat());
        let with = |event, key: Credential| {
            bed.done(&["key", event, &key.id]);
            key
        };
        Self {
            // The first: its time is over when the last is made.
            expired: key("customers", &["--lifetime", "1ms"]),
            good: key("customers", &[]),
            billing: key("billing", &["--environment", "production"]),
            sandbox: key("billing", &["--environment", "sandbox"]),
            pending: key("cloudstore", &[]),
            elsewhere: bed.create(ACCOUNT, "customers", &["--allow", "192.0.2.1"]),
            disabled: with("disable", key("customers", &[])),
            revoked: with("revoke", key("customers", &[])),
            early: key("customers", &["--not-before", "2100-01-01T00:00:00Z"]),
            foreign: bed.create(OTHER_ACCOUNT, "customers", &["--allow", "127.0.0.1"]),
        }
    }

    /// The keys for the Customers API that are refused for what they are, and why.
    fn refused(&self) -> [(&Credential, &'static str); 5] {
        [
            (&self.disabled, "disabled"),
            (&self.revoked, "revoked"),
            (&self.expired, "expired"),
            (&self.early, "not_yet_valid"),
            (&self.elsewhere, "address_not_allowed"),
        ]
    }
}

impl World {
    fn start(engine: Engine, configuration: &str) -> Self {
        let upstream = Counting::start();
        let bed = gate::serve(engine, configuration, gate::EXAMPLE, upstream.address);
        let keys = Keys::make(&bed);
        Self { bed, upstream, keys }
    }

    /// A call that is let through.
    fn good(&self) -> Row {
        Row::new("a good call", LIST).with("Authorization", self.keys.good.basic())
    }

    /// Sends each row and says of all what went otherwise.
    fn check(&self, rows: impl IntoIterator<Item = Row>) {
        let wrong: Vec<_> = rows.into_iter().filter_map(|row| row.check(self).err()).collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

/// A key of the right form that nobody made.
fn never_made() -> String {
    let digits = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut key = format!("ncu_production_{}", "7".repeat(43));
    let sum = crc32fast::hash(key.as_bytes());
    let places = (0..6).rev().map(|place| sum / 62_u32.pow(place) % 62);
    key.extend(places.map(|digit| char::from(digits[digit as usize])));
    key
}

/// The same with its last character changed.
fn changed(key: &str) -> String {
    let mut text = key.to_owned();
    let last = text.pop();
    text.push(if last == Some('0') { '1' } else { '0' });
    text
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn whoever_is_not_let_in_is_told_why_and_goes_no_further(#[case] engine: Engine) {
    let world = World::start(engine, "");
    world.check(who::rows(&world.keys));
    world.check(what::rows(&world));
    world.check([world.good()]);
    http2::check(&world, who::rows(&world.keys).into_iter().chain(what::rows(&world)));
}

#[test]
fn a_refusal_repeats_nothing_of_the_credential() {
    let world = World::start(Engine::Sqlite, "");
    for key in world.keys.refused().map(|(key, _)| key) {
        let answer = Row::new("refused", LIST).with("Authorization", key.basic()).send(&world.bed);
        let shown = format!("{:?} {}", answer.headers, answer.text());
        let encoded = basic(&key.account, &key.key);
        assert!(
            !shown.contains(&key.key) && !shown.contains(encoded.trim_start_matches("Basic ")),
            "{shown}"
        );
        assert!(!world.bed.log().contains(&key.key));
    }
}
