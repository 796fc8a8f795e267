//! People and the accounts' own roles.

use claviger_model::{AccountId, ChangeNumber, Role, Slug, Standing, Time, User, UserId, UserState};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::db::Conn;
use crate::fields::Fields;
use crate::{Direction, StoreError, json, sql};

/// A user with everything that is kept about them, but for their secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UserRecord {
    /// What decisions need.
    #[serde(flatten)]
    pub user: User,
    /// The change that made them what they are now.
    pub change: ChangeNumber,
    /// When they were made.
    pub created_at: Time,
    /// When they were last changed.
    pub updated_at: Time,
    /// When they last signed in.
    pub last_sign_in_at: Option<Time>,
    /// Whether they have a password.
    pub password: HasPassword,
}

/// Whether a user has a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HasPassword {
    /// They have one.
    Set,
    /// They cannot sign in with one.
    None,
}

/// Whom to find: a user by what they sign in with, in whatever case.
pub(crate) fn handle(text: &str) -> String {
    text.to_ascii_lowercase()
}

/// The word of a value without fields, as JSON has it.
pub(crate) fn word<T: Serialize>(value: &T) -> Result<String, StoreError> {
    Ok(json::text(value)?.trim_matches('"').to_owned())
}

pub(crate) fn read_word<T: DeserializeOwned>(fields: &mut Fields<'_>) -> Result<T, StoreError> {
    let word = fields.string()?;
    serde_json::from_value(word.into()).map_err(|error| fields.corrupt(error))
}

fn read(fields: &mut Fields<'_>) -> Result<UserRecord, StoreError> {
    let mut user = User {
        id: fields.parsed()?,
        username: fields.parsed()?,
        email: fields.optional_parsed()?,
        name: fields.string()?,
        state: read_word::<UserState>(fields)?,
        standing: read_word::<Standing>(fields)?,
        memberships: fields.json()?,
        second_factor_since: None,
    };
    let (created_at, updated_at, last_sign_in_at) = (fields.time()?, fields.time()?, fields.optional_time()?);
    let change = fields.change_number()?;
    let password = if fields.number()? == 1 { HasPassword::Set } else { HasPassword::None };
    user.second_factor_since = fields.optional_time()?;
    Ok(UserRecord { user, change, created_at, updated_at, last_sign_in_at, password })
}

pub(crate) async fn all(mut on: Conn<'_>) -> Result<Vec<UserRecord>, StoreError> {
    on.all(sql::USERS, &[], read).await
}

/// In which order users are listed, and behind what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserOrder {
    /// By when they were made.
    Made(Direction, Option<UserId>),
    /// By user name, in lower case.
    Named(Direction, Option<String>),
}

/// Greater than every id and every user name in lower case, in the order of bytes.
const BEYOND_EVERYBODY: &str = "~";

impl UserOrder {
    fn place(&self) -> String {
        let start = |direction: Direction| match direction {
            Direction::Up => String::new(),
            Direction::Down => BEYOND_EVERYBODY.to_owned(),
        };
        match self {
            Self::Made(direction, after) => after.map_or_else(|| start(*direction), |id| id.to_string()),
            Self::Named(direction, after) => after.as_deref().map_or_else(|| start(*direction), handle),
        }
    }

    const fn statement(&self) -> sql::Statement {
        match self {
            Self::Made(Direction::Up, _) => sql::USERS_MADE,
            Self::Made(Direction::Down, _) => sql::USERS_MADE_DOWN,
            Self::Named(Direction::Up, _) => sql::USERS_NAMED,
            Self::Named(Direction::Down, _) => sql::USERS_NAMED_DOWN,
        }
    }
}

pub(crate) async fn list(
    mut on: Conn<'_>,
    order: &UserOrder,
    account: Option<AccountId>,
    limit: u32,
) -> Result<Vec<UserRecord>, StoreError> {
    on.all(order.statement(), &[order.place().into(), account.into(), limit.into()], read).await
}

pub(crate) async fn active_operators(mut on: Conn<'_>) -> Result<Vec<UserRecord>, StoreError> {
    on.all(sql::ACTIVE_OPERATORS, &[], read).await
}

pub(crate) async fn by_id(mut on: Conn<'_>, id: UserId) -> Result<Option<UserRecord>, StoreError> {
    on.first(sql::USER, &[id.into()], read).await
}

