use crate::{KeyName, Purpose, SourceError};

/// Why the vault does not open, or a secret in it does not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// A stored data key does not open.
    #[error(
        "the stored data key {0} does not open: this is not the master key that sealed it, or the stored bytes were \
         changed"
    )]
    WrongMasterKey(KeyName),
    /// The master key is held elsewhere and cannot be used at present.
    #[error("the master key cannot be used to open or seal the data key {name}: {reason}")]
    MasterKeyUnavailable {
        /// The key in question.
        name: KeyName,
        /// What its holder said.
        reason: String,
    },
    /// The stored data keys are not complete.
    #[error("there is no stored data key for the purpose `{0}`")]
    MissingKey(Purpose),
    /// Two stored data keys have one place.
    #[error("there are two stored data keys where one is expected: {0}")]
    DoubledKey(KeyName),
    /// A stored data key is for something that this version does not know.
    #[error("there is a stored data key for the unknown purpose `{0}`")]
    UnknownPurpose(String),
    /// The bytes have no form that this version knows.
    #[error("these are not sealed bytes, or a later version has sealed them")]
    NotSealed,
    /// The bytes were sealed with a data key that is not there.
    #[error("the secret was sealed with a data key of generation {0}, which is not there")]
    UnknownGeneration(u32),
    /// The bytes are not those that were sealed for this row.
    #[error("the sealed secret does not open: it was changed, or belongs to another row")]
    Altered,
    /// The secret is no text.
    #[error("the secret is not UTF-8")]
    NotText,
    /// The cryptographic library refused, for instance a secret of many gigabytes.
    #[error("the cryptographic library cannot seal this")]
    Cipher,
}

impl VaultError {
    /// What the failure of a master key means for this data key.
    pub(crate) fn of_source(name: KeyName, error: SourceError) -> Self {
        match error {
            SourceError::DoesNotOpen => Self::WrongMasterKey(name),
            SourceError::Unavailable(reason) => Self::MasterKeyUnavailable { name, reason },
        }
    }
}
