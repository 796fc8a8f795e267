//! What happens to headers on their way through, whatever the judge says.
//!
//! Names are compared as some upstreams will: in lower case, with `_` and `.` read as `-`.

use std::net::IpAddr;

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::uri::Authority;

use crate::seam::Protocol;

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// What happens to a header that was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It goes on, or is overwritten in any case.
    Keep,
    /// It ends here: one of [`COMMON`], by place.
    Common(u8),
    /// It ends here.
    Drop,
}

/// Names that are dropped often: removing them needs no list.
const COMMON: [HeaderName; 6] = [
    header::AUTHORIZATION,
    header::CONNECTION,
    header::TRANSFER_ENCODING,
    header::EXPECT,
    header::UPGRADE,
    header::TE,
];

/// The fate of a header of a request.
fn going_up(name: &str) -> Fate {
    match name {
        "authorization" => Fate::Common(0),
        "connection" => Fate::Common(1),
        "transfer-encoding" => Fate::Common(2),
        "expect" => Fate::Common(3),
        "upgrade" => Fate::Common(4),
        "te" => Fate::Common(5),
        "host" | "content-length" | "x-request-id" | "x-forwarded-for" | "x-forwarded-host"
        | "x-forwarded-proto" => Fate::Keep,
        "keep-alive"
        | "proxy-connection"
        | "proxy-authorization"
        | "proxy-authenticate"
        | "http2-settings"
        | "forwarded"
        | "x-real-ip"
        | "true-client-ip"
        | "client-ip"
        | "x-client-ip"
        | "remote-user"
        | "x-remote-user"
        // Upstreams that obey these would see another path or method than was judged, or send through a caller's proxy.
        | "proxy"
        | "x-original-url"
        | "x-rewrite-url"
        | "x-http-method"
        | "x-http-method-override"
        | "x-method-override" => Fate::Drop,
        _ if is_family(name) => Fate::Drop,
        _ if name.bytes().any(|byte| matches!(byte, b'_' | b'.')) => alias(name),
        _ => Fate::Keep,
    }
}

/// Whose names are the gateway's to give.
fn is_family(name: &str) -> bool {
    name.starts_with("x-") && (name.starts_with("x-claviger") || name.starts_with("x-forwarded"))
}

/// A name that some upstreams read as another one shares that one's fate; as the gateway sets only the proper name,
/// an alias of what it sets is dropped.
fn alias(name: &str) -> Fate {
    let proper = name.replace(['_', '.'], "-");
    let own = matches!(proper.as_str(), "host" | "content-length" | "x-request-id") || is_family(&proper);
    if own || going_up(&proper) != Fate::Keep { Fate::Drop } else { Fate::Keep }
}

/// The fate of a header of an answer.
fn going_down(name: &str) -> Fate {
    match name {
        "connection" => Fate::Common(1),
        "transfer-encoding" => Fate::Common(2),
        "upgrade" => Fate::Common(4),
        "keep-alive" | "proxy-connection" | "proxy-authenticate" | "te" => Fate::Drop,
        _ if name.starts_with("x-claviger") => Fate::Drop,
        _ => Fate::Keep,
    }
}

/// Removes what ends here, and what `Connection` names (RFC 9110 section 7.6.1).
fn sweep(headers: &mut HeaderMap, fate: fn(&str) -> Fate) {
    let (mut common, mut others) = (0u8, Vec::new());
    for name in headers.keys() {
        match fate(name.as_str()) {
            Fate::Keep => {}
            Fate::Common(place) => common |= 1 << place,
            Fate::Drop => others.push(name.clone()),
        }
    }
    if common & 0b10 != 0 {
        others.extend(named_by_connection(headers));
    }
    for (place, name) in COMMON.iter().enumerate() {
        if common & (1 << place) != 0 {
            headers.remove(name);
        }
    }
    for name in others {
        headers.remove(name);
    }
}

/// What `Connection` says often and means no header by, and headers that it does not take away: a request was judged by
/// them, and has to arrive as it was judged.
const NEVER_NAMED: [&str; 8] =
    ["close", "keep-alive", "upgrade", "te", "accept", "content-length", "content-type", "host"];

fn named_by_connection(headers: &HeaderMap) -> Vec<HeaderName> {
    let values = headers.get_all(header::CONNECTION).into_iter().filter_map(|value| value.to_str().ok());
    let names = values.flat_map(|value| value.split(',')).map(str::trim);
    names
        .filter(|name| !NEVER_NAMED.iter().any(|kept| name.eq_ignore_ascii_case(kept)))
        .filter_map(|name| HeaderName::from_bytes(name.as_bytes()).ok())
        .collect()
}

