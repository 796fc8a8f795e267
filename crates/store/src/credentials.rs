use claviger_model::{
    AccountId, ApiId, Credential, CredentialId, CredentialRecord, CredentialState, Digest, EmailAddress,
    EnvironmentId, KeyOrigin, Revocation, ShownState, TagFilter, Time, UserId, VersionUses,
};

use crate::arg::Arg;
use crate::db::Conn;
use crate::fields::Fields;
use crate::sql::Statement;
use crate::{StoreError, json, notes, sql, succession, uses};

/// Greater than every credential's id, in the order of bytes.
const BEYOND_EVERY_ID: &str = "key_~";

/// A credential to insert.
#[derive(Debug, Clone, Copy)]
pub struct NewCredential<'a> {
    /// What is kept of it in the clear.
    pub record: &'a CredentialRecord,
    /// The API that its environment belongs to.
    pub api: ApiId,
    /// Its sealed secret, if the API's policy makes it recoverable.
    pub sealed: Option<&'a [u8]>,
}

/// Which credentials to list. Absent fields restrict nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialFilter {
    /// Those of this account.
    pub account: Option<AccountId>,
    /// Those of this API.
    pub api: Option<ApiId>,
    /// Those of this environment. Quick together with its API or an account; alone it reads the whole table.
    pub environment: Option<EnvironmentId>,
    /// Those that are shown in this state at this moment.
    pub state: Option<(ShownState, Time)>,
    /// Those with this, in whatever case, in their id, hint, label or memo, in an owner's address or in a tag.
    pub search: Option<String>,
    /// Those with this tag.
    pub tag: Option<TagFilter>,
    /// Those with this owner, in whatever case.
    pub owner: Option<EmailAddress>,
    /// Those of this user.
    pub user: Option<UserId>,
    /// Those of every other environment.
    pub outside: Option<EnvironmentId>,
    /// In which order.
    pub order: CredentialOrder,
    /// Those behind this one: the last one of the page before.
    pub after: Option<CredentialId>,
    /// How many at most.
    pub limit: u32,
}

impl Default for CredentialFilter {
    fn default() -> Self {
        Self {
            account: None,
            api: None,
            environment: None,
            state: None,
            search: None,
            tag: None,
            owner: None,
            user: None,
            outside: None,
            order: CredentialOrder::Made(Direction::Down),
            after: None,
            limit: 100,
        }
    }
}

/// Which way a list goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The smallest, or the oldest, first.
    Up,
    /// The greatest, or the newest, first.
    Down,
}

/// In which order credentials are listed. Where two are alike, the older one is the smaller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialOrder {
    /// By when they were made.
    Made(Direction),
    /// By label, letter by letter, of one account; no label is the smallest.
    Label {
        /// Which way.
        direction: Direction,
        /// The label of the one that the list goes on behind.
        after: Option<String>,
    },
    /// By when they end, of one account; never is the last.
    End {
        /// Which way.
        direction: Direction,
        /// When the one ends that the list goes on behind; absent in the middle, if never.
        after: Option<Option<Time>>,
    },
}

/// Greater than every label, in the order of bytes: none is as long.
const BEYOND_EVERY_LABEL: usize = 201;

impl CredentialOrder {
    const fn direction(&self) -> Direction {
        match self {
            Self::Made(direction) | Self::Label { direction, .. } | Self::End { direction, .. } => *direction,
        }
    }

    /// The value behind which the list goes on, beside the id.
    fn place(&self) -> Option<Arg<'static>> {
        match self {
            Self::Made(_) => None,
            Self::Label { after: Some(label), .. } => Some(label.clone().into()),
            Self::Label { direction: Direction::Up, .. } => Some(String::new().into()),
            Self::Label { .. } => Some("\u{10ffff}".repeat(BEYOND_EVERY_LABEL).into()),
            Self::End { after: Some(end), .. } => Some(end.unwrap_or(NEVER).into()),
            Self::End { direction: Direction::Up, .. } => Some(Time::from_micros(i64::MIN).into()),
            Self::End { .. } => Some(NEVER.into()),
        }
    }
}

/// The end of what has none, in the order.
const NEVER: Time = Time::from_micros(i64::MAX);

/// A credential and its last uses.
pub type UsedCredential = (CredentialRecord, Option<VersionUses>);

fn read_digest(fields: &mut Fields<'_>) -> Result<Digest, StoreError> {
    let bytes = fields.bytes()?;
    bytes.try_into().map(Digest).map_err(|_| fields.corrupt("the digest is not 32 bytes long"))
}

