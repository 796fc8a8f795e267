//! Reads the lines that the page statements make of rows.

use std::collections::HashMap;
use std::fmt::Display;
use std::str::FromStr;

use claviger_model::{
    AccountId, Allowlist, Change, Credential, CredentialState, Digest, EnvironmentId, KeyOrigin,
    NumberedChange, PermissionSet, Sealed, SignatureAlgorithm, Signer, Slug, Time, VersionUse, VersionUses,
};
use claviger_model::{ChangeNumber, VersionName};
use serde::de::DeserializeOwned;

use crate::StoreError;

/// What is wrong with a line.
struct Why(String);

impl<E: Display> From<E> for Why {
    fn from(why: E) -> Self {
        Self(why.to_string())
    }
}

/// The fields of a line, from left to right.
struct Line<'t>(Option<&'t str>);

impl<'t> Line<'t> {
    fn field(&mut self) -> Result<&'t str, Why> {
        let text = self.0.ok_or("a field is missing")?;
        let (field, rest) = text.split_once('|').map_or((text, None), |(field, rest)| (field, Some(rest)));
        self.0 = rest;
        Ok(field)
    }

    fn rest(&mut self) -> Result<&'t str, Why> {
        Ok(self.0.take().ok_or("a field is missing")?)
    }

    fn parsed<T: FromStr<Err: Display>>(&mut self) -> Result<T, Why> {
        Ok(self.field()?.parse()?)
    }

    fn optional<T: FromStr<Err: Display>>(&mut self) -> Result<Option<T>, Why> {
        match self.field()? {
            "" => Ok(None),
            text => Ok(Some(text.parse()?)),
        }
    }

    fn optional_time(&mut self) -> Result<Option<Time>, Why> {
        Ok(self.optional()?.map(Time::from_micros))
    }
}

/// Remembers what texts were read as: millions of credentials share a few thousand of them.
struct Memo<T>(HashMap<Box<str>, T>);

impl<T: Clone> Memo<T> {
    /// Bounds the memory where hardly any text comes twice.
    const MOST: usize = 10_000;

    fn new() -> Self {
        Self(HashMap::new())
    }

    fn get(&mut self, text: &str, read: impl FnOnce(&str) -> Result<T, Why>) -> Result<T, Why> {
        if let Some(known) = self.0.get(text) {
            return Ok(known.clone());
        }
        let value = read(text)?;
        if self.0.len() >= Self::MOST {
            self.0.clear();
        }
        self.0.insert(text.into(), value.clone());
        Ok(value)
    }
}

/// The part of a credential that many have in common.
#[derive(Clone)]
struct Terms {
    environment: EnvironmentId,
    key_type: Slug,
    state: CredentialState,
    origin: KeyOrigin,
    vouched_factor: bool,
    permissions: PermissionSet,
    allowlist: Allowlist,
}

impl Terms {
    fn read(text: &str) -> Result<Self, Why> {
        let mut line = Line(Some(text));
        Ok(Self {
            environment: line.parsed()?,
            key_type: line.parsed()?,
            state: CredentialState::from_word(line.field()?).ok_or("the state is none")?,
            origin: KeyOrigin::from_word(line.field()?).ok_or("the origin is none")?,
            vouched_factor: line.field()? == "1",
            permissions: json(line.field()?)?,
            allowlist: json(line.rest()?)?,
        })
    }
}

fn json<T: DeserializeOwned>(text: &str) -> Result<T, Why> {
    Ok(serde_json::from_str(text)?)
}

/// Reads lines of `CREDENTIAL_PAGE`.
pub(crate) struct CredentialLines {
    accounts: Memo<AccountId>,
    terms: Memo<Terms>,
}

impl CredentialLines {
    pub(crate) fn new() -> Self {
        Self { accounts: Memo::new(), terms: Memo::new() }
    }

    pub(crate) fn read(&mut self, line: &str) -> Result<NumberedChange, StoreError> {
        self.parse(line).map_err(|why| corrupt("credential", line, why))
    }

    fn parse(&mut self, line: &str) -> Result<NumberedChange, Why> {
        let mut line = Line(Some(line));
        let id = line.parsed()?;
        let account = self.accounts.get(line.field()?, |text| Ok(text.parse()?))?;
        let digest = digest(line.field()?).ok_or("the digest is not 32 bytes long")?;
        let (not_before, expires_at) = (line.optional_time()?, line.optional_time()?);
        let number = ChangeNumber(line.parsed()?);
        let (successor, user) = (line.optional()?, line.optional()?);
        let Terms { environment, key_type, state, origin, vouched_factor, permissions, allowlist } =
            self.terms.get(line.rest()?, Terms::read)?;
        let credential = Credential {
            id,
            digest,
            account,
            environment,
            key_type,
            state,
            allowlist,
            permissions,
            not_before,
            expires_at,
            origin,
            successor,
            user,
            vouched_factor,
        };
        Ok(NumberedChange { number, change: Change::Credential(credential) })
    }
}

/// Reads a line of `USE_PAGE`.
pub(crate) fn uses(line: &str) -> Result<VersionUses, StoreError> {
    parse_uses(line).map_err(|why| corrupt("credential_use", line, why))
}

fn parse_uses(line: &str) -> Result<VersionUses, Why> {
    let mut line = Line(Some(line));
    let credential = line.parsed()?;
    let last = VersionUse { version: line.parsed()?, at: Time::from_micros(line.parsed()?) };
    let other = line.optional::<VersionName>()?.zip(line.optional_time()?);
    Ok(VersionUses { credential, last, other: other.map(|(version, at)| VersionUse { version, at }) })
}

