use std::sync::Arc;
use std::time::Duration;

use claviger_app::{Actor, App, Command, ErrorKind, Origin};
use claviger_model::CameFrom;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Failure, MOST_BYTES, Reply};

/// How long a command may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// Answers commands until told to stop; commands under way are finished then.
pub async fn serve(listener: UnixListener, app: Arc<App>, stop: CancellationToken) {
    let under_way = TaskTracker::new();
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, _)) => {
                under_way.spawn(answer(stream, Arc::clone(&app)));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection to the control socket failed");
                // Too many open files, for one, will not pass in a moment.
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    under_way.close();
    under_way.wait().await;
}

async fn answer(mut stream: UnixStream, app: Arc<App>) {
    if let Err(error) = converse(&mut stream, &app).await {
        tracing::warn!(%error, "a command on the control socket was not answered");
    }
}

async fn converse(stream: &mut UnixStream, app: &App) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut bounded = (&mut *stream).take(MOST_BYTES);
    tokio::time::timeout(PATIENCE, bounded.read_to_end(&mut request)).await??;
    let reply = match serde_json::from_slice::<Command>(&request) {
        Ok(command) => run(app, CameFrom::Socket, command).await,
        Err(error) => Reply::Failed(Failure {
            kind: ErrorKind::Invalid,
            message: format!("the server does not understand this command; are both of one version? {error}"),
        }),
    };
    stream.write_all(&serde_json::to_vec(&reply)?).await?;
    stream.shutdown().await
}

/// Runs a command for whoever owns the data folder.
pub(crate) async fn run(app: &App, from: CameFrom, command: Command) -> Reply {
    let work = app.run(&Actor::Operator { via: "local" }, command);
    match Origin::cli(from).scope(work).await {
        Ok(outcome) => Reply::Done(outcome),
        Err(error) => {
            if error.kind() == ErrorKind::Internal {
                tracing::error!(%error, "a command failed");
            }
            Reply::Failed(error.into())
        }
    }
}
