//! The command line.

mod accounts;
mod apply;
mod args;
mod ask;
mod audit;
mod connection;
mod exit;
mod export;
mod filter;
mod import;
mod invite;
mod keys;
mod people;
mod progress;
mod remote;
mod render;
mod render_people;
mod serve;

use std::process::ExitCode;

use claviger_app::{Command, NewService, Outcome, Part};
use claviger_model::VersionName;

use args::{ApiAction, Args, Schema, ServiceAction, Sub, Which};
use connection::Place;
use exit::CliError;
use remote::Told;

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let args = Args::read();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit::report(&CliError::Internal(error.to_string())),
    };
    match runtime.block_on(run(args)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => exit::report(&error),
    }
}

async fn run(args: Args) -> Result<(), CliError> {
    let config = args.config();
    let command = match args.command {
        Sub::Serve(_) => return serve::serve(config?, args.json).await,
        Sub::Demo(_) => return serve::demo(config?, args.data_dir, args.json).await,
        Sub::Schema { of } => return schema(of),
        Sub::Login(flags) => return tell(&remote::login(args.remote, flags).await?, args.json),
        Sub::Logout => return tell(&remote::logout(args.remote).await?, args.json),
        Sub::Profiles => return tell(&remote::list()?, args.json),
        Sub::Apply(flags) => apply::command(&flags)?,
        Sub::Export { to: Some(folder) } => {
            return export::to_folder(&Place::of(&args.remote, config)?, &folder).await;
        }
        Sub::Export { to: None } => Command::Export,
        Sub::Account { action } => accounts::command(action),
        Sub::Api { action } => api(action),
        Sub::Key { action } => keys::command(action)?,
        Sub::Service { action } => service(action),
        Sub::Audit { action } => match action.asked() {
            audit::Asked::Once(command) => command,
            audit::Asked::Export(which) => {
                return audit::export(&Place::of(&args.remote, config)?, which).await;
            }
        },
        Sub::User { action } => people::user(action)?,
        Sub::Role { action } => people::role(action),
        Sub::Explain { request_id } => Command::Explain { request: request_id },
        Sub::Permissions { api, named } => Command::Permissions { api: api.or(named).ok_or_else(no_api)? },
        Sub::Document { api, api_version } => Command::Document { api, version: version(api_version) },
        Sub::Keyformat { api } => Command::KeyFormat { api },
    };
    done(&Place::of(&args.remote, config)?, command, args.json).await
}

async fn done(place: &Place, command: Command, json: bool) -> Result<(), CliError> {
    let outcome = progress::while_waiting(Box::pin(connection::run(place, command))).await?;
    print(&outcome, json)?;
    match &outcome {
        Outcome::Imported(report) => import::verdict(report),
        _ => audit::proved(&outcome),
    }
}

fn no_api() -> CliError {
    CliError::Input("say which API".to_owned())
}

fn version(wanted: Option<Which>) -> Option<VersionName> {
    match wanted {
        Some(Which::Named(name)) => Some(name),
        Some(Which::Latest) | None => None,
    }
}

fn api(action: ApiAction) -> Command {
    match action {
        ApiAction::List => Command::ApiList,
        ApiAction::Environments { api } => Command::EnvironmentList { api },
    }
}

fn service(action: ServiceAction) -> Command {
    match action {
        ServiceAction::Create { name, apis } => Command::ServiceCreate(NewService { name, apis }),
        ServiceAction::List => Command::ServiceList(Part::default()),
        ServiceAction::Revoke { name, reason } => Command::ServiceRevoke { name, reason },
    }
}

fn print(outcome: &Outcome, json: bool) -> Result<(), CliError> {
    let text = if json { render::json(outcome)? } else { render::people(outcome) };
    exit::say(&text)
}

fn tell(told: &Told, json: bool) -> Result<(), CliError> {
    exit::say(if json { &told.json } else { &told.people })
}

fn schema(of: Schema) -> Result<(), CliError> {
    let schema = match of {
        Schema::Catalogue => claviger_catalogue::schema(),
        Schema::Config => schemars::schema_for!(crate::config::Config).to_value(),
    };
    let text =
        serde_json::to_string_pretty(&schema).map_err(|error| CliError::Internal(error.to_string()))?;
    exit::say(&text)
}
