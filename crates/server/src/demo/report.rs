use std::collections::BTreeMap;

use claviger_app::{KeyView, Shown};
use claviger_model::CredentialKind;
use serde::Serialize;
use serde_json::Value;

/// What `claviger demo` says: addresses, and for each example its credentials and calls to try.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The portal.
    pub portal: Option<String>,
    /// Management, for people's programs.
    pub management: String,
    /// The gateway.
    pub gateway: String,
    /// The doors for infrastructure.
    pub check: String,
    /// Health and metrics.
    pub ops: String,
    /// Where everything is kept.
    pub data_dir: String,
    /// Where e-mails are written.
    pub mail_dir: Option<String>,
    /// Who can sign in.
    pub people: Vec<Value>,
    /// The examples, by name.
    pub examples: BTreeMap<String, Example>,
}

/// One example.
#[derive(Debug, Clone, Serialize)]
pub struct Example {
    /// The number of its account.
    pub account: String,
    /// Its credentials, secrets included: a demo may.
    pub credentials: Vec<DemoCredential>,
    /// Requests to try, each as it stands.
    pub calls: Vec<Call>,
}

/// A credential of an example.
#[derive(Debug, Clone, Serialize)]
pub struct DemoCredential {
    /// Its id.
    pub id: String,
    /// Its API.
    pub api: String,
    /// Its environment.
    pub environment: String,
    /// Its state.
    pub state: String,
    /// What it is called.
    pub label: Option<String>,
    /// From where it may be used.
    pub allowlist: String,
    /// The key, or the public id of a pair.
    pub key: Option<Shown>,
    /// The signing secret of a pair.
    pub secret: Option<Shown>,
}

impl From<&KeyView> for DemoCredential {
    fn from(view: &KeyView) -> Self {
        Self {
            id: view.id.to_string(),
            api: view.api.clone(),
            environment: view.environment.clone(),
            state: view.state.clone(),
            label: view.label.clone(),
            allowlist: view.allowlist.to_string(),
            key: match view.kind {
                CredentialKind::ApiKey => view.key.clone(),
                CredentialKind::KeyPair => Some(Shown::new(&view.id.to_string())),
            },
            secret: view.secret.clone(),
        }
    }
}

/// A request to try, and the status that it gets.
#[derive(Debug, Clone, Serialize)]
pub struct Call {
    /// The contract row that it shows.
    pub row: &'static str,
    /// What it shows.
    pub name: &'static str,
    /// The method.
    pub method: &'static str,
    /// The address.
    pub url: String,
    /// The headers.
    pub headers: BTreeMap<&'static str, String>,
    /// The body.
    pub body: Option<&'static str>,
    /// The status.
    pub expect: u16,
}

impl Call {
    fn is_signed(&self) -> bool {
        ["Signature", "X-Signature", "Digest"].iter().any(|name| self.headers.contains_key(name))
    }

    /// The call as a command to paste.
    #[must_use]
    pub fn curl(&self) -> String {
        let mut words = vec!["curl -i".to_owned()];
        if self.method != "GET" {
            words.push(format!("-X {}", self.method));
        }
        words.extend(self.headers.iter().map(|(name, value)| format!("-H '{name}: {value}'")));
        words.extend(self.body.map(|body| format!("-d '{body}'")));
        words.push(format!("'{}'", self.url));
        words.join(" ")
    }
}

impl Report {
    /// One line of JSON, for scripts.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Maps with text keys and no number that JSON lacks: this cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// For people: where things are, and one call that is accepted and one that is refused per example.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut lines = vec![
            format!("Gateway            {}", self.gateway),
            format!("Management         {}", self.management),
            format!("Doors for proxies  {}", self.check),
            format!("Health and metrics {}", self.ops),
            format!("Data folder        {}", self.data_dir),
        ];
        for (name, example) in &self.examples {
            lines.push(String::new());
            lines.push(format!("Example {name}, account {}. Try:", example.account));
            let first = |taken: fn(u16) -> bool| example.calls.iter().find(move |call| taken(call.expect));
            for call in [first(|status| status < 300), first(|status| matches!(status, 401 | 403))]
                .into_iter()
                .flatten()
            {
                if call.is_signed() {
                    lines.push("  # Signed: good for one sending, for five minutes".to_owned());
                }
                lines.push(format!("  # {} ({}): {}", call.name, call.row, call.expect));
                lines.push(format!("  {}", call.curl()));
            }
        }
        lines.push(String::new());
        lines.push("A refusal carries a request_id; see why with:".to_owned());
        lines.push(format!("  claviger --data-dir {} explain REQUEST_ID", self.data_dir));
        lines.push("Stop with Ctrl-C.".to_owned());
        lines.join("\n")
    }
}
