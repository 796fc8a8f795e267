use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    AllowlistRule, FieldName, KeyPrefix, OwnerRule, ParameterName, SchemeWord, SignatureRules, Slug, Span,
};

/// How credentials for an API look and behave, and what its endpoints take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiPolicy {
    /// What the API's keys start with.
    pub prefix: KeyPrefix,
    /// How a credential may be presented. At least one.
    pub schemes: Vec<Scheme>,
    /// The HTTP methods that the API takes at all; others are refused with 405. Empty means those of its endpoints.
    #[serde(default)]
    pub methods: Vec<String>,
    /// The media types of request bodies; others, and none, are refused with 415. Empty means any.
    #[serde(default)]
    pub request_media_types: Vec<String>,
    /// The formats of its answers; the first is the default.
    #[serde(default = "json_only")]
    pub formats: Vec<Format>,
    /// The kinds of key that a customer can choose from. At least one.
    pub key_types: Vec<KeyType>,
    /// Whether a new key works at once.
    #[serde(default)]
    pub activation: Activation,
    /// Whether a key can be shown again after it was made. It is then kept, sealed.
    #[serde(default)]
    pub recoverable: bool,
    /// How many addresses of what kind a key is bound to.
    #[serde(default)]
    pub allowlist: AllowlistRule,
    /// How many owners a key has.
    #[serde(default)]
    pub owners: OwnerRule,
    /// What of a key can be changed after it was made. Nothing else can.
    #[serde(default = "all_editable")]
    pub editable: Vec<Editable>,
    /// The longest a credential may live; without it, for ever.
    #[serde(default)]
    pub max_lifetime: Option<Span>,
    /// What happens when one credential calls two versions.
    #[serde(default)]
    pub version_mixing: VersionMixing,
    /// Whether people can call it with what they got when they signed in.
    #[serde(default)]
    pub login_tokens: LoginTokens,
    /// The statuses of refusals.
    #[serde(default)]
    pub refusals: Refusals,
}

fn json_only() -> Vec<Format> {
    vec![Format::Json]
}

fn all_editable() -> Vec<Editable> {
    Editable::ALL.to_vec()
}

/// What of a key can be changed after it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Editable {
    /// From where it may be used.
    Allowlist,
    /// The e-mail addresses of its owners.
    Owners,
    /// What its owner calls it.
    Label,
    /// What its owner noted about it.
    Memo,
    /// Its tags.
    Tags,
}

impl Editable {
    /// Everything that can be.
    pub const ALL: [Self; 5] = [Self::Allowlist, Self::Owners, Self::Label, Self::Memo, Self::Tags];

    /// The word for it, as in catalogues.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowlist => "allowlist",
            Self::Owners => "owners",
            Self::Label => "label",
            Self::Memo => "memo",
            Self::Tags => "tags",
        }
    }
}

/// How a credential is presented: a key as it is, or a key pair by what it signed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "scheme", rename_all = "snake_case", deny_unknown_fields)]
pub enum Scheme {
    /// `Authorization: Basic`, with the key as the password (RFC 7617).
    Basic {
        /// What the user name is.
        #[serde(default)]
        user: BasicUser,
    },
    /// `Authorization: apiToken <key>` (contract row A3).
    ApiToken {
        /// The word before the key, matched without regard to case (RFC 9110 section 11.1).
        #[serde(default = "token_word")]
        word: SchemeWord,
    },
    /// `?apiToken=<key>` (contract row A4). It is removed before the request goes on.
    Query {
        /// The parameter's name, matched exactly, once it is percent-decoded.
        #[serde(default = "token_parameter")]
        name: ParameterName,
    },
    /// `Authorization: <key>`, without a word before it (contract row C4).
    Raw {},
    /// `Authorization: Bearer <key>` (RFC 6750 section 2.1).
    Bearer {},
    /// `X-API-Key: <key>`. It is removed before the request goes on.
    Header {
        /// The header's name, matched without regard to case.
        #[serde(default = "key_header")]
        name: FieldName,
    },
    /// The request is signed with the secret of a key pair (contract row S5).
    Signature(SignatureRules),
}

fn token_word() -> SchemeWord {
    SchemeWord::known("apiToken")
}

fn token_parameter() -> ParameterName {
    ParameterName::known("apiToken")
}

fn key_header() -> FieldName {
    FieldName::known("X-API-Key")
}

impl Scheme {
    /// The scheme's name, as in catalogues, metrics and logs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Basic { .. } => "basic",
            Self::ApiToken { .. } => "api_token",
            Self::Query { .. } => "query",
            Self::Raw {} => "raw",
            Self::Bearer {} => "bearer",
            Self::Header { .. } => "header",
            Self::Signature(_) => "signature",
        }
    }
}

/// What stands before the colon in Basic authentication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BasicUser {
    /// The number of the key's account (contract T).
    #[default]
    AccountNumber,
    /// The key's own id.
    KeyId,
    /// The realm of the key's account: the API user name of contract R.
    AccountRealm,
}

/// Whether login tokens are taken beside keys: in the scheme `raw` or `bearer`, if the API accepts it (contract row C1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LoginTokens {
    /// They are not.
    #[default]
    Refuse,
    /// They are, from users of whatever account.
    Accept,
}

/// A format of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// `application/json`
    Json,
    /// `application/xml`
    Xml,
}

impl Format {
    /// Its media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Xml => "application/xml",
        }
    }
}

/// A kind of key that a customer can choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyType {
    /// How it is named to programs, unique within the API.
    pub slug: Slug,
    /// How it is named to people.
    pub name: String,
    /// What a credential of this type is.
    #[serde(default)]
    pub kind: CredentialKind,
}

/// What a program authenticates with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// One secret, which is presented.
    #[default]
    ApiKey,
    /// A public id and a secret, with which requests are signed and which is never presented.
    KeyPair,
}

/// Whether a new credential works at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// At once.
    #[default]
    Immediate,
    /// When an operator has activated it.
    Operator,
}

/// What happens when one credential calls two versions of an API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct VersionMixing {
    /// What happens.
    pub action: Mixing,
    /// For how long after a call a version counts as in use. At least a minute.
    pub window: Span,
}

impl Default for VersionMixing {
    fn default() -> Self {
        Self { action: Mixing::Warn, window: Span::from_days(1) }
    }
}

/// What is done about mixed versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mixing {
    /// Nothing.
    Allow,
    /// The answer says so in a header, and the credential shows it.
    #[default]
    Warn,
    /// The call is refused.
    Refuse,
}

/// The statuses of refusals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Refusals {
    /// For a missing, malformed, unknown or inactive credential: 401 or 403.
    pub unauthenticated: u16,
}

impl Default for Refusals {
    fn default() -> Self {
        Self { unauthenticated: 401 }
    }
}
