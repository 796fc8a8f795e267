//! Bounded mutations of valid requests, over kept connections, several at a time.
//!
//! A reader of its own, stricter and simpler than the gateway, says of each text how many requests in it may be let
//! through. Neither the caller nor the upstream may see more than that, and nothing may get an answer from 500 on,
//! because the upstream gives none.

mod draft;
mod mutate;
mod strict;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::bed::{ACCOUNT, Bed, Credential, Engine, basic};
use crate::counting::{self, BROKEN_OFF, Seen};
use crate::dice::Dice;
use crate::gate;
use crate::raw::{Answer, Caller};
use mutate::Material;
use strict::{End, Forecast};

const WORKERS: usize = 4;
const SEED: u64 = 0x5EED_0C1A_719E_4000;

fn requests() -> usize {
    if std::env::var_os("CLAVIGER_TEST_LONG").is_some() { 500_000 } else { 20_000 }
}

/// What reached the upstream: how many requests with each key, and what should not have.
#[derive(Default)]
struct Reached {
    by_key: Mutex<HashMap<String, usize>>,
    wrong: Mutex<Vec<String>>,
}

impl Reached {
    fn note(&self, seen: &Seen) {
        if seen.method == BROKEN_OFF {
            return;
        }
        if let Some(why) = fault(seen) {
            self.wrong.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{why}: {seen:?}"));
        }
        let key = seen.all("x-claviger-key-id").concat();
        *self.by_key.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default() += 1;
    }

    fn with(&self, key: &str) -> usize {
        self.by_key.lock().unwrap_or_else(PoisonError::into_inner).get(key).copied().unwrap_or_default()
    }
}

/// What no request may have on its way to the upstream.
fn fault(seen: &Seen) -> Option<&'static str> {
    let aliases = |name: &str| {
        let proper = name.replace(['_', '.'], "-");
        proper != name && (proper.starts_with("x-claviger") || proper == "authorization")
    };
    match () {
        () if !matches!(seen.method.as_str(), "GET" | "POST") => Some("a method that is not offered"),
        () if !seen.target.starts_with("/customers/v") => Some("another API"),
        () if seen.all("x-claviger-account") != [ACCOUNT] => Some("another account"),
        () if seen.all("x-claviger-api") != ["customers"] => Some("another API's name"),
        () if seen.all("x-claviger-key-id").len() != 1 => Some("not one key"),
        () if seen.all("x-forwarded-for") != ["127.0.0.1"] => Some("another address"),
        () if seen.all("host").len() != 1 => Some("not one host"),
        () if !seen.all("authorization").is_empty() => Some("a credential"),
        () if seen.headers.iter().any(|(name, _)| aliases(name)) => Some("an alias"),
        () => None,
    }
}

/// Account and key, as `Authorization: Basic` encodes them.
fn pair(key: &Credential) -> String {
    format!("{}:{}", key.account, key.key)
}

/// The header value that presents this pair.
fn presented(pair: &[u8]) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(pair))
}

/// Shows what was sent last where the test fails in the middle of it.
struct Shown<'a>(&'a [u8]);

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("sent: {}", self.0.escape_ascii());
        }
    }
}

/// One thread's work.
struct Worker {
    address: SocketAddr,
    key: Credential,
    material: Material,
    dice: Dice,
    reached: Arc<Reached>,
    caller: Caller,
    /// How many requests may have been let through so far.
    allowed: usize,
    tally: Tally,
}

/// What came of the texts.
#[derive(Debug, Default)]
struct Tally {
    texts: usize,
    allowed: usize,
    by_class: [usize; 6],
    connections: usize,
}

impl Worker {
    fn run(mut self, texts: usize) -> Result<Tally, String> {
        for _ in 0..texts {
            let text = self.material.text(&mut self.dice);
            let _shown = Shown(&text.bytes);
            let forecast = strict::read(&text.bytes, &self.key);
            let answers = self.exchange(&text.bytes, &forecast);
            self.judge(&forecast, &answers, text.changed)
                .map_err(|why| format!("{why}\n  sent: {}\n  got: {answers:?}", text.bytes.escape_ascii()))?;
        }
        Ok(self.tally)
    }

