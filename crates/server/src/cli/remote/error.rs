//! Why a server elsewhere did not do something.

use std::path::PathBuf;

use http::StatusCode;
use serde::Deserialize;

use super::profiles::ProfileName;
use super::server::Server;

#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum RemoteError {
    /// Nothing in the management API does it.
    #[error("{0} works on the data folder only, and not over --server")]
    FolderOnly(&'static str),
    /// Others could read along.
    #[error("{0} is not encrypted: others could read the password; --insecure sends it all the same")]
    InTheClear(Server),
    /// Nobody said to which.
    #[error("say which server, by --server")]
    NoServer,
    /// The name of the server is none for a profile.
    #[error("name the profile, by --profile")]
    NoName,
    /// There are several.
    #[error("several profiles fit; say which one by --profile: {}", names(.0))]
    Several(Vec<ProfileName>),
    /// The profile is of another server. Its token goes to no other one.
    #[error("the profile `{name}` is of {server}")]
    OtherServer { name: ProfileName, server: Server },
    /// The profile is of somebody else.
    #[error("the profile `{name}` is of {username}; name another one by --profile")]
    OtherUser { name: ProfileName, username: String },
    /// There is no token.
    #[error("not signed in{}; `claviger login` does that", .0)]
    NotSignedIn(String),
    /// The password is right, and nobody is there to be asked for more.
    #[error("{0}; give it by --code or --recovery-code")]
    SecondFactor(Box<RemoteError>),
    /// The file of profiles cannot be used.
    #[error("cannot use {}: {why}", path.display())]
    Profiles { path: PathBuf, why: String },
    /// Nothing was sent.
    #[error("{server} cannot be reached: {why}")]
    Unreachable { server: Server, why: String },
    /// Something was sent.
    #[error("no answer came from {server}: {why}; it may have been done or not")]
    NoAnswer { server: Server, why: String },
    /// A list has more parts than anybody can use.
    #[error("the answer of {0} is too long; ask for less, by --limit")]
    TooLong(Server),
    /// What came back is no answer of Claviger.
    #[error(
        "{server} answered {status}, and not as Claviger does; is the address right, and are both of one version?"
    )]
    Strange { server: Server, status: StatusCode },
    /// It was refused.
    #[error("{}", .1)]
    Refused(StatusCode, Problem),
}

fn names(names: &[ProfileName]) -> String {
    names.iter().map(ProfileName::as_str).collect::<Vec<_>>().join(", ")
}

impl RemoteError {
    /// The exit code: the same as for a command that was not done on the data folder.
    pub(in crate::cli) fn code(&self) -> u8 {
        match self {
            Self::FolderOnly(_)
            | Self::InTheClear(_)
            | Self::NoServer
            | Self::NoName
            | Self::Several(_)
            | Self::OtherServer { .. }
            | Self::OtherUser { .. }
            | Self::Profiles { .. } => 3,
            Self::NotSignedIn(_) | Self::SecondFactor(_) => 7,
            Self::Unreachable { .. } | Self::NoAnswer { .. } | Self::TooLong(_) | Self::Strange { .. } => 6,
            Self::Refused(status, _) => match status.as_u16() {
                401 | 403 => 7,
                404 => 4,
                409 | 412 => 5,
                408 | 429 | 502 | 503 => 6,
                400..=499 => 3,
                _ => 1,
            },
        }
    }

    /// Whether the server wants a one-time code too.
    pub(super) fn wants_second_factor(&self) -> bool {
        matches!(self, Self::Refused(_, problem) if problem.code == "second_factor_needed")
    }
}

/// Problem details (RFC 9457), as the server sends them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, thiserror::Error)]
#[error("{} ({}{})", plain(.detail.as_deref().unwrap_or(.title)), plain(.code), request(.request_id))]
pub(in crate::cli) struct Problem {
    code: String,
    title: String,
    detail: Option<String>,
    #[serde(default)]
    request_id: String,
}

impl Problem {
    /// Whether the server has no such endpoint, which says nothing about what was asked for.
    pub(super) fn is_about_the_path(&self) -> bool {
        ["unknown_endpoint", "method_not_allowed"].contains(&self.code.as_str())
    }
}

fn request(id: &str) -> String {
    if id.is_empty() { String::new() } else { format!(", {}", plain(id)) }
}

/// It is shown on a terminal, which obeys some characters.
fn plain(text: &str) -> String {
    text.trim_end_matches('.').chars().filter(|letter| !letter.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_reads_as_one_line() {
        let read =
            |text: &str| serde_json::from_str::<Problem>(text).map(|problem| problem.to_string()).unwrap();
        assert_eq!(
            read(r#"{"code":"conflict","title":"No.","detail":"A key.","request_id":"req_1","status":409}"#),
            "A key (conflict, req_1)"
        );
        assert_eq!(read("{\"code\":\"x\",\"title\":\"\\u001b[2JNo.\"}"), "[2JNo (x)");
    }
}
