use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use claviger_app::{SsoAnswered, SsoAsked, SsoClaims, SsoFailure, SsoLanding};
use claviger_model::Time;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::discovery::IssuerInAnswers;
use crate::id_token::{self, Claims, Expected, Unproven};
use crate::known::{Known, Memory};
use crate::query::form;
use crate::settings::{ProviderSettings, SettingsError, UserInfo};
use crate::token::Tokens;
use crate::wire::Wire;
use crate::{token, userinfo};

/// How many codes are redeemed at one time: strangers can send any number, and each costs the provider something.
const AT_ONCE: usize = 16;

/// A provider, and what is known of it.
pub(crate) struct Provider {
    settings: ProviderSettings,
    wire: Wire,
    memory: Memory,
    places: Semaphore,
}

impl Provider {
    pub(crate) fn new(settings: ProviderSettings) -> Result<Self, SettingsError> {
        let untrusted = |why| SettingsError::Trust { provider: settings.slug.clone(), why };
        let wire = Wire::new(&settings.issuer, &settings.trust).map_err(untrusted)?;
        Ok(Self { settings, wire, memory: Memory::default(), places: Semaphore::new(AT_ONCE) })
    }

    pub(crate) async fn address(&self, asked: SsoAsked<'_>, now: Time) -> Result<String, SsoFailure> {
        let redirect = self.redirect(asked.landing)?;
        let known = self.known(now).await?;
        let endpoint = known.endpoints.authorization.as_str();
        let challenge = digest(&SHA256, asked.verifier.expose().as_bytes());
        let query = form(&[
            ("response_type", "code"),
            ("client_id", &self.settings.client_id),
            ("redirect_uri", &redirect),
            ("scope", &self.scope()),
            ("state", asked.state),
            ("nonce", asked.nonce),
            ("code_challenge", &BASE64_URL_SAFE_NO_PAD.encode(challenge)),
            ("code_challenge_method", "S256"),
        ]);
        let mark = if endpoint.contains('?') { '&' } else { '?' };
        Ok(format!("{endpoint}{mark}{query}"))
    }

    pub(crate) async fn redeem(&self, answered: SsoAnswered<'_>, now: Time) -> Result<SsoClaims, SsoFailure> {
        let redirect = self.redirect(answered.landing)?;
        let busy = |_| SsoFailure::Unavailable("too many sign in by it at this moment".to_owned());
        let _place = self.places.try_acquire().map_err(busy)?;
        let known = self.known(now).await?;
        self.check_issuer(&known, answered.issuer)?;
        let tokens = token::redeem(&self.wire, &self.settings, &known.endpoints, answered, &redirect).await?;
        let mut claims = self.verified(&known, &tokens.id_token, answered.nonce, now).await?;
        let (methods, class) = (texts(claims.get("amr")), texts(claims.get("acr")).into_iter().next());
        self.ask_more(&known, &tokens, &mut claims).await?;
        let subject = id_token::subject(&claims).ok_or(refused(Unproven::Subject))?.to_owned();
        Ok(SsoClaims { subject, methods, class, others: claims })
    }

    async fn known(&self, now: Time) -> Result<Known, SsoFailure> {
        self.memory.get(&self.wire, &self.settings.issuer, now).await
    }

    fn redirect(&self, landing: SsoLanding) -> Result<String, SsoFailure> {
        let found = match landing {
            SsoLanding::Configured => self.settings.redirect.clone(),
            SsoLanding::Loopback(port) => {
                self.settings.loopback_path.map(|path| format!("http://127.0.0.1:{port}{path}"))
            }
        };
        found.ok_or(SsoFailure::NoLanding(landing))
    }

    fn scope(&self) -> String {
        let others = self.settings.scopes.iter().map(String::as_str).filter(|scope| *scope != "openid");
        std::iter::once("openid").chain(others).collect::<Vec<_>>().join(" ")
    }

    /// Else another provider's code could be sent here (RFC 9207 section 2.4).
    fn check_issuer(&self, known: &Known, said: Option<&str>) -> Result<(), SsoFailure> {
        let fits = match said {
            Some(said) => said == self.settings.issuer.as_str(),
            None => known.endpoints.issuer_in_answers == IssuerInAnswers::Perhaps,
        };
        if fits {
            return Ok(());
        }
        Err(SsoFailure::Refused("the answer does not say that it is of this provider".to_owned()))
    }

    /// What the ID token says. A key that is not known may be a new one.
    async fn verified(
        &self,
        known: &Known,
        token: &SecretString,
        nonce: &str,
        now: Time,
    ) -> Result<Claims, SsoFailure> {
        let (issuer, client_id) = (self.settings.issuer.as_str(), self.settings.client_id.as_str());
        let expected = Expected { issuer, client_id, nonce, now };
        let token = token.expose_secret();
        match id_token::verify(token, &known.keys, &expected) {
            Err(Unproven::NoKey) => match self.memory.with_new_keys(&self.wire, now).await? {
                Some(known) => id_token::verify(token, &known.keys, &expected).map_err(refused),
                None => Err(refused(Unproven::NoKey)),
            },
            verified => verified.map_err(refused),
        }
    }

    async fn ask_more(&self, known: &Known, tokens: &Tokens, claims: &mut Claims) -> Result<(), SsoFailure> {
        let (UserInfo::Asked, Some(endpoint), Some(access_token)) =
            (self.settings.userinfo, &known.endpoints.userinfo, &tokens.access_token)
        else {
            return Ok(());
        };
        let more = userinfo::fetch(&self.wire, endpoint, access_token).await?;
        userinfo::add(claims, more)
    }
}

fn refused(why: Unproven) -> SsoFailure {
    SsoFailure::Refused(why.to_string())
}

fn texts(value: Option<&Value>) -> Vec<String> {
    let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
    match value {
        Some(Value::Array(list)) => list.iter().filter_map(text).collect(),
        Some(value) => text(value).into_iter().collect(),
        None => Vec::new(),
    }
}
