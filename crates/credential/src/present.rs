use std::fmt;

use claviger_model::{Reason, Scheme};
use http::HeaderMap;
use zeroize::Zeroizing;

use crate::basic::{self, BasicCredentials};
use crate::malformed::Malformed;
use crate::places::Places;
use crate::query::{self, Secret};
use crate::{Claim, SignatureFault, api_token, bearer, header, raw, signature};

/// The one credential that a request carries, as it was presented: nothing says yet that it exists. It borrows from
/// the request and from the API's policy.
#[derive(Debug)]
pub struct Presented<'r, 's> {
    /// Which of the accepted schemes it came in.
    pub scheme: &'s Scheme,
    credentials: Credentials<'r>,
}

#[expect(
    clippy::large_enum_variant,
    reason = "it lives on the stack for one decision; a box is an allocation"
)]
enum Credentials<'r> {
    Basic(BasicCredentials),
    Plain(&'r str),
    Decoded(Zeroizing<Vec<u8>>),
    Signed(Box<Claim<'r>>),
}

impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

/// Why a request carries no credential that could be looked up.
#[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NotPresented {
    /// There is none.
    #[error("the request carries no credential")]
    Missing,
    /// There are several, in one place or in different ones. None of them counts.
    #[error("the request carries more than one credential")]
    Ambiguous,
    /// There is one, and it cannot be a credential of the accepted schemes.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

/// What a scheme says of a request: nothing of its kind is there, or this is.
pub(crate) type Answer<'r, 's> = Option<Result<Presented<'r, 's>, NotPresented>>;

impl<'r, 's> Presented<'r, 's> {
    pub(crate) const fn basic(scheme: &'s Scheme, credentials: BasicCredentials) -> Self {
        Self { scheme, credentials: Credentials::Basic(credentials) }
    }

    pub(crate) const fn plain(scheme: &'s Scheme, key: &'r str) -> Self {
        Self { scheme, credentials: Credentials::Plain(key) }
    }

    pub(crate) fn in_query(scheme: &'s Scheme, key: Secret<'r>) -> Self {
        let credentials = match key {
            Secret::AsSent(key) => Credentials::Plain(key),
            Secret::Decoded(key) => Credentials::Decoded(key),
        };
        Self { scheme, credentials }
    }

    pub(crate) fn signed(scheme: &'s Scheme, claim: Box<Claim<'r>>) -> Self {
        Self { scheme, credentials: Credentials::Signed(claim) }
    }

    /// What it proves to be the caller's with.
    #[must_use]
    pub fn proof(&self) -> Proof<'_, 'r> {
        match &self.credentials {
            Credentials::Signed(claim) => Proof::Signature(claim),
            Credentials::Basic(_) | Credentials::Plain(_) | Credentials::Decoded(_) => {
                Proof::Secret(self.secret())
            }
        }
    }

    /// Who the caller claims to be, in the schemes that have a user name.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        match &self.credentials {
            Credentials::Basic(basic) => Some(basic.user()),
            Credentials::Plain(_) | Credentials::Decoded(_) | Credentials::Signed(_) => None,
        }
    }

    /// The secret, such as the key. Empty for a signed request, which presents none.
    #[must_use]
    pub fn secret(&self) -> &str {
        match &self.credentials {
            Credentials::Basic(basic) => basic.password(),
            Credentials::Plain(key) => key,
            Credentials::Signed(_) => "",
            // It is ASCII, as was seen when it was decoded.
            Credentials::Decoded(key) => str::from_utf8(key).unwrap_or_default(),
        }
    }
}

