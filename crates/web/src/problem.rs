use std::time::{Duration, UNIX_EPOCH};

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use claviger_app::{AppError, ErrorKind, PasskeyError, SignInError, SsoError};
use claviger_model::{Format, RequestId, Time};
use claviger_policy::Problem as Details;
use http::HeaderValue;
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};

/// Why a request of management was not answered: its stable code, its status and its title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// No credential is presented.
    Missing,
    /// More than one is.
    Ambiguous,
    /// It is none that works here.
    Unknown,
    /// The user name or the password is wrong.
    WrongPassword,
    /// The password is not enough.
    SecondFactorNeeded,
    /// The code is wrong.
    SecondFactorWrong,
    /// What came back from a provider signs nobody in.
    SsoRefused,
    /// The passkey is not taken.
    WrongPasskey,
    /// Whoever came with a token has to prove that it is still them.
    ProofNeeded,
    /// Whoever came with a token has to set a second factor up first.
    SecondFactorRequired,
    /// Whoever asked may not.
    Forbidden,
    /// There is no such thing, or none that they are told of.
    NotFound,
    /// There is nothing of this kind here.
    NoEndpoint,
    /// Not with this method.
    Method,
    /// It contradicts what is there.
    Conflict,
    /// Nobody said at which address people find the server.
    NoPasskeys,
    /// It was changed in the meantime.
    Stale,
    /// The request cannot be read.
    Malformed,
    /// The input does not fit.
    Invalid,
    /// The `Idempotency-Key` is that of another request.
    OtherRequest,
    /// The body is of another kind.
    MediaType,
    /// The body is too long.
    Long,
    /// The body took too long.
    Slow,
    /// Too many attempts failed.
    Blocked,
    /// There is too much to do.
    Busy,
    /// The provider by which somebody signs in does not answer.
    ProviderUnavailable,
    /// Something failed inside.
    Internal,
}

impl Code {
    /// Every code.
    pub const ALL: [Self; 27] = [
        Self::Missing,
        Self::Ambiguous,
        Self::Unknown,
        Self::WrongPassword,
        Self::SecondFactorNeeded,
        Self::SecondFactorWrong,
        Self::SsoRefused,
        Self::WrongPasskey,
        Self::ProofNeeded,
        Self::SecondFactorRequired,
        Self::Forbidden,
        Self::NotFound,
        Self::NoEndpoint,
        Self::Method,
        Self::Conflict,
        Self::NoPasskeys,
        Self::Stale,
        Self::Malformed,
        Self::Invalid,
        Self::OtherRequest,
        Self::MediaType,
        Self::Long,
        Self::Slow,
        Self::Blocked,
        Self::Busy,
        Self::ProviderUnavailable,
        Self::Internal,
    ];

    /// Status, stable code and title.
    #[must_use]
    pub const fn words(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::Missing => (401, "missing_credential", "Sign in first."),
            Self::Ambiguous => (401, "ambiguous_credential", "More than one credential is presented."),
            Self::Unknown => {
                (401, "unknown_credential", "The credential is not known here, or works no more.")
            }
            Self::WrongPassword => (401, "wrong_password", "The user name or the password is wrong."),
            Self::SecondFactorNeeded => (
                401,
                "second_factor_needed",
                "A one-time code, a passkey or a recovery code is needed as well.",
            ),
            Self::SecondFactorWrong => (401, "second_factor_wrong", "The code is wrong or was used before."),
            Self::SsoRefused => (401, "sso_refused", "This did not sign you in."),
            Self::WrongPasskey => (401, "wrong_passkey", "The passkey was not accepted."),
            Self::ProofNeeded => (403, "proof_needed", "Prove first that it is still you."),
            Self::SecondFactorRequired => (403, "second_factor_required", "Set a second factor up first."),
            Self::Forbidden => (403, "forbidden", "This is not allowed to you."),
            Self::NotFound => (404, "not_found", "There is no such thing."),
            Self::NoEndpoint => (404, "unknown_endpoint", "Nothing is at this path."),
            Self::Method => (405, "method_not_allowed", "The method is not one of this path."),
            Self::Conflict => (409, "conflict", "It contradicts what is there."),
            Self::NoPasskeys => (409, "passkeys_not_configured", "Passkeys are not set up here."),
            Self::Stale => (412, "changed_meanwhile", "It was changed in the meantime."),
            Self::Malformed => (400, "malformed_request", "The request cannot be read."),
            Self::Invalid => (422, "invalid", "What was sent does not fit."),
            Self::OtherRequest => {
                (422, "idempotency_key_reused", "The `Idempotency-Key` is that of another request.")
            }
            Self::MediaType => (415, "unsupported_media_type", "The body's media type is not served."),
            Self::Long => (413, "body_too_large", "The request's body is too long."),
            Self::Slow => (408, "request_timeout", "The request did not arrive in time."),
            Self::Blocked => (429, "too_many_attempts", "Too many attempts failed."),
            Self::Busy => (503, "busy", "There is too much to do."),
            Self::ProviderUnavailable => {
                (502, "provider_unavailable", "The provider does not answer, or not as it should.")
            }
            Self::Internal => (500, "internal", "Something failed inside."),
        }
    }
}

