use std::borrow::Cow;

use claviger_model::{
    AccountId, AccountNumber, ApiId, ChangeNumber, CredentialId, CredentialState, EnvironmentId,
    InvitationId, PasskeyId, RequestId, Slug, Time, UserId, VersionName,
};

use crate::StoreError;

/// A value for a place in a statement: one of the types that both engines have.
#[derive(Clone)]
pub(crate) enum Arg<'a> {
    Text(Option<Cow<'a, str>>),
    Number(Option<i64>),
    Bytes(Option<&'a [u8]>),
}

/// PostgreSQL holds no NUL in a text; what one engine refuses, both do.
pub(crate) fn check(args: &[Arg<'_>]) -> Result<(), StoreError> {
    let nul = |arg: &Arg<'_>| matches!(arg, Arg::Text(Some(text)) if text.contains('\0'));
    if args.iter().any(nul) { Err(StoreError::NulInText) } else { Ok(()) }
}

/// The engines' numbers end at 2^63 - 1, which no count of ours reaches.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Some(text.into()))
    }
}

impl<'a> From<Option<&'a str>> for Arg<'a> {
    fn from(text: Option<&'a str>) -> Self {
        Self::Text(text.map(Into::into))
    }
}

impl From<String> for Arg<'_> {
    fn from(text: String) -> Self {
        Self::Text(Some(text.into()))
    }
}

impl From<Option<String>> for Arg<'_> {
    fn from(text: Option<String>) -> Self {
        Self::Text(text.map(Into::into))
    }
}

impl<'a> From<&'a [u8]> for Arg<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(Some(bytes))
    }
}

impl<'a> From<Option<&'a [u8]>> for Arg<'a> {
    fn from(bytes: Option<&'a [u8]>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<u64> for Arg<'_> {
    fn from(number: u64) -> Self {
        Self::Number(Some(signed(number)))
    }
}

impl From<u32> for Arg<'_> {
    fn from(number: u32) -> Self {
        Self::Number(Some(number.into()))
    }
}

impl From<ChangeNumber> for Arg<'_> {
    fn from(number: ChangeNumber) -> Self {
        number.0.into()
    }
}

impl From<Time> for Arg<'_> {
    fn from(time: Time) -> Self {
        Self::Number(Some(time.as_micros()))
    }
}

impl From<Option<Time>> for Arg<'_> {
    fn from(time: Option<Time>) -> Self {
        Self::Number(time.map(Time::as_micros))
    }
}

impl From<CredentialState> for Arg<'_> {
    fn from(state: CredentialState) -> Self {
        state.as_str().into()
    }
}

impl From<Option<CredentialState>> for Arg<'_> {
    fn from(state: Option<CredentialState>) -> Self {
        state.map(CredentialState::as_str).into()
    }
}

macro_rules! ids {
    ($($id:ty),*) => {$(
        impl From<$id> for Arg<'_> {
            fn from(id: $id) -> Self {
                id.to_string().into()
            }
        }

        impl From<Option<$id>> for Arg<'_> {
            fn from(id: Option<$id>) -> Self {
                id.map(|id| id.to_string()).into()
            }
        }
    )*};
}

ids!(AccountId, ApiId, CredentialId, EnvironmentId, InvitationId, PasskeyId, RequestId, UserId);

macro_rules! names {
    ($($name:ty),*) => {$(
        impl<'a> From<&'a $name> for Arg<'a> {
            fn from(name: &'a $name) -> Self {
                name.as_str().into()
            }
        }
    )*};
}

names!(AccountNumber, Slug, VersionName);
