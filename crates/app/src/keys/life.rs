use claviger_model::{CredentialId, LifeEvent, Revocation};

use crate::accounts::check_name;
use crate::{Actor, App, AppError, KeyView, UseCase};

const fn use_case(event: LifeEvent) -> UseCase {
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
            check_name(reason)?;
        }
        let mut unit = self.begin(actor, use_case(event)).await?;
        unit.because(reason.clone());
        let before = unit.key(id).await?;
        let mut after = before.clone();
        after.credential.state = before.credential.state.after(event)?;
        if after.credential.state != before.credential.state {
            if event == LifeEvent::Revoke {
                after.revocation = Some(Revocation { at: unit.now, reason });
            }
            unit.update_key(&before, &mut after).await?;
        }
        self.commit(unit).await?;
        self.used_view(&after).await
    }
}
