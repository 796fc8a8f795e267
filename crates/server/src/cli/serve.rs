use std::path::PathBuf;

use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use super::exit::{self, CliError};
use crate::config::{Config, LogFormat};
use crate::serve::{self, Ambient, ServeError};
use crate::{demo, telemetry};

pub(super) async fn serve(config: Config, json: bool) -> Result<(), CliError> {
    let _telemetry = telemetry::start(&config).map_err(ServeError::from)?;
    let running = serve::start(config, Ambient::system()).await?;
    if json {
        let addresses = json!({ "gateway": running.gateway, "ops": running.ops });
        exit::say(&addresses.to_string())?;
    }
    told_to_stop().await?;
    running.stop().await;
    Ok(())
}

/// Without a folder, the demo's is temporary.
pub(super) async fn demo(mut config: Config, folder: Option<PathBuf>, json: bool) -> Result<(), CliError> {
    config.log.format = LogFormat::Text;
    let _telemetry = telemetry::start(&config).map_err(ServeError::from)?;
    let demo = demo::start(config, folder, Ambient::system()).await?;
    exit::say(&if json { demo.report().to_json() } else { demo.report().to_text() })?;
    told_to_stop().await?;
    demo.stop().await;
    Ok(())
}

/// Waits for SIGINT or SIGTERM.
async fn told_to_stop() -> Result<(), CliError> {
    let failed = |error: std::io::Error| CliError::Internal(error.to_string());
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}
