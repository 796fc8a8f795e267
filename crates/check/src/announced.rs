//! What a proxy says, in headers, about the request that it asks about.

use http::{HeaderMap, HeaderName};

use crate::parts::Original;

/// Headers that together describe a request. A proxy sets all of them, so that none of a caller's is left.
struct Family {
    method: HeaderName,
    target: HeaderName,
    host: HeaderName,
}

const FAMILIES: [Family; 2] = [
    // Traefik, Caddy, APISIX.
    Family {
        method: HeaderName::from_static("x-forwarded-method"),
        target: HeaderName::from_static("x-forwarded-uri"),
        host: HeaderName::from_static("x-forwarded-host"),
    },
    // What configurations of nginx have always called them.
    Family {
        method: HeaderName::from_static("x-original-method"),
        target: HeaderName::from_static("x-original-uri"),
        host: HeaderName::from_static("x-original-host"),
    },
];

/// The request that these headers describe; none if they describe none. Where two families do, they have to agree.
pub(crate) fn announced(headers: &HeaderMap) -> Result<Option<Original>, &'static str> {
    let mut found = None;
    for family in FAMILIES {
        if !headers.contains_key(&family.method) && !headers.contains_key(&family.target) {
            continue;
        }
        let own = family.read(headers)?;
        if found.as_ref().is_some_and(|other| *other != own) {
            return Err(CONTRADICTION);
        }
        found = Some(own);
    }
    Ok(found)
}

/// Two sources describe two requests.
pub(crate) const CONTRADICTION: &str = "two headers contradict each other about the original request";

impl Family {
    fn read(&self, headers: &HeaderMap) -> Result<Original, &'static str> {
        let text = |name| single(headers, name);
        Original::read(text(&self.method)?, text(&self.host)?, text(&self.target)?)
    }
}

/// The only value of a header.
pub(crate) fn single<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<&'h str, &'static str> {
    let mut values = headers.get_all(name).into_iter();
    let first = values.next().ok_or("a header about the original request is missing")?;
    match values.next() {
        Some(_) => Err("a header about the original request is there twice"),
        None => first.to_str().map_err(|_| "a header about the original request cannot be read"),
    }
}

/// Names that a proxy or an upstream may read as one of those that are believed, here or behind the proxy.
pub(crate) fn has_alias(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| {
        let name = name.as_str();
        name.contains(['_', '.']) && is_believed(&name.replace(['_', '.'], "-"))
    })
}

fn is_believed(name: &str) -> bool {
    ["x-claviger", "x-forwarded", "x-original"].iter().any(|family| name.starts_with(family))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        let mut headers = HeaderMap::new();
        for (name, value) in pairs.iter().map(pair) {
            headers.append(name, value);
        }
        headers
    }

    const FORWARDED: [(&str, &str); 3] =
        [("x-forwarded-method", "PUT"), ("x-forwarded-uri", "/a?b=1"), ("x-forwarded-host", "A.example:80")];
    const ORIGINAL: [(&str, &str); 3] =
        [("x-original-method", "PUT"), ("x-original-uri", "/a?b=1"), ("x-original-host", "a.example")];

    #[test]
    fn either_family_describes_a_request_and_both_have_to_agree() {
        let wanted = Original {
            method: http::Method::PUT,
            host: "a.example".into(),
            authority: "a.example".into(),
            target: "/a?b=1".into(),
        };
        for headers in [map(&FORWARDED), map(&ORIGINAL), map(&[FORWARDED, ORIGINAL].concat())] {
            assert_eq!(announced(&headers), Ok(Some(wanted.clone())));
        }
        assert_eq!(announced(&map(&[("x-forwarded-host", "a.example")])), Ok(None));
        for (name, value) in
            [("x-original-method", "GET"), ("x-original-uri", "/b"), ("x-original-host", "b.example")]
        {
            let mut headers = map(&[FORWARDED, ORIGINAL].concat());
            headers.insert(name, HeaderValue::from_static(value));
            assert_eq!(announced(&headers), Err(CONTRADICTION), "{name}");
        }
    }

    #[test]
    fn a_family_is_whole_and_said_once() {
        for pair in FORWARDED {
            let (name, _) = pair;
            let without: Vec<_> = FORWARDED.into_iter().filter(|other| *other != pair).collect();
            assert!(announced(&map(&without)).is_err(), "{name}");
            let twice = [FORWARDED.as_slice(), &[pair]].concat();
            assert!(announced(&map(&twice)).is_err(), "{name}");
        }
    }

    #[test]
    fn aliases_are_seen() {
        for name in ["x_forwarded_uri", "x-forwarded_method", "x.claviger.account", "x-original_uri"] {
            assert!(has_alias(&map(&[(name, "1")])), "{name}");
        }
        assert!(!has_alias(&map(&[
            ("x-claviger-account", "1"),
            ("snake_case", "1"),
            ("x-forwarded-uri", "/")
        ])));
    }
}