/// Whether a list header holds this token.
pub(crate) fn lists(headers: &HeaderMap, name: HeaderName, token: &str) -> bool {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|item| item.trim().eq_ignore_ascii_case(token))
}

/// What the gateway says about a request that goes up.
#[derive(Debug)]
pub(crate) struct Said<'a> {
    /// The request id.
    pub(crate) id: &'a HeaderValue,
    /// The client's address.
    pub(crate) client: IpAddr,
    /// How the caller came.
    pub(crate) protocol: Protocol,
    /// The authority of the request's target, for a request without `Host`.
    pub(crate) authority: Option<&'a Authority>,
    /// The upstream's host.
    pub(crate) host: &'a HeaderValue,
    /// The protocol that the connection is to be upgraded to.
    pub(crate) upgrade: Option<HeaderValue>,
}

/// Rewrites a request's headers in place.
pub(crate) fn send_up(headers: &mut HeaderMap, said: Said<'_>) {
    let trailers = headers.contains_key(header::TE) && lists(headers, header::TE, "trailers");
    sweep(headers, going_up);
    let asked = headers.insert(header::HOST, said.host.clone());
    let asked = asked.or_else(|| said.authority.and_then(|name| HeaderValue::from_str(name.as_str()).ok()));
    match asked {
        Some(host) => headers.insert(FORWARDED_HOST, host),
        None => headers.remove(FORWARDED_HOST),
    };
    headers.insert(FORWARDED_FOR, address(said.client));
    headers.insert(FORWARDED_PROTO, HeaderValue::from_static(said.protocol.as_str()));
    headers.insert(REQUEST_ID, said.id.clone());
    if trailers {
        headers.insert(header::TE, HeaderValue::from_static("trailers"));
        headers.insert(header::CONNECTION, HeaderValue::from_static("te"));
    }
    if let Some(upgrade) = said.upgrade {
        headers.insert(header::UPGRADE, upgrade);
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    }
}

/// Removes headers by name, and those that an upstream may read as them.
pub(crate) fn remove(headers: &mut HeaderMap, names: &[HeaderName]) {
    if names.is_empty() {
        return;
    }
    let meant = |found: &&HeaderName| names.iter().any(|name| is_alias(found.as_str(), name.as_str()));
    let found: Vec<_> = headers.keys().filter(meant).cloned().collect();
    for name in found {
        headers.remove(name);
    }
}

/// Whether two names in lower case are one to an upstream that reads `_` and `.` as `-`.
fn is_alias(one: &str, other: &str) -> bool {
    let read = |byte: u8| if matches!(byte, b'_' | b'.') { b'-' } else { byte };
    one.len() == other.len() && one.bytes().map(read).eq(other.bytes().map(read))
}

/// Rewrites an answer's headers in place.
pub(crate) fn send_down(headers: &mut HeaderMap, id: HeaderValue) {
    sweep(headers, going_down);
    headers.insert(REQUEST_ID, id);
}

/// Takes from trailers what no trailer may say (RFC 9110 section 6.5.1), and what only the gateway says.
pub(crate) fn clean_trailers(trailers: &mut HeaderMap) {
    sweep(trailers, |name| match name {
        "host" | "content-length" | "x-request-id" | "trailer" => Fate::Drop,
        _ if is_family(name) => Fate::Drop,
        _ => going_up(name),
    });
}

/// HTTP/2 may split `Cookie`, which HTTP/1.1 may not (RFC 9113 section 8.2.3).
pub(crate) fn join_cookies(headers: &mut HeaderMap) {
    if headers.get_all(header::COOKIE).into_iter().nth(1).is_none() {
        return;
    }
    let crumbs: Vec<_> = headers.get_all(header::COOKIE).into_iter().map(HeaderValue::as_bytes).collect();
    let joined = crumbs.join(&b"; "[..]);
    if let Ok(value) = HeaderValue::from_bytes(&joined) {
        headers.insert(header::COOKIE, value);
    }
}

