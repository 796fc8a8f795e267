use claviger_model::PasskeyId;

use super::{PasskeyError, PasskeyView};
use crate::people::find::object;
use crate::{Actor, App, AppError, Shown, UseCase};

impl App {
    /// Removes a passkey of one's own. The last second factor is given up with the password, which has to do alone then.
    pub(in crate::people) async fn remove_passkey(
        &self,
        actor: &Actor,
        id: PasskeyId,
        current: Option<Shown>,
    ) -> Result<PasskeyView, AppError> {
        if let Some(current) = &current {
            self.prove(actor, UseCase::PasskeyRemove, current.clone()).await?;
        }
        let mut unit = self.begin(actor, UseCase::PasskeyRemove).await?;
        let (before, passkey) = unit.own_passkey(id).await?;
        unit.tx.delete_passkey(id).await?;
        if unit.oneself().await?.user.second_factor_since.is_none() {
            let current = current.ok_or(PasskeyError::Last)?;
            Self::check_alone(current.expose(), &before)?;
            // Recovery codes are for those who have something to recover.
            unit.tx.delete_factors(before.user.id).await?;
        }
        let after = unit.keep_factors(&before).await?;
        let view = PasskeyView::from(&passkey);
        unit.audit(object(Some(&before.user), &after.user), Some(&view), None).await?;
        self.commit(unit, view).await
    }
}
