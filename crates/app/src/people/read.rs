use claviger_model::AccountNumber;

use super::find::oneself;
use super::{UserSort, UserView, WhichUser};
use crate::reach::Reach;
use crate::{Actor, App, AppError, Part, UseCase};

impl App {
    pub(super) async fn list_users(
        &self,
        actor: &Actor,
        account: Option<&AccountNumber>,
        sort: UserSort,
        part: Part<String>,
    ) -> Result<Vec<UserView>, AppError> {
        let reach = self.authorize(actor, UseCase::UserRead)?;
        let within = match account {
            Some(number) => Some(self.account_id(number, reach).await?),
            None => reach.account(),
        };
        let limit = part.most()?;
        let users = self.store.users_in(&sort.order(part.after)?, within, limit).await?;
        Ok(users.iter().map(|record| self.user_view(record, reach)).collect())
    }

    pub(super) async fn show_user(&self, actor: &Actor, user: &WhichUser) -> Result<UserView, AppError> {
        let reach = self.authorize(actor, UseCase::UserRead)?;
        Ok(self.user_view(&self.user_within(user, reach).await?, reach))
    }

    /// Oneself, with all of one's accounts.
    pub(super) async fn who_am_i(&self, actor: &Actor) -> Result<UserView, AppError> {
        self.authorize(actor, UseCase::WhoAmI)?;
        let id = oneself(actor)?;
        let record = self.store.user(id).await?.ok_or_else(|| AppError::not_found("user", &id))?;
        Ok(self.user_view(&record, Reach::Everything))
    }
}