/// What a caller proves with that a credential is theirs.
#[derive(Debug)]
pub enum Proof<'p, 'r> {
    /// The secret itself.
    Secret(&'p str),
    /// What was signed with it.
    Signature(&'p Claim<'r>),
}

impl From<SignatureFault> for NotPresented {
    fn from(fault: SignatureFault) -> Self {
        Self::Malformed(fault.into())
    }
}

impl From<NotPresented> for Reason {
    fn from(not: NotPresented) -> Self {
        match not {
            NotPresented::Missing => Self::MissingCredential,
            NotPresented::Ambiguous => Self::AmbiguousCredential,
            NotPresented::Malformed(_) => Self::MalformedCredential,
        }
    }
}

/// Finds the credential of a request to an API that accepts these schemes. Allocates nothing, unless a key in the
/// query is percent-encoded.
///
/// Every accepted scheme is asked. Two answers are one too many, well formed or not and in whatever order and place
/// they come; so is an Authorization header of an unknown kind beside a credential elsewhere.
///
/// # Errors
/// [`NotPresented`] unless there is exactly one credential and it is well formed.
pub fn present<'r, 's>(
    headers: &'r HeaderMap,
    query: Option<&'r str>,
    schemes: &'s [Scheme],
) -> Result<Presented<'r, 's>, NotPresented> {
    let mut places = Places::of(headers, query)?;
    let mut found: Answer<'r, 's> = None;
    // What one scheme knows by its word is no raw key, wherever the policy lists the two.
    let raw = |scheme: &&Scheme| matches!(scheme, Scheme::Raw {});
    let others = schemes.iter().filter(|scheme| !raw(scheme));
    for scheme in others.chain(schemes.iter().filter(raw)) {
        add(&mut found, ask(scheme, &mut places))?;
    }
    add(&mut found, places.untaken().map(|why| Err(why.into())))?;
    found.unwrap_or(Err(NotPresented::Missing))
}

fn add<'r, 's>(found: &mut Answer<'r, 's>, answer: Answer<'r, 's>) -> Result<(), NotPresented> {
    match (&found, answer) {
        (_, None) => {}
        (None, answer) => *found = answer,
        (Some(_), Some(_)) => return Err(NotPresented::Ambiguous),
    }
    Ok(())
}

fn ask<'r, 's>(scheme: &'s Scheme, places: &mut Places<'r>) -> Answer<'r, 's> {
    match scheme {
        Scheme::Basic { .. } => basic::look(scheme, places),
        Scheme::ApiToken { word } => api_token::look(scheme, word.as_str(), places),
        Scheme::Query { name } => query::look(scheme, name.as_str(), places),
        Scheme::Raw {} => raw::look(scheme, places),
        Scheme::Bearer {} => bearer::look(scheme, places),
        Scheme::Header { name } => header::look(scheme, name.as_str(), places),
        Scheme::Signature(rules) => signature::look(scheme, rules, places),
    }
}

#[cfg(test)]
mod tests {
    use claviger_model::BasicUser;
    use http::header::AUTHORIZATION;
    use http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    use super::*;

    const BASIC: [Scheme; 1] = [Scheme::Basic { user: BasicUser::AccountNumber }];
    const ALADDIN: &str = "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==";

    fn headers(values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (AUTHORIZATION, HeaderValue::from_str(value).unwrap())).collect()
    }

    fn presented(value: &str) -> Result<(String, String), NotPresented> {
        let headers = headers(&[value]);
        let presented = present(&headers, None, &BASIC)?;
        Ok((presented.user().unwrap_or_default().to_owned(), presented.secret().to_owned()))
    }

    fn malformed(value: &str) -> Malformed {
        match presented(value) {
            Err(NotPresented::Malformed(malformed)) => malformed,
            other => panic!("{value}: {other:?}"),
        }
    }

    #[test]
    fn the_word_may_be_in_any_case_and_any_number_of_spaces_follows() {
        let aladdin = Ok(("Aladdin".to_owned(), "open sesame".to_owned()));
        for word in ["Basic ", "basic ", "BASIC ", "bAsIc     "] {
            assert_eq!(presented(&format!("{word}QWxhZGRpbjpvcGVuIHNlc2FtZQ==")), aladdin, "{word}");
        }
    }

    #[test]
    fn the_scheme_is_the_accepted_one() {
        let schemes = [Scheme::Basic { user: BasicUser::KeyId }];
        let headers = headers(&[ALADDIN]);
        let found = present(&headers, None, &schemes).unwrap();
        assert_eq!(found.scheme, &schemes[0]);
        assert!(!format!("{found:?}").contains("sesame"));
    }

