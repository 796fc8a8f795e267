//! A device with a passkey, in software that is not ours: the crate `passkey` plays browser and authenticator.

use passkey::authenticator::{Authenticator, UiHint, UserCheck, UserValidationMethod};
use passkey::client::{Client, DefaultClientData};
use passkey::crypto::AvailableBackend;
use passkey_types::Passkey;
use passkey_types::ctap2::{Aaguid, Ctap2Error};
use serde_json::Value;
use url::Url;

/// The page at which the world's passkeys are made.
pub const ORIGIN: &str = "https://keys.example.com";
/// What they are for.
pub const PARTY: &str = "example.com";

/// Somebody who always unlocks the device.
struct Willing;

#[async_trait::async_trait]
impl UserValidationMethod for Willing {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(
        &self,
        _: UiHint<'a, Passkey>,
        presence: bool,
        verification: bool,
    ) -> Result<UserCheck, Ctap2Error> {
        Ok(UserCheck { presence, verification })
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }
}

/// Whether a device counts how often its passkey was used. Those whose passkeys are on several devices do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counter {
    /// It counts.
    Counting,
    /// It always says 0.
    None,
}

/// A device that holds one passkey at the most, and the page that its browser shows. A clone of it is what a thief
/// would have.
#[derive(Clone)]
pub struct Device {
    passkey: Option<Passkey>,
    page: Url,
    counter: Counter,
}

impl Default for Device {
    fn default() -> Self {
        Self { passkey: None, page: ORIGIN.parse().unwrap(), counter: Counter::Counting }
    }
}

impl Device {
    /// The same device, on another page.
    #[must_use]
    pub fn at(&self, page: &str) -> Self {
        Self { page: page.parse().unwrap(), ..self.clone() }
    }

    /// The same device, with or without a counter of the passkey that it makes next.
    #[must_use]
    pub fn with(&self, counter: Counter) -> Self {
        Self { counter, ..self.clone() }
    }

    /// What `navigator.credentials.create()` answers.
    pub async fn make(&mut self, options: &Value) -> Value {
        let asked = serde_json::from_value(options.clone()).unwrap();
        let mut browser = Client::new(self.authenticator()).allows_insecure_localhost(true);
        let made = browser.register(&self.page, asked, DefaultClientData).await.unwrap();
        self.passkey.clone_from(browser.authenticator().store());
        serde_json::to_value(made).unwrap()
    }

    /// What `navigator.credentials.get()` answers.
    pub async fn answer(&mut self, options: &Value) -> Value {
        let asked = serde_json::from_value(options.clone()).unwrap();
        let mut browser = Client::new(self.authenticator()).allows_insecure_localhost(true);
        let answered = browser.authenticate(&self.page, asked, DefaultClientData).await.unwrap();
        self.passkey.clone_from(browser.authenticator().store());
        serde_json::to_value(answered).unwrap()
    }

    fn authenticator(&self) -> Authenticator<Option<Passkey>, Willing, AvailableBackend> {
        let store = self.passkey.clone();
        let mut made = Authenticator::new(Aaguid::new_empty(), store, Willing, AvailableBackend);
        made.set_make_credentials_with_signature_counter(self.counter == Counter::Counting);
        made
    }
}