/// Reads a line of `SIGNER_PAGE`.
pub(crate) fn signer(line: &str) -> Result<NumberedChange, StoreError> {
    parse_signer(line).map_err(|why| corrupt("signer", line, why))
}

fn parse_signer(line: &str) -> Result<NumberedChange, Why> {
    let mut line = Line(Some(line));
    let credential = line.parsed()?;
    let algorithm = SignatureAlgorithm::from_word(line.field()?).ok_or("the algorithm is none")?;
    let debug_until = line.optional_time()?;
    let number = ChangeNumber(line.parsed()?);
    let sealed = Sealed(bytes(line.rest()?).ok_or("the sealed bytes are not hexadecimal")?);
    Ok(NumberedChange {
        number,
        change: Change::Signer(Signer { credential, algorithm, sealed, debug_until }),
    })
}

fn corrupt(table: &'static str, line: &str, Why(why): Why) -> StoreError {
    let id = line.split('|').next().unwrap_or_default();
    StoreError::Corrupt { table, id: id.to_owned(), why }
}

/// The values of the hexadecimal digits as both engines write them, and 255 for all other bytes.
const HEX: [u8; 256] = {
    let mut table = [u8::MAX; 256];
    let digits = b"0123456789ABCDEF";
    let mut value = 0;
    while value < 16 {
        table[digits[value as usize] as usize] = value;
        value += 1;
    }
    table
};

fn digest(hex: &str) -> Option<Digest> {
    let (pairs, []) = hex.as_bytes().as_chunks::<2>() else { return None };
    let pairs: &[[u8; 2]; 32] = pairs.try_into().ok()?;
    let mut wrong = 0;
    let bytes = pairs.map(|[high, low]| {
        let (high, low) = (HEX[usize::from(high)], HEX[usize::from(low)]);
        wrong |= (high | low) & 0xf0;
        (high << 4) | (low & 0x0f)
    });
    (wrong == 0).then_some(Digest(bytes))
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let (pairs, []) = hex.as_bytes().as_chunks::<2>() else { return None };
    let byte = |[high, low]: &[u8; 2]| {
        let (high, low) = (HEX[usize::from(*high)], HEX[usize::from(*low)]);
        ((high | low) & 0xf0 == 0).then_some((high << 4) | low)
    };
    pairs.iter().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "key_0000000000000000000000000a";

    fn line(digest: &str, terms: &str) -> String {
        format!(
            "{ID}|acc_0000000000000000000000000b|{digest}||7|3|key_0000000000000000000000000d|usr_0000000000000000000000000e|env_0000000000000000000000000c|{terms}"
        )
    }

    fn read(line: &str) -> Result<NumberedChange, StoreError> {
        CredentialLines::new().read(line)
    }

    #[test]
    fn a_line_becomes_a_credential() {
        let text = line(&"0A".repeat(32), r#"basic|active|imported|1|"everything"|["10.0.0.0/8"]"#);
        let change = read(&text).unwrap();
        assert_eq!(change.number, ChangeNumber(3));
        let Change::Credential(credential) = change.change else { panic!("no credential") };
        assert_eq!(credential.id.as_u128(), 10);
        assert_eq!(credential.account.as_u128(), 11);
        assert_eq!(credential.environment.as_u128(), 12);
        assert_eq!(credential.digest, Digest([10; 32]));
        assert_eq!(credential.not_before, None);
        assert_eq!(credential.expires_at, Some(Time::from_micros(7)));
        assert_eq!(credential.key_type.as_str(), "basic");
        assert_eq!(credential.allowlist.to_string(), "10.0.0.0/8");
        assert_eq!(credential.permissions, PermissionSet::Everything);
        assert_eq!(credential.origin, KeyOrigin::Imported);
        assert_eq!(credential.successor.unwrap().as_u128(), 13);
        assert_eq!(credential.user.unwrap().as_u128(), 14);
        assert!(credential.vouched_factor);
    }

    #[test]
    fn what_is_wrong_names_the_row() {
        let good = r#"basic|active|own|0|"everything"|[]"#;
        let bad = [
            line("0A", good),
            line(&"0g".repeat(32), good),
            line(&"0A".repeat(32), "basic|dead|own|0|\"everything\"|[]"),
            line(&"0A".repeat(32), "basic|active|found|0|\"everything\"|[]"),
            format!("{ID}|acc"),
            ID.to_owned(),
        ];
        for text in bad {
            let error = read(&text).unwrap_err();
            assert!(matches!(&error, StoreError::Corrupt { id, .. } if id == ID), "{error}");
        }
    }

    #[test]
    fn a_line_says_what_a_pair_signs_with() {
        let good = format!("{ID}|hmac-sha256|7|3|00FFA0");
        let Change::Signer(read) = signer(&good).unwrap().change else { panic!("no signer") };
        assert_eq!(
            (read.algorithm, read.debug_until),
            (SignatureAlgorithm::HmacSha256, Some(Time::from_micros(7)))
        );
        assert_eq!(read.sealed, Sealed(vec![0, 0xff, 0xa0]));
        for bad in [good.replace("256", "1"), good.replace("A0", "A"), good.replace("A0", "ag")] {
            let error = signer(&bad).unwrap_err();
            assert!(matches!(&error, StoreError::Corrupt { id, .. } if id == ID), "{error}");
        }
    }

    #[test]
    fn a_memo_is_bounded() {
        let mut memo = Memo::new();
        for number in 0..25_000 {
            memo.get(&number.to_string(), |_| Ok(number)).unwrap_or_default();
        }
        assert!(memo.0.len() <= Memo::<i32>::MOST);
        assert_eq!(memo.get("24999", |_| Err("forgotten".into())).unwrap_or_default(), 24_999);
    }
}
