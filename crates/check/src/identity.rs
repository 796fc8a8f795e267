//! What of a caller's own headers must not reach an upstream.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};

const FAMILY: &str = "x-claviger";

/// The credential, and everything that an upstream could take for an identity header.
pub(crate) fn to_remove(headers: &HeaderMap) -> Vec<HeaderName> {
    headers.keys().filter(|name| **name == AUTHORIZATION || is_claim(name.as_str())).cloned().collect()
}

/// Whether some upstream reads this name as one of the identity headers.
fn is_claim(name: &str) -> bool {
    name.replace(['_', '.'], "-").starts_with(FAMILY)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn aliases_are_claims() {
        let names = [
            "authorization",
            "x-claviger-account",
            "x_claviger_user",
            "x.claviger-key",
            "x-claviger",
            "accept",
        ];
        let value = || HeaderValue::from_static("1");
        let headers = names.map(|name| (HeaderName::from_static(name), value())).into_iter().collect();
        let mut removed: Vec<_> = to_remove(&headers).iter().map(ToString::to_string).collect();
        removed.sort();
        assert_eq!(
            removed,
            ["authorization", "x-claviger", "x-claviger-account", "x.claviger-key", "x_claviger_user"]
        );
    }
}
