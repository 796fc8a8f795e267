use claviger_model::Scheme;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, PROXY_AUTHORIZATION};

/// Removes from the headers what must not reach the upstream of an API that accepts these schemes.
///
/// `Authorization` and `Proxy-Authorization` always go: whatever they carry was meant for this side.
pub fn strip(headers: &mut HeaderMap, schemes: &[Scheme]) {
    headers.remove(AUTHORIZATION);
    headers.remove(PROXY_AUTHORIZATION);
    for header in schemes.iter().filter_map(|scheme| own_header(*scheme)) {
        headers.remove(header);
    }
}

/// The header that a scheme uses besides `Authorization`.
const fn own_header(scheme: Scheme) -> Option<HeaderName> {
    match scheme {
        Scheme::Basic { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use claviger_model::BasicUser;
    use http::HeaderValue;

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
}
