use claviger_model::Scheme;
use http::HeaderValue;

use crate::{api_token, basic, bearer, header, query, raw, signature};

/// The `WWW-Authenticate` headers of a refusal (RFC 9110 section 11.6.1): one challenge for each scheme. The realm
/// is the slug of the API.
#[must_use]
pub fn www_authenticate(schemes: &[Scheme], realm: &str) -> Vec<HeaderValue> {
    let realm = quoted(realm);
    // Nothing is lost here: a quoted realm holds only what a header value may hold.
    schemes.iter().filter_map(|scheme| challenge(scheme, &realm).try_into().ok()).collect()
}

fn challenge(scheme: &Scheme, realm: &str) -> String {
    match scheme {
        Scheme::Basic { .. } => basic::challenge(realm),
        Scheme::ApiToken { word } => api_token::challenge(realm, word.as_str()),
        Scheme::Query { name } => query::challenge(realm, name.as_str()),
        Scheme::Raw {} => raw::challenge(realm),
        Scheme::Bearer {} => bearer::challenge(realm),
        Scheme::Header { name } => header::challenge(realm, name.as_str()),
        Scheme::Signature(rules) => signature::challenge(realm, rules),
    }
}

/// A quoted-string (RFC 9110 section 5.6.4). Characters that one cannot hold are left out.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars().filter(|character| matches!(character, ' '..='~')) {
        if matches!(character, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use claviger_model::BasicUser;

    use super::*;

    const BASIC: Scheme = Scheme::Basic { user: BasicUser::AccountNumber };

    #[test]
    fn basic_asks_for_utf_8() {
        assert_eq!(www_authenticate(&[BASIC], "billing"), [r#"Basic realm="billing", charset="UTF-8""#]);
        assert!(www_authenticate(&[], "billing").is_empty());
    }

    #[test]
    fn each_scheme_says_how_it_is_asked_for() {
        let schemes = [
            Scheme::ApiToken { word: "apiToken".parse().unwrap() },
            Scheme::Bearer {},
            Scheme::Query { name: "apiToken".parse().unwrap() },
            Scheme::Header { name: "X-API-Key".parse().unwrap() },
            Scheme::Raw {},
        ];
        let expected = [
            r#"apiToken realm="a""#,
            r#"Bearer realm="a""#,
            r#"ApiKey realm="a", in="query", name="apiToken""#,
            r#"ApiKey realm="a", in="header", name="X-API-Key""#,
            r#"ApiKey realm="a", in="header", name="Authorization""#,
        ];
        assert_eq!(www_authenticate(&schemes, "a"), expected);
    }

    #[test]
    fn a_realm_cannot_leave_its_quotes() {
        let challenges = www_authenticate(&[BASIC], "a\"b\\c\r\nd£");
        assert_eq!(challenges, [r#"Basic realm="a\"b\\cd", charset="UTF-8""#]);
    }
}
