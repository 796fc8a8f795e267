use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::NONCE_LEN;
use claviger_credential::DigestKey;
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::cipher::Cipher;
use crate::{AuditKey, DataKeyBytes, KeyName, MasterKeySource, Purpose, Row, VaultError, WrappedKey};

/// The first byte of a sealed secret, so that the layout can change.
const VERSION: u8 = 1;
/// The version and the generation of the data key.
const HEAD_LEN: usize = 5;

/// The data keys, opened. It outlives a change of the master key.
pub struct Vault {
    digest: Arc<DigestKey>,
    audit: Arc<AuditKey>,
    /// By generation, the newest last. Never empty.
    seals: Vec<(u32, Cipher)>,
}

impl Vault {
    /// Makes the data keys of a new installation, and returns them as they are to be stored.
    ///
    /// `entropy` fills what it is given with random bytes.
    ///
    /// # Errors
    /// [`VaultError::MasterKeyUnavailable`] if the master key cannot be used.
    pub fn create(
        master: &dyn MasterKeySource,
        entropy: &mut dyn FnMut(&mut [u8]),
    ) -> Result<(Self, Vec<WrappedKey>), VaultError> {
        let mut keys = Vec::new();
        for purpose in Purpose::ALL {
            let key = DataKeyBytes::draw(entropy);
            keys.push(wrap(master, KeyName { purpose, generation: 1 }, &key, entropy)?);
        }
        // Opened as it will be opened at the next start: what does not open is never stored.
        Ok((Self::open(master, &keys)?, keys))
    }

    /// Opens the stored data keys.
    ///
    /// # Errors
    /// [`VaultError::WrongMasterKey`] if they do not open; others if they cannot be used or are not complete.
    pub fn open(master: &dyn MasterKeySource, keys: &[WrappedKey]) -> Result<Self, VaultError> {
        let mut digest = None;
        let mut seals = Vec::new();
        for key in keys {
            let name = key.name()?;
            let bytes = unwrap(master, name, key)?;
            match name.purpose {
                Purpose::Digest if digest.is_some() => return Err(VaultError::DoubledKey(name)),
                Purpose::Digest => {
                    let audit = Arc::new(AuditKey::of(bytes.expose()));
                    digest = Some((Arc::new(DigestKey::new(*bytes.expose())), audit));
                }
                Purpose::Seal => seals.push((name.generation, cipher(&bytes)?)),
            }
        }
        let (digest, audit) = digest.ok_or(VaultError::MissingKey(Purpose::Digest))?;
        Ok(Self { digest, audit, seals: in_order(seals)? })
    }

    /// What credentials are digested with.
    #[must_use]
    pub const fn digest_key(&self) -> &Arc<DigestKey> {
        &self.digest
    }

    /// What the entries of the audit are chained with.
    #[must_use]
    pub const fn audit_key(&self) -> &Arc<AuditKey> {
        &self.audit
    }

    /// Seals a secret for one row. The nonce is 96 random bits and serves once.
    ///
    /// The sealed bytes are: a version, the generation of the data key (32 bits, the most significant byte first),
    /// the nonce, the ciphertext and its tag of 16 bytes. They are bound to the row.
    ///
    /// # Errors
    /// [`VaultError::Cipher`] for a secret longer than the cipher takes, which is 64 GiB.
    pub fn seal(&self, row: Row<'_>, secret: &[u8], nonce: [u8; NONCE_LEN]) -> Result<Vec<u8>, VaultError> {
        let (generation, cipher) = self.seals.last().ok_or(VaultError::MissingKey(Purpose::Seal))?;
        let head = head(*generation);
        cipher.seal(&head, &row.context(&head), secret, nonce).map_err(|_| VaultError::Cipher)
    }

    /// Opens what was sealed for this row.
    ///
    /// # Errors
    /// [`VaultError::Altered`] if the bytes are not those that were sealed for this row; [`VaultError::NotSealed`]
    /// and [`VaultError::UnknownGeneration`] if that can be seen without trying.
    pub fn open_sealed(&self, row: Row<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let (head, rest) = sealed.split_first_chunk::<HEAD_LEN>().ok_or(VaultError::NotSealed)?;
        let [VERSION, generation @ ..] = *head else { return Err(VaultError::NotSealed) };
        let cipher = self.cipher_of(u32::from_be_bytes(generation))?;
        cipher.open(&row.context(head), rest).map_err(|_| VaultError::Altered)
    }