    #[test]
    fn none_is_missing_and_two_are_ambiguous() {
        assert_eq!(present(&headers(&[]), None, &BASIC).unwrap_err(), NotPresented::Missing);
        for pair in [[ALADDIN, ALADDIN], [ALADDIN, ""], ["Bearer x", ALADDIN], ["", ""]] {
            assert_eq!(
                present(&headers(&pair), None, &BASIC).unwrap_err(),
                NotPresented::Ambiguous,
                "{pair:?}"
            );
        }
        assert_eq!(present(&headers(&[ALADDIN; 3]), None, &BASIC).unwrap_err(), NotPresented::Ambiguous);
    }

    #[test]
    fn a_credential_in_another_header_is_none() {
        let mut elsewhere = HeaderMap::new();
        for name in ["proxy-authorization", "x-authorization", "authentication"] {
            elsewhere.insert(HeaderName::from_static(name), HeaderValue::from_static(ALADDIN));
        }
        assert_eq!(present(&elsewhere, None, &BASIC).unwrap_err(), NotPresented::Missing);
    }

    #[test]
    fn what_is_malformed_says_why() {
        for value in ["", " ", "Bearer abc", "Basi YTpi", "Basicx YTpi", "Basic\tYTpi", "YTpi", " Basic YTpi"]
        {
            assert_eq!(malformed(value), Malformed::UnacceptedScheme, "{value}");
        }
        assert_eq!(malformed("Basic"), Malformed::NoCredentials);
        assert_eq!(malformed("Basic   "), Malformed::NoCredentials);
        assert_eq!(malformed("Basic YTpi YTpi"), Malformed::NotBase64);
        assert_eq!(malformed("Basic \tYTpi"), Malformed::NotBase64);
        assert_eq!(malformed(&format!("{ALADDIN}, {ALADDIN}")), Malformed::SeveralCredentials);
        assert_eq!(malformed("Basic YWJj"), Malformed::NoColon);
    }

    #[test]
    fn too_long_a_header_is_not_looked_into() {
        let value = |length: usize| format!("Basic {}", "A".repeat(length - 6));
        assert_eq!(malformed(&value(4096)), Malformed::CredentialsTooLong);
        assert_eq!(malformed(&value(4097)), Malformed::HeaderTooLong);
    }

    #[test]
    fn an_api_that_accepts_nothing_gets_nothing() {
        assert_eq!(present(&headers(&[]), None, &[]).unwrap_err(), NotPresented::Missing);
        let refused = present(&headers(&[ALADDIN]), None, &[]).unwrap_err();
        assert_eq!(refused, NotPresented::Malformed(Malformed::UnacceptedScheme));
    }

    #[test]
    fn a_scheme_listed_twice_finds_the_header_once() {
        let twice = [BASIC[0].clone(), Scheme::Basic { user: BasicUser::KeyId }];
        assert_eq!(present(&headers(&[ALADDIN]), None, &twice).unwrap().scheme, &twice[0]);
    }

    #[test]
    fn two_answers_are_ambiguous_in_either_order() {
        let answer = |malformed: Malformed| Some(Err(malformed.into()));
        for pair in [[Malformed::NoColon, Malformed::NotUtf8], [Malformed::NotUtf8, Malformed::NoColon]] {
            let mut found = answer(pair[0].clone());
            assert_eq!(add(&mut found, None), Ok(()));
            assert_eq!(add(&mut found, answer(pair[1].clone())), Err(NotPresented::Ambiguous));
        }
    }

    proptest! {
        #[test]
        fn any_header_is_read_or_refused(word in "(Basic|basic|Bearer|)[ ,]{0,2}", rest: Vec<u8>) {
            let value = [word.as_bytes(), &rest].concat();
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                let _ = present(&HeaderMap::from_iter([(AUTHORIZATION, value)]), None, &BASIC);
            }
        }
    }
}
