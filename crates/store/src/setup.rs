//! The link by which the first operator sets themselves up: one at the most.

use claviger_model::{Digest, Time};

use crate::fields::Fields;
use crate::services::read_digest;
use crate::{Store, StoreError, Tx, sql};

/// The link that was offered last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetupLink {
    /// The digest of its secret.
    pub digest: Digest,
    /// From this moment on it works no more.
    pub expires_at: Time,
}

fn read(fields: &mut Fields<'_>) -> Result<SetupLink, StoreError> {
    let _id = fields.number()?;
    Ok(SetupLink { digest: read_digest(fields)?, expires_at: fields.time()? })
}

impl Store {
    /// The link that was offered last, even if it works no more.
    pub async fn setup_link(&self) -> Result<Option<SetupLink>, StoreError> {
        self.0.read().await?.conn().first(sql::SETUP_LINK, &[], read).await
    }
}

impl Tx {
    /// The link that was offered last, even if it works no more.
    pub async fn setup_link(&mut self) -> Result<Option<SetupLink>, StoreError> {
        self.conn().first(sql::SETUP_LINK, &[], read).await
    }

    /// Puts a link in the place of the one before.
    pub async fn put_setup_link(&mut self, link: &SetupLink) -> Result<(), StoreError> {
        let args = [link.digest.0.as_slice().into(), link.expires_at.into()];
        self.conn().execute(sql::PUT_SETUP_LINK, &args).await.map(drop)
    }

    /// Removes the link, if there is one.
    pub async fn delete_setup_link(&mut self) -> Result<(), StoreError> {
        self.conn().execute(sql::DELETE_SETUP_LINK, &[]).await.map(drop)
    }
}
