//! What people note about a key, held against the rules.

use claviger_model::{ApiPolicy, Notes};

use crate::AppError;

/// Holds what is noted about a new key against the policy.
pub(super) fn check_notes(notes: Notes, policy: &ApiPolicy) -> Result<Notes, AppError> {
    notes.owners.check(&policy.owners)?;
    notes.memo.as_deref().map(check_memo).transpose()?;
    let tags = notes.tags.checked()?;
    Ok(Notes { tags, ..notes })
}

pub(super) fn check_memo(memo: &str) -> Result<(), AppError> {
    let fits = (1..=Notes::LONGEST_MEMO).contains(&memo.chars().count());
    if fits && !memo.chars().any(char::is_control) {
        return Ok(());
    }
    let most = Notes::LONGEST_MEMO;
    Err(AppError::Invalid(format!("a memo has 1 to {most} characters and no control characters")))
}
