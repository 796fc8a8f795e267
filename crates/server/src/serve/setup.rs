//! What whoever starts a server reads on its console, as long as nobody can be its operator.

use claviger_app::SetupOffer;
use serde_json::{Value, json};

use super::{Running, ServeError};

/// How the first operator comes in: shown once, and never written to a log.
#[derive(Debug)]
pub struct Setup {
    url: String,
    offer: SetupOffer,
}

impl Running {
    /// A link for the first operator; none, if there is one.
    ///
    /// # Errors
    /// What the database says.
    pub async fn offer_setup(&self) -> Result<Option<Setup>, ServeError> {
        let offer = self.app().offer_setup().await?;
        Ok(offer.map(|offer| Setup { url: format!("{}/v1/setup", self.management), offer }))
    }
}

impl Setup {
    /// For programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let SetupOffer { token, until } = &self.offer;
        json!({ "url": self.url, "token": token, "until": until })
    }

    /// For people.
    #[must_use]
    pub fn to_text(&self) -> String {
        let SetupOffer { token, until } = &self.offer;
        format!(
            "There is no operator yet. Until {until}, whoever has this token becomes one:\n\n  {}\n\n\
             Send it with a user name and a password of your choice, once:\n\n  \
             curl {} -H 'Content-Type: application/json' \\\n    \
             -d '{{\"token\": \"…\", \"username\": \"…\", \"password\": \"…\"}}'\n",
            token.expose(),
            self.url,
        )
    }
}
