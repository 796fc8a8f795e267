use serde::Serialize;

use crate::StoreError;

/// A value as JSON.
pub(crate) fn text(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Other(sqlx::Error::Encode(error.into())))
}
