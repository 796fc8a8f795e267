//! In which order keys are listed, and places in such a list.

use std::fmt;
use std::str::FromStr;

use claviger_model::{AccountId, CredentialId, Time};
use claviger_store::{CredentialOrder, Direction};
use data_encoding::BASE64URL_NOPAD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{AppError, KeyView};

/// In which order keys are listed. By label and by end it is within one account, which has an index for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum KeySort {
    /// The newest first.
    #[default]
    #[serde(rename = "-created_at")]
    Newest,
    /// The oldest first.
    #[serde(rename = "created_at")]
    Oldest,
    /// By label, letter by letter; those without one first.
    #[serde(rename = "label")]
    Label,
    /// The other way round.
    #[serde(rename = "-label")]
    LabelDown,
    /// What ends first is first; those without an end last.
    #[serde(rename = "expires_at")]
    End,
    /// The other way round.
    #[serde(rename = "-expires_at")]
    EndDown,
}

/// A place in a list of keys: the key, and by what it stood there. The list goes on behind it, whatever becomes of the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyPlace {
    id: CredentialId,
    by: Option<String>,
}

/// That a text is no place in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is no place in a list of keys; send what the last part gave as `next`")]
pub struct KeyPlaceError;

impl From<CredentialId> for KeyPlace {
    fn from(id: CredentialId) -> Self {
        Self { id, by: None }
    }
}

impl KeyPlace {
    /// That of a key in a list of this order.
    #[must_use]
    pub fn of(key: &KeyView, sort: KeySort) -> Self {
        let by = match sort {
            KeySort::Newest | KeySort::Oldest => None,
            KeySort::Label | KeySort::LabelDown => Some(key.label.clone().unwrap_or_default()),
            KeySort::End | KeySort::EndDown => {
                Some(key.expires_at.map(|end| end.as_micros().to_string()).unwrap_or_default())
            }
        };
        Self { id: key.id, by }
    }

    fn end(by: &str) -> Result<Option<Time>, AppError> {
        let end = || by.parse().map(|micros| Some(Time::from_micros(micros)));
        if by.is_empty() { Ok(None) } else { end().map_err(|_| misplaced()) }
    }
}

impl FromStr for KeyPlace {
    type Err = KeyPlaceError;

    fn from_str(text: &str) -> Result<Self, KeyPlaceError> {
        let (id, by) = text.split_once('.').map_or((text, None), |(id, by)| (id, Some(by)));
        let decoded = by.map(|by| BASE64URL_NOPAD.decode(by.as_bytes()).ok()).map(|bytes| {
            let text = String::from_utf8(bytes?).ok()?;
            // What the database does not take is in no list.
            (!text.contains('\0')).then_some(text)
        });
        let by = decoded.map(|by| by.ok_or(KeyPlaceError)).transpose()?;
        Ok(Self { id: id.parse().map_err(|_| KeyPlaceError)?, by })
    }
}

impl fmt::Display for KeyPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.by {
            None => fmt::Display::fmt(&self.id, f),
            Some(by) => write!(f, "{}.{}", self.id, BASE64URL_NOPAD.encode(by.as_bytes())),
        }
    }
}

impl TryFrom<String> for KeyPlace {
    type Error = KeyPlaceError;

    fn try_from(text: String) -> Result<Self, KeyPlaceError> {
        text.parse()
    }
}

impl From<KeyPlace> for String {
    fn from(place: KeyPlace) -> Self {
        place.to_string()
    }
}

fn misplaced() -> AppError {
    AppError::Invalid("`after` is no place in a list of this order".into())
}

/// The order in the words of the store, and the key behind which the list goes on.
///
/// # Errors
/// [`AppError::Invalid`] for an order that has no index, and for a place in a list of another order.
pub(super) fn order(
    sort: KeySort,
    after: Option<KeyPlace>,
    account: Option<AccountId>,
) -> Result<(CredentialOrder, Option<CredentialId>), AppError> {
    let id = after.as_ref().map(|place| place.id);
    let by = after.map(|place| place.by);
    let direction = match sort {
        KeySort::Label | KeySort::End | KeySort::Oldest => Direction::Up,
        KeySort::LabelDown | KeySort::EndDown | KeySort::Newest => Direction::Down,
    };
    if let KeySort::Newest | KeySort::Oldest = sort {
        return match by {
            Some(Some(_)) => Err(misplaced()),
            _ => Ok((CredentialOrder::Made(direction), id)),
        };
    }
    if account.is_none() {
        return Err(AppError::Invalid(
            "by label and by end, keys are listed of one account; say which".into(),
        ));
    }
    let by = by.map(|by| by.ok_or_else(misplaced)).transpose()?;
    let order = match sort {
        KeySort::Label | KeySort::LabelDown => CredentialOrder::Label { direction, after: by },
        _ => CredentialOrder::End { direction, after: by.as_deref().map(KeyPlace::end).transpose()? },
    };
    Ok((order, id))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "key_0000000000000000000000000a";

    #[test]
    fn a_place_reads_as_it_is_written() {
        // RFC 4648, section 10, for base64url without padding.
        for (text, by) in
            [(ID.to_owned(), None), (format!("{ID}.Zm9vYg"), Some("foob")), (format!("{ID}."), Some(""))]
        {
            let place: KeyPlace = text.parse().unwrap();
            assert_eq!((place.by.as_deref(), place.to_string()), (by, text));
        }
        for bad in ["", "nonsense", &format!("{ID}.%"), &format!("{ID}.AA"), &format!("{ID}.Zm9vYg==")] {
            assert!(bad.parse::<KeyPlace>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_place_belongs_to_its_order() {
        let account = Some(AccountId::from_u128(1));
        let place = |text: &str| Some(format!("{ID}{text}").parse().unwrap());
        assert!(order(KeySort::Label, place(".Zm9vYg"), account).is_ok());
        assert!(order(KeySort::End, place("."), account).is_ok());
        for (sort, text) in [(KeySort::Label, ""), (KeySort::End, ".Zm9vYg"), (KeySort::Newest, ".Zm9vYg")] {
            assert!(order(sort, place(text), account).is_err(), "{sort:?}");
        }
        assert!(order(KeySort::Label, None, None).is_err());
    }
}
