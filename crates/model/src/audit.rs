//! The audit: who did what to what, from where and with what.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::Time;

/// One entry of the audit. Secrets are never in it.
///
/// Everything but the time is text: an entry is kept as it was written, also where a later version would write it
/// otherwise, or where somebody has changed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When.
    pub at: Time,
    /// Who, such as `operator:local`.
    pub actor: String,
    /// With what they came in: the word of a [`Via`]. Entries of versions that did not note it have none.
    pub via: Option<String>,
    /// From where: the text of a [`CameFrom`]. The server itself comes from nowhere.
    pub from: Option<String>,
    /// What was done, such as `key.revoke`.
    pub action: String,
    /// What kind of thing it was done to, such as `key`.
    pub kind: Option<String>,
    /// To which: an id, or the name of what has no id.
    pub object: String,
    /// The id of the account whose thing it is, if it is an account's.
    pub account: Option<String>,
    /// The request that it was done by, if there was one.
    pub request: Option<String>,
    /// Why, in the words of whoever did it.
    pub reason: Option<String>,
    /// The object before, as JSON.
    pub before: Option<String>,
    /// The object afterwards, as JSON.
    pub after: Option<String>,
}

/// With what somebody came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Via {
    /// The command line.
    Cli,
    /// The management interface under `/v1`.
    Rest,
    /// GraphQL.
    GraphQl,
    /// The portal.
    Portal,
    /// `OpenID` Connect or OAuth 2.
    OpenId,
    /// Nothing: the server did it.
    Server,
}

/// From where somebody came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CameFrom {
    /// Over the network, from this address.
    Address(IpAddr),
    /// Through the control socket in the data folder.
    Socket,
    /// From the data folder itself, while no server ran.
    Folder,
}

impl Via {
    /// The word for it, as stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cli => "cli",
            Self::Rest => "rest",
            Self::GraphQl => "graphql",
            Self::Portal => "portal",
            Self::OpenId => "openid",
            Self::Server => "server",
        }
    }
}

impl fmt::Display for CameFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.to_canonical().fmt(f),
            Self::Socket => f.write_str("socket"),
            Self::Folder => f.write_str("folder"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_written_in_one_form() {
        let mapped = CameFrom::Address("::ffff:192.0.2.1".parse().unwrap());
        assert_eq!(mapped.to_string(), "192.0.2.1");
        assert_eq!(CameFrom::Socket.to_string(), "socket");
    }
}
