use std::fmt;

use crate::db::Conn;
use crate::fields::Fields;
use crate::{StoreError, sql};

/// A data key, sealed under the master key.
#[derive(Clone, PartialEq, Eq)]
pub struct WrappedKeyRow {
    /// What it is for.
    pub purpose: String,
    /// Which of the keys for this purpose: a higher number is newer.
    pub generation: u32,
    /// The sealed bytes.
    pub wrapped: Vec<u8>,
}

impl fmt::Debug for WrappedKeyRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WrappedKeyRow({} {})", self.purpose, self.generation)
    }
}

fn read(fields: &mut Fields<'_>) -> Result<WrappedKeyRow, StoreError> {
    let (purpose, generation) = (fields.string()?, fields.number()?);
    let generation = u32::try_from(generation).map_err(|error| fields.corrupt(error))?;
    Ok(WrappedKeyRow { purpose, generation, wrapped: fields.bytes()?.to_vec() })
}

pub(crate) async fn all(mut on: Conn<'_>) -> Result<Vec<WrappedKeyRow>, StoreError> {
    on.all(sql::WRAPPED_KEYS, &[], read).await
}

pub(crate) async fn put(mut on: Conn<'_>, keys: &[WrappedKeyRow]) -> Result<(), StoreError> {
    for key in keys {
        let args = [key.purpose.as_str().into(), key.generation.into(), key.wrapped.as_slice().into()];
        on.execute(sql::PUT_WRAPPED_KEY, &args).await?;
    }
    Ok(())
}
