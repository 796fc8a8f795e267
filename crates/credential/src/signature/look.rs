use claviger_model::{Scheme, SignatureForm, SignatureRules};
use http::header::{AUTHORIZATION, HeaderMap, HeaderValue, PROXY_AUTHORIZATION};

use super::{Claim, cavage, plain, rfc9421};
use crate::NotPresented;
use crate::places::Places;
use crate::present::{Answer, Presented};

/// Whether the request is signed, in one of the forms that are taken. Two signatures are one too many.
pub(crate) fn look<'r, 's>(
    scheme: &'s Scheme,
    rules: &SignatureRules,
    places: &mut Places<'r>,
) -> Answer<'r, 's> {
    let mut found = None;
    for answer in
        [rfc9421::look(rules, places.headers()), in_authorization(rules, places), in_plain(rules, places)]
    {
        if answer.is_some() && found.is_some() {
            return Some(Err(NotPresented::Ambiguous));
        }
        found = found.or(answer);
    }
    found.map(|claim| claim.map(|claim| Presented::signed(scheme, claim)))
}

/// Whether a request looks signed in one of the forms that are taken: what it would be refused without its body for.
/// Nothing of it is read.
#[must_use]
pub fn looks_signed(rules: &SignatureRules, headers: &HeaderMap) -> bool {
    let begins = |name, word: &str| {
        let value: Option<&HeaderValue> = headers.get(name);
        let start = value.and_then(|value| value.as_bytes().get(..word.len()));
        start.is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
    };
    rules.forms.iter().any(|form| match form {
        SignatureForm::Rfc9421 => headers.contains_key(rfc9421::SIGNATURE_INPUT),
        SignatureForm::Cavage => {
            begins(AUTHORIZATION, "hmac ")
                || begins(AUTHORIZATION, "signature ")
                || begins(PROXY_AUTHORIZATION, "hmac ")
        }
        SignatureForm::Plain => headers.contains_key(plain::SIGNATURE),
    })
}

/// What a form says of a request: nothing of its kind is there, or this is claimed.
pub(super) type Found<'r> = Option<Result<Box<Claim<'r>>, NotPresented>>;

fn in_authorization<'r>(rules: &SignatureRules, places: &mut Places<'r>) -> Found<'r> {
    if !rules.forms.contains(&SignatureForm::Cavage) {
        return None;
    }
    let headers = places.headers();
    let mut found = None;
    for word in ["hmac", "signature"] {
        found = found.or_else(|| places.take_authorization(word));
    }
    let proxy = places.proxy_authorization("hmac").transpose();
    match (found, proxy) {
        (None, None) => None,
        (Some(credentials), None) | (None, Some(Ok(credentials))) => {
            Some(cavage::read(credentials, headers).map_err(Into::into))
        }
        (Some(_), Some(_)) | (None, Some(Err(_))) => Some(Err(NotPresented::Ambiguous)),
    }
}

fn in_plain<'r>(rules: &SignatureRules, places: &Places<'r>) -> Found<'r> {
    if rules.forms.contains(&SignatureForm::Plain) { plain::look(places) } else { None }
}

/// The headers besides `Authorization` that carry signatures in these forms.
pub(crate) fn own_headers(rules: &SignatureRules) -> Vec<&'static str> {
    let of = |form: &SignatureForm| -> &'static [&'static str] {
        match form {
            SignatureForm::Rfc9421 => &["signature-input", "signature"],
            SignatureForm::Cavage => &[],
            SignatureForm::Plain => &["x-api-key", "x-timestamp", "x-nonce", "x-signature"],
        }
    };
    rules.forms.iter().flat_map(of).copied().collect()
}

/// The challenge of draft-cavage. RFC 9421 defines none.
pub(crate) fn challenge(realm: &str, rules: &SignatureRules) -> String {
    let words: Vec<_> = rules.algorithms.iter().map(|algorithm| algorithm.as_str()).collect();
    format!("Signature realm={realm}, algorithms=\"{}\"", words.join(" "))
}
