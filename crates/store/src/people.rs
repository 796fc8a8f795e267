//! What a [`Store`] and a [`Tx`] can do about people.

use claviger_model::{AccountId, ChangeNumber, CredentialId, Digest, PasskeyId, Role, Slug, Time, UserId};

use crate::{
    Attempts, Once, PasskeyRecord, Store, StoreError, TotpFactor, Tx, UserOrder, UserRecord, changes,
    credentials, factors, passkeys, users,
};

impl Store {
    /// Every user, oldest first.
    pub async fn users(&self) -> Result<Vec<UserRecord>, StoreError> {
        users::all(self.0.read().await?.conn()).await
    }

    /// Users in this order, of one account or of all, at most so many.
    pub async fn users_in(
        &self,
        order: &UserOrder,
        account: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<UserRecord>, StoreError> {
        users::list(self.0.read().await?.conn(), order, account, limit).await
    }

    /// The user with this id.
    pub async fn user(&self, id: UserId) -> Result<Option<UserRecord>, StoreError> {
        users::by_id(self.0.read().await?.conn(), id).await
    }

    /// The user with this user name or e-mail address, in whatever case.
    pub async fn user_by_handle(&self, handle: &str) -> Result<Option<UserRecord>, StoreError> {
        users::by_handle(self.0.read().await?.conn(), handle).await
    }

    /// The digest of a user's password, if they have one.
    pub async fn password_hash(&self, id: UserId) -> Result<Option<String>, StoreError> {
        users::password_hash(self.0.read().await?.conn(), id).await
    }

    /// An account's own roles, by slug.
    pub async fn roles(&self, account: AccountId) -> Result<Vec<Role>, StoreError> {
        users::roles_of(self.0.read().await?.conn(), account).await
    }

    /// A user's passkeys, oldest first.
    pub async fn passkeys(&self, user: UserId) -> Result<Vec<PasskeyRecord>, StoreError> {
        passkeys::of_user(self.0.read().await?.conn(), user).await
    }

    /// The passkey that its device calls so.
    pub async fn passkey_by_credential(&self, id: &[u8]) -> Result<Option<PasskeyRecord>, StoreError> {
        passkeys::by_credential(self.0.read().await?.conn(), id).await
    }

    /// Forgets the challenges that were answered before a moment; says how many it forgot.
    pub async fn prune_passkey_challenges(&self, used: Time) -> Result<u64, StoreError> {
        let mut writing = self.0.write().await?;
        let pruned = passkeys::prune_challenges(writing.conn(), used).await?;
        writing.commit().await.map(|()| pruned)
    }

    /// Forgets what failed last before one moment and, if it ever did, succeeded last before another one; says how many
    /// it forgot.
    pub async fn prune_attempts(&self, failed: Time, succeeded: Time) -> Result<u64, StoreError> {
        let mut writing = self.0.write().await?;
        let pruned = factors::prune_attempts(writing.conn(), failed, succeeded).await?;
        writing.commit().await.map(|()| pruned)
    }
}

impl Tx {
    /// The number of the last change; 0 before the first. Nobody else makes one before this transaction ends.
    pub async fn head(&mut self) -> Result<ChangeNumber, StoreError> {
        changes::head(self.conn()).await
    }

    /// The user with this id.
    pub async fn user(&mut self, id: UserId) -> Result<Option<UserRecord>, StoreError> {
        users::by_id(self.conn(), id).await
    }

    /// The user with this user name or e-mail address, in whatever case.
    pub async fn user_by_handle(&mut self, handle: &str) -> Result<Option<UserRecord>, StoreError> {
        users::by_handle(self.conn(), handle).await
    }

    /// Every user, oldest first.
    pub async fn users(&mut self) -> Result<Vec<UserRecord>, StoreError> {
        users::all(self.conn()).await
    }

    /// Every operator who is not switched off, oldest first.
    pub async fn active_operators(&mut self) -> Result<Vec<UserRecord>, StoreError> {
        users::active_operators(self.conn()).await
    }

    /// Inserts the user, or changes the one with their id; not their password or second factor, nor when they were made
    /// or last signed in.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when another has the user name or the e-mail address.
    pub async fn put_user(&mut self, record: &UserRecord) -> Result<(), StoreError> {
        users::put(self.conn(), record).await
    }

    /// Removes the user with their factors. Their credentials stay, and work no more.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is none.
    pub async fn delete_user(&mut self, id: UserId) -> Result<(), StoreError> {
        users::delete(self.conn(), id).await
    }

    /// The digest of a user's password, if they have one.
    pub async fn password_hash(&mut self, id: UserId) -> Result<Option<String>, StoreError> {
        users::password_hash(self.conn(), id).await
    }

    /// Keeps the digest of a user's password, or none.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is no such user.
    pub async fn put_password_hash(&mut self, id: UserId, hash: Option<&str>) -> Result<(), StoreError> {
        users::put_password_hash(self.conn(), id, hash).await
    }

