//! Providers that lie, and others who lie in their name: nobody is believed but for what is proved.

mod fake;
mod lies;
mod network;

use claviger_app::{Shown, SsoAnswered, SsoAsked, SsoClaims, SsoClient, SsoFailure, SsoLanding};
use claviger_model::{Slug, Time};
use claviger_sso::{Address, ProviderSettings, Providers, Trust, UserInfo};
use fake::Fake;

const NOW: i64 = 1_800_000_000;
const CLIENT: &str = "claviger";
const SECRET: &str = "a client secret that is long enough for any digest";
const NONCE: &str = "the nonce of this sign-in";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// Somebody who signs in by a fake provider.
struct Guest {
    fake: Fake,
    providers: Providers,
    slug: Slug,
}

impl Guest {
    fn of(fake: Fake) -> Self {
        Self::with(fake, |settings| settings)
    }

    fn with(fake: Fake, change: impl FnOnce(ProviderSettings) -> ProviderSettings) -> Self {
        let slug: Slug = "company".parse().unwrap();
        let settings = ProviderSettings {
            slug: slug.clone(),
            issuer: Address::issuer(&fake.issuer).unwrap(),
            client_id: CLIENT.into(),
            client_secret: Some(SECRET.into()),
            scopes: vec!["email".into()],
            redirect: Some("https://keys.example.com/sso".into()),
            loopback_path: None,
            userinfo: UserInfo::Asked,
            trust: Trust::System,
        };
        let providers = Providers::new(vec![change(settings)]).unwrap();
        Self { fake, providers, slug }
    }

    async fn address(&self, seconds: i64) -> Result<String, SsoFailure> {
        let asked = SsoAsked {
            state: "s&t",
            nonce: NONCE,
            verifier: &Shown::new(VERIFIER),
            landing: SsoLanding::Configured,
        };
        self.providers.address(&self.slug, asked, Time::from_secs(NOW + seconds)).await
    }

    async fn redeem_by(&self, issuer: Option<&str>, seconds: i64) -> Result<SsoClaims, SsoFailure> {
        let answered = SsoAnswered {
            code: &Shown::new("the code"),
            issuer,
            nonce: NONCE,
            verifier: &Shown::new(VERIFIER),
            landing: SsoLanding::Configured,
        };
        self.providers.redeem(&self.slug, answered, Time::from_secs(NOW + seconds)).await
    }

    async fn redeem(&self) -> Result<SsoClaims, SsoFailure> {
        self.redeem_by(None, 0).await
    }
}

fn refusal(result: Result<SsoClaims, SsoFailure>) -> String {
    match result {
        Err(SsoFailure::Refused(why)) => why,
        other => panic!("{other:?}"),
    }
}

fn outage<T: std::fmt::Debug>(result: Result<T, SsoFailure>) -> String {
    match result {
        Err(SsoFailure::Unavailable(why)) => why,
        other => panic!("{other:?}"),
    }
}
