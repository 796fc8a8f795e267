//! Which passwords are taken: long ones that nobody tries first, whatever they are made of (NIST SP 800-63B-4, 3.1.1.2).

use claviger_model::{EmailAddress, UserName};

use super::common::is_common;

/// Characters without a second factor, and with one.
pub(super) const ALONE: usize = 15;
const WITH_FACTOR: usize = 8;
const MOST: usize = 256;

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// It is too short.
    #[error("a password has at least {least} characters; 8 are enough with a second factor")]
    Short {
        /// How many it needs.
        least: usize,
    },
    /// It is too long.
    #[error("a password has at most 256 characters")]
    Long,
    /// It is among the first that are tried.
    #[error("this password is among the first that are tried; choose another one")]
    Common,
    /// It is what they sign in with.
    #[error("a password is not the user name or the e-mail address")]
    Name,
}

/// How somebody proves who they are beside their password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    Nothing,
    Factor,
}

pub(super) fn check(
    password: &str,
    username: &UserName,
    email: Option<&EmailAddress>,
    beside: Beside,
) -> Result<(), PasswordError> {
    let length = password.chars().count();
    let least = if beside == Beside::Factor { WITH_FACTOR } else { ALONE };
    if length < least {
        return Err(PasswordError::Short { least });
    }
    if length > MOST {
        return Err(PasswordError::Long);
    }
    let names = [Some(username.as_str()), email.map(EmailAddress::as_str)];
    if names.into_iter().flatten().any(|name| name.eq_ignore_ascii_case(password)) {
        return Err(PasswordError::Name);
    }
    if is_common(password) { Err(PasswordError::Common) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(password: &str, beside: Beside) -> Result<(), PasswordError> {
        let email = "mara@example.com".parse().unwrap();
        check(password, &"mara.lindqvist.1970".parse().unwrap(), Some(&email), beside)
    }

    #[test]
    fn length_counts_and_nothing_else() {
        assert_eq!(checked("tern gull heron", Beside::Nothing), Ok(()));
        assert_eq!(checked("tern gull hero", Beside::Nothing), Err(PasswordError::Short { least: 15 }));
        assert_eq!(checked("terngull", Beside::Factor), Ok(()));
        assert_eq!(checked("terngul", Beside::Factor), Err(PasswordError::Short { least: 8 }));
        assert_eq!(checked("täubchen im schnee", Beside::Nothing), Ok(()));
        let long = |count: u32| (0x4e00..0x4e00 + count).filter_map(char::from_u32).collect::<String>();
        assert_eq!(checked(&long(256), Beside::Nothing), Ok(()));
        assert_eq!(checked(&long(257), Beside::Nothing), Err(PasswordError::Long));
    }

    #[test]
    fn what_is_tried_first_is_refused() {
        assert_eq!(checked("Mara.Lindqvist.1970", Beside::Nothing), Err(PasswordError::Name));
        assert_eq!(checked("passwordpassword", Beside::Nothing), Err(PasswordError::Common));
        assert_eq!(checked("Passw0rd", Beside::Factor), Err(PasswordError::Common));
    }
}
