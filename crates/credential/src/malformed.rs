use crate::SignatureFault;

/// Why what was presented cannot be a credential. The sentences repeat nothing of it: it may be most of a real one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Malformed {
    /// The Authorization header is longer than any credential.
    #[error("the Authorization header is longer than 4096 bytes")]
    HeaderTooLong,
    /// The Authorization header starts with no scheme that the API accepts.
    #[error("the scheme of the Authorization header is not one that this API accepts")]
    UnacceptedScheme,
    /// The scheme is named and nothing follows.
    #[error("the Authorization header names a scheme, and no credentials follow")]
    NoCredentials,
    /// The place for the credential is there, and is empty.
    #[error("the header or parameter for the credential is empty")]
    Empty,
    /// The value is longer than any key.
    #[error("the credential is longer than 4096 bytes")]
    ValueTooLong,
    /// There is a character that no key contains.
    #[error("the credential contains a space or another character that cannot be seen in ASCII")]
    NotVisible,
    /// What follows the scheme word is no token (RFC 9110 section 11.2).
    #[error("what follows the scheme in the Authorization header is not one token")]
    NotToken,
    /// One header carries a list of credentials.
    #[error("the Authorization header carries a list, and one credential is allowed")]
    SeveralCredentials,
    /// User name and password are longer together than any key with its user name.
    #[error("the Basic credentials are longer than 384 bytes")]
    CredentialsTooLong,
    /// Not base64, or base64 that encodes the same bytes in a second way.
    #[error("the Basic credentials are not standard base64")]
    NotBase64,
    /// The decoded bytes are not text.
    #[error("the decoded Basic credentials are not UTF-8")]
    NotUtf8,
    /// There is a character that is no part of a text (RFC 7617 section 2).
    #[error("the decoded Basic credentials contain a control character")]
    ControlCharacter,
    /// User name and password cannot be told apart.
    #[error("the decoded Basic credentials contain no colon between user name and password")]
    NoColon,
    /// The key is missing.
    #[error("the decoded Basic credentials have an empty password")]
    EmptyPassword,
    /// The request is signed in a way that cannot be verified.
    #[error(transparent)]
    Signature(#[from] SignatureFault),
}
