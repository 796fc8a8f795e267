use aws_lc_rs::aead::NONCE_LEN;

use crate::cipher::{Cipher, Refused, context};
use crate::{DataKeyBytes, KeyName, MasterKey};

/// The first byte of a wrapped data key, so that the layout can change.
const VERSION: u8 = 1;

/// Whoever holds the master key: this process, or a key management service that never hands it out.
///
/// It is asked when the server starts and when the master key changes, never while requests are checked, and may
/// block.
pub trait MasterKeySource: Send + Sync {
    /// Seals a data key, bound to its name. The nonce is 96 random bits for sources that need one.
    fn wrap(&self, name: KeyName, key: &DataKeyBytes, nonce: [u8; NONCE_LEN])
    -> Result<Vec<u8>, SourceError>;

    /// Opens what [`Self::wrap`] returned for this name.
    fn unwrap(&self, name: KeyName, wrapped: &[u8]) -> Result<DataKeyBytes, SourceError>;
}

/// Why a master key gives no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// The bytes were sealed by another master key, for another name, or were changed.
    #[error("the wrapped key does not open")]
    DoesNotOpen,
    /// The master key cannot be used at present; the text says why, without secrets.
    #[error("the master key cannot be used: {0}")]
    Unavailable(String),
}

/// A master key in this process.
#[derive(Debug)]
pub struct LocalMasterKey(MasterKey);

impl From<MasterKey> for LocalMasterKey {
    fn from(key: MasterKey) -> Self {
        Self(key)
    }
}

impl LocalMasterKey {
    fn cipher(&self) -> Result<Cipher, SourceError> {
        Cipher::new(self.0.bytes()).map_err(unusable)
    }
}

impl MasterKeySource for LocalMasterKey {
    fn wrap(
        &self,
        name: KeyName,
        key: &DataKeyBytes,
        nonce: [u8; NONCE_LEN],
    ) -> Result<Vec<u8>, SourceError> {
        self.cipher()?.seal(&[VERSION], &bound_to(name), key.expose(), nonce).map_err(unusable)
    }

    fn unwrap(&self, name: KeyName, wrapped: &[u8]) -> Result<DataKeyBytes, SourceError> {
        let sealed = wrapped.strip_prefix(&[VERSION]).ok_or(SourceError::DoesNotOpen)?;
        let key = self.cipher()?.open(&bound_to(name), sealed).map_err(|_| SourceError::DoesNotOpen)?;
        DataKeyBytes::from_slice(&key).ok_or(SourceError::DoesNotOpen)
    }
}

fn bound_to(name: KeyName) -> Vec<u8> {
    let generation = name.generation.to_be_bytes();
    context([b"claviger data key", &[VERSION], name.purpose.as_str().as_bytes(), &generation])
}

fn unusable(_: Refused) -> SourceError {
    SourceError::Unavailable("the cryptographic library refused it".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Purpose;
    use crate::cipher::bytes;

    const NAME: KeyName = KeyName { purpose: Purpose::Seal, generation: 3 };

    fn local(byte: u8) -> LocalMasterKey {
        MasterKey::generate([byte; 32]).into()
    }

    #[test]
    fn a_wrapped_key_opens_under_its_name_and_master_key_only() {
        let wrapped = local(1).wrap(NAME, &DataKeyBytes::new([9; 32]), [5; 12]).unwrap();
        assert_eq!(local(1).unwrap(NAME, &wrapped).unwrap().expose(), &[9; 32]);
        let others = [KeyName { generation: 4, ..NAME }, KeyName { purpose: Purpose::Digest, ..NAME }];
        for name in others {
            assert_eq!(local(1).unwrap(name, &wrapped).unwrap_err(), SourceError::DoesNotOpen);
        }
        assert_eq!(local(2).unwrap(NAME, &wrapped).unwrap_err(), SourceError::DoesNotOpen);
    }

    #[test]
    fn changed_or_cut_bytes_do_not_open() {
        let wrapped = local(1).wrap(NAME, &DataKeyBytes::new([9; 32]), [5; 12]).unwrap();
        for place in 0..wrapped.len() {
            let mut changed = wrapped.clone();
            changed[place] ^= 1;
            assert!(local(1).unwrap(NAME, &changed).is_err());
            assert!(local(1).unwrap(NAME, &wrapped[..place]).is_err());
        }
    }

    #[test]
    fn the_layout_is_that_of_another_implementation() {
        let wrapped = local(1).wrap(NAME, &DataKeyBytes::new([9; 32]), [5; 12]).unwrap();
        let expected = concat!(
            "01050505050505050505050505",
            "08abe83c6bbb3a8e7c137195c89afc8369f0192468bc7c622ea76b1a0f10c984",
            "e876144161325c8d41ebe90946356ade",
        );
        assert_eq!(wrapped, bytes(expected));
    }
}