    /// Opens what was sealed for this row and is text, such as a key.
    ///
    /// # Errors
    /// Those of [`Self::open_sealed`], and [`VaultError::NotText`].
    pub fn open_text(&self, row: Row<'_>, sealed: &[u8]) -> Result<SecretString, VaultError> {
        let secret = self.open_sealed(row, sealed)?;
        str::from_utf8(&secret).map(SecretString::from).map_err(|_| VaultError::NotText)
    }

    fn cipher_of(&self, generation: u32) -> Result<&Cipher, VaultError> {
        let found = self.seals.iter().find(|(known, _)| *known == generation);
        found.map(|(_, cipher)| cipher).ok_or(VaultError::UnknownGeneration(generation))
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(…)")
    }
}

/// Seals the stored data keys under another master key. The data keys stay the same, and so do all digests and
/// sealed secrets: a vault that is open stays open.
///
/// # Errors
/// Those of [`Vault::open`]; nothing is changed then.
pub fn rewrap(
    old: &dyn MasterKeySource,
    new: &dyn MasterKeySource,
    keys: &[WrappedKey],
    entropy: &mut dyn FnMut(&mut [u8]),
) -> Result<Vec<WrappedKey>, VaultError> {
    let mut rewrapped = Vec::with_capacity(keys.len());
    for key in keys {
        let name = key.name()?;
        rewrapped.push(wrap(new, name, &unwrap(old, name, key)?, entropy)?);
    }
    Ok(rewrapped)
}

fn wrap(
    master: &dyn MasterKeySource,
    name: KeyName,
    key: &DataKeyBytes,
    entropy: &mut dyn FnMut(&mut [u8]),
) -> Result<WrappedKey, VaultError> {
    let mut nonce = [0; NONCE_LEN];
    entropy(&mut nonce);
    let wrapped = master.wrap(name, key, nonce).map_err(|error| VaultError::of_source(name, error))?;
    Ok(WrappedKey { purpose: name.purpose.to_string(), generation: name.generation, wrapped })
}

fn unwrap(master: &dyn MasterKeySource, name: KeyName, key: &WrappedKey) -> Result<DataKeyBytes, VaultError> {
    master.unwrap(name, &key.wrapped).map_err(|error| VaultError::of_source(name, error))
}

fn cipher(key: &DataKeyBytes) -> Result<Cipher, VaultError> {
    Cipher::new(key.expose()).map_err(|_| VaultError::Cipher)
}

/// Sorts by generation and sees that there is at least one, and no two of one generation.
fn in_order(mut seals: Vec<(u32, Cipher)>) -> Result<Vec<(u32, Cipher)>, VaultError> {
    seals.sort_by_key(|(generation, _)| *generation);
    if seals.is_empty() {
        return Err(VaultError::MissingKey(Purpose::Seal));
    }
    match seals.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        Some(pair) => Err(VaultError::DoubledKey(KeyName { purpose: Purpose::Seal, generation: pair[0].0 })),
        None => Ok(seals),
    }
}

