use super::Object;
use super::write::{Done, Writer};
use crate::{Actor, App, AppError};

/// Something that changes nothing and has to be told all the same, such as a sign-in that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// Who, such as `user:user_…`; whoever is not known has the name that they gave.
    pub actor: String,
    /// What, such as `session.refused`.
    pub action: &'static str,
    /// To what.
    pub object: Object,
    /// Why, or why not.
    pub reason: Option<String>,
    /// What else is to be known. No secret.
    pub details: Option<serde_json::Value>,
}

impl App {
    /// Writes an entry without a change, in a transaction of its own. When this returns, it is on disk.
    pub async fn audit_event(&self, event: AuditEvent) -> Result<(), AppError> {
        let AuditEvent { actor, action, object, reason, details } = event;
        let after = details.map(|details| details.to_string());
        let mut tx = self.store.begin().await?;
        let done = Done { at: self.now(), action, object, reason, before: None, after };
        Writer::new(self.vault.audit_key(), actor).write(&mut tx, done).await?;
        Ok(tx.commit().await?)
    }

    /// Writes that somebody may not do what they asked for. They are told so in any case.
    pub(crate) async fn audit_forbidden(&self, actor: &Actor, use_case: &'static str) {
        let object = Object::new("use_case", use_case);
        let written = self
            .audit_event(AuditEvent {
                actor: actor.to_string(),
                action: "forbidden",
                object: match actor {
                    Actor::User { account, .. } => object.of(*account),
                    _ => object,
                },
                reason: None,
                details: None,
            })
            .await;
        if let Err(error) = written {
            tracing::error!(%actor, use_case, %error, "a refusal is not in the audit");
        }
    }
}
