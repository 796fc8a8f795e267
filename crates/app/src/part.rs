//! Which part of a list, and in which order.

use serde::{Deserialize, Serialize};

use crate::AppError;

/// Entries of one answer, at the most.
const MOST: u32 = 1000;

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part<T> {
    /// Behind this one: where the last part ended.
    pub after: Option<T>,
    /// At most so many, 1,000 at the most; all that follow, if left out.
    pub limit: Option<u32>,
}

impl<T> Default for Part<T> {
    fn default() -> Self {
        Self { after: None, limit: None }
    }
}

impl<T> Part<T> {
    /// How many.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for none and for too many.
    pub(crate) fn most(&self) -> Result<u32, AppError> {
        match self.limit {
            None => Ok(u32::MAX),
            Some(limit) if (1..=MOST).contains(&limit) => Ok(limit),
            Some(limit) => Err(AppError::Invalid(format!("a limit is 1 to {MOST}, and {limit} was given"))),
        }
    }
}
