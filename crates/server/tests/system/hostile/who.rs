//! Credentials that are none, or not good here.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE};

use super::{Keys, LIST, OTHER_ACCOUNT, Row, changed, never_made};
use crate::bed::{ACCOUNT, basic};

pub(super) fn rows(keys: &Keys) -> Vec<Row> {
    [nothing(), unreadable(keys), several(keys), unknown(keys), known(keys), claimed(keys)].concat()
}

fn presenting(name: &str, value: impl AsRef<[u8]>) -> Row {
    Row::new(name, LIST).with("Authorization", value)
}

fn decoded(name: &str, text: impl AsRef<[u8]>) -> Row {
    presenting(name, format!("Basic {}", BASE64_STANDARD.encode(text)))
}

fn refused(rows: impl IntoIterator<Item = Row>, code: &'static str) -> Vec<Row> {
    rows.into_iter().map(|row| row.refused(403, code)).collect()
}

fn nothing() -> Vec<Row> {
    refused(
        [
            Row::new("no credential", LIST),
            Row::new("credential of a proxy", LIST).with("Proxy-Authorization", "Basic eDp5"),
        ],
        "missing_credential",
    )
}

fn unreadable(keys: &Keys) -> Vec<Row> {
    let good = format!("{ACCOUNT}:{}", keys.good.key);
    let encoded = BASE64_STANDARD.encode(&good);
    let rows = [
        presenting("empty", ""),
        presenting("scheme only", "Basic"),
        presenting("scheme and space", "Basic "),
        presenting("no base64", "Basic not-base64!"),
        presenting("base64 with a blank in it", format!("Basic {} {}", &encoded[..20], &encoded[20..])),
        presenting("base64 of URLs", format!("Basic {}", BASE64_URL_SAFE.encode("?>?>:?>?>"))),
        presenting("too much padding", format!("Basic {encoded}==")),
        presenting("bits beyond the end", "Basic eDp5eR=="),
        presenting("bytes that are no ASCII", b"Basic \xff\xfe"),
        presenting("another scheme", format!("Bearer {}", keys.good.key)),
        presenting("no scheme", &keys.good.key),
        presenting("scheme without a blank", format!("Basic{encoded}")),
        presenting("a tab for the blank", format!("Basic\t{encoded}")),
        presenting("a list", format!("Basic {encoded}, Basic {encoded}")),
        presenting("too long for a credential", format!("Basic {}", "QUFB".repeat(200))),
        presenting("too long for a header", format!("Basic {}", "QUFB".repeat(1500))),
        decoded("no colon", "100042"),
        decoded("NUL at the end", format!("{good}\0")),
        decoded("NUL in the account", format!("100042\0:{}", keys.good.key)),
        decoded("line break", format!("{good}\n")),
        decoded("no UTF-8", b"100042:\xc3\x28"),
        decoded("overlong UTF-8", b"100042\xc0\xba:x"),
        decoded("empty key", "100042:"),
        decoded("nothing but a colon", ":"),
        decoded("a word for the key", "100042:password"),
        decoded("last character changed", format!("{ACCOUNT}:{}", changed(&keys.good.key))),
        decoded("last character missing", &good[..good.len() - 1]),
        decoded("one character more", format!("{good}0")),
        decoded("blank after the key", format!("{good} ")),
        decoded("small letters", good.to_ascii_lowercase()),
        decoded("the key twice", format!("{good}:{}", keys.good.key)),
    ];
    let too_much = presenting("too long for the gateway", format!("Basic {}", "QUFB".repeat(10_000)));
    let mut rows = refused(rows, "malformed_credential");
    rows.push(too_much.refused(431, "headers_too_large").closed().http1_only());
    rows
}

fn several(keys: &Keys) -> Vec<Row> {
    let good = keys.good.basic();
    let twice = |name, first: &str, second: &str| presenting(name, first).with("Authorization", second);
    refused(
        [
            twice("the same twice", &good, &good),
            twice("a good one first", &good, "Basic eDp5"),
            twice("a good one last", "Basic eDp5", &good),
            twice("an empty one too", &good, ""),
            twice("another scheme too", &good, "Bearer x"),
            presenting("in other letters", &good).with("AUTHORIZATION", &good),
        ],
        "ambiguous_credential",
    )
}

fn unknown(keys: &Keys) -> Vec<Row> {
    let as_other = |name, account, key: &str| presenting(name, basic(account, key));
    let mut rows = vec![
        as_other("never made", ACCOUNT, &never_made()),
        as_other("right key of the wrong account", OTHER_ACCOUNT, &keys.good.key),
        as_other("another account's key", ACCOUNT, &keys.foreign.key),
        as_other("no account", "", &keys.good.key),
        as_other("blank after the account", "100042 ", &keys.good.key),
        as_other("zero before the account", "0100042", &keys.good.key),
        as_other("an account of no one", "999999", &keys.good.key),
    ];
    rows.extend(keys.refused().map(|(key, code)| as_other(code, OTHER_ACCOUNT, &key.key)));
    refused(rows, "unknown_credential")
}

fn known(keys: &Keys) -> Vec<Row> {
    let with = |line: &str, code, key: &crate::bed::Credential| {
        Row::new(code, line).with("Authorization", key.basic()).refused(403, code)
    };
    let mut rows: Vec<_> = keys.refused().map(|(key, code)| with(LIST, code, key)).to_vec();
    rows.extend([
        with(LIST, "wrong_api", &keys.billing),
        with("GET /billing/v1/invoices", "wrong_api", &keys.good),
        with("GET /billing/v1/invoices", "wrong_environment", &keys.sandbox),
        with("GET /sandbox/billing/v1/invoices", "wrong_environment", &keys.billing),
        with("GET /cloudstore/v1/products", "pending_activation", &keys.pending),
    ]);
    rows
}

/// Nobody is a trusted proxy here: what a caller says of its address changes nothing.
fn claimed(keys: &Keys) -> Vec<Row> {
    let claims = [
        ("X-Forwarded-For", "192.0.2.1"),
        ("Forwarded", "for=192.0.2.1"),
        ("X-Real-IP", "192.0.2.1"),
        ("X-Client-IP", "192.0.2.1"),
        ("True-Client-IP", "192.0.2.1"),
        ("X_Forwarded_For", "192.0.2.1"),
        ("X-Forwarded-For", "nonsense"),
    ];
    let elsewhere = claims.map(|(name, value)| presenting(name, keys.elsewhere.basic()).with(name, value));
    let here = claims.map(|(name, value)| presenting(name, keys.good.basic()).with(name, value));
    [refused(elsewhere, "address_not_allowed"), here.to_vec()].concat()
}
