use claviger_model::{
    AccountNumber, EmailAddress, Invitation, InvitationId, Slug, Span, Time, UserId, UserName,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{App, Object, Shown};

/// Somebody to invite.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewInvitation {
    /// Where they are written to.
    pub email: EmailAddress,
    /// Into which account; may be left out by whoever is in one.
    pub account: Option<AccountNumber>,
    /// Their roles there.
    #[serde(default)]
    pub roles: Vec<Slug>,
    /// For how long it works; a week, if left out.
    #[serde(default)]
    pub lifetime: Option<Span>,
}

/// Who somebody who was invited wants to be.
#[derive(Debug, Clone)]
pub struct AcceptInvitation {
    /// The secret that they were handed.
    pub token: Shown,
    /// What they sign in with.
    pub username: UserName,
    /// Their name; the user name, if left out.
    pub name: Option<String>,
    /// Their password.
    pub password: Shown,
}

/// An invitation, as people are shown it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InvitationView {
    /// Its id.
    pub id: InvitationId,
    /// The account's number.
    pub account: String,
    /// Where whoever is invited is written to.
    pub email: EmailAddress,
    /// The roles that they get.
    pub roles: Vec<Slug>,
    /// Who invited; absent, if it was whoever owns the data.
    pub invited_by: Option<UserId>,
    /// Since when.
    pub created_at: Time,
    /// From this moment on it works no more.
    pub expires_at: Time,
    /// What whoever is invited has to be handed, if it was made just now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Shown>,
}

impl App {
    pub(super) fn invitation_view(&self, invitation: &Invitation) -> InvitationView {
        InvitationView {
            id: invitation.id,
            account: self.account_number(invitation.account),
            email: invitation.email.clone(),
            roles: invitation.roles.clone(),
            invited_by: invitation.invited_by,
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
            token: None,
        }
    }
}

impl From<&Invitation> for Object {
    fn from(invitation: &Invitation) -> Self {
        Self::new("invitation", &invitation.id).of(invitation.account)
    }
}
