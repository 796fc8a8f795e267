use claviger_model::{ChangeNumber, EmailAddress, Membership, Standing, User, UserId, UserState};
use claviger_store::{HasPassword, UserRecord};

use super::{NewUser, UserView};
use crate::accounts::check_name;
use crate::reach::Reach;
use crate::unit::Unit;
use crate::{Actor, App, AppError, UseCase};

impl App {
    pub(super) async fn create_user(&self, actor: &Actor, new: NewUser) -> Result<UserView, AppError> {
        let reach = self.authorize(actor, UseCase::UserCreate)?;
        check_standing(reach, &new)?;
        let name = new.name.clone().unwrap_or_else(|| new.username.to_string());
        check_name("name", &name)?;
        let hash = match &new.password {
            Some(password) => Some(self.first_password(password, &new.username, new.email.as_ref()).await?),
            None => None,
        };
        let mut unit = self.begin(actor, UseCase::UserCreate).await?;
        let memberships = self.first_membership(&mut unit, &new).await?;
        let user = User {
            id: UserId::new(unit.now, self.entropy.array()),
            username: new.username,
            email: new.email,
            name,
            state: UserState::Active,
            standing: new.standing,
            memberships,
            second_factor_since: None,
        };
        let record = unit.make_user(user, hash.as_deref()).await?;
        let view = self.user_view(&record, unit.reach);
        self.commit(unit, view).await
    }

    async fn first_membership(&self, unit: &mut Unit, new: &NewUser) -> Result<Vec<Membership>, AppError> {
        if new.account.is_none() && unit.reach == Reach::Everything {
            return match new.standing {
                Standing::Operator if new.roles.is_empty() => Ok(Vec::new()),
                _ => Err(AppError::Invalid("say which account they belong to".into())),
            };
        }
        let account = unit.account_within(new.account.as_ref()).await?;
        let giver = self.giver(unit, account);
        unit.check_grantable(giver.as_ref(), account, &new.roles).await?;
        Ok(vec![Membership { account, roles: new.roles.clone() }])
    }
}

fn check_standing(reach: Reach, new: &NewUser) -> Result<(), AppError> {
    if new.standing == Standing::Operator && reach != Reach::Everything {
        return Err(AppError::Lacking("operator".to_owned()));
    }
    if new.standing == Standing::Service && new.password.is_some() {
        return Err(AppError::Invalid("a machine does not sign in, and has no password".into()));
    }
    Ok(())
}

impl Unit {
    /// Writes a user who was not there before.
    pub(super) async fn make_user(&mut self, user: User, hash: Option<&str>) -> Result<UserRecord, AppError> {
        self.check_free(&user).await?;
        let mut record = UserRecord {
            user,
            change: ChangeNumber::default(),
            created_at: self.now,
            updated_at: self.now,
            last_sign_in_at: None,
            password: if hash.is_some() { HasPassword::Set } else { HasPassword::None },
        };
        self.keep_user(None, &mut record).await?;
        self.tx.put_password_hash(record.user.id, hash).await?;
        Ok(record)
    }

    /// Whether nobody else signs in with what the user is to sign in with, be it as a user name or as an address.
    pub(super) async fn check_free(&mut self, user: &User) -> Result<(), AppError> {
        let handles = [Some(user.username.as_str()), user.email.as_ref().map(EmailAddress::as_str)];
        for handle in handles.into_iter().flatten() {
            let found = self.tx.user_by_handle(handle).await?;
            if found.is_some_and(|other| other.user.id != user.id) {
                return Err(AppError::Taken { what: "user", name: handle.to_owned() });
            }
        }
        Ok(())
    }
}
