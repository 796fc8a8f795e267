//! How much of a list one answer has.

use crate::AppError;

/// Entries of one answer, if nothing else is said, and at the most.
const USUAL: u32 = 100;
const MOST: u32 = 1000;

pub(super) fn page(limit: Option<u32>) -> Result<u32, AppError> {
    let limit = limit.unwrap_or(USUAL);
    if (1..=MOST).contains(&limit) {
        return Ok(limit);
    }
    Err(AppError::Invalid(format!("a limit is 1 to {MOST}, and {limit} was given")))
}
