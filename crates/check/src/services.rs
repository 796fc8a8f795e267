//! Services that may verify, known by their tokens.

use claviger_model::Service;
use claviger_policy::Snapshot;
use http::HeaderMap;
use http::header::AUTHORIZATION;

/// The token that these headers carry: `Authorization: Bearer`, once.
pub(crate) fn token(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).into_iter();
    let (first, None) = (values.next()?, values.next()) else { return None };
    let (scheme, token) = first.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The service whose token these headers carry.
pub(crate) fn identify<'s>(snapshot: &'s Snapshot, headers: &HeaderMap) -> Option<&'s Service> {
    snapshot.service(token(headers)?)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_token_is_carried_once() {
        let found = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(AUTHORIZATION, HeaderValue::from_static(value));
            }
            token(&headers).map(ToOwned::to_owned)
        };
        assert_eq!(found(&["Bearer abc"]).as_deref(), Some("abc"));
        assert_eq!(found(&["bearer  xyz"]).as_deref(), Some("xyz"));
        for wrong in [&["Basic abc"][..], &["abc"], &[], &["Bearer abc", "Bearer abc"]] {
            assert_eq!(found(wrong), None, "{wrong:?}");
        }
    }
}
