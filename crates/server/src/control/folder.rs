use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tokio::net::UnixListener;

/// A data folder that this process holds: no other one works on it at the same time.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    /// Held, not used: the lock goes when the file is closed, even by a kill.
    _lock: File,
}

/// Why a data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Something about the folder failed.
    #[error("cannot use the data folder {}: {error}", path.display())]
    Unusable {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// There is none, and the command is none that makes one.
    #[error("there is no data folder {}; `claviger serve` and `claviger apply` make one", .0.display())]
    Missing(PathBuf),
    /// Another process holds it.
    #[error("another process works on the data folder {}", .0.display())]
    Held(PathBuf),
}

const SOCKET: &str = "claviger.sock";

impl DataFolder {
    /// Takes the folder, and makes it, for the owner alone, if it is missing.
    pub fn take(path: &Path) -> Result<Self, FolderError> {
        let unusable = |error| FolderError::Unusable { path: path.to_owned(), error };
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(unusable)?;
        // For the owner alone: whoever could open it could hold the lock.
        let mut private = OpenOptions::new();
        let lock = private.append(true).create(true).mode(0o600).open(path.join("claviger.lock"));
        let lock = lock.map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(FolderError::Held(path.to_owned())),
            Err(TryLockError::Error(error)) => Err(unusable(error)),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The control socket of a folder.
    #[must_use]
    pub fn socket(path: &Path) -> PathBuf {
        path.join(SOCKET)
    }

    /// A file of the folder, made for the owner alone if it is missing: the folder may be older than this program.
    pub fn private_file(&self, name: &str) -> Result<PathBuf, FolderError> {
        let unusable = |error| FolderError::Unusable { path: self.path.clone(), error };
        let file = self.path.join(name);
        OpenOptions::new().append(true).create(true).mode(0o600).open(&file).map_err(unusable)?;
        Ok(file)
    }

    /// Listens on the control socket, for the owner alone.
    pub fn listen(&self) -> Result<UnixListener, FolderError> {
        let unusable = |error| FolderError::Unusable { path: self.path.clone(), error };
        let socket = Self::socket(&self.path);
        match std::fs::remove_file(&socket) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unusable(error)),
            _ => {}
        }
        // In a folder of its own first: nobody can connect between the making and the narrowing, wherever the data
        // folder is and whatever the process's mask.
        let nest = self.path.join(".new");
        let _ = std::fs::remove_dir_all(&nest);
        DirBuilder::new().mode(0o700).create(&nest).map_err(unusable)?;
        let fresh = nest.join("s");
        let listener = UnixListener::bind(&fresh).map_err(unusable)?;
        std::fs::set_permissions(&fresh, Permissions::from_mode(0o600)).map_err(unusable)?;
        std::fs::rename(&fresh, &socket).map_err(unusable)?;
        let _ = std::fs::remove_dir(&nest);
        Ok(listener)
    }
}
