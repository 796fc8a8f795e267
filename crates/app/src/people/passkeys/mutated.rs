//! What a device says, with something changed: nothing of it is accepted, and nothing ends the server.

use claviger_model::{Standing, User, UserId, UserState};
use claviger_world::{Device, ORIGIN};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use super::RelyingParty;

const CHALLENGE: [u8; 56] = [9; 56];
const ROUNDS: usize = 1500;

/// Numbers that look random and are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    /// One to three bytes are others, or some are missing or too many.
    fn change(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut changed = bytes.to_vec();
        for _ in 0..=self.below(3) {
            let place = self.below(changed.len().max(1));
            match self.below(4) {
                0 => changed.truncate(place),
                1 => changed.insert(place.min(changed.len()), 0xff),
                _ => {
                    if let Some(byte) = changed.get_mut(place) {
                        *byte ^= 1 << self.below(8);
                    }
                }
            }
        }
        changed
    }
}

fn mara() -> User {
    User {
        id: UserId::from_u128(7),
        username: "mara".parse().unwrap(),
        email: None,
        name: "Mara".into(),
        state: UserState::Active,
        standing: Standing::Member,
        memberships: vec![],
        second_factor_since: None,
    }
}

fn with(answer: &Value, part: &str, bytes: &[u8]) -> Value {
    let mut changed = answer.clone();
    changed["response"][part] = BASE64URL_NOPAD.encode(bytes).into();
    changed
}

fn part(answer: &Value, part: &str) -> Vec<u8> {
    BASE64URL_NOPAD.decode(answer["response"][part].as_str().unwrap().as_bytes()).unwrap()
}

#[tokio::test]
async fn whatever_is_changed_is_refused_and_nothing_panics() {
    let party = RelyingParty::new(None, &[ORIGIN.to_owned()]).unwrap();
    let (mut device, mut numbers) = (Device::default(), Numbers(1));
    let made = device.make(&json!(party.creation(&mara(), vec![], &CHALLENGE).unwrap())).await;
    let kept = |made: &Value| {
        let answer = serde_json::from_value(made.clone()).unwrap();
        party.made(&mara(), &answer, &CHALLENGE).ok().map(|made| made.credential)
    };
    let credential = kept(&made).unwrap();
    let attestation = part(&made, "attestationObject");
    for _ in 0..ROUNDS {
        // What is not signed may be taken as it is changed: its user vouches for it.
        kept(&with(&made, "attestationObject", &numbers.change(&attestation)));
    }
    let answer = device.answer(&json!(party.request(&[], &CHALLENGE).unwrap())).await;
    let taken = |answer: &Value| {
        let answer = serde_json::from_value(answer.clone()).unwrap();
        party.answered(&answer, &CHALLENGE, &credential).is_ok()
    };
    assert!(taken(&answer));
    for name in ["authenticatorData", "clientDataJSON", "signature"] {
        let right = part(&answer, name);
        for _ in 0..ROUNDS {
            let changed = numbers.change(&right);
            assert!(changed == right || !taken(&with(&answer, name, &changed)), "{name} {changed:?}");
        }
    }
}
