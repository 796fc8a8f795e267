//! A request carries one credential: each way to present one, and each two of them.

use claviger_credential::{NotPresented, present};
use claviger_model::{BasicUser, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;

/// A part of a request that presents a credential.
#[derive(Debug, Clone)]
enum Part {
    Header(&'static str, &'static str),
    Query(&'static str),
}

use Part::{Header, Query};

/// Each way in which a key can be presented, well formed and not.
const PARTS: [Part; 18] = [
    Header("authorization", "Basic YTpr"),
    Header("authorization", "basic !"),
    Header("authorization", "apiToken k"),
    Header("authorization", "APITOKEN"),
    Header("authorization", "Bearer k"),
    Header("authorization", "bearer k k"),
    Header("authorization", "k"),
    Header("authorization", "Unknown k"),
    Header("authorization", ""),
    Header("x-api-key", "k"),
    Header("x-api-key", ""),
    Header("x-api-key", "two words"),
    Query("apiToken=k"),
    Query("api%54oken=k"),
    Query("apiToken=%6B"),
    Query("apiToken="),
    Query("apiToken"),
    Query("apiToken=%ff"),
];

/// How many of the above, from the start, are an Authorization header.
const AUTHORIZATIONS: usize = 9;

fn schemes() -> Vec<Scheme> {
    vec![
        Scheme::Raw {},
        Scheme::Query { name: "apiToken".parse().unwrap() },
        Scheme::Basic { user: BasicUser::KeyId },
        Scheme::Header { name: "X-API-Key".parse().unwrap() },
        Scheme::Bearer {},
        Scheme::ApiToken { word: "apiToken".parse().unwrap() },
    ]
}

fn request(parts: &[&Part]) -> (HeaderMap, String) {
    let mut headers = HeaderMap::new();
    let mut query = vec!["a=1"];
    for part in parts {
        match part {
            Header(name, value) => {
                headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            Query(text) => query.push(text),
        }
    }
    (headers, query.join("&"))
}

fn presented(parts: &[&Part], schemes: &[Scheme]) -> Result<(&'static str, String), NotPresented> {
    let (headers, query) = request(parts);
    present(&headers, Some(&query), schemes).map(|found| (found.scheme.name(), found.secret().to_owned()))
}

#[test]
fn each_is_a_presentation_of_its_scheme() {
    let names = |part: &Part| presented(&[part], &schemes()).map(|(name, secret)| (name, secret == "k")).ok();
    let expected = [
        Some("basic"),
        None,
        Some("api_token"),
        None,
        Some("bearer"),
        None,
        Some("raw"),
        None,
        None,
        Some("header"),
        None,
        None,
        Some("query"),
        Some("query"),
        Some("query"),
        None,
        None,
        None,
    ];
    for (part, expected) in PARTS.iter().zip(expected) {
        assert_eq!(names(part), expected.map(|name| (name, true)), "{part:?}");
        assert_ne!(presented(&[part], &schemes()), Err(NotPresented::Ambiguous), "{part:?}");
    }
}

#[test]
fn every_two_are_ambiguous_in_both_orders() {
    for one in &PARTS {
        for other in &PARTS {
            let found = presented(&[one, other], &schemes());
            assert_eq!(found, Err(NotPresented::Ambiguous), "{one:?} {other:?}");
        }
    }
}

#[test]
fn a_place_that_no_scheme_claims_is_a_presentation_if_it_is_an_authorization_header() {
    let query = [Scheme::Query { name: "apiToken".parse().unwrap() }];
    let one = Query("apiToken=k");
    for other in PARTS.iter().take(AUTHORIZATIONS) {
        assert_eq!(presented(&[&one, other], &query), Err(NotPresented::Ambiguous), "{other:?}");
    }
    for other in PARTS.iter().skip(AUTHORIZATIONS).take(3) {
        assert_eq!(presented(&[&one, other], &query), Ok(("query", "k".to_owned())), "{other:?}");
    }
}

#[test]
fn a_known_word_is_no_raw_key_and_an_unknown_word_is_nobodys() {
    let raw = [Scheme::Raw {}];
    assert_eq!(presented(&[&Header("authorization", "bearer")], &raw), Ok(("raw", "bearer".to_owned())));
    let both = [Scheme::Raw {}, Scheme::Bearer {}];
    assert!(presented(&[&Header("authorization", "bearer")], &both).is_err());
    assert!(presented(&[&Header("authorization", "Bearer k")], &raw).is_err());
    assert!(presented(&[&Header("authorization", "Token k")], &schemes()).is_err());
}

#[test]
fn words_and_names_are_those_that_the_api_chose() {
    let chosen = [
        Scheme::ApiToken { word: "SSWS".parse().unwrap() },
        Scheme::Header { name: "x_key".parse().unwrap() },
        Scheme::Query { name: "api_key".parse().unwrap() },
    ];
    for (part, name) in [
        (Header("authorization", "ssws k"), "api_token"),
        (Header("x_key", "k"), "header"),
        (Query("api%5Fkey=k"), "query"),
    ] {
        assert_eq!(presented(&[&part], &chosen), Ok((name, "k".to_owned())), "{part:?}");
    }
    assert_eq!(
        presented(&[&Query("apiToken=k"), &Header("x-api-key", "k")], &chosen),
        Err(NotPresented::Missing)
    );
}

#[test]
fn nothing_is_shown() {
    for part in &PARTS {
        let (headers, query) = request(&[part]);
        let schemes = [schemes(), vec![]].concat();
        if let Ok(found) = present(&headers, Some(&query), &schemes) {
            assert!(format!("{found:?}").ends_with("credentials: Credentials(…) }"), "{found:?}");
        }
    }
}

proptest! {
    /// Whatever a caller sends and however the policy orders its schemes: two presentations never make one.
    #[test]
    fn the_order_of_schemes_changes_nothing(
        shuffled in Just(schemes()).prop_shuffle(),
        places in proptest::collection::vec(0..PARTS.len(), 0..4),
    ) {
        let parts: Vec<_> = places.iter().map(|place| &PARTS[*place]).collect();
        let found = presented(&parts, &shuffled);
        prop_assert_eq!(&found, &presented(&parts, &schemes()));
        if parts.len() > 1 {
            prop_assert_eq!(found, Err(NotPresented::Ambiguous));
        }
    }

    #[test]
    fn any_request_is_read_or_refused(
        authorization in proptest::option::of("(Basic|apiToken|Bearer|bearer|)[ ,=]{0,2}[ -~]{0,20}"),
        header in proptest::option::of("[ -~]{0,20}"),
        query in "(apiToken|=|&|%6|[a-f0-9%]){0,12}",
    ) {
        let mut headers = HeaderMap::new();
        for (name, value) in [("authorization", &authorization), ("x-api-key", &header)] {
            let value = value.as_ref().and_then(|value| HeaderValue::from_str(value).ok());
            headers.extend(value.map(|value| (HeaderName::from_static(name), value)));
        }
        let schemes = schemes();
        if let Ok(found) = present(&headers, Some(&query), &schemes) {
            prop_assert!(!found.secret().is_empty());
        }
    }
}
