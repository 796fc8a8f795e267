//! Answers to requests that may be sent again: each is kept by the transaction that did what was asked for.

use claviger_model::{Digest, Time};

use crate::fields::Fields;
use crate::{Store, StoreError, Tx, sql};

/// A request that may be sent again, and is to be done once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedOnce {
    /// By whom: what tells those apart who may use the same key.
    pub scope: String,
    /// The key by which they know the request.
    pub key: String,
    /// What was asked for.
    pub request: Digest,
}

/// What is known of a request when it comes.
#[derive(Clone, PartialEq, Eq)]
pub enum Claimed {
    /// It comes for the first time. What it does is done when this transaction is committed.
    First,
    /// It was done, and this is the answer, sealed.
    Done(Vec<u8>),
    /// Something else was asked for by the same key.
    OtherRequest,
}

fn read(fields: &mut Fields<'_>) -> Result<(Vec<u8>, Option<Vec<u8>>), StoreError> {
    Ok((fields.bytes()?.to_vec(), fields.optional_bytes()?.map(<[u8]>::to_vec)))
}

impl Tx {
    /// Claims a request: of two that come at once, on whatever nodes, the second one waits for the first one's end.
    pub async fn claim(&mut self, asked: &AskedOnce, at: Time) -> Result<Claimed, StoreError> {
        let AskedOnce { scope, key, request } = asked;
        let args = [scope.as_str().into(), key.as_str().into(), request.0.as_slice().into(), at.into()];
        if self.conn().execute(sql::CLAIM_ANSWER, &args).await? == 1 {
            return Ok(Claimed::First);
        }
        let args = [scope.as_str().into(), key.as_str().into()];
        let found = self.conn().first(sql::KEPT_ANSWER, &args, read).await?;
        Ok(match found {
            Some((digest, _)) if digest != request.0 => Claimed::OtherRequest,
            Some((_, Some(sealed))) => Claimed::Done(sealed),
            // Claimed by this very transaction.
            Some((_, None)) | None => Claimed::First,
        })
    }

    /// Keeps the answer to a request that this transaction claimed.
    pub async fn keep_answer(&mut self, asked: &AskedOnce, sealed: &[u8]) -> Result<(), StoreError> {
        let args = [asked.scope.as_str().into(), asked.key.as_str().into(), sealed.into()];
        self.conn().execute(sql::KEEP_ANSWER, &args).await.map(drop)
    }
}

impl Store {
    /// Forgets answers to what was asked before this moment, and says how many it forgot.
    pub async fn prune_answers(&self, before: Time) -> Result<u64, StoreError> {
        let mut writing = self.0.write().await?;
        let pruned = writing.conn().execute(sql::PRUNE_ANSWERS, &[before.into()]).await?;
        writing.commit().await.map(|()| pruned)
    }
}