fn read_state(fields: &mut Fields<'_>) -> Result<CredentialState, StoreError> {
    let word = fields.text()?;
    CredentialState::from_word(word).ok_or_else(|| fields.corrupt("the state is none"))
}

fn read_origin(fields: &mut Fields<'_>) -> Result<KeyOrigin, StoreError> {
    let word = fields.text()?;
    KeyOrigin::from_word(word).ok_or_else(|| fields.corrupt("the origin is none"))
}

fn read_credential(fields: &mut Fields<'_>) -> Result<Credential, StoreError> {
    Ok(Credential {
        id: fields.parsed()?,
        digest: read_digest(fields)?,
        account: fields.parsed()?,
        environment: fields.parsed()?,
        key_type: fields.parsed()?,
        state: read_state(fields)?,
        allowlist: fields.json()?,
        permissions: fields.json()?,
        not_before: fields.optional_time()?,
        expires_at: fields.optional_time()?,
        origin: read_origin(fields)?,
        user: fields.optional_parsed()?,
        successor: fields.optional_parsed()?,
        vouched_factor: fields.number()? == 1,
    })
}

fn read(fields: &mut Fields<'_>) -> Result<CredentialRecord, StoreError> {
    Ok(CredentialRecord {
        credential: read_credential(fields)?,
        change: fields.change_number()?,
        label: fields.optional_string()?,
        hint: fields.string()?,
        created_at: fields.time()?,
        updated_at: fields.time()?,
        revocation: read_revocation(fields)?,
        notes: notes::read(fields)?,
        succession: succession::read(fields)?,
    })
}

fn read_revocation(fields: &mut Fields<'_>) -> Result<Option<Revocation>, StoreError> {
    let (at, reason) = (fields.optional_time()?, fields.optional_string()?);
    Ok(at.map(|at| Revocation { at, reason }))
}

fn read_used(fields: &mut Fields<'_>) -> Result<UsedCredential, StoreError> {
    Ok((read(fields)?, uses::read(fields)?))
}

pub(crate) async fn by_id(
    mut on: Conn<'_>,
    id: CredentialId,
) -> Result<Option<CredentialRecord>, StoreError> {
    on.first(sql::CREDENTIAL, &[id.into()], read).await
}

pub(crate) async fn sealed(mut on: Conn<'_>, id: CredentialId) -> Result<Option<Vec<u8>>, StoreError> {
    let sealed = on
        .first(sql::SEALED_KEY, &[id.into()], |fields| Ok(fields.optional_bytes()?.map(<[u8]>::to_vec)))
        .await?;
    Ok(sealed.flatten())
}

fn read_time(fields: &mut Fields<'_>) -> Result<Time, StoreError> {
    fields.time()
}

/// When whoever has this token last proved who they are.
pub(crate) async fn proved_at(mut on: Conn<'_>, id: CredentialId) -> Result<Option<Time>, StoreError> {
    on.first(sql::PROVED_AT, &[id.into(), EnvironmentId::PEOPLE.into()], read_time).await
}

pub(crate) async fn put_proof(mut on: Conn<'_>, id: CredentialId, at: Time) -> Result<(), StoreError> {
    match on.execute(sql::PUT_PROOF, &[id.into(), EnvironmentId::PEOPLE.into(), at.into()]).await? {
        0 => Err(StoreError::Missing { what: "session" }),
        _ => Ok(()),
    }
}

pub(crate) async fn list(
    mut on: Conn<'_>,
    filter: &CredentialFilter,
) -> Result<Vec<UsedCredential>, StoreError> {
    let direction = filter.order.direction();
    let search = filter.search.as_deref().filter(|text| !text.is_empty());
    let mut args = vec![
        filter.account.into(),
        filter.api.into(),
        filter.environment.into(),
        filter.state.map(|(state, _)| state.as_str()).into(),
        search.map(str::to_lowercase).into(),
        filter.after.map_or_else(|| before_all(direction).into(), Into::into),
        filter.limit.into(),
        filter.tag.as_ref().map(notes::wanted_tag).into(),
        filter.owner.as_ref().map(notes::wanted_owner).into(),
        filter.state.map(|(_, now)| now).into(),
        filter.user.into(),
        filter.outside.into(),
    ];
    args.extend(filter.order.place());
    on.all(statement(filter), &args, read_used).await
}

/// What every id is behind.
const fn before_all(direction: Direction) -> &'static str {
    match direction {
        Direction::Up => "",
        Direction::Down => BEYOND_EVERY_ID,
    }
}

