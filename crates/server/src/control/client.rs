use std::io;
use std::path::Path;

use claviger_app::Command;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use super::{DataFolder, MOST_BYTES, Reply};

/// Why the server gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The connection failed.
    #[error("the server on this data folder did not answer: {0}")]
    Broken(#[from] io::Error),
    /// What came back is no answer.
    #[error("the server's answer cannot be read; are both of one version? {0}")]
    Unreadable(#[from] serde_json::Error),
}

/// A connection to the server that runs on a data folder, if one does.
pub async fn connect(data_dir: &Path) -> Result<Option<UnixStream>, ControlError> {
    match UnixStream::connect(DataFolder::socket(data_dir)).await {
        Ok(stream) => Ok(Some(stream)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Sends a command and waits for its answer.
pub async fn send(mut stream: UnixStream, command: &Command) -> Result<Reply, ControlError> {
    stream.write_all(&serde_json::to_vec(command)?).await?;
    stream.shutdown().await?;
    let mut answer = Vec::new();
    stream.take(MOST_BYTES).read_to_end(&mut answer).await?;
    Ok(serde_json::from_slice(&answer)?)
}
