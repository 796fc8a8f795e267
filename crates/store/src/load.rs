//! Everything that a snapshot needs, quickly: a million credentials are read while the process waits to be ready.

use claviger_model::{Change, ChangeNumber, NumberedChange, VersionUses};

use crate::db::{Conn, Db};
use crate::fields::Fields;
use crate::lines::{self, CredentialLines};
use crate::sql::Statement;
use crate::{StoreError, accounts, apis, changes, services, sql, users};

/// Long enough to make the cost of a statement small, short enough to keep pages in the processor's cache.
const PAGE: u32 = 1000;

/// Many rows in one text, a line each.
struct Page {
    last_id: String,
    lines: String,
}

fn read(fields: &mut Fields<'_>) -> Result<Option<Page>, StoreError> {
    let (last_id, lines) = (fields.optional_string()?, fields.optional_string()?);
    Ok(last_id.zip(lines).map(|(last_id, lines)| Page { last_id, lines }))
}

async fn page_after(on: &mut Conn<'_>, statement: Statement, id: &str) -> Result<Option<Page>, StoreError> {
    on.one(statement, &[id.into(), PAGE.into()], read).await
}

/// The engine prepares a page while the lines of the one before it are read.
async fn each_line(
    mut on: Conn<'_>,
    statement: Statement,
    mut read: impl FnMut(&str) -> Result<(), StoreError> + Send,
) -> Result<(), StoreError> {
    let mut page = page_after(&mut on, statement, "").await?;
    while let Some(Page { last_id, lines }) = page {
        let next = page_after(&mut on, statement, &last_id);
        let work = async { lines.split('\n').try_for_each(&mut read) };
        let (next, done) = tokio::join!(biased; next, work);
        done?;
        page = next?;
    }
    Ok(())
}

/// The head is read before the rows: what changes meanwhile is in the log after it.
pub(crate) async fn everything(
    db: &Db,
    mut apply: impl FnMut(NumberedChange) + Send,
) -> Result<ChangeNumber, StoreError> {
    let mut session = db.read().await?;
    let head = changes::head(session.conn()).await?;
    for (account, number) in accounts::all_numbered(session.conn()).await? {
        apply(NumberedChange { number, change: Change::Account(account) });
    }
    for (api, number) in apis::all_numbered(session.conn()).await? {
        apply(NumberedChange { number, change: Change::Api(Box::new(api)) });
    }
    // Before the credentials: a key pair that is there can be verified.
    let read = |line: &str| lines::signer(line).map(&mut apply);
    each_line(session.conn(), sql::SIGNER_PAGE, read).await?;
    for (service, number) in services::all_numbered(session.conn()).await? {
        apply(NumberedChange { number, change: Change::Service(service) });
    }
    for (role, number) in users::all_roles(session.conn()).await? {
        apply(NumberedChange { number, change: Change::Role(role) });
    }
    for record in users::all(session.conn()).await? {
        apply(NumberedChange { number: record.change, change: Change::User(record.user) });
    }
    let mut credentials = CredentialLines::new();
    let read = |line: &str| credentials.read(line).map(&mut apply);
    each_line(session.conn(), sql::CREDENTIAL_PAGE, read).await?;
    Ok(head)
}

pub(crate) async fn uses(db: &Db, mut apply: impl FnMut(VersionUses) + Send) -> Result<(), StoreError> {
    let read = |line: &str| lines::uses(line).map(&mut apply);
    each_line(db.read().await?.conn(), sql::USE_PAGE, read).await
}
