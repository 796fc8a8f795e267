use serde::Serialize;

use super::error::WriteError;

/// The text in YAML of a value. What [`super::parse`] reads of it is the same value.
///
/// # Errors
/// [`WriteError`] for what YAML cannot say, such as a key that is a mapping.
pub fn write(value: &impl Serialize) -> Result<String, WriteError> {
    serde_saphyr::to_string(value).map_err(|error| WriteError(error.to_string()))
}
