use std::fmt;
use std::sync::Arc;

use claviger_credential::{DigestKey, SigningKey};
use claviger_model::{CredentialId, SignatureAlgorithm, Signer, Time};
use imbl::HashMap;

use crate::CompileError;

/// Opens the sealed secrets of key pairs. Only the vault can.
pub trait Opener: fmt::Debug + Send + Sync {
    /// The key that a pair signs with; none if its secret cannot be opened.
    fn open(&self, signer: &Signer) -> Option<SigningKey>;
}

/// What the key pairs sign with, by the id of their credential.
#[derive(Debug, Clone)]
pub(crate) struct Signers {
    pub(crate) opener: Option<Arc<dyn Opener>>,
    nobody: Arc<[SigningKey; 2]>,
    by_id: HashMap<CredentialId, Arc<Signing>>,
}

/// What a pair signs with.
#[derive(Debug)]
pub(crate) struct Signing {
    /// The change that made it so; older changes do not undo it.
    change: u64,
    pub(crate) key: SigningKey,
    pub(crate) debug_until: Option<Time>,
}

impl Signers {
    /// There is no pair yet.
    pub(crate) fn new(digest_key: &DigestKey) -> Self {
        let secret = digest_key.secret_of_nobody();
        let nobody = SignatureAlgorithm::ALL.map(|algorithm| SigningKey::new(algorithm, &secret.0));
        Self { opener: None, nobody: Arc::new(nobody), by_id: HashMap::new() }
    }

    /// What stands in for a pair that is not there, so that its refusal costs what another one does. Nobody can sign
    /// with it: whoever could would be refused at the first text that fits, and a pair's at the last.
    pub(crate) fn nobody(&self, algorithm: SignatureAlgorithm) -> &SigningKey {
        let [first, second] = &*self.nobody;
        if first.algorithm() == algorithm { first } else { second }
    }

    pub(crate) fn get(&self, id: CredentialId) -> Option<&Signing> {
        self.by_id.get(&id).map(Arc::as_ref)
    }

    /// Puts what a pair signs with in, unless what is there is newer.
    pub(crate) fn put(&mut self, signer: &Signer, change: u64) -> Result<(), CompileError> {
        if self.get(signer.credential).is_some_and(|present| present.change >= change) {
            return Ok(());
        }
        let key = self.opener.as_ref().and_then(|opener| opener.open(signer));
        let key = key.ok_or(CompileError::Sealed(signer.credential))?;
        let signing = Signing { change, key, debug_until: signer.debug_until };
        self.by_id.insert(signer.credential, Arc::new(signing));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::hmac;

    use super::*;

    #[test]
    fn nobodys_key_is_of_this_digest_key_and_no_constant() {
        let sign = |secret: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), b"text");
        let constant = sign(b"nobody");
        let own = sign(&DigestKey::new([1; 32]).secret_of_nobody().0);
        for (byte, is_its_own) in [(1, true), (2, false)] {
            let signers = Signers::new(&DigestKey::new([byte; 32]));
            for algorithm in SignatureAlgorithm::ALL {
                assert_eq!(signers.nobody(algorithm).algorithm(), algorithm);
            }
            let nobody = signers.nobody(SignatureAlgorithm::HmacSha256);
            assert!(!nobody.verifies(b"text", constant.as_ref()));
            assert_eq!(nobody.verifies(b"text", own.as_ref()), is_its_own);
        }
    }
}
