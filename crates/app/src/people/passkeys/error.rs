use super::challenge::GOOD_FOR;
use super::own::MOST;

/// Why a passkey was not added, or not removed. Why nobody got in by one is a [`SignInError`](crate::SignInError).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyError {
    /// Nobody said at which address people find the server.
    #[error(
        "passkeys are not set up here: whoever runs the server says in its configuration at which address people reach \
        it, as `management.public_url`"
    )]
    NotConfigured,
    /// The user has as many as there may be.
    #[error("nobody has more than {MOST} passkeys: remove one first")]
    TooMany,
    /// It is no answer to what was asked, or a late one, or a second one.
    #[error(
        "this answers nothing that was asked of you on this session in the last {} minutes, or it did so before: begin \
        anew",
        GOOD_FOR.as_micros() / 60_000_000
    )]
    NotAsked,
    /// It was made at another address.
    #[error(
        "the passkey was made for another address than this server's: those of pages that make passkeys are \
        `management.public_url` and `management.passkeys.origins`"
    )]
    Elsewhere,
    /// The device did not look who uses it.
    #[error(
        "the device did not check who uses it: passkeys are only taken from those that ask for a PIN or the like"
    )]
    Unverified,
    /// It is not as the standard says.
    #[error("what the device answered cannot be taken")]
    Unreadable,
    /// Nothing would be left beside the password.
    #[error(
        "this is the last second factor: send the password as `current` to remove it; it has to do without one then"
    )]
    Last,
}
