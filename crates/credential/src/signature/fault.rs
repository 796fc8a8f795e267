use super::ShownName;

/// What is wrong with how a request is signed. The sentences repeat nothing that was sent, but for names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SignatureFault {
    /// One of two headers that belong together is missing.
    #[error("the header {0} is missing")]
    HeaderMissing(&'static str),
    /// A header is longer than any signature needs.
    #[error("the header {0} is longer than 4096 bytes")]
    TooLong(&'static str),
    /// A header cannot be read (RFC 9651), or has more in it than any signature needs.
    #[error("the header {0} is not a dictionary of structured fields with at most 64 members and parameters")]
    NotDictionary(&'static str),
    /// A member of `Signature-Input` is no list of components.
    #[error("a member of Signature-Input is not a list of components in parentheses")]
    NotComponents,
    /// `Signature` has no byte sequence under the label that `Signature-Input` uses.
    #[error("the header Signature has no byte sequence with the label of Signature-Input")]
    NoSignature,
    /// A component that is none, or with parameters that are not served.
    #[error(
        "the signature covers a component that is unknown, or one with parameters, which is not supported"
    )]
    UnknownComponent,
    /// A component is named twice.
    #[error("the signature covers a component twice")]
    RepeatedComponent,
    /// There are too many.
    #[error("the signature covers more than 64 components, or more than 8 query parameters by name")]
    TooManyComponents,
    /// A header that carries credentials is covered.
    #[error("the signature covers a header that carries credentials, such as `authorization` or `cookie`")]
    CredentialCovered,
    /// A parameter is missing.
    #[error("the signature has no parameter `{0}`")]
    ParameterMissing(&'static str),
    /// A parameter has a value that it cannot have.
    #[error("the parameter `{0}` of the signature has no value that it can have")]
    Parameter(&'static str),
    /// The parameters cannot be told apart.
    #[error(
        "what follows the scheme in the Authorization header is not a list of parameters like name=\"value\""
    )]
    NotParameters,
    /// Something that has to be signed is not.
    #[error("the signature does not cover {0}")]
    NotCovered(&'static str),
    /// A header is signed that the request does not have, or has not as text.
    #[error("the header `{0}`, which the signature covers, is not in the request, or is not text")]
    FieldAbsent(ShownName),
    /// A parameter of the query is signed that is not there exactly once.
    #[error("a query parameter that the signature covers is not in the query exactly once")]
    QueryParameter,
    /// A date cannot be read.
    #[error("the signed date is not one (RFC 9110 section 5.6.7)")]
    Date,
    /// A header has a value that it cannot have.
    #[error("the header {0} has no value that it can have")]
    Header(&'static str),
    /// A digest of the body cannot be read, or names no algorithm that is served.
    #[error("the header {0} has no SHA-256 or SHA-512 digest that can be read")]
    Digest(&'static str),
}