/// Problem details (RFC 9457) of a request that was not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Why.
    pub code: Code,
    /// One sentence about this occurrence.
    pub detail: Option<String>,
    /// When to try again.
    pub until: Option<Time>,
    /// The request.
    pub request: Option<RequestId>,
}

impl Problem {
    /// A problem of which the title says everything.
    #[must_use]
    pub const fn new(code: Code) -> Self {
        Self { code, detail: None, until: None, request: None }
    }

    /// A problem with a sentence about this occurrence.
    #[must_use]
    pub fn saying(code: Code, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..Self::new(code) }
    }

    /// The same, of this request.
    #[must_use]
    pub const fn of(mut self, request: RequestId) -> Self {
        self.request = Some(request);
        self
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        let code = code(&error);
        if code == Code::Internal {
            // What failed may name what nobody outside is told of.
            tracing::error!(%error, "a use case failed");
            return Self::new(code);
        }
        if let AppError::Forbidden { use_case, .. } = error {
            return Self::saying(code, format!("Your roles do not allow `{use_case}` for this."));
        }
        let until = match error {
            AppError::SignIn(SignInError::Blocked { until }) => Some(until),
            _ => None,
        };
        Self { until, ..Self::saying(code, sentence(&error.to_string())) }
    }
}

fn code(error: &AppError) -> Code {
    match (error.kind(), error) {
        (_, AppError::SignIn(SignInError::Wrong)) => Code::WrongPassword,
        (_, AppError::SignIn(SignInError::SecondFactorNeeded)) => Code::SecondFactorNeeded,
        (_, AppError::SignIn(SignInError::SecondFactorWrong)) => Code::SecondFactorWrong,
        (_, AppError::SignIn(SignInError::PasskeyWrong | SignInError::PasskeyCloned)) => Code::WrongPasskey,
        (_, AppError::Passkey(PasskeyError::NotConfigured)) => Code::NoPasskeys,
        (_, AppError::SignIn(SignInError::ProofNeeded)) => Code::ProofNeeded,
        (_, AppError::SignIn(SignInError::SecondFactorRequired)) => Code::SecondFactorRequired,
        (_, AppError::SignIn(SignInError::Blocked { .. })) => Code::Blocked,
        (_, AppError::OtherRequest) => Code::OtherRequest,
        (_, AppError::Sso(SsoError::Refused(_))) => Code::SsoRefused,
        (_, AppError::Sso(SsoError::Unavailable)) => Code::ProviderUnavailable,
        (ErrorKind::Busy, _) => Code::Busy,
        (ErrorKind::Unauthenticated, _) => Code::Unknown,
        (ErrorKind::Forbidden, _) => Code::Forbidden,
        (ErrorKind::Invalid, _) => Code::Invalid,
        (ErrorKind::NotFound, _) => Code::NotFound,
        (ErrorKind::Stale, _) => Code::Stale,
        (ErrorKind::Conflict, _) => Code::Conflict,
        (ErrorKind::Internal, _) => Code::Internal,
    }
}

/// In whole seconds, later rather than sooner.
fn http_date(at: Time) -> Option<HeaderValue> {
    let seconds = u64::try_from(at.as_micros()).ok()?.div_ceil(1_000_000);
    let date = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
    HeaderValue::try_from(date).ok()
}

/// A sentence of words that begin small and end without a full stop.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let Some(first) = letters.next() else { return String::new() };
    // A name stays as it is spelt.
    let is_name = words.split(' ').next().is_some_and(|word| word.contains(['`', ':', '_']));
    let first = if is_name { first.to_string() } else { first.to_uppercase().to_string() };
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, code, title) = self.code.words();
        let request_id = self.request.map(|id| id.to_string()).unwrap_or_default();
        let details = Details { status, code, title, detail: self.detail, string_to_sign: None, request_id };
        let mut answer = claviger_door::problem(&details, Format::Json).map(Body::from);
        if status == 401 {
            let challenge = HeaderValue::from_static("Bearer realm=\"claviger\"");
            answer.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        if status == 503 {
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if let Some(until) = self.until.and_then(http_date) {
            answer.headers_mut().insert(RETRY_AFTER, until);
        }
        answer
    }
}
