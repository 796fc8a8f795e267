use claviger_model::Scheme;
use http::header::{AUTHORIZATION, HeaderMap, PROXY_AUTHORIZATION};

use crate::signature;

/// Removes from the headers what must not reach the upstream of an API that accepts these schemes.
///
/// `Authorization` and `Proxy-Authorization` always go: whatever they carry was meant for this side.
pub fn strip(headers: &mut HeaderMap, schemes: &[Scheme]) {
    headers.remove(AUTHORIZATION);
    headers.remove(PROXY_AUTHORIZATION);
    for header in own_headers(schemes) {
        headers.remove(header);
    }
}

/// The headers besides `Authorization` in which these schemes carry keys and signatures.
pub fn own_headers(schemes: &[Scheme]) -> impl Iterator<Item = &str> {
    schemes.iter().flat_map(|scheme| match scheme {
        Scheme::Header { name } => vec![name.as_str()],
        Scheme::Signature(rules) => signature::own_headers(rules),
        Scheme::Basic { .. }
        | Scheme::ApiToken { .. }
        | Scheme::Query { .. }
        | Scheme::Raw {}
        | Scheme::Bearer {} => Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use claviger_model::BasicUser;
    use http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn every_authorization_goes_and_the_rest_stays() {
        let mut headers = HeaderMap::new();
        for name in ["authorization", "authorization", "proxy-authorization", "accept"] {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static("x"));
        }
        strip(&mut headers, &[Scheme::Basic { user: BasicUser::AccountNumber }]);
        assert_eq!(headers.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["accept"]);
    }

    #[test]
    fn a_schemes_own_header_goes_in_any_case() {
        let mut headers = HeaderMap::new();
        for name in ["x-api-key", "x-api-key", "x-api-key-id"] {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static("x"));
        }
        strip(&mut headers, &[Scheme::Raw {}, Scheme::Header { name: "X-API-Key".parse().unwrap() }]);
        assert_eq!(headers.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["x-api-key-id"]);
    }
}
