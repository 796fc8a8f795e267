//! In which order people and their sessions are listed.

use claviger_store::{CredentialOrder, Direction, UserOrder};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::UserView;
use crate::AppError;

/// In which order users are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum UserSort {
    /// Those who were made first are first.
    #[default]
    #[serde(rename = "created_at")]
    Oldest,
    /// The other way round.
    #[serde(rename = "-created_at")]
    Newest,
    /// By user name, in whatever case.
    #[serde(rename = "username")]
    Name,
    /// The other way round.
    #[serde(rename = "-username")]
    NameDown,
}

impl UserSort {
    /// The place of a user in a list of this order.
    #[must_use]
    pub fn place(self, user: &UserView) -> String {
        match self {
            Self::Oldest | Self::Newest => user.id.to_string(),
            Self::Name | Self::NameDown => user.username.to_string(),
        }
    }

    /// The same in the words of the store.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for a place in a list of another order.
    pub(super) fn order(self, after: Option<String>) -> Result<UserOrder, AppError> {
        let misplaced = |_| AppError::Invalid("`after` is no place in a list of this order".into());
        let id = |after: Option<String>| after.map(|text| text.parse()).transpose().map_err(misplaced);
        Ok(match self {
            Self::Oldest => UserOrder::Made(Direction::Up, id(after)?),
            Self::Newest => UserOrder::Made(Direction::Down, id(after)?),
            Self::Name => UserOrder::Named(Direction::Up, after),
            Self::NameDown => UserOrder::Named(Direction::Down, after),
        })
    }
}

/// In which order sessions are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum SessionSort {
    /// The newest first.
    #[default]
    #[serde(rename = "-created_at")]
    Newest,
    /// The oldest first.
    #[serde(rename = "created_at")]
    Oldest,
}

impl From<SessionSort> for CredentialOrder {
    fn from(sort: SessionSort) -> Self {
        match sort {
            SessionSort::Newest => Self::Made(Direction::Down),
            SessionSort::Oldest => Self::Made(Direction::Up),
        }
    }
}
