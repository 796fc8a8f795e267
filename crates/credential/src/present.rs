use claviger_model::{Reason, Scheme};
use http::HeaderMap;

use crate::basic::{self, BasicCredentials};
use crate::malformed::Malformed;
use crate::places::Places;

/// The one credential that a request carries, as it was presented: nothing says yet that it exists.
#[derive(Debug)]
pub struct Presented {
    /// Which of the accepted schemes it came in.
    pub scheme: Scheme,
    credentials: Credentials,
}

#[derive(Debug)]
enum Credentials {
    Basic(BasicCredentials),
}

/// Why a request carries no credential that could be looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
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
pub(crate) type Answer = Option<Result<Presented, Malformed>>;

impl Presented {
    pub(crate) const fn basic(scheme: Scheme, credentials: BasicCredentials) -> Self {
        Self { scheme, credentials: Credentials::Basic(credentials) }
    }

    /// Who the caller claims to be, in the schemes that have a user name.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        match &self.credentials {
            Credentials::Basic(basic) => Some(basic.user()),
        }
    }

    /// The secret, such as the key. Never empty.
    #[must_use]
    pub fn secret(&self) -> &str {
        match &self.credentials {
            Credentials::Basic(basic) => basic.password(),
        }
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

/// Finds the credential of a request to an API that accepts these schemes. Allocates nothing.
///
/// Every accepted scheme is asked. Two answers are one too many, well formed or not and in whatever order and place
/// they come; so is an Authorization header of an unknown kind beside a credential elsewhere.
///
/// # Errors
/// [`NotPresented`] unless there is exactly one credential and it is well formed.
pub fn present(headers: &HeaderMap, schemes: &[Scheme]) -> Result<Presented, NotPresented> {
    let mut places = Places::of(headers)?;
    let mut found: Answer = None;
    for scheme in schemes {
        add(&mut found, ask(*scheme, &mut places))?;
    }
    add(&mut found, places.untaken().map(Err))?;
    Ok(found.ok_or(NotPresented::Missing)??)
}

fn add(found: &mut Answer, answer: Answer) -> Result<(), NotPresented> {
    match (&found, answer) {
        (_, None) => {}
        (None, answer) => *found = answer,
        (Some(_), Some(_)) => return Err(NotPresented::Ambiguous),
    }
    Ok(())
}

fn ask(scheme: Scheme, places: &mut Places<'_>) -> Answer {
    match scheme {
        Scheme::Basic { .. } => basic::look(scheme, places),
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
        let presented = present(&headers(&[value]), &BASIC)?;
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
        let scheme = Scheme::Basic { user: BasicUser::KeyId };
        let found = present(&headers(&[ALADDIN]), &[scheme]).unwrap();
        assert_eq!(found.scheme, scheme);
        assert!(!format!("{found:?}").contains("sesame"));
    }

    #[test]
    fn none_is_missing_and_two_are_ambiguous() {
        assert_eq!(present(&headers(&[]), &BASIC).unwrap_err(), NotPresented::Missing);
        for pair in [[ALADDIN, ALADDIN], [ALADDIN, ""], ["Bearer x", ALADDIN], ["", ""]] {
            assert_eq!(present(&headers(&pair), &BASIC).unwrap_err(), NotPresented::Ambiguous, "{pair:?}");
        }
        assert_eq!(present(&headers(&[ALADDIN; 3]), &BASIC).unwrap_err(), NotPresented::Ambiguous);
    }

    #[test]
    fn a_credential_in_another_header_is_none() {
        let mut elsewhere = HeaderMap::new();
        for name in ["proxy-authorization", "x-authorization", "authentication"] {
            elsewhere.insert(HeaderName::from_static(name), HeaderValue::from_static(ALADDIN));
        }
        assert_eq!(present(&elsewhere, &BASIC).unwrap_err(), NotPresented::Missing);
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
        assert_eq!(present(&headers(&[]), &[]).unwrap_err(), NotPresented::Missing);
        let refused = present(&headers(&[ALADDIN]), &[]).unwrap_err();
        assert_eq!(refused, NotPresented::Malformed(Malformed::UnacceptedScheme));
    }

    #[test]
    fn a_scheme_listed_twice_finds_the_header_once() {
        let twice = [BASIC[0], Scheme::Basic { user: BasicUser::KeyId }];
        assert_eq!(present(&headers(&[ALADDIN]), &twice).unwrap().scheme, twice[0]);
    }

    #[test]
    fn two_answers_are_ambiguous_in_either_order() {
        let answer = |malformed| Some(Err(malformed));
        for pair in [[Malformed::NoColon, Malformed::NotUtf8], [Malformed::NotUtf8, Malformed::NoColon]] {
            let mut found = answer(pair[0]);
            assert_eq!(add(&mut found, None), Ok(()));
            assert_eq!(add(&mut found, answer(pair[1])), Err(NotPresented::Ambiguous));
        }
    }

    proptest! {
        #[test]
        fn any_header_is_read_or_refused(word in "(Basic|basic|Bearer|)[ ,]{0,2}", rest: Vec<u8>) {
            let value = [word.as_bytes(), &rest].concat();
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                let _ = present(&HeaderMap::from_iter([(AUTHORIZATION, value)]), &BASIC);
            }
        }
    }
}