    /// Sends a text and reads what comes back. A text that may leave the gateway waiting is the last on its
    /// connection.
    fn exchange(&mut self, bytes: &[u8], forecast: &Forecast) -> Vec<Answer> {
        let cut = if self.dice.below(8) == 0 { self.dice.below(bytes.len()) } else { bytes.len() };
        self.caller.send(&bytes[..cut]);
        self.caller.send(&bytes[cut..]);
        let clean = forecast.end == End::Clean;
        if !clean {
            self.caller.half_close();
        }
        let mut answers = Vec::new();
        while !clean || answers.len() < forecast.methods.len() {
            let method = forecast.methods.get(answers.len()).map_or("GET", String::as_str);
            let Some(answer) = self.caller.final_answer(method) else { return self.reconnect(answers) };
            answers.push(answer);
        }
        let closes = |answer: &Answer| answer.closes();
        if answers.last().is_none_or(closes) || forecast.last { self.reconnect(answers) } else { answers }
    }

    fn reconnect(&mut self, answers: Vec<Answer>) -> Vec<Answer> {
        self.caller = Caller::connect(self.address);
        self.tally.connections += 1;
        answers
    }

    fn judge(&mut self, forecast: &Forecast, answers: &[Answer], changed: bool) -> Result<(), String> {
        self.allowed += forecast.allowed;
        self.tally.texts += 1;
        self.tally.allowed += forecast.allowed;
        for answer in answers {
            self.tally.by_class[usize::from(answer.status / 100).min(5)] += 1;
        }
        let good = answers.iter().filter(|answer| answer.status < 300).count();
        let reached = self.reached.with(&self.key.id);
        match () {
            () if answers.iter().any(|answer| answer.status >= 500) => Err("an answer from 500 on".into()),
            () if good > forecast.allowed => Err(format!("{good} let through, {} allowed", forecast.allowed)),
            () if reached > self.allowed => {
                Err(format!("{reached} reached the upstream, {} allowed", self.allowed))
            }
            () if !changed && good != 1 => Err("an unchanged request was refused".into()),
            () if forecast.end == End::Clean && answers.is_empty() => Err("no answer".into()),
            () => Ok(()),
        }
    }
}

/// The gateway, what reached the upstream behind it, and a key for each worker.
fn start() -> (Bed, Arc<Reached>, Vec<Credential>) {
    let reached = Arc::<Reached>::default();
    let noted = Arc::clone(&reached);
    let upstream = counting::listen(Arc::new(move |seen| noted.note(&seen)));
    let bed = gate::serve(Engine::Sqlite, "", gate::EXAMPLE, upstream);
    let keys = (0..WORKERS).map(|_| bed.create(ACCOUNT, "customers", &["--allow", "127.0.0.1"])).collect();
    (bed, reached, keys)
}

/// Credentials that are real, and good for no call at all as they are presented.
fn wrong(bed: &Bed) -> Vec<String> {
    let key = |account, api, address: &str| bed.create(account, api, &["--allow", address]);
    let other = key("100043", "customers", "127.0.0.1");
    let elsewhere = key(ACCOUNT, "customers", "192.0.2.1");
    let pending = key(ACCOUNT, "cloudstore", "127.0.0.1");
    let revoked = key(ACCOUNT, "customers", "127.0.0.1");
    bed.done(&["key", "revoke", &revoked.id]);
    let mut all = vec![basic(ACCOUNT, &other.key), basic("100043", &elsewhere.key)];
    all.extend([elsewhere, pending, revoked].iter().map(Credential::basic));
    all
}

#[test]
fn no_mutation_of_a_good_request_gets_through_or_breaks_anything() {
    let (mut bed, reached, keys) = start();
    let (address, wrong) = (gate::address(&bed), wrong(&bed));
    let begin = |(number, key): (usize, Credential)| {
        let material = Material::new(address, &key, wrong.clone());
        let dice = Dice::new(SEED + number as u64);
        let (reached, caller) = (Arc::clone(&reached), Caller::connect(address));
        let worker =
            Worker { address, key, material, dice, reached, caller, allowed: 0, tally: Tally::default() };
        std::thread::spawn(move || worker.run(requests() / WORKERS))
    };
    let workers: Vec<_> = keys.into_iter().enumerate().map(begin).collect();
    for worker in workers {
        match worker.join().expect("a worker ends") {
            Ok(tally) => println!("{tally:?}"),
            Err(why) => panic!("{why}"),
        }
    }
    let faults = reached.wrong.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert!(faults.is_empty(), "reached the upstream: {}", faults.join("\n"));
    assert!(!bed.log().contains("panicked"), "{}", bed.log());
    assert!(bed.stop().is_some_and(|status| status.success()));
}
