//! What a browser gives for a passkey, in the spelling of `PublicKeyCredential.toJSON()` (WebAuthn level 3, section
//! 5.1). Members that are not read are let by.

use data_encoding::BASE64URL_NOPAD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Shown;

/// What a browser answers when a passkey was made.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PasskeyMade {
    /// How the device calls the passkey, in base 64 for URLs, as everything here.
    pub id: String,
    /// The same.
    pub raw_id: String,
    /// `public-key`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What the device said.
    pub response: Attestation,
}

/// What a device says when it made a passkey.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attestation {
    /// What the browser told the device.
    #[serde(rename = "clientDataJSON")]
    pub client_data_json: String,
    /// The public key, and what the device says about it.
    pub attestation_object: String,
}

/// What a browser answers when a passkey was used.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PasskeyAnswer {
    /// How the device calls the passkey, in base 64 for URLs, as everything here.
    pub id: String,
    /// The same.
    pub raw_id: String,
    /// `public-key`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What the device said.
    pub response: Assertion,
}

/// What a device says when a passkey was used.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Assertion {
    /// What the browser told the device.
    #[serde(rename = "clientDataJSON")]
    pub client_data_json: String,
    /// What the device says about itself and its user.
    pub authenticator_data: String,
    /// Its signature of both.
    pub signature: Shown,
    /// Who the passkey says that its user is.
    #[serde(default)]
    pub user_handle: Option<String>,
}

/// What the browser told the device, as far as it is read here. The library reads all of it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    challenge: String,
    #[serde(default)]
    cross_origin: bool,
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    BASE64URL_NOPAD.decode(text.trim_end_matches('=').as_bytes()).ok()
}

/// The challenge that was answered. Nobody is asked within a page of somebody else.
fn challenge(client_data: &str) -> Option<Vec<u8>> {
    let data: ClientData = serde_json::from_slice(&bytes(client_data)?).ok()?;
    if data.cross_origin { None } else { bytes(&data.challenge) }
}

impl PasskeyMade {
    pub(super) fn challenge(&self) -> Option<Vec<u8>> {
        challenge(&self.response.client_data_json)
    }
}

impl PasskeyAnswer {
    pub(super) fn challenge(&self) -> Option<Vec<u8>> {
        challenge(&self.response.client_data_json)
    }

    /// How the device calls the passkey; nothing, if it is no text in base 64.
    pub(in crate::people) fn credential_id(&self) -> Option<Vec<u8>> {
        bytes(&self.raw_id)
    }

    pub(super) fn user_handle(&self) -> Option<Vec<u8>> {
        self.response.user_handle.as_deref().and_then(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(json: &str) -> Option<Vec<u8>> {
        challenge(&BASE64URL_NOPAD.encode(json.as_bytes()))
    }

    #[test]
    fn the_challenge_is_read_and_pages_within_pages_are_refused() {
        assert_eq!(
            told(r#"{"type":"webauthn.get","challenge":"AQID","origin":"https://a"}"#),
            Some(vec![1, 2, 3])
        );
        assert_eq!(told(r#"{"challenge":"AQID","crossOrigin":false}"#), Some(vec![1, 2, 3]));
        for wrong in [
            r#"{"challenge":"AQID","crossOrigin":true}"#,
            r#"{"challenge":"AQID","challenge":"AQID"}"#,
            r#"{"challenge":"?"}"#,
            "{}",
            "",
        ] {
            assert_eq!(told(wrong), None, "{wrong}");
        }
        assert_eq!(challenge("{}"), None);
    }
}
