use claviger_app::{ApplyMode, Command, Outcome, PeopleCommand};

use super::exit::CliError;
use crate::config::Config;
use crate::control::{self, DataFolder, FolderError, Reply};
use crate::serve::{self, Ambient};

/// Has the running server do it, so that it counts at once; or, where none runs, does it here.
pub(super) async fn run(config: &Config, command: Command) -> Result<Outcome, CliError> {
    let reply = match control::connect(&config.data_dir).await? {
        Some(stream) => control::send(stream, &command).await?,
        None => run_here(config, command).await?,
    };
    match reply {
        Reply::Done(outcome) => Ok(outcome),
        Reply::Failed(failure) => Err(failure.into()),
    }
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

async fn run_here(config: &Config, command: Command) -> Result<Reply, CliError> {
    if !begins(&command) && !config.data_dir.exists() {
        return Err(serve::ServeError::from(FolderError::Missing(config.data_dir.clone())).into());
    }
    let folder = DataFolder::take(&config.data_dir).map_err(serve::ServeError::from)?;
    let app = serve::open(config, &folder, &Ambient::system()).await?;
    let reply = control::run(&app, command).await;
    app.close().await;
    Ok(reply)
}