fn address(address: IpAddr) -> HeaderValue {
    // An address is always a good value.
    HeaderValue::try_from(address.to_string()).unwrap_or_else(|_| HeaderValue::from_static("unknown"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (HeaderName::try_from(*name).unwrap(), HeaderValue::try_from(*value).unwrap())
            })
            .collect()
    }

    fn sent_up(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut headers = map(pairs);
        let said = Said {
            id: &HeaderValue::from_static("req_1"),
            client: [192, 0, 2, 7].into(),
            protocol: Protocol::Https,
            authority: None,
            host: &HeaderValue::from_static("up.example"),
            upgrade: None,
        };
        send_up(&mut headers, said);
        let mut all: Vec<_> = headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        all.sort();
        all
    }

    fn own() -> Vec<(String, String)> {
        [
            ("host", "up.example"),
            ("x-forwarded-for", "192.0.2.7"),
            ("x-forwarded-host", "api.example"),
            ("x-forwarded-proto", "https"),
            ("x-request-id", "req_1"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    }

    #[test]
    fn nothing_of_the_gateways_own_can_be_brought_along() {
        let mut pairs = vec![("host", "api.example")];
        let forged = [
            "authorization",
            "proxy-authorization",
            "x-claviger-account",
            "x_claviger_account",
            "x.claviger.account",
            "x-claviger_account",
            "x-forwarded-for",
            "x_forwarded_for",
            "x-forwarded-port",
            "x.forwarded.port",
            "x-forwarded-proto",
            "x-forwarded-host",
            "x-forwarded",
            "x-request-id",
            "x_request_id",
            "forwarded",
            "x-real-ip",
            "x_real_ip",
            "content_length",
            "transfer_encoding",
            "proxy_authorization",
            "keep-alive",
            "te",
            "expect",
            "upgrade",
            "proxy-connection",
            "http2-settings",
            "true-client-ip",
            "true_client_ip",
            "client-ip",
            "x-client-ip",
            "x.client.ip",
            "remote-user",
            "remote_user",
            "x-remote-user",
            "proxy",
            "x-original-url",
            "x-rewrite-url",
            "x-http-method",
            "x-http-method-override",
            "x_http_method_override",
            "x-method-override",
            "x-claviger",
        ];
        pairs.extend(forged.map(|name| (name, "forged")));
        assert_eq!(sent_up(&pairs), own());
    }

    #[test]
    fn what_is_to_be_removed_goes_in_every_spelling() {
        let names = ["x-api-key", "x_api_key", "x.api-key", "x-api-key-id", "xapikey"];
        let mut headers = map(&names.map(|name| (name, "secret")));
        remove(&mut headers, &[]);
        assert_eq!(headers.len(), 5);
        remove(&mut headers, &[HeaderName::from_static("x-api-key")]);
        let mut kept: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        kept.sort_unstable();
        assert_eq!(kept, ["x-api-key-id", "xapikey"]);
    }

    #[test]
    fn connection_takes_nothing_away_that_a_request_was_judged_by() {
        let kept = sent_up(&[
            ("host", "api.example"),
            ("connection", "Content-Type, accept,host, content-length"),
            ("accept", "application/json"),
            ("content-type", "application/json"),
            ("content-length", "2"),
        ]);
        let mut expected = own();
        expected.extend(
            [("accept", "application/json"), ("content-type", "application/json"), ("content-length", "2")]
                .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        expected.sort();
        assert_eq!(kept, expected);
    }

    #[test]
    fn what_connection_names_ends_here_but_not_what_the_gateway_sets() {
        let kept = sent_up(&[
            ("host", "api.example"),
            ("connection", "close, X-Hop"),
            ("connection", "x-forwarded-for"),
            ("x-hop", "1"),
        ]);
        assert_eq!(kept, own());
    }

    #[test]
    fn other_headers_go_on() {
        let kept = sent_up(&[
            ("host", "api.example"),
            ("accept", "a/b"),
            ("snake_case", "1"),
            ("te", "gzip, trailers"),
        ]);
        for (name, value) in
            [("accept", "a/b"), ("snake_case", "1"), ("te", "trailers"), ("connection", "te")]
        {
            assert!(kept.contains(&(name.into(), value.into())), "{name}");
        }
    }

    #[test]
    fn answers_lose_their_hops_and_claims() {
        let mut headers = map(&[
            ("connection", "x-hop"),
            ("x-hop", "1"),
            ("keep-alive", "timeout=5"),
            ("x-claviger-account", "1"),
            ("etag", "x"),
            ("x-request-id", "theirs"),
        ]);
        send_down(&mut headers, HeaderValue::from_static("ours"));
        assert_eq!(headers, map(&[("etag", "x"), ("x-request-id", "ours")]));
    }

    #[test]
    fn trailers_say_nothing_about_framing_or_identity() {
        let mut headers = map(&[
            ("digest", "x"),
            ("x-claviger-account", "1"),
            ("content-length", "1"),
            ("x-request-id", "1"),
        ]);
        clean_trailers(&mut headers);
        assert_eq!(headers, map(&[("digest", "x")]));
    }

    #[test]
    fn cookies_are_joined() {
        let mut headers = map(&[("cookie", "a=1"), ("cookie", "b=2")]);
        join_cookies(&mut headers);
        assert_eq!(headers, map(&[("cookie", "a=1; b=2")]));
    }
}
