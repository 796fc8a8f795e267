//! A challenge says until when it is good and shows that it was made here, for one purpose: 8 bytes of time in
//! microseconds, 16 random bytes, and a keyed digest of both and of the purpose. The purpose itself is not in it.

use claviger_credential::DigestKey;
use claviger_model::{CredentialId, Span, Time, UserId};

use crate::Actor;

/// How long one has to unlock a device.
pub(super) const GOOD_FOR: Span = Span::from_secs(5 * 60);

const RANDOM: usize = 16;
const STAMPED: usize = 8 + RANDOM;

/// What a challenge is answered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::people) enum Purpose {
    /// To sign in, with the passkey alone or beside the password.
    SignIn,
    /// To prove that it is still oneself, on this session.
    Proof(UserId, CredentialId),
    /// To add a passkey to oneself, on this session.
    Adding(UserId, CredentialId),
}

impl Purpose {
    /// For what somebody uses a passkey: on a session, or to get one.
    pub(super) const fn of(actor: &Actor) -> Self {
        match actor {
            Actor::User { id, token: Some(session), .. } => Self::Proof(*id, *session),
            _ => Self::SignIn,
        }
    }

    fn bytes(self) -> Vec<u8> {
        let (word, user, session) = match self {
            Self::SignIn => (b'i', 0, 0),
            Self::Proof(user, session) => (b'p', user.as_u128(), session.as_u128()),
            Self::Adding(user, session) => (b'a', user.as_u128(), session.as_u128()),
        };
        [&[word][..], &user.to_be_bytes(), &session.to_be_bytes()].concat()
    }
}

fn seal(key: &DigestKey, stamped: &[u8], purpose: Purpose) -> [u8; 32] {
    key.digest_of_challenge(&[stamped, &purpose.bytes()].concat()).0
}

/// A new challenge.
pub(super) fn make(key: &DigestKey, purpose: Purpose, now: Time, random: [u8; RANDOM]) -> Vec<u8> {
    let until = now.after(GOOD_FOR).as_micros().to_be_bytes();
    let mut challenge = [&until[..], &random[..]].concat();
    challenge.extend(seal(key, &challenge, purpose));
    challenge
}

/// Whether a challenge was made here, for this, and is still good.
pub(super) fn is_good(key: &DigestKey, challenge: &[u8], purpose: Purpose, now: Time) -> bool {
    let Some((stamped, given)) = challenge.split_at_checked(STAMPED) else { return false };
    let Some((until, _)) = stamped.split_first_chunk() else { return false };
    is_same(given, &seal(key, stamped, purpose)) && now < Time::from_micros(i64::from_be_bytes(*until))
}

/// Takes as long wherever they differ.
fn is_same(given: &[u8], right: &[u8; 32]) -> bool {
    let differing = given.iter().zip(right).fold(0, |all, (one, other)| all | (one ^ other));
    given.len() == right.len() && std::hint::black_box(differing) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_micros(1_800_000_000_000_000);

    fn proof(user: u128, session: u128) -> Purpose {
        Purpose::Proof(UserId::from_u128(user), CredentialId::from_u128(session))
    }

    #[test]
    fn it_is_good_for_what_it_was_made_for_and_for_five_minutes() {
        let key = DigestKey::new([1; 32]);
        let challenge = make(&key, proof(1, 2), NOW, [3; 16]);
        let good = |purpose, now| is_good(&key, &challenge, purpose, now);
        assert!(good(proof(1, 2), NOW) && good(proof(1, 2), NOW.after(Span::from_secs(299))));
        assert!(!good(proof(1, 2), NOW.after(Span::from_secs(300))));
        let adding = Purpose::Adding(UserId::from_u128(1), CredentialId::from_u128(2));
        for other in [Purpose::SignIn, proof(1, 3), proof(2, 2), proof(2, 1), adding] {
            assert!(!good(other, NOW), "{other:?}");
        }
        assert!(!is_good(&DigestKey::new([2; 32]), &challenge, proof(1, 2), NOW));
    }

    #[test]
    fn no_bit_of_it_can_be_changed() {
        let key = DigestKey::new([1; 32]);
        let challenge = make(&key, Purpose::SignIn, NOW, [3; 16]);
        for bit in 0..challenge.len() * 8 {
            let mut changed = challenge.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(!is_good(&key, &changed, Purpose::SignIn, NOW), "{bit}");
        }
        for length in 0..challenge.len() {
            assert!(!is_good(&key, &challenge[..length], Purpose::SignIn, NOW), "{length}");
        }
        assert!(!is_good(&key, &[challenge, vec![0]].concat(), Purpose::SignIn, NOW));
    }
}
