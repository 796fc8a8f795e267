use std::path::PathBuf;

use serde_json::{Value, json};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::exit::{self, CliError};
use crate::config::{Config, LogFormat};
use crate::serve::{self, Ambient, Running, ServeError, Setup};
use crate::{demo, telemetry};

pub(super) async fn serve(config: Config, json: bool) -> Result<(), CliError> {
    let mut stop = Stop::listen()?;
    let _telemetry = telemetry::start(&config).map_err(ServeError::from)?;
    let offers = config.sign_in.setup_link;
    let start = Box::pin(serve::start(config, Ambient::system()));
    let Some(started) = stop.unless_told(start).await else { return Ok(()) };
    let running = started?;
    let setup = if offers { running.offer_setup().await? } else { None };
    if json {
        exit::say(&start_line(&running, setup.as_ref()).to_string())?;
    } else if let Some(setup) = setup {
        exit::show(&setup.to_text());
    }
    stop.told().await;
    running.stop().await;
    Ok(())
}

/// What programs are told of a server that is ready.
fn start_line(running: &Running, setup: Option<&Setup>) -> Value {
    let mut line = json!({
        "management": running.management, "gateway": running.gateway, "check": running.check, "ops": running.ops });
    if let (Some(line), Some(setup)) = (line.as_object_mut(), setup) {
        line.insert("setup".to_owned(), setup.to_json());
    }
    line
}

/// Without a folder, the demo's is temporary.
pub(super) async fn demo(mut config: Config, folder: Option<PathBuf>, json: bool) -> Result<(), CliError> {
    let mut stop = Stop::listen()?;
    config.log.format = LogFormat::Text;
    let _telemetry = telemetry::start(&config).map_err(ServeError::from)?;
    let start = Box::pin(demo::start(config, folder, Ambient::system()));
    let Some(started) = stop.unless_told(start).await else { return Ok(()) };
    let demo = started?;
    exit::say(&if json { demo.report().to_json() } else { demo.report().to_text() })?;
    stop.told().await;
    demo.stop().await;
    Ok(())
}

/// SIGINT and SIGTERM, listened for from before the start: who is told that the server is ready may stop it at once.
struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    fn listen() -> Result<Self, CliError> {
        let failed = |error: std::io::Error| CliError::Internal(error.to_string());
        let interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
        let terminate = signal(SignalKind::terminate()).map_err(failed)?;
        Ok(Self { interrupt, terminate })
    }

    /// Waits for either.
    async fn told(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    /// What comes of the work, unless one of them comes first.
    async fn unless_told<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = work => Some(done),
            () = self.told() => None,
        }
    }
}
