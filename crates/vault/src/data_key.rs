use std::fmt;

use secrecy::{ExposeSecret, SecretBox};

use crate::VaultError;

/// What a data key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Purpose {
    /// Keys the digests by which credentials are looked up. There is one such key for good: another would need every
    /// secret again.
    Digest,
    /// Seals the secrets that are needed again.
    Seal,
}

/// Which data key: there can be several generations of one purpose, the first of which is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyName {
    /// What it is for.
    pub purpose: Purpose,
    /// Which one of that purpose.
    pub generation: u32,
}

/// A data key in the clear: 32 bytes, wiped from memory when dropped.
pub struct DataKeyBytes(SecretBox<[u8; 32]>);

/// A data key as it is stored: only the master key that wrapped it opens it.
#[derive(Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// The word for its purpose.
    pub purpose: String,
    /// Its generation.
    pub generation: u32,
    /// What the master key made of it.
    pub wrapped: Vec<u8>,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 2] = [Self::Digest, Self::Seal];

    /// The word for it, as stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Digest => "digest",
            Self::Seal => "seal",
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` of generation {}", self.purpose, self.generation)
    }
}

impl DataKeyBytes {
    /// The key with these bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(SecretBox::new(Box::new(bytes)))
    }

    /// The key with these bytes, if they are 32.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::new)
    }

    /// The bytes, for whoever wraps them.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose_secret()
    }

    /// A new key, drawn where it stays.
    pub(crate) fn draw(entropy: &mut dyn FnMut(&mut [u8])) -> Self {
        Self(SecretBox::init_with_mut(|bytes: &mut [u8; 32]| entropy(bytes)))
    }
}

impl fmt::Debug for DataKeyBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKeyBytes(…)")
    }
}

impl WrappedKey {
    /// Which key it is.
    ///
    /// # Errors
    /// [`VaultError::UnknownPurpose`] if a later version of the program has stored it.
    pub fn name(&self) -> Result<KeyName, VaultError> {
        let purpose = Purpose::ALL.into_iter().find(|purpose| purpose.as_str() == self.purpose);
        let purpose = purpose.ok_or_else(|| VaultError::UnknownPurpose(self.purpose.clone()))?;
        Ok(KeyName { purpose, generation: self.generation })
    }
}

impl fmt::Debug for WrappedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WrappedKey")
            .field("purpose", &self.purpose)
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}
