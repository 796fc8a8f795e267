//! What tells one state of a thing from another, for whoever changes what they have seen.

use std::fmt;

use claviger_credential::DigestKey;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

use crate::AppError;

/// No secret: whoever is shown a thing may know its tag.
const KEY: [u8; 32] = *b"claviger: the state of something";
/// Of a digest of 32, so many bytes tell two states apart.
const BYTES: usize = 16;

/// What tells one state of a thing from another: a digest of all that is shown of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tag(String);

impl Tag {
    /// That of a thing as it is shown.
    ///
    /// # Errors
    /// [`AppError::Encoding`] if it cannot be written.
    pub fn of(shown: &impl Serialize) -> Result<Self, AppError> {
        let digest = DigestKey::new(KEY).digest(&serde_json::to_vec(shown)?);
        Ok(Self(HEXLOWER.encode(digest.0.get(..BYTES).unwrap_or_default())))
    }

    /// What a caller says that it is. One that was never given out is that of nothing.
    #[must_use]
    pub fn said(text: &str) -> Self {
        Self(text.chars().take(2 * BYTES + 1).collect())
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a thing is as whoever asks knows it. What is not there is as nobody knows it.
///
/// # Errors
/// [`AppError::Stale`] if it is not.
pub(crate) fn check_known(
    known: Option<&Tag>,
    shown: Option<&impl Serialize>,
    what: &'static str,
    name: &impl ToString,
) -> Result<(), AppError> {
    let Some(known) = known else { return Ok(()) };
    let now = shown.map(Tag::of).transpose()?;
    if now.as_ref() == Some(known) {
        return Ok(());
    }
    Err(AppError::Stale { what, name: name.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_states_have_two_tags_and_one_state_has_one() {
        let tag = |text: &str| Tag::of(&text).unwrap();
        assert_eq!(tag("a"), tag("a"));
        assert_ne!(tag("a"), tag("b"));
        assert_eq!(tag("a").to_string().len(), 32);
        assert_eq!(Tag::said(&tag("a").to_string()), tag("a"));
        assert_ne!(Tag::said(&format!("{}0", tag("a"))), tag("a"));
        assert!(check_known(None, None::<&&str>, "thing", &"a").is_ok());
        assert!(check_known(Some(&tag("a")), Some(&"a"), "thing", &"a").is_ok());
        assert!(check_known(Some(&tag("a")), Some(&"b"), "thing", &"a").is_err());
        assert!(check_known(Some(&tag("a")), None::<&&str>, "thing", &"a").is_err());
    }
}