/// Of a user, an account, an API, and all.
const NEWEST: [Statement; 4] =
    [sql::CREDENTIALS_OF_USER, sql::CREDENTIALS_OF_ACCOUNT, sql::CREDENTIALS_OF_API, sql::CREDENTIALS];
const OLDEST: [Statement; 4] = [
    sql::CREDENTIALS_OF_USER_UP,
    sql::CREDENTIALS_OF_ACCOUNT_UP,
    sql::CREDENTIALS_OF_API_UP,
    sql::CREDENTIALS_UP,
];

/// The statement in whose index the filter and the order are.
const fn statement(filter: &CredentialFilter) -> Statement {
    let [of_user, of_account, of_api, all] = match &filter.order {
        CredentialOrder::Made(Direction::Down) => NEWEST,
        CredentialOrder::Made(Direction::Up) => OLDEST,
        CredentialOrder::Label { direction: Direction::Up, .. } => return sql::CREDENTIALS_BY_LABEL,
        CredentialOrder::Label { .. } => return sql::CREDENTIALS_BY_LABEL_DOWN,
        CredentialOrder::End { direction: Direction::Up, .. } => return sql::CREDENTIALS_BY_END,
        CredentialOrder::End { .. } => return sql::CREDENTIALS_BY_END_DOWN,
    };
    match filter {
        CredentialFilter { user: Some(_), .. } => of_user,
        CredentialFilter { account: Some(_), .. } => of_account,
        CredentialFilter { api: Some(_), .. } => of_api,
        _ => all,
    }
}

pub(crate) async fn insert(mut on: Conn<'_>, new: NewCredential<'_>) -> Result<(), StoreError> {
    let record = new.record;
    let credential = &record.credential;
    let [started_at, ends_at, expiry_before] = rotation(record);
    let args = [
        credential.id.into(),
        credential.digest.0.as_slice().into(),
        credential.account.into(),
        credential.environment.into(),
        (&credential.key_type).into(),
        credential.state.into(),
        json::text(&credential.allowlist)?.into(),
        json::text(&credential.permissions)?.into(),
        credential.not_before.into(),
        credential.expires_at.into(),
        record.change.into(),
        new.api.into(),
        record.label.as_deref().into(),
        record.hint.as_str().into(),
        record.created_at.into(),
        record.updated_at.into(),
        record.revocation.as_ref().map(|revocation| revocation.at).into(),
        revocation_reason(record).into(),
        new.sealed.into(),
        credential.origin.as_str().into(),
        credential.successor.into(),
        record.succession.predecessor.into(),
        started_at,
        ends_at,
        expiry_before,
        record.succession.late_uses.into(),
        record.notes.memo.as_deref().into(),
        notes::owners(&record.notes.owners).into(),
        notes::tags(&record.notes.tags).into(),
        notes::search(record).into(),
        credential.user.into(),
        u64::from(credential.vouched_factor).into(),
    ];
    on.execute(sql::INSERT_CREDENTIAL, &args).await.map(drop)
}

pub(crate) async fn update(mut on: Conn<'_>, record: &CredentialRecord) -> Result<(), StoreError> {
    let credential = &record.credential;
    let [started_at, ends_at, expiry_before] = rotation(record);
    let args = [
        credential.id.into(),
        (&credential.key_type).into(),
        credential.state.into(),
        json::text(&credential.allowlist)?.into(),
        json::text(&credential.permissions)?.into(),
        credential.not_before.into(),
        credential.expires_at.into(),
        record.change.into(),
        record.label.as_deref().into(),
        record.updated_at.into(),
        record.revocation.as_ref().map(|revocation| revocation.at).into(),
        revocation_reason(record).into(),
        credential.successor.into(),
        started_at,
        ends_at,
        expiry_before,
        record.notes.memo.as_deref().into(),
        notes::owners(&record.notes.owners).into(),
        notes::tags(&record.notes.tags).into(),
        notes::search(record).into(),
    ];
    match on.execute(sql::UPDATE_CREDENTIAL, &args).await? {
        0 => Err(StoreError::Missing { what: "credential" }),
        _ => Ok(()),
    }
}

fn revocation_reason(record: &CredentialRecord) -> Option<&str> {
    record.revocation.as_ref().and_then(|revocation| revocation.reason.as_deref())
}

fn rotation(record: &CredentialRecord) -> [Arg<'static>; 3] {
    let rotation = record.succession.rotation.as_ref();
    let times = [
        rotation.map(|rotation| rotation.started_at),
        rotation.map(|rotation| rotation.ends_at),
        rotation.and_then(|rotation| rotation.expiry_before),
    ];
    times.map(Into::into)
}
