use claviger_model::{EmailAddress, Right, UserState};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Actor, App, AppError, UseCase};

/// Whom to ask for a key (contract row T1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Admin {
    /// Their name.
    pub name: String,
    /// Where they are written to.
    pub email: Option<EmailAddress>,
}

impl App {
    /// Those who can make keys in one's account. Everybody in it is told.
    pub(super) fn admins(&self, actor: &Actor) -> Result<Vec<Admin>, AppError> {
        let reach = self.authorize(actor, UseCase::AdminRead)?;
        let own = match actor {
            Actor::User { account, .. } => Some(*account),
            _ => reach.account(),
        };
        let account = own.ok_or_else(|| AppError::Invalid("this is for somebody in an account".into()))?;
        let snapshot = self.snapshot();
        let can = |user: &&claviger_model::User| {
            user.state == UserState::Active
                && snapshot.rights(user, account).contains(&Right::ManageOthersKeys)
        };
        let admins = snapshot.users().filter(can);
        Ok(admins.map(|user| Admin { name: user.name.clone(), email: user.email.clone() }).collect())
    }
}