pub(crate) async fn by_handle(mut on: Conn<'_>, text: &str) -> Result<Option<UserRecord>, StoreError> {
    on.first(sql::USER_BY_HANDLE, &[handle(text).into()], read).await
}

pub(crate) async fn put(mut on: Conn<'_>, record: &UserRecord) -> Result<(), StoreError> {
    let user = &record.user;
    let args = [
        user.id.into(),
        user.username.as_str().into(),
        user.email.as_ref().map(claviger_model::EmailAddress::as_str).into(),
        user.name.as_str().into(),
        word(&user.state)?.into(),
        word(&user.standing)?.into(),
        json::text(&user.memberships)?.into(),
        record.created_at.into(),
        record.updated_at.into(),
        record.last_sign_in_at.into(),
        record.change.into(),
    ];
    on.execute(sql::PUT_USER, &args).await.map(drop)
}

/// Removes a user with everything that only they could use.
pub(crate) async fn delete(mut on: Conn<'_>, id: UserId) -> Result<(), StoreError> {
    on.execute(sql::DELETE_TOTP, &[id.into()]).await?;
    on.execute(sql::DELETE_PASSKEYS, &[id.into()]).await?;
    on.execute(sql::DELETE_RECOVERY_CODES, &[id.into()]).await?;
    on.execute(sql::DELETE_SSO_IDENTITIES, &[id.into()]).await?;
    match on.execute(sql::DELETE_USER, &[id.into()]).await? {
        0 => Err(StoreError::Missing { what: "user" }),
        _ => Ok(()),
    }
}

fn read_password_hash(fields: &mut Fields<'_>) -> Result<Option<String>, StoreError> {
    fields.optional_string()
}

pub(crate) async fn password_hash(mut on: Conn<'_>, id: UserId) -> Result<Option<String>, StoreError> {
    let found = on.first(sql::PASSWORD_HASH, &[id.into()], read_password_hash).await?;
    Ok(found.flatten())
}

pub(crate) async fn put_password_hash(
    mut on: Conn<'_>,
    id: UserId,
    hash: Option<&str>,
) -> Result<(), StoreError> {
    match on.execute(sql::PUT_PASSWORD_HASH, &[id.into(), hash.into()]).await? {
        0 => Err(StoreError::Missing { what: "user" }),
        _ => Ok(()),
    }
}

pub(crate) async fn signed_in(mut on: Conn<'_>, id: UserId, at: Time) -> Result<(), StoreError> {
    on.execute(sql::USER_SIGNED_IN, &[id.into(), at.into()]).await.map(drop)
}

fn read_role(fields: &mut Fields<'_>) -> Result<Role, StoreError> {
    Ok(Role {
        account: fields.parsed()?,
        slug: fields.parsed()?,
        name: fields.string()?,
        rights: fields.json()?,
        access: fields.json()?,
    })
}

fn read_numbered_role(fields: &mut Fields<'_>) -> Result<(Role, ChangeNumber), StoreError> {
    Ok((read_role(fields)?, fields.change_number()?))
}

pub(crate) async fn all_roles(mut on: Conn<'_>) -> Result<Vec<(Role, ChangeNumber)>, StoreError> {
    on.all(sql::ROLES, &[], read_numbered_role).await
}

pub(crate) async fn roles_of(mut on: Conn<'_>, account: AccountId) -> Result<Vec<Role>, StoreError> {
    on.all(sql::ROLES_OF_ACCOUNT, &[account.into()], read_role).await
}

pub(crate) async fn put_role(mut on: Conn<'_>, role: &Role, number: ChangeNumber) -> Result<(), StoreError> {
    let args = [
        role.account.into(),
        (&role.slug).into(),
        role.name.as_str().into(),
        json::text(&role.rights)?.into(),
        json::text(&role.access)?.into(),
        number.into(),
    ];
    on.execute(sql::PUT_ROLE, &args).await.map(drop)
}

pub(crate) async fn delete_role(mut on: Conn<'_>, account: AccountId, slug: &Slug) -> Result<(), StoreError> {
    match on.execute(sql::DELETE_ROLE, &[account.into(), slug.into()]).await? {
        0 => Err(StoreError::Missing { what: "role" }),
        _ => Ok(()),
    }
}
