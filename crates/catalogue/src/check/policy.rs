use claviger_model::{ApiPolicy, Editable, FieldName, KeyPrefix, Scheme, Span};

use super::lists::{Unique, check_some};
use super::signature::check_signatures;
use super::texts::{check_media_type, check_method, check_name};
use crate::cursor::Cursor;
use crate::mistake::Found;

/// What services' tokens and the ids of things begin with.
const TAKEN_PREFIXES: [&str; 5] = ["acc", "key", "req", "svc", "usr"];

const SHORTEST_WINDOW: Span = Span::from_secs(60);

/// What must hold in one API's policy; the prefix is checked across APIs elsewhere.
pub(crate) fn check_policy(policy: &ApiPolicy, at: Cursor<'_>, found: &mut Found<'_>) {
    check_prefix(&policy.prefix, at.field("prefix"), found);
    check_schemes(policy, at.field("schemes"), found);
    check_formats(policy, at.field("formats"), found);
    check_key_types(policy, at.field("key_types"), found);
    check_signatures(policy, at, found);
    check_all(&policy.methods, "method", check_method, at.field("methods"), found);
    check_all(
        &policy.request_media_types,
        "media type",
        check_media_type,
        at.field("request_media_types"),
        found,
    );
    check_editable(&policy.editable, at.field("editable"), found);
    check_numbers(policy, at, found);
}

fn check_prefix(prefix: &KeyPrefix, at: Cursor<'_>, found: &mut Found<'_>) {
    if TAKEN_PREFIXES.contains(&prefix.as_str()) {
        let message = format!("the key prefix `{prefix}` is taken: tokens of services or ids begin with it");
        found.add_with_help(at.place(), &message, "choose another");
    }
}

fn check_editable(editable: &[Editable], at: Cursor<'_>, found: &mut Found<'_>) {
    let mut seen = Unique::new("editable part");
    for (at, part) in at.each(editable) {
        seen.check(part.as_str(), at, found);
    }
}

fn check_schemes(policy: &ApiPolicy, at: Cursor<'_>, found: &mut Found<'_>) {
    check_some(&policy.schemes, "scheme", at, found);
    let mut schemes = Unique::new("scheme");
    for (at, scheme) in at.each(&policy.schemes) {
        schemes.check(scheme.name(), at.field("scheme"), found);
        if let Scheme::Header { name } = scheme {
            check_key_header(name, at.field("name"), found);
        }
    }
}

/// Headers with a meaning of their own between caller, gateway and upstream. Names that begin like the last five are
/// taken as well.
const TAKEN: [&str; 25] = [
    "accept",
    "authorization",
    "connection",
    "cookie",
    "date",
    "expect",
    "forwarded",
    "host",
    "http2-settings",
    "keep-alive",
    "origin",
    "proxy",
    "range",
    "realm",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-real-ip",
    "x-request-id",
    "accept-",
    "content-",
    "proxy-",
    "x-claviger",
    "x-forwarded",
];
const BEGINNINGS: usize = 5;

/// A key in such a header would be lost, or the header with it.
fn check_key_header(name: &FieldName, at: Cursor<'_>, found: &mut Found<'_>) {
    // As some upstreams read it.
    let lower = name.as_str().to_ascii_lowercase().replace(['_', '.'], "-");
    let (names, beginnings) = TAKEN.split_at(TAKEN.len() - BEGINNINGS);
    if names.contains(&lower.as_str()) || beginnings.iter().any(|start| lower.starts_with(start)) {
        let message = format!("the header `{name}` has a meaning of its own");
        found.add_with_help(at.place(), &message, "such as `X-API-Key`");
    }
}

fn check_formats(policy: &ApiPolicy, at: Cursor<'_>, found: &mut Found<'_>) {
    check_some(&policy.formats, "format", at, found);
    let mut formats = Unique::new("format");
    for (at, format) in at.each(&policy.formats) {
        let name = format.media_type().trim_start_matches("application/");
        formats.check(name, at, found);
    }
}

fn check_key_types(policy: &ApiPolicy, at: Cursor<'_>, found: &mut Found<'_>) {
    check_some(&policy.key_types, "key type", at, found);
    let mut slugs = Unique::new("key type");
    for (at, key_type) in at.each(&policy.key_types) {
        slugs.check(key_type.slug.as_str(), at.field("slug"), found);
        check_name(&key_type.name, at.field("name"), found);
    }
}

type Check = fn(&str, Cursor<'_>, &mut Found<'_>);

fn check_all(texts: &[String], what: &'static str, check: Check, at: Cursor<'_>, found: &mut Found<'_>) {
    let mut seen = Unique::new(what);
    for (at, text) in at.each(texts) {
        check(text, at, found);
        seen.check(text, at, found);
    }
}

fn check_range(whose: &str, what: &str, (min, max): (u16, u16), at: Cursor<'_>, found: &mut Found<'_>) {
    if min > max {
        let message = format!("{whose} at least {min} and at most {max} {what}, which none can have");
        let help = format!("raise `max` to {min} or more");
        found.add_with_help(at.field("min").place(), &message, &help);
    }
}

fn check_numbers(policy: &ApiPolicy, at: Cursor<'_>, found: &mut Found<'_>) {
    let status = policy.refusals.unauthenticated;
    if !matches!(status, 401 | 403) {
        let at = at.field("refusals").field("unauthenticated");
        found.add(at.place(), &format!("the status of refusals is 401 or 403, not {status}"));
    }
    let (allowlist, owners) = (&policy.allowlist, &policy.owners);
    check_range("an allowlist has", "entries", (allowlist.min, allowlist.max), at.field("allowlist"), found);
    check_range("a key has", "owners", (owners.min, owners.max), at.field("owners"), found);
    if policy.version_mixing.window < SHORTEST_WINDOW {
        let at = at.field("version_mixing").field("window");
        found.add_with_help(at.place(), "the window is shorter than a minute", "write `1m` or longer");
    }
    if policy.max_lifetime == Some(Span::ZERO) {
        found.add_with_help(
            at.field("max_lifetime").place(),
            "the lifetime has to be more than 0",
            "leave it out for no limit",
        );
    }
}
