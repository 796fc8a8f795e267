use claviger_model::{EmailAddress, Membership, Standing, User, UserId, UserName, UserState};
use claviger_store::UserRecord;

use super::SsoClaims;
use super::place::Place;
use crate::accounts::check_name;
use crate::unit::Unit;
use crate::{App, AppError};

impl App {
    /// A user for somebody who was never here. They have no password.
    pub(super) async fn newcomer(
        &self,
        unit: &mut Unit,
        claims: &SsoClaims,
        place: &Place,
    ) -> Result<UserRecord, AppError> {
        let id = UserId::new(unit.now, self.entropy.array());
        let email = unit.free_email(claims).await?;
        let username = unit.free_username(claims, id, email.as_ref()).await?;
        let name = claims.texts("name").into_iter().next().filter(|name| check_name("name", name).is_ok());
        let user = User {
            id,
            name: name.unwrap_or_else(|| username.to_string()),
            username,
            email,
            state: UserState::Active,
            standing: Standing::Member,
            memberships: vec![Membership { account: place.account, roles: place.roles.clone() }],
            second_factor_since: None,
        };
        unit.make_user(user, None).await
    }
}

impl Unit {
    /// Their address, if it is theirs and nobody here has it.
    async fn free_email(&mut self, claims: &SsoClaims) -> Result<Option<EmailAddress>, AppError> {
        let Some(email) = claims.verified_email() else { return Ok(None) };
        let taken = self.tx.user_by_handle(email.as_str()).await?.is_some();
        Ok(Some(email).filter(|_| !taken))
    }

    /// What the provider would call them, if nobody is called so. What looks like an address has to be theirs.
    async fn free_username(
        &mut self,
        claims: &SsoClaims,
        id: UserId,
        email: Option<&EmailAddress>,
    ) -> Result<UserName, AppError> {
        let own = |name: &UserName| !name.as_str().contains('@') || email.is_some_and(|own| is(own, name));
        let preferred = claims.texts("preferred_username").into_iter().next();
        let preferred: Option<UserName> = preferred.and_then(|name| name.parse().ok()).filter(own);
        if let Some(name) = preferred
            && self.tx.user_by_handle(name.as_str()).await?.is_none()
        {
            return Ok(name);
        }
        // Nobody else has the id.
        let name = id.to_string().replace('_', "-").parse();
        name.map_err(|error: claviger_model::NameError| AppError::Invalid(error.to_string()))
    }
}

fn is(email: &EmailAddress, name: &UserName) -> bool {
    email.as_str().eq_ignore_ascii_case(name.as_str())
}
