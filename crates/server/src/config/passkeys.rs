use claviger_app::{RelyingParty, RelyingPartyError};
use schemars::JsonSchema;
use serde::Deserialize;

use super::ManagementConfig;

/// Passkeys. Whoever changes what they are for loses all that there are.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PasskeyConfig {
    /// What passkeys are for: the name of a host. That of the first origin, if left out.
    pub relying_party: Option<String>,
    /// Pages that may make and use passkeys, such as `https://keys.example.com`, all at that host or below it. That of
    /// `public_url`, if left out.
    pub origins: Vec<String>,
}

impl ManagementConfig {
    /// Whom passkeys are for. Nobody, where nothing is said of them and people reach the server at an address for which
    /// browsers make none.
    pub(crate) fn relying_party(&self) -> Result<Option<RelyingParty>, RelyingPartyError> {
        let PasskeyConfig { relying_party, origins } = &self.passkeys;
        if relying_party.is_none() && origins.is_empty() {
            return Ok(self.public_url.as_deref().and_then(of_public_url));
        }
        let public = self.public_url.as_deref().filter(|_| origins.is_empty()).map(RelyingParty::origin_of);
        let origins: Vec<_> = public.transpose()?.into_iter().chain(origins.iter().cloned()).collect();
        RelyingParty::new(relying_party.as_deref(), &origins).map(Some)
    }
}

fn of_public_url(url: &str) -> Option<RelyingParty> {
    let party = RelyingParty::origin_of(url).and_then(|origin| RelyingParty::new(None, &[origin]));
    party.inspect_err(|error| tracing::warn!(%error, "`management.public_url` does for no passkeys")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(
        public_url: Option<&str>,
        relying_party: Option<&str>,
        origins: &[&str],
    ) -> Result<bool, String> {
        let config = ManagementConfig {
            public_url: public_url.map(Into::into),
            passkeys: PasskeyConfig {
                relying_party: relying_party.map(Into::into),
                origins: origins.iter().map(|&one| one.to_owned()).collect(),
            },
            ..ManagementConfig::default()
        };
        config.relying_party().map(|party| party.is_some()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_public_url_is_enough_and_what_is_said_has_to_hold() {
        assert_eq!(party(None, None, &[]), Ok(false));
        assert_eq!(party(Some("https://keys.example.com/claviger/"), None, &[]), Ok(true));
        assert_eq!(party(Some("http://192.0.2.1:8080"), None, &[]), Ok(false), "good for other things");
        assert_eq!(party(Some("https://keys.example.com"), Some("example.com"), &[]), Ok(true));
        assert_eq!(party(None, None, &["https://keys.example.com"]), Ok(true));
        assert_eq!(party(Some("http://192.0.2.1"), None, &["https://keys.example.com"]), Ok(true));
        for (public_url, relying_party, origins) in [
            (None, Some("example.com"), &[][..]),
            (Some("https://keys.example.com"), Some("example.net"), &[]),
            (None, None, &["http://keys.example.com"]),
        ] {
            assert!(party(public_url, relying_party, origins).is_err(), "{public_url:?} {relying_party:?}");
        }
    }
}
