//! What a provider says of itself (OpenID Connect Discovery 1.0, section 4).

use claviger_app::SsoFailure;
use claviger_fetch::Scheme;
use serde::Deserialize;

use crate::Address;
use crate::wire::{Sent, Wire};

/// What is needed of it.
#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// Where a provider does what.
#[derive(Debug, Clone)]
pub(crate) struct Endpoints {
    pub(crate) authorization: Address,
    pub(crate) token: Address,
    pub(crate) keys: Address,
    pub(crate) userinfo: Option<Address>,
    pub(crate) authentication: Authentication,
    pub(crate) issuer_in_answers: IssuerInAnswers,
}

/// How we prove who we are (OpenID Connect Core 1.0, section 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Authentication {
    Basic,
    Post,
    /// By nothing that we can.
    Unknown,
}

/// Whether a provider says with each code who gave it (RFC 9207 section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IssuerInAnswers {
    Always,
    Perhaps,
}

pub(crate) async fn fetch(wire: &Wire, issuer: &Address) -> Result<Endpoints, SsoFailure> {
    let unusable = |why: &str| SsoFailure::Unavailable(format!("{issuer}: {why}"));
    let address = issuer.discovery().map_err(|error| unusable(&error.to_string()))?;
    let answer = wire.send(Sent { to: &address, form: None, authorization: None }).await?;
    if !answer.status.is_success() {
        return Err(unusable(&format!("its description is answered with {}", answer.status)));
    }
    let document: Document =
        serde_json::from_slice(&answer.body).map_err(|_| unusable("its description cannot be read"))?;
    // Whoever answers in the name of another one is not believed (section 4.3).
    if document.issuer != issuer.as_str() {
        return Err(unusable("its description names another issuer"));
    }
    endpoints(issuer, &document)
        .ok_or_else(|| unusable("its description has an endpoint that is not encrypted"))
}

fn endpoints(issuer: &Address, document: &Document) -> Option<Endpoints> {
    let address = |text: &str| {
        let address: Address = text.parse().ok()?;
        // An issuer elsewhere has no endpoints on this machine.
        (issuer.origin.scheme == Scheme::Http || address.origin.scheme == Scheme::Https).then_some(address)
    };
    let userinfo = match &document.userinfo_endpoint {
        Some(text) => Some(address(text)?),
        None => None,
    };
    Some(Endpoints {
        authorization: address(&document.authorization_endpoint)?,
        token: address(&document.token_endpoint)?,
        keys: address(&document.jwks_uri)?,
        userinfo,
        authentication: authentication(document.token_endpoint_auth_methods_supported.as_deref()),
        issuer_in_answers: if document.authorization_response_iss_parameter_supported {
            IssuerInAnswers::Always
        } else {
            IssuerInAnswers::Perhaps
        },
    })
}

fn authentication(methods: Option<&[String]>) -> Authentication {
    let has = |wanted: &str| methods.is_some_and(|methods| methods.iter().any(|method| method == wanted));
    match methods {
        None => Authentication::Basic,
        _ if has("client_secret_basic") => Authentication::Basic,
        _ if has("client_secret_post") => Authentication::Post,
        _ => Authentication::Unknown,
    }
}