    /// Notes when a user signed in.
    pub async fn put_sign_in(&mut self, id: UserId, at: Time) -> Result<(), StoreError> {
        users::signed_in(self.conn(), id, at).await
    }

    /// When whoever has this login token or session last proved who they are: when they signed in, or again since.
    /// Nothing, if it is none or works no more.
    pub async fn proved_at(&mut self, session: CredentialId) -> Result<Option<Time>, StoreError> {
        credentials::proved_at(self.conn(), session).await
    }

    /// Notes that whoever has this login token or session proved again who they are.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when it is none or works no more.
    pub async fn put_proof(&mut self, session: CredentialId, at: Time) -> Result<(), StoreError> {
        credentials::put_proof(self.conn(), session, at).await
    }

    /// An account's own roles, by slug.
    pub async fn roles(&mut self, account: AccountId) -> Result<Vec<Role>, StoreError> {
        users::roles_of(self.conn(), account).await
    }

    /// Inserts the role, or changes the one of its account with its slug.
    pub async fn put_role(&mut self, role: &Role, number: ChangeNumber) -> Result<(), StoreError> {
        users::put_role(self.conn(), role, number).await
    }

    /// Removes a role.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is none.
    pub async fn delete_role(&mut self, account: AccountId, slug: &Slug) -> Result<(), StoreError> {
        users::delete_role(self.conn(), account, slug).await
    }

    /// What a user's one-time codes are made from.
    pub async fn totp(&mut self, user: UserId) -> Result<Option<TotpFactor>, StoreError> {
        factors::totp(self.conn(), user).await
    }

    /// Keeps what a user's one-time codes are made from.
    pub async fn put_totp(&mut self, user: UserId, factor: &TotpFactor) -> Result<(), StoreError> {
        factors::put_totp(self.conn(), user, factor).await
    }

    /// Uses the code of a step, unless one of it or of a later step was used.
    pub async fn use_totp_step(&mut self, user: UserId, step: u64) -> Result<Once, StoreError> {
        factors::use_step(self.conn(), user, step).await
    }

    /// Removes what a user's one-time codes are made from.
    pub async fn delete_totp(&mut self, user: UserId) -> Result<(), StoreError> {
        factors::delete_totp(self.conn(), user).await
    }

    /// A user's passkeys, oldest first.
    pub async fn passkeys(&mut self, user: UserId) -> Result<Vec<PasskeyRecord>, StoreError> {
        passkeys::of_user(self.conn(), user).await
    }

    /// The passkey that its device calls so.
    pub async fn passkey_by_credential(&mut self, id: &[u8]) -> Result<Option<PasskeyRecord>, StoreError> {
        passkeys::by_credential(self.conn(), id).await
    }

    /// Inserts a passkey.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody has it already.
    pub async fn insert_passkey(&mut self, passkey: &PasskeyRecord) -> Result<(), StoreError> {
        passkeys::insert(self.conn(), passkey).await
    }

    /// Keeps the name of a passkey, its counter, and when it was last used.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is none.
    pub async fn put_passkey(&mut self, passkey: &PasskeyRecord) -> Result<(), StoreError> {
        passkeys::put(self.conn(), passkey).await
    }

    /// Removes a passkey.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is none.
    pub async fn delete_passkey(&mut self, id: PasskeyId) -> Result<(), StoreError> {
        passkeys::delete(self.conn(), id).await
    }

    /// Uses a challenge, unless it was answered before.
    pub async fn use_passkey_challenge(&mut self, challenge: &[u8], at: Time) -> Result<Once, StoreError> {
        passkeys::use_challenge(self.conn(), challenge, at).await
    }

    /// Removes a user's second factors: one-time codes, passkeys and recovery codes.
    pub async fn delete_factors(&mut self, user: UserId) -> Result<(), StoreError> {
        factors::delete(self.conn(), user).await
    }

    /// Puts these recovery codes in the place of all earlier ones.
    pub async fn put_recovery_codes(&mut self, user: UserId, codes: &[Digest]) -> Result<(), StoreError> {
        factors::put_recovery_codes(self.conn(), user, codes).await
    }

    /// Uses a recovery code, if it is one and was not used.
    pub async fn use_recovery_code(
        &mut self,
        user: UserId,
        code: &Digest,
        at: Time,
    ) -> Result<Once, StoreError> {
        factors::use_recovery_code(self.conn(), user, code, at).await
    }

    /// What is known of failed sign-ins by this key.
    pub async fn attempts(&mut self, key: &str) -> Result<Option<Attempts>, StoreError> {
        factors::attempts(self.conn(), key).await
    }

    /// Notes what is known of failed sign-ins by this key.
    pub async fn put_attempts(&mut self, key: &str, attempts: &Attempts) -> Result<(), StoreError> {
        factors::put_attempts(self.conn(), key, attempts).await
    }
}
