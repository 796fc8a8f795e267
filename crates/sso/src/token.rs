//! A code becomes tokens (OpenID Connect Core 1.0, section 3.1.3).

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use claviger_app::{SsoAnswered, SsoFailure};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::ProviderSettings;
use crate::discovery::{Authentication, Endpoints};
use crate::query::{encode, form};
use crate::wire::{Sent, Wire};

/// What a provider gives for a code.
#[derive(Deserialize)]
pub(crate) struct Tokens {
    pub(crate) id_token: SecretString,
    pub(crate) access_token: Option<SecretString>,
}

/// Why it gives nothing (RFC 6749 section 5.2).
#[derive(Deserialize)]
struct Refusal {
    error: String,
}

pub(crate) async fn redeem(
    wire: &Wire,
    settings: &ProviderSettings,
    endpoints: &Endpoints,
    answered: SsoAnswered<'_>,
    redirect: &str,
) -> Result<Tokens, SsoFailure> {
    let mut pairs = vec![
        ("grant_type", "authorization_code"),
        ("code", answered.code.expose()),
        ("redirect_uri", redirect),
        ("code_verifier", answered.verifier.expose()),
    ];
    let mut authorization = None;
    let secret = settings.client_secret.as_ref().map(ExposeSecret::expose_secret);
    match (secret, endpoints.authentication) {
        (None, _) => pairs.push(("client_id", &settings.client_id)),
        (Some(secret), Authentication::Basic) => authorization = Some(basic(&settings.client_id, secret)),
        (Some(secret), Authentication::Post) => {
            pairs.extend([("client_id", settings.client_id.as_str()), ("client_secret", secret)]);
        }
        (Some(_), Authentication::Unknown) => {
            return Err(SsoFailure::Unavailable("it takes no client secret".to_owned()));
        }
    }
    let sent = Sent { to: &endpoints.token, form: Some(form(&pairs)), authorization };
    let answer = wire.send(sent).await?;
    if answer.status.is_success() {
        let unreadable = |_| SsoFailure::Unavailable("its tokens cannot be read".to_owned());
        return serde_json::from_slice(&answer.body).map_err(unreadable);
    }
    let refusal: Option<Refusal> = serde_json::from_slice(&answer.body).ok();
    Err(refused(answer.status.as_u16(), refusal.as_ref()))
}

/// Each part is encoded as in a form (RFC 6749 section 2.3.1).
fn basic(client_id: &str, secret: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", encode(client_id), encode(secret))))
}

/// What is wrong with the code is for whoever sent it; what is wrong with us, or with the provider, is not.
fn refused(status: u16, refusal: Option<&Refusal>) -> SsoFailure {
    match refusal.map(|refusal| refusal.error.as_str()) {
        Some("invalid_grant") => SsoFailure::Refused("the provider does not take the code".to_owned()),
        Some("invalid_client" | "unauthorized_client") => {
            SsoFailure::Unavailable("it does not take our client id or secret".to_owned())
        }
        _ => SsoFailure::Unavailable(format!("it answers a code with {status}")),
    }
}
