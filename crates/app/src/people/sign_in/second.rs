use claviger_model::{PasskeyId, Time};
use claviger_store::{Once, UserRecord};

use super::{SecondFactor, SignInError};
use crate::unit::Unit;
use crate::{App, AppError};

impl App {
    /// Whether somebody whose password is right proves themselves beside it, if they have to; and with which passkey, if
    /// with one. What they used works no more once this transaction is committed: of two that use it, on whatever nodes,
    /// one succeeds.
    pub(in crate::people) async fn use_second_factor(
        &self,
        unit: &mut Unit,
        record: &UserRecord,
        second: Option<&SecondFactor>,
    ) -> Result<Option<PasskeyId>, AppError> {
        if record.user.second_factor_since.is_none() {
            return Ok(None);
        }
        let (id, now): (_, Time) = (record.user.id, unit.now);
        let once = match second {
            None => return Err(SignInError::SecondFactorNeeded.into()),
            Some(SecondFactor::Passkey(answer)) => return self.use_passkey(unit, id, answer).await.map(Some),
            Some(SecondFactor::Code(code)) => self.use_totp(unit, id, code.expose(), now).await?,
            Some(SecondFactor::Recovery(code)) => {
                unit.tx.use_recovery_code(id, &self.recovery_digest(id, code.expose()), now).await?
            }
        };
        match once {
            Once::Used => Ok(None),
            Once::Refused => Err(SignInError::SecondFactorWrong.into()),
        }
    }
}
