use claviger_model::{AccountId, EmailAddress, Invitation, InvitationId, Span};
use claviger_store::InvitationFilter;

use super::{InvitationView, NewInvitation};
use crate::people::link::Link;
use crate::unit::Unit;
use crate::{Actor, App, AppError, Shown, UseCase};

/// For how long an invitation works, if nothing is said, and at the least and the most.
const USUAL: Span = Span::from_days(7);
const LEAST: Span = Span::from_secs(60);
const MOST: Span = Span::from_days(30);
/// How many an account can have open.
pub(super) const MOST_OPEN: u32 = 100;

fn lifetime(wanted: Option<Span>) -> Result<Span, AppError> {
    let span = wanted.unwrap_or(USUAL);
    if (LEAST..=MOST).contains(&span) {
        return Ok(span);
    }
    Err(AppError::Invalid(format!("an invitation works for {LEAST} to {MOST}, and not for {span}")))
}

impl App {
    /// Invites somebody. Their link is shown now and never again.
    pub(in crate::people) async fn invite(
        &self,
        actor: &Actor,
        new: NewInvitation,
    ) -> Result<InvitationView, AppError> {
        let lifetime = lifetime(new.lifetime)?;
        let mut unit = self.begin(actor, UseCase::InvitationCreate).await?;
        let account = unit.account_within(new.account.as_ref()).await?;
        let giver = self.giver(&unit, account);
        unit.check_grantable(giver.as_ref(), account, &new.roles).await?;
        unit.check_room(account, &new.email).await?;
        let (secret, digest) = self.new_link(Link::Invitation)?;
        let invitation = Invitation {
            id: InvitationId::new(unit.now, self.entropy.array()),
            account,
            email: new.email,
            roles: new.roles,
            invited_by: match actor {
                Actor::User { id, .. } => Some(*id),
                Actor::Operator { .. } | Actor::Server => None,
            },
            created_at: unit.now,
            expires_at: unit.now.after(lifetime),
        };
        unit.tx.insert_invitation(&invitation, &digest).await?;
        unit.audit(&invitation, None, Some(&invitation)).await?;
        let token = Some(Shown::new(secret.expose()));
        let view = InvitationView { token, ..self.invitation_view(&invitation) };
        self.commit_secret(unit, view).await
    }
}

impl Unit {
    /// The invitations into an account that work still.
    pub(super) async fn open_invitations(&mut self, account: AccountId) -> Result<Vec<Invitation>, AppError> {
        let filter = InvitationFilter { account: Some(account), at: self.now, after: None, limit: MOST_OPEN };
        Ok(self.tx.invitations(&filter).await?)
    }

    /// Whether another one can be open, and nobody with this address has one.
    async fn check_room(&mut self, account: AccountId, email: &EmailAddress) -> Result<(), AppError> {
        let open = self.open_invitations(account).await?;
        if open.iter().any(|one| one.email.as_str().eq_ignore_ascii_case(email.as_str())) {
            return Err(AppError::Taken { what: "invitation of", name: email.to_string() });
        }
        if open.len() >= MOST_OPEN as usize {
            return Err(AppError::Invalid(format!(
                "an account has at most {MOST_OPEN} open invitations; withdraw some of them"
            )));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_works_for_a_minute_to_a_month() {
        let of = |text: &str| lifetime(Some(text.parse().unwrap())).is_ok();
        assert_eq!(lifetime(None).unwrap(), Span::from_days(7));
        let table = [("0s", false), ("59s", false), ("1m", true), ("30d", true), ("721h", false)];
        for (text, fits) in table {
            assert_eq!(of(text), fits, "{text}");
        }
    }
}
