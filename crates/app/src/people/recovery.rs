//! Recovery codes: for whoever lost what makes their one-time codes.

use claviger_model::{Digest, UserId};

use crate::unit::Unit;
use crate::{Actor, App, AppError, Shown, UseCase};

/// How many somebody gets.
const CODES: usize = 10;
/// Letters and digits that are not taken for one another.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";

/// 80 random bits, in groups of four.
fn code(random: [u8; 16]) -> String {
    let letters = random.map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// A code as it counts, however it was typed.
fn bare(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|one| one.to_ascii_lowercase()).take(64).collect()
}

impl App {
    pub(super) fn recovery_digest(&self, user: UserId, code: &str) -> Digest {
        self.vault.digest_key().digest(format!("recovery code of {user}: {}", bare(code)).as_bytes())
    }

    /// Makes ten in the place of all earlier ones. They are shown now and never again.
    pub(super) async fn give_recovery_codes(
        &self,
        unit: &mut Unit,
        user: UserId,
    ) -> Result<Vec<Shown>, AppError> {
        let codes: Vec<_> = (0..CODES).map(|_| code(self.entropy.array())).collect();
        let digests: Vec<_> = codes.iter().map(|code| self.recovery_digest(user, code)).collect();
        unit.tx.put_recovery_codes(user, &digests).await?;
        Ok(codes.iter().map(|code| Shown::new(code)).collect())
    }

    pub(super) async fn new_recovery_codes(
        &self,
        actor: &Actor,
        current: Shown,
    ) -> Result<Vec<Shown>, AppError> {
        self.prove(actor, UseCase::RecoveryCodes, current).await?;
        let mut unit = self.begin(actor, UseCase::RecoveryCodes).await?;
        let record = unit.oneself().await?;
        if record.user.second_factor_since.is_none() {
            return Err(AppError::Invalid("recovery codes are for those who have a second factor".into()));
        }
        let codes = self.give_recovery_codes(&mut unit, record.user.id).await?;
        unit.audit::<()>(record.user.id, None, None).await?;
        self.commit(unit, codes).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = code([31; 16]);
        assert_eq!(code, "9999-9999-9999-9999");
        assert_eq!(bare(" 9999 9999-9999-9999\n"), bare(&code));
        assert_eq!(bare("ABCD"), "abcd");
    }
}
