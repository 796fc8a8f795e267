use std::fmt;
use std::sync::{Arc, LazyLock};

use claviger_credential::SigningKey;
use claviger_model::{CredentialId, SignatureAlgorithm, Signer, Time};
use imbl::HashMap;

use crate::CompileError;

/// Opens the sealed secrets of key pairs. Only the vault can.
pub trait Opener: fmt::Debug + Send + Sync {
    /// The key that a pair signs with; none if its secret cannot be opened.
    fn open(&self, signer: &Signer) -> Option<SigningKey>;
}

/// What the key pairs sign with, by the id of their credential.
#[derive(Debug, Clone, Default)]
pub(crate) struct Signers {
    pub(crate) opener: Option<Arc<dyn Opener>>,
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

/// Signs for pairs that are not there, so that their refusal costs what another one does. Nobody is told its text.
static NOBODY: LazyLock<[SigningKey; 2]> =
    LazyLock::new(|| SignatureAlgorithm::ALL.map(|algorithm| SigningKey::new(algorithm, b"nobody")));

/// The key of nobody, for this algorithm.
pub(crate) fn nobody(algorithm: SignatureAlgorithm) -> &'static SigningKey {
    let [first, second] = &*NOBODY;
    if first.algorithm() == algorithm { first } else { second }
}

impl Signers {
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
