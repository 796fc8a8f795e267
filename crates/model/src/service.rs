use serde::{Deserialize, Serialize};

use crate::{ApiId, Digest, Slug, Time};

/// A service that may ask whether credentials are good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// What it is called. No other has this name.
    pub name: Slug,
    /// The digest of its token.
    pub digest: Digest,
    /// The APIs that it may ask about.
    pub apis: Vec<ApiId>,
    /// When it was made.
    pub created_at: Time,
}

impl Service {
    /// Whether it may hear about this API.
    #[must_use]
    pub fn sees(&self, api: ApiId) -> bool {
        self.apis.contains(&api)
    }
}
