//! What of a caller's own headers must not reach an upstream.

use claviger_door::referer_shows_key;
use claviger_policy::Grant;
use http::header::{AUTHORIZATION, PROXY_AUTHORIZATION, REFERER};
use http::{HeaderMap, HeaderName};

const FAMILY: &str = "x-claviger";

/// What carries a credential, in `Authorization`, `Proxy-Authorization` or one of these headers of the API's, and everything
/// that an upstream could take for an identity header.
/// A `Referer` with a key in its query goes as well.
pub(crate) fn to_remove(headers: &HeaderMap, grant: &Grant<'_>) -> Vec<HeaderName> {
    let referer = referer_shows_key(headers, &grant.api.api.policy.schemes).then_some(REFERER);
    claims_and_keys(headers, grant.credential_headers()).chain(referer).collect()
}

fn claims_and_keys(headers: &HeaderMap, credentials: &[HeaderName]) -> impl Iterator<Item = HeaderName> {
    let everywhere = [AUTHORIZATION, PROXY_AUTHORIZATION];
    let goes = move |name: &&HeaderName| {
        is_claim(name.as_str()) || carries(name, &everywhere) || carries(name, credentials)
    };
    headers.keys().filter(goes).cloned()
}

/// Whether some upstream reads this name as that of a header that carries a credential.
fn carries(name: &HeaderName, credentials: &[HeaderName]) -> bool {
    let plain = |name: &HeaderName| name.as_str().replace(['_', '.'], "-");
    credentials.iter().any(|other| plain(name) == plain(other))
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
            "proxy-authorization",
            "x-claviger-account",
            "x_claviger_user",
            "x.claviger-key",
            "x-claviger",
            "x_api-key",
            "accept",
        ];
        let value = || HeaderValue::from_static("1");
        let headers = names.map(|name| (HeaderName::from_static(name), value())).into_iter().collect();
        let mut removed: Vec<_> = claims_and_keys(&headers, &[HeaderName::from_static("x-api-key")])
            .map(|name| name.to_string())
            .collect();
        removed.sort();
        assert_eq!(
            removed,
            [
                "authorization",
                "proxy-authorization",
                "x-claviger",
                "x-claviger-account",
                "x.claviger-key",
                "x_api-key",
                "x_claviger_user"
            ]
        );
    }
}
