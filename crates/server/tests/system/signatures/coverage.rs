//! What has to be signed, and is not.

use super::pair::now;
use super::{Draft, Form, Sent, Stage};
use crate::bed::Engine;

/// Each is refused as malformed, with a sentence that has these words.
#[track_caller]
fn are_malformed(stage: &Stage, rows: &[(Sent, &str)]) {
    let mut wrong = Vec::new();
    for (sent, words) in rows {
        let answer = stage.send(sent);
        let problem: serde_json::Value = serde_json::from_str(&answer.text()).unwrap_or_default();
        let detail = problem["detail"].as_str().unwrap_or_default();
        if answer.code() != "malformed_credential" || !detail.contains(words) {
            wrong.push(format!("{words}: {}: {:?}", answer.text(), sent.headers));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(stage.upstream.seen().is_empty());
}

fn with_body(stage: &Stage) -> Draft {
    stage.draft("POST", "/items?a=1").body("{}")
}

#[test]
fn rfc_9421_names_what_is_missing() {
    let stage = Stage::start(Engine::Sqlite);
    let (pair, at) = (stage.pair(), now());
    let whole = format!(";created={at};keyid=\"{}\"", pair.id);
    let covering = |components: &[&str]| with_body(&stage).rfc9421(&pair, components, &whole);
    let saying = |parameters: &str| {
        with_body(&stage).rfc9421(&pair, &["@method", "@target-uri", "content-digest"], parameters)
    };
    are_malformed(
        &stage,
        &[
            (covering(&["@target-uri", "content-digest"]), "@method"),
            (covering(&["@method", "content-digest"]), "@target-uri"),
            (covering(&["@method", "@path", "@query", "content-digest"]), "@authority"),
            (covering(&["@method", "@authority", "@path", "content-digest"]), "@query"),
            (covering(&["@method", "@target-uri"]), "content-digest"),
            (covering(&[]), "@method"),
            (saying(&format!(";keyid=\"{}\"", pair.id)), "created"),
            (saying(&format!(";created={at}")), "keyid"),
            (saying(&format!(";created=\"{at}\";keyid=\"{}\"", pair.id)), "created"),
            (covering(&["@method", "@target-uri", "content-digest", "x-absent"]), "header `x-absent`"),
            (saying(&whole).without("Content-Digest"), "`content-digest`"),
            (saying(&whole).without("Signature"), "Signature"),
            (saying(&whole).without("Signature-Input"), "Signature-Input"),
        ],
    );
}

#[test]
fn kongs_form_names_what_is_missing() {
    let stage = Stage::start(Engine::Sqlite);
    let pair = stage.pair();
    let signing = |names: &[&str]| with_body(&stage).cavage(&pair, names, "hmac-sha512");
    let whole = || signing(&["date", "request-line", "digest"]);
    let cut = |from: &'static str| {
        let mut sent = whole();
        sent.edit("authorization", |value| value.replace(from, "other="));
        sent
    };
    are_malformed(
        &stage,
        &[
            (signing(&["request-line", "digest"]), "date"),
            (signing(&["date", "digest"]), "request-line"),
            (signing(&["date", "request-line"]), "digest"),
            (signing(&["date", "request-line", "digest", "x-absent"]), "header `x-absent`"),
            (whole().without("Date"), "`date`, which the signature covers, is not in the request"),
            (whole().without("Digest"), "`digest`"),
            (cut("username="), "username"),
            (cut("algorithm="), "algorithm"),
            (cut("headers="), "headers"),
            (cut("signature="), "signature"),
        ],
    );
}

#[test]
fn the_plain_form_names_what_is_missing() {
    let stage = Stage::start(Engine::Sqlite);
    let pair = stage.pair();
    let whole = || with_body(&stage).sign(&pair, Form::Plain);
    let names = ["X-API-Key", "X-Timestamp", "X-Nonce", "X-Signature"];
    let mut rows: Vec<_> = names.map(|name| (whole().without(name), name)).into();
    for (name, value) in [("X-Nonce", "short"), ("X-Timestamp", "soon"), ("X-Signature", "xyz")] {
        rows.push((whole().without(name).with(name, value), name));
    }
    are_malformed(&stage, &rows);
}

#[test]
fn no_signature_is_missing_and_two_are_ambiguous() {
    let stage = Stage::start(Engine::Sqlite);
    let pair = stage.pair();
    assert_eq!(stage.code(&with_body(&stage).unsigned()), "missing_credential");
    let signed = |form| with_body(&stage).sign(&pair, form);
    for (one, other) in
        [(Form::Rfc9421, Form::Cavage), (Form::Cavage, Form::Plain), (Form::Plain, Form::Rfc9421)]
    {
        let both = signed(other).headers.into_iter();
        let both = both.fold(signed(one), |sent, (name, value)| sent.with(&name, &value));
        assert_eq!(stage.code(&both), "ambiguous_credential", "{one:?} and {other:?}");
    }
    let bearer = signed(Form::Plain).with("Authorization", &format!("Bearer {}", pair.secret));
    assert_eq!(stage.code(&bearer), "ambiguous_credential");
    let authorization = signed(Form::Cavage).header("authorization").expect("it is signed").to_owned();
    for name in ["Authorization", "Proxy-Authorization"] {
        assert_eq!(stage.code(&signed(Form::Cavage).with(name, &authorization)), "ambiguous_credential");
    }
    let moved = signed(Form::Cavage);
    let value = moved.header("authorization").expect("it is signed").to_owned();
    assert_eq!(stage.code(&moved.without("authorization").with("Proxy-Authorization", &value)), "200");
    assert_eq!(stage.upstream.seen().len(), 1);
}

/// The other ways to name the target, and the date of clients that may not set `Date`.
#[test]
fn every_way_to_sign_enough_is_taken() {
    let stage = Stage::start(Engine::Sqlite);
    let (pair, at) = (stage.pair(), now());
    let parameters = format!(";created={at};keyid=\"{}\"", pair.id);
    let parts = ["content-digest", "@query", "@path", "@authority", "@method"];
    assert_eq!(stage.code(&with_body(&stage).rfc9421(&pair, &parts, &parameters)), "200");
    let no_query = stage.draft("GET", "/items").rfc9421(&pair, &["@method", "@target-uri"], &parameters);
    assert_eq!(stage.code(&no_query), "200");
    for target in ["request-line", "@request-target", "(request-target)"] {
        let x_date = httpdate::fmt_http_date(std::time::UNIX_EPOCH + std::time::Duration::from_secs(at));
        let draft = with_body(&stage).header("x-date", &x_date);
        let signed = draft.cavage(&pair, &["x-date", target, "digest"], "hmac-sha512").without("Date");
        assert_eq!(stage.code(&signed), "200", "{target}");
        let mut original = draft.cavage(&pair, &["date", target, "digest"], "hmac-sha512");
        original.edit("authorization", |value| {
            value.replace("hmac username=", "Signature keyId=").replace(", ", ",")
        });
        assert_eq!(stage.code(&original), "200", "{target}");
    }
}
