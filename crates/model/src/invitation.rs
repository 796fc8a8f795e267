use serde::{Deserialize, Serialize};

use crate::{AccountId, EmailAddress, InvitationId, Slug, Time, UserId};

/// That somebody may come into an account. Whoever has the secret of it accepts it, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// The id.
    pub id: InvitationId,
    /// Into which account.
    pub account: AccountId,
    /// Where whoever is invited is written to.
    pub email: EmailAddress,
    /// The roles that they get there.
    pub roles: Vec<Slug>,
    /// Who invited; nobody who signs in, if it was whoever owns the data.
    pub invited_by: Option<UserId>,
    /// Since when.
    pub created_at: Time,
    /// From this moment on it works no more.
    pub expires_at: Time,
}
