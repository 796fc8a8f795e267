use claviger_model::{CredentialId, CredentialRecord, LifeEvent, Revocation};

use crate::accounts::check_name;
use crate::unit::Unit;
use crate::{Actor, App, AppError, KeyView, UseCase};

pub(super) const fn use_case(event: LifeEvent) -> UseCase {
    match event {
        LifeEvent::Activate => UseCase::KeyActivate,
        LifeEvent::Disable => UseCase::KeyDisable,
        LifeEvent::Enable => UseCase::KeyEnable,
        LifeEvent::Revoke => UseCase::KeyRevoke,
    }
}

impl App {
    /// Lets something happen to a key. It counts from the next request on. What happened already is no error.
    pub(crate) async fn change_life(
        &self,
        actor: &Actor,
        id: CredentialId,
        event: LifeEvent,
        reason: Option<String>,
    ) -> Result<KeyView, AppError> {
        if let Some(reason) = &reason {
            check_name("reason", reason)?;
        }
        let mut unit = self.begin_on_key(actor, use_case(event)).await?;
        unit.because(reason.clone());
        let before = unit.key(id).await?;
        let after = unit.change_life(&before, event, reason).await?;
        let view = self.view_in(&mut unit, &after).await?;
        self.commit(unit, view).await
    }
}

impl Unit {
    /// Writes what an event makes of a key; nothing, if it happened already.
    pub(crate) async fn change_life(
        &mut self,
        before: &CredentialRecord,
        event: LifeEvent,
        reason: Option<String>,
    ) -> Result<CredentialRecord, AppError> {
        let mut after = before.clone();
        after.credential.state = before.credential.state.after(event)?;
        if after.credential.state != before.credential.state {
            if event == LifeEvent::Revoke {
                after.revocation = Some(Revocation { at: self.now, reason });
            }
            self.update_key(before, &mut after).await?;
        }
        Ok(after)
    }
}
