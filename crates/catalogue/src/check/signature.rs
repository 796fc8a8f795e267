//! Signed requests, and the key pairs that sign them.

use claviger_model::{ApiPolicy, CredentialKind, FieldName, Scheme, SignatureForm, SignatureRules, Span};

use super::lists::{Unique, check_some};
use crate::cursor::Cursor;
use crate::mistake::Found;

const WINDOW: [Span; 2] = [Span::from_secs(1), Span::from_secs(3600)];
const MOST_BODY: u32 = 64 << 20;

/// Headers in which a signed request says something else than a key.
const OF_SIGNATURES: [&str; 4] = ["digest", "signature", "signature-input", "x-date"];
/// The same, in the plain form.
const OF_PLAIN: [&str; 4] = ["x-api-key", "x-timestamp", "x-nonce", "x-signature"];

/// What must hold in a policy that takes signed requests, or has key pairs. `at` is the policy.
pub(super) fn check_signatures(policy: &ApiPolicy, at: Cursor<'_>, found: &mut Found<'_>) {
    let rules = policy.schemes.iter().find_map(|scheme| match scheme {
        Scheme::Signature(rules) => Some(rules),
        _ => None,
    });
    for (at, scheme) in at.field("schemes").each(&policy.schemes) {
        match (scheme, rules) {
            (Scheme::Signature(rules), _) => check_rules(rules, at, found),
            (Scheme::Header { name }, Some(rules)) => {
                check_other_header(name, rules, at.field("name"), found);
            }
            _ => {}
        }
    }
    check_kinds(policy, at, found);
}

fn check_rules(rules: &SignatureRules, at: Cursor<'_>, found: &mut Found<'_>) {
    let (forms, algorithms) = (at.field("forms"), at.field("algorithms"));
    check_some(&rules.forms, "form", forms, found);
    let mut seen = Unique::new("form");
    forms.each(&rules.forms).for_each(|(at, form)| seen.check(form.as_str(), at, found));
    check_some(&rules.algorithms, "algorithm", algorithms, found);
    let mut seen = Unique::new("algorithm");
    algorithms.each(&rules.algorithms).for_each(|(at, algorithm)| seen.check(algorithm.as_str(), at, found));
    if rules.window < WINDOW[0] || rules.window > WINDOW[1] {
        let message = "the window of signatures is a second at least and an hour at most";
        found.add_with_help(at.field("window").place(), message, "such as `5m`");
    }
    if !(1..=MOST_BODY).contains(&rules.body_bytes) {
        let message = format!("a signed body has 1 to {MOST_BODY} bytes at most");
        found.add_with_help(at.field("body_bytes").place(), &message, "such as `1048576`");
    }
    if let Some(tag) = &rules.tag {
        check_tag(tag, at.field("tag"), found);
    }
}

/// It stands in a quoted string (RFC 8941 section 3.3.3) without escapes.
fn check_tag(tag: &str, at: Cursor<'_>, found: &mut Found<'_>) {
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    if !(1..=64).contains(&tag.len()) || !tag.bytes().all(plain) {
        let message = "a tag has 1 to 64 visible ASCII characters, without `\"` and `\\`";
        found.add_with_help(at.place(), message, "such as `example-api`");
    }
}

/// A header that carries keys must not be one that signed requests carry too.
fn check_other_header(name: &FieldName, rules: &SignatureRules, at: Cursor<'_>, found: &mut Found<'_>) {
    // As some upstreams read it.
    let lower = name.as_str().to_ascii_lowercase().replace(['_', '.'], "-");
    let plain = rules.forms.contains(&SignatureForm::Plain) && OF_PLAIN.contains(&lower.as_str());
    if plain || OF_SIGNATURES.contains(&lower.as_str()) {
        let message =
            format!("the header `{name}` would be read in two ways: as a key, and as part of a signature");
        let help = if plain { "another name, or `forms` without `plain`" } else { "another name" };
        found.add_with_help(at.place(), &message, help);
    }
}

/// Each kind of credential needs a way to be presented, and signatures need someone who can sign.
fn check_kinds(policy: &ApiPolicy, at: Cursor<'_>, found: &mut Found<'_>) {
    let signs = |scheme: &Scheme| matches!(scheme, Scheme::Signature(_));
    let (signed, presented) =
        (policy.schemes.iter().any(signs), policy.schemes.iter().any(|scheme| !signs(scheme)));
    for (at, key_type) in at.field("key_types").each(&policy.key_types) {
        match key_type.kind {
            CredentialKind::KeyPair if !signed => found.add_with_help(
                at.field("kind").place(),
                "no scheme of this API takes what a key pair signs",
                "add `scheme: signature`",
            ),
            CredentialKind::ApiKey if signed && !presented => found.add_with_help(
                at.field("kind").place(),
                "the API takes signatures only, and this is no key pair",
                "write `kind: key_pair`, or add another scheme",
            ),
            _ => {}
        }
    }
    let pairs = policy.key_types.iter().any(|key_type| key_type.kind == CredentialKind::KeyPair);
    let mut schemes = at.field("schemes").each(&policy.schemes);
    if let Some((at, _)) = schemes.find(|(_, scheme)| signs(scheme)).filter(|_| !pairs) {
        let help = "a key type with `kind: key_pair`";
        found.add_with_help(at.field("scheme").place(), "no key type of this API can sign", help);
    }
}
