use std::str::FromStr;

use http::uri::Authority;

/// Where an environment's requests go: an origin, and a path in which `{version}` may stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpstreamAddress {
    origin: String,
    before_version: String,
    after_version: Option<String>,
}

/// Why a text is not the address of an upstream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    /// It is not `http://host[:port][/path]` or the same with `https` or `h2c`.
    #[error("`{0}` is not an address of the form http://host:port/path; https and h2c are taken as well")]
    NotAnAddress(String),
    /// `{version}` stands in it more than once.
    #[error("`{0}` contains {{version}} more than once")]
    TwoVersions(String),
}

const VERSION: &str = "{version}";
const SCHEMES: [&str; 3] = ["http", "https", "h2c"];

impl FromStr for UpstreamAddress {
    type Err = UpstreamError;

    fn from_str(text: &str) -> Result<Self, UpstreamError> {
        let refused = || UpstreamError::NotAnAddress(text.chars().take(200).collect());
        let (scheme, rest) = text.split_once("://").ok_or_else(refused)?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let origin = Authority::from_str(authority)
            .ok()
            .filter(|authority| !authority.as_str().contains('@') && !authority.host().is_empty())
            .filter(|_| SCHEMES.contains(&scheme))
            .map(|authority| format!("{scheme}://{authority}"));
        if path.contains(['?', '#', '%', ' ', '\\']) || path.contains("//") || !path.is_ascii() {
            return Err(refused());
        }
        let mut parts = path.trim_end_matches('/').split(VERSION).map(str::to_owned);
        let before_version = parts.next().unwrap_or_default();
        let after_version = parts.next();
        if parts.next().is_some() {
            return Err(UpstreamError::TwoVersions(text.chars().take(200).collect()));
        }
        Ok(Self { origin: origin.ok_or_else(refused)?, before_version, after_version })
    }
}

impl UpstreamAddress {
    /// Scheme, host and port, such as `http://127.0.0.1:7070`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The target to send: this address's path for `version`, what followed the route, and the query.
    #[must_use]
    pub fn target(&self, version: &str, rest: &str, query: Option<&str>) -> String {
        let after = self.after_version.as_deref();
        let query_len = query.map_or(0, |query| query.len() + 1);
        let known = self.before_version.len() + after.map_or(0, |after| after.len() + version.len());
        let mut target = String::with_capacity(known + rest.len() + query_len + 1);
        target.push_str(&self.before_version);
        if let Some(after) = after {
            target.push_str(version);
            target.push_str(after);
        }
        target.push_str(rest);
        if target.is_empty() {
            target.push('/');
        }
        if let Some(query) = query {
            target.push('?');
            target.push_str(query);
        }
        target
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_is_made_of_path_version_rest_and_query() {
        let with: UpstreamAddress = "http://up:9/base/{version}/x/".parse().unwrap();
        assert_eq!(with.target("v2", "/a/b", Some("q=1")), "/base/v2/x/a/b?q=1");
        let without: UpstreamAddress = "https://up".parse().unwrap();
        assert_eq!(without.target("v2", "/a", None), "/a");
        assert_eq!(without.target("v2", "", Some("")), "/?");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in
            ["up:9", "ftp://up", "http://", "http://u:p@up", "http://up/a?b", "http://up/a#b", "http:///a"]
        {
            assert!(text.parse::<UpstreamAddress>().is_err(), "{text}");
        }
        assert!(matches!(
            "http://up/{version}/{version}".parse::<UpstreamAddress>(),
            Err(UpstreamError::TwoVersions(_))
        ));
    }
}
