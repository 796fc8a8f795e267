use claviger_credential::without_credentials;
use claviger_model::Scheme;
use http::HeaderMap;
use http::header::REFERER;

/// Whether `Referer` holds a parameter in which these schemes carry keys. Whoever got a page by a URL with a key in it
/// sends that URL along with the requests that the page makes; then it is no business of an upstream.
#[must_use]
pub fn referer_shows_key(headers: &HeaderMap, schemes: &[Scheme]) -> bool {
    if !schemes.iter().any(|scheme| matches!(scheme, Scheme::Query { .. })) {
        return false;
    }
    headers.get_all(REFERER).into_iter().any(|value| {
        let text = String::from_utf8_lossy(value.as_bytes());
        let query = text.split_once('?').map(|(_, query)| query);
        without_credentials(query, schemes).as_deref() != query
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_of_the_schemes_name_is_seen_in_every_spelling() {
        let schemes = [Scheme::Raw {}, Scheme::Query { name: "apiToken".parse().unwrap() }];
        let shows = |url: &'static str, schemes: &[Scheme]| {
            let headers = [(REFERER, http::HeaderValue::from_static(url))].into_iter().collect();
            referer_shows_key(&headers, schemes)
        };
        for url in ["https://a/?apiToken=k", "/x?a=1&api%54oken=k", "?apiToken"] {
            assert!(shows(url, &schemes), "{url}");
            assert!(!shows(url, &[Scheme::Raw {}]), "{url}");
        }
        for url in ["https://a/apiToken=k", "https://a/?a=apiToken", "https://a/?apiTokens=k", "https://a"] {
            assert!(!shows(url, &schemes), "{url}");
        }
    }
}
