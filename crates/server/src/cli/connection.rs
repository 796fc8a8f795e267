use claviger_app::{App, ApplyMode, Command, Outcome, PeopleCommand};
use claviger_model::CameFrom;

use super::exit::CliError;
use super::remote::{Remote, RemoteFlags};
use crate::config::Config;
use crate::control::{self, ControlError, DataFolder, FolderError, Reply};
use crate::serve::{self, Ambient};

/// What commands work on.
pub(super) enum Place {
    /// A data folder, and whatever its configuration says.
    Folder(Box<Config>),
    /// A server that may be on another machine, by its management API.
    Elsewhere(Remote),
}

impl Place {
    /// The server that is named or, if none is, the data folder.
    pub(super) fn of(flags: &RemoteFlags, config: Result<Config, CliError>) -> Result<Self, CliError> {
        Ok(match Remote::named(flags)? {
            Some(remote) => Self::Elsewhere(remote),
            None => Self::Folder(Box::new(config?)),
        })
    }
}

/// Where commands are done: elsewhere; by the running server, so that they count at once; or, where none runs, here.
pub(super) enum Session<'a> {
    Elsewhere(&'a Remote),
    Server(&'a Config),
    /// The folder is held for as long as its data are open.
    Here(Box<App>, DataFolder),
}

/// Does one command.
pub(super) async fn run(place: &Place, command: Command) -> Result<Outcome, CliError> {
    let session = Session::open(place, &command).await?;
    let outcome = session.run(command).await;
    session.close().await;
    outcome
}

/// A folder is made only by commands with which an installation can begin: elsewhere a name was probably mistyped.
const fn begins(command: &Command) -> bool {
    matches!(
        command,
        Command::Apply { mode: ApplyMode::Commit, .. }
            | Command::AccountCreate(_)
            | Command::People(PeopleCommand::Create(_))
    )
}

impl<'a> Session<'a> {
    /// Finds the server, or opens the data for commands of which this is the first.
    pub(super) async fn open(place: &'a Place, command: &Command) -> Result<Self, CliError> {
        let config = match place {
            Place::Elsewhere(remote) => return Ok(Self::Elsewhere(remote)),
            Place::Folder(config) => config,
        };
        if control::connect(&config.data_dir).await?.is_some() {
            return Ok(Self::Server(config));
        }
        if !begins(command) && !config.data_dir.exists() {
            return Err(serve::ServeError::from(FolderError::Missing(config.data_dir.clone())).into());
        }
        let folder = DataFolder::take(&config.data_dir).map_err(serve::ServeError::from)?;
        let app = serve::open(config, &folder, &Ambient::system()).await?;
        Ok(Self::Here(Box::new(app), folder))
    }

    pub(super) async fn run(&self, command: Command) -> Result<Outcome, CliError> {
        let reply = match self {
            Self::Elsewhere(remote) => return Ok(remote.run(command).await?),
            Self::Server(config) => {
                let stream = control::connect(&config.data_dir).await?.ok_or_else(gone)?;
                control::send(stream, &command).await?
            }
            Self::Here(app, _) => control::run(app, CameFrom::Folder, command).await,
        };
        match reply {
            Reply::Done(outcome) => Ok(outcome),
            Reply::Failed(failure) => Err(failure.into()),
        }
    }

    pub(super) async fn close(self) {
        if let Self::Here(app, _folder) = self {
            app.close().await;
        }
    }
}

fn gone() -> CliError {
    ControlError::Broken(std::io::ErrorKind::NotConnected.into()).into()
}
