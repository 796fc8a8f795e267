//! Commands that a server elsewhere does, by its management API.
//!
//! A command becomes requests and the answers its outcome; rules are the server's. A token goes to the server that gave
//! it and to no other one.

mod call;
mod error;
mod keys;
mod people;
mod plan;
mod profiles;
mod server;
mod sign_in;
mod sso;
mod wire;

use claviger_app::{Command, Outcome};

use call::At;
pub(super) use error::RemoteError;
use plan::{Plan, plan};
use profiles::{Profile, ProfileFile, ProfileName, Profiles};
use server::{Server, ServerParser};
pub(super) use sign_in::{LoginFlags, Told, list, login, logout};

/// Which server.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct RemoteFlags {
    /// Work on this server, by its management API, and not on the data folder. `claviger login` signs in to it.
    #[arg(
        long,
        global = true,
        env = "CLAVIGER_SERVER",
        hide_env_values = true,
        value_name = "URL",
        value_parser = ServerParser
    )]
    server: Option<Server>,
    /// Work on the server of this profile, as whoever signed in.
    #[arg(long, global = true, env = "CLAVIGER_PROFILE", value_name = "NAME")]
    profile: Option<ProfileName>,
}

/// A server elsewhere where somebody is signed in.
pub(super) struct Remote(Profile);

impl Remote {
    /// The one that is named; none, if the data folder is meant.
    pub(super) fn named(flags: &RemoteFlags) -> Result<Option<Self>, RemoteError> {
        if flags.server.is_none() && flags.profile.is_none() {
            return Ok(None);
        }
        let profiles = ProfileFile::of_this_user()?.read()?;
        flags.choose(profiles).map(|(_, profile)| Some(Self(profile)))
    }

    /// Does one command.
    pub(super) async fn run(&self, command: Command) -> Result<Outcome, RemoteError> {
        let at = self.0.at();
        match plan(command)? {
            Plan::One(call) => call.run(at).await,
            Plan::Last { look, then } => {
                let seen = look.run(at).await?;
                then.send(at).await?;
                Ok(seen)
            }
        }
    }
}

impl Profile {
    const fn at(&self) -> At<'_> {
        At { server: &self.server, token: Some(&self.token) }
    }
}

impl RemoteFlags {
    /// The profile that is meant. Where nothing is said, there has to be one only.
    fn choose(&self, mut profiles: Profiles) -> Result<(ProfileName, Profile), RemoteError> {
        let of = |server: &Server| RemoteError::NotSignedIn(format!(" to {server}"));
        match (&self.profile, &self.server) {
            (Some(name), server) => {
                let none = || RemoteError::NotSignedIn(format!(": there is no profile `{name}`"));
                let profile = profiles.remove(name).ok_or_else(none)?;
                match server {
                    Some(server) if *server != profile.server => {
                        Err(RemoteError::OtherServer { name: name.clone(), server: profile.server })
                    }
                    _ => Ok((name.clone(), profile)),
                }
            }
            (None, Some(server)) => {
                profiles.retain(|_, profile| profile.server == *server);
                only(profiles)?.ok_or_else(|| of(server))
            }
            (None, None) => only(profiles)?.ok_or_else(|| RemoteError::NotSignedIn(String::new())),
        }
    }
}

/// The only profile; none, if there is none.
fn only(profiles: Profiles) -> Result<Option<(ProfileName, Profile)>, RemoteError> {
    if profiles.len() > 1 {
        return Err(RemoteError::Several(profiles.into_keys().collect()));
    }
    Ok(profiles.into_iter().next())
}
