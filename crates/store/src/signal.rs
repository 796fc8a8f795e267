use sqlx::postgres::PgListener;

use crate::StoreError;
use crate::db::Db;

/// The channel on which PostgreSQL tells of changes; a trigger of the change log names it too.
const CHANNEL: &str = "claviger_change";

/// Tells when other nodes may have changed something. It can be late and it can be wrong: poll as well.
pub struct ChangeSignal(Option<PgListener>);

impl ChangeSignal {
    pub(crate) async fn of(db: &Db) -> Result<Self, StoreError> {
        let Db::Postgres(pool) = db else { return Ok(Self(None)) };
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen(CHANNEL).await?;
        Ok(Self(Some(listener)))
    }

    /// Waits until the change log may have grown. On SQLite it waits for ever: there are no other nodes.
    ///
    /// # Errors
    /// [`StoreError::Unreachable`] when the connection was lost and could not be made anew; it can be called again.
    pub async fn wait(&mut self) -> Result<(), StoreError> {
        let Some(listener) = &mut self.0 else { return std::future::pending().await };
        // Nothing comes when the connection was lost for a moment; a change may have been missed then.
        let _ = listener.try_recv().await?;
        while listener.next_buffered().is_some() {}
        Ok(())
    }
}
