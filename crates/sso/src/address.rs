use std::fmt;
use std::str::FromStr;

use claviger_fetch::{Origin, OriginError};
use http::Uri;

/// An address of a provider: encrypted, or on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    text: String,
    pub(crate) origin: Origin,
    /// Path and query.
    pub(crate) target: String,
}

/// Why a text is no address of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is none.
    #[error("it is no address such as https://sso.example.com")]
    None,
    /// Others could read along.
    #[error("it is not https://, and not on this machine")]
    InTheClear,
    /// It has more than an address has.
    #[error("it has a user name or a fragment")]
    TooMuch,
    /// An issuer is no more than a place.
    #[error("it has a query")]
    Query,
}

impl Address {
    /// The address as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The same, of an issuer, which has no query (OpenID Connect Discovery 1.0, section 3).
    ///
    /// # Errors
    /// [`AddressError`].
    pub fn issuer(text: &str) -> Result<Self, AddressError> {
        let address: Self = text.parse()?;
        if text.contains('?') { Err(AddressError::Query) } else { Ok(address) }
    }

    /// Where an issuer says what it can do.
    pub(crate) fn discovery(&self) -> Result<Self, AddressError> {
        format!("{}/.well-known/openid-configuration", self.text.trim_end_matches('/')).parse()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<OriginError> for AddressError {
    fn from(error: OriginError) -> Self {
        match error {
            OriginError::NotAnAddress => Self::None,
            OriginError::UserName => Self::TooMuch,
        }
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let uri: Uri = text.parse().map_err(|_| AddressError::None)?;
        let origin = Origin::of(&uri)?;
        if text.contains('#') {
            return Err(AddressError::TooMuch);
        }
        if !origin.is_private() {
            return Err(AddressError::InTheClear);
        }
        let target = uri.path_and_query().map_or("", |target| target.as_str());
        let target = if target.starts_with('/') { target.to_owned() } else { format!("/{target}") };
        Ok(Self { text: text.to_owned(), origin, target })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_spoken_with_in_the_clear() {
        for text in ["https://sso.example.com", "http://127.0.0.1:8/a", "http://[::1]:8", "http://localhost"]
        {
            assert!(text.parse::<Address>().is_ok(), "{text}");
        }
        for text in ["http://sso.example.com", "http://192.0.2.1", "http://localhost.example.com"] {
            assert_eq!(text.parse::<Address>(), Err(AddressError::InTheClear), "{text}");
        }
        for text in ["", "sso.example.com", "ftp://a", "https://", "https://a:b/", "https://a:99999", "/a"] {
            assert_eq!(text.parse::<Address>(), Err(AddressError::None), "{text}");
        }
        for text in ["https://ada:secret@a", "https://a/#b"] {
            assert_eq!(text.parse::<Address>(), Err(AddressError::TooMuch), "{text}");
        }
        assert_eq!(Address::issuer("https://a/?b"), Err(AddressError::Query));
    }

    #[test]
    fn a_target_has_a_path() {
        for (text, target) in [("https://a", "/"), ("https://a?b=1", "/?b=1"), ("https://a/b?c", "/b?c")] {
            assert_eq!(text.parse::<Address>().unwrap().target, target);
        }
    }

    #[test]
    fn what_an_issuer_can_do_stands_beneath_it() {
        for text in ["https://a/b", "https://a/b/"] {
            let found = Address::issuer(text).unwrap().discovery().unwrap();
            assert_eq!(found.target, "/b/.well-known/openid-configuration");
            assert_eq!(found.origin.to_string(), "https://a");
        }
    }
}