fn head(generation: u32) -> [u8; HEAD_LEN] {
    let [first, second, third, fourth] = generation.to_be_bytes();
    [VERSION, first, second, third, fourth]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use secrecy::ExposeSecret;

    use super::*;
    use crate::cipher::bytes;
    use crate::{LocalMasterKey, MasterKey, SourceError};

    const ROW: Row<'_> = Row { table: "credential", column: "sealed_secret", id: "key_1" };
    const NONCE: [u8; NONCE_LEN] = [5; NONCE_LEN];

    fn local(byte: u8) -> LocalMasterKey {
        MasterKey::generate([byte; 32]).into()
    }

    /// Entropy that counts: every byte it gives is new.
    fn counting() -> impl FnMut(&mut [u8]) {
        let mut next = 0u8;
        move |bytes| {
            for byte in bytes {
                *byte = next;
                next = next.wrapping_add(1);
            }
        }
    }

    fn vault() -> (Vault, Vec<WrappedKey>) {
        Vault::create(&local(1), &mut counting()).unwrap()
    }

    fn data_key(master: u8, purpose: Purpose, generation: u32, bytes: [u8; 32]) -> WrappedKey {
        wrap(&local(master), KeyName { purpose, generation }, &DataKeyBytes::new(bytes), &mut counting())
            .unwrap()
    }

    #[test]
    fn what_is_sealed_opens_in_its_row_also_after_a_restart() {
        let (vault, keys) = vault();
        let sealed = vault.seal(ROW, b"secret", NONCE).unwrap();
        assert_eq!(*vault.open_sealed(ROW, &sealed).unwrap(), b"secret");
        let restarted = Vault::open(&local(1), &keys).unwrap();
        assert_eq!(restarted.open_text(ROW, &sealed).unwrap().expose_secret(), "secret");
        assert_eq!(restarted.digest_key().digest(b"secret"), vault.digest_key().digest(b"secret"));
    }

    #[test]
    fn the_two_data_keys_differ() {
        let (vault, keys) = vault();
        assert_eq!(keys.iter().map(|key| key.purpose.as_str()).collect::<Vec<_>>(), ["digest", "seal"]);
        let drawn: [u8; 32] = std::array::from_fn(|index| u8::try_from(index).unwrap());
        assert_eq!(vault.digest_key().digest(b"x"), DigestKey::new(drawn).digest(b"x"));
        assert_ne!(keys[0].wrapped, keys[1].wrapped);
    }

    #[test]
    fn sealed_bytes_do_not_open_in_another_row() {
        let (vault, _) = vault();
        let sealed = vault.seal(ROW, b"secret", NONCE).unwrap();
        let others = [
            Row { id: "key_2", ..ROW },
            Row { column: "secret", ..ROW },
            Row { table: "credentials", ..ROW },
            Row { table: "credentialsealed_", column: "secret", ..ROW },
            Row { table: "credential", column: "sealed_secretkey", id: "_1" },
        ];
        for row in others {
            assert_eq!(vault.open_sealed(row, &sealed).unwrap_err(), VaultError::Altered, "{row:?}");
        }
    }

    #[test]
    fn changed_or_cut_bytes_do_not_open() {
        let (vault, _) = vault();
        let sealed = vault.seal(ROW, b"secret", NONCE).unwrap();
        for place in 0..sealed.len() {
            for bit in 0..8 {
                let mut changed = sealed.clone();
                changed[place] ^= 1 << bit;
                assert!(vault.open_sealed(ROW, &changed).is_err(), "{place} {bit}");
            }
            assert!(vault.open_sealed(ROW, &sealed[..place]).is_err(), "{place}");
        }
        assert!(vault.open_sealed(ROW, &[sealed.as_slice(), b"\0"].concat()).is_err());
    }

    #[test]
    fn the_layout_is_that_of_another_implementation() {
        let keys = [data_key(1, Purpose::Digest, 1, [2; 32]), data_key(1, Purpose::Seal, 7, [3; 32])];
        let sealed = Vault::open(&local(1), &keys).unwrap().seal(ROW, b"secret", NONCE).unwrap();
        let expected = "01000000070505050505050505050505056547bc16d7a8706816b492a28432e10da930f2b8c63a";
        assert_eq!(sealed, bytes(expected));
    }

    #[test]
    fn the_newest_generation_seals_and_the_older_still_open() {
        let digest = data_key(1, Purpose::Digest, 1, [2; 32]);
        let [first, second] = [1, 2].map(|generation| data_key(1, Purpose::Seal, generation, [3; 32]));
        let before = Vault::open(&local(1), &[digest.clone(), first.clone()]).unwrap();
        let after = Vault::open(&local(1), &[second, digest, first]).unwrap();
        let old = before.seal(ROW, b"old", NONCE).unwrap();
        let new = after.seal(ROW, b"new", NONCE).unwrap();
        assert_eq!(*after.open_sealed(ROW, &old).unwrap(), b"old");
        assert_eq!(*after.open_sealed(ROW, &new).unwrap(), b"new");
        assert_eq!(before.open_sealed(ROW, &new).unwrap_err(), VaultError::UnknownGeneration(2));
    }

    #[test]
    fn another_master_key_is_named_as_the_reason() {
        let (_, keys) = vault();
        let error = Vault::open(&local(2), &keys).unwrap_err();
        assert_eq!(error, VaultError::WrongMasterKey(KeyName { purpose: Purpose::Digest, generation: 1 }));
        assert!(error.to_string().contains("not the master key"));
    }

    #[test]
    fn incomplete_doubled_and_unknown_keys_are_refused() {
        let digest = data_key(1, Purpose::Digest, 1, [2; 32]);
        let seal = data_key(1, Purpose::Seal, 1, [3; 32]);
        let open = |keys: &[&WrappedKey]| {
            let keys: Vec<_> = keys.iter().map(|key| (*key).clone()).collect();
            Vault::open(&local(1), &keys).map(drop)
        };
        assert_eq!(open(&[]), Err(VaultError::MissingKey(Purpose::Digest)));
        assert_eq!(open(&[&seal]), Err(VaultError::MissingKey(Purpose::Digest)));
        assert_eq!(open(&[&digest]), Err(VaultError::MissingKey(Purpose::Seal)));
        assert!(matches!(open(&[&digest, &seal, &digest]), Err(VaultError::DoubledKey(_))));
        assert!(matches!(open(&[&seal, &digest, &seal]), Err(VaultError::DoubledKey(_))));
        let unknown = WrappedKey { purpose: "sign".to_owned(), ..seal.clone() };
        assert_eq!(open(&[&digest, &unknown]), Err(VaultError::UnknownPurpose("sign".to_owned())));
    }

    #[test]
    fn a_new_master_key_opens_the_same_vault() {
        let (vault, keys) = vault();
        let sealed = vault.seal(ROW, b"secret", NONCE).unwrap();
        let rewrapped = rewrap(&local(1), &local(2), &keys, &mut counting()).unwrap();
        let reopened = Vault::open(&local(2), &rewrapped).unwrap();
        assert_eq!(reopened.digest_key().digest(b"x"), vault.digest_key().digest(b"x"));
        assert_eq!(*reopened.open_sealed(ROW, &sealed).unwrap(), b"secret");
        assert!(matches!(Vault::open(&local(1), &rewrapped), Err(VaultError::WrongMasterKey(_))));
        assert!(rewrap(&local(3), &local(2), &keys, &mut counting()).is_err());
    }

    #[test]
    fn a_master_key_that_cannot_be_used_is_told_from_a_wrong_one() {
        struct Away;
        impl MasterKeySource for Away {
            fn wrap(&self, _: KeyName, _: &DataKeyBytes, _: [u8; NONCE_LEN]) -> Result<Vec<u8>, SourceError> {
                Err(SourceError::Unavailable("no answer".to_owned()))
            }
            fn unwrap(&self, _: KeyName, _: &[u8]) -> Result<DataKeyBytes, SourceError> {
                Err(SourceError::Unavailable("no answer".to_owned()))
            }
        }
        let unavailable = |result| matches!(result, Err(VaultError::MasterKeyUnavailable { .. }));
        assert!(unavailable(Vault::create(&Away, &mut counting()).map(drop)));
        assert!(unavailable(Vault::open(&Away, &vault().1).map(drop)));
    }

    #[test]
    fn nothing_is_shown() {
        let (vault, keys) = vault();
        assert_eq!(format!("{vault:?}"), "Vault(…)");
        assert_eq!(format!("{:?}", local(7)), "LocalMasterKey(MasterKey(…))");
        assert_eq!(format!("{:?}", DataKeyBytes::new([7; 32])), "DataKeyBytes(…)");
        assert_eq!(format!("{:?}", keys[0]), "WrappedKey { purpose: \"digest\", generation: 1, .. }");
    }

    proptest! {
        #[test]
        fn any_secret_comes_back(secret: Vec<u8>, table: String, column: String, id: String, nonce: [u8; NONCE_LEN]) {
            let row = Row { table: &table, column: &column, id: &id };
            let (vault, _) = vault();
            let sealed = vault.seal(row, &secret, nonce).unwrap();
            prop_assert_eq!(sealed.len(), secret.len() + 33);
            prop_assert_eq!(&*vault.open_sealed(row, &sealed).unwrap(), &secret);
            prop_assert_eq!(vault.open_text(row, &sealed).is_ok(), str::from_utf8(&secret).is_ok());
        }

        #[test]
        fn any_bytes_are_refused(sealed: Vec<u8>) {
            prop_assert!(vault().0.open_sealed(ROW, &sealed).is_err());
        }
    }
}
