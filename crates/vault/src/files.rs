use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use crate::{MasterKey, MasterKeyError};

/// Any permission of the group or of others.
const NOT_THE_OWNER: u32 = 0o077;
/// More than a master key with white space around it.
const MAX_FILE: u64 = 256;

/// Why a file gives no master key, or could not be made.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyFileError {
    /// The file cannot be read.
    #[error("cannot read the master key from {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Someone besides the owner may use the file.
    #[error("the master key file {} has mode {mode:04o}, and only its owner may use it: chmod 600", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file holds something else.
    #[error("the file {} holds no master key", path.display())]
    NotAKey {
        /// The file.
        path: PathBuf,
        /// What a master key is.
        source: MasterKeyError,
    },
    /// The file cannot be made, for instance because it is there already.
    #[error("cannot create the master key file {}", path.display())]
    Create {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Reads the master key from a file that nobody but its owner may use.
pub fn load_file(path: &Path) -> Result<MasterKey, MasterKeyFileError> {
    let unread = |source| MasterKeyFileError::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(unread)?;
    // The mode of the open file, so that it cannot be exchanged between the question and the reading.
    let mode = file.metadata().map_err(unread)?.permissions().mode() & 0o7777;
    if mode & NOT_THE_OWNER != 0 {
        return Err(MasterKeyFileError::Exposed { path: path.to_owned(), mode });
    }
    let text = read(&file).map_err(unread)?;
    let text = str::from_utf8(&text).map_err(|_| MasterKeyError).and_then(MasterKey::from_text);
    text.map_err(|source| MasterKeyFileError::NotAKey { path: path.to_owned(), source })
}

/// Reads into memory of one size, which does not move and is wiped as a whole.
fn read(file: &File) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut text = Zeroizing::new(Vec::with_capacity(1024));
    file.take(MAX_FILE).read_to_end(&mut text)?;
    Ok(text)
}

/// Writes the master key to a new file of mode 0600 and waits until it is on disk. A file that is there already is
/// left as it is, and is an error: to overwrite a master key is to lose all that it sealed.
pub fn create_file(path: &Path, key: &MasterKey) -> Result<(), MasterKeyFileError> {
    let failed = |source| MasterKeyFileError::Create { path: path.to_owned(), source };
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
    write(&file, key).and_then(|()| sync_folder(path)).map_err(|error| {
        // Half a key would only be in the way of the next attempt; if removing it fails too, the first error counts.
        let _ = std::fs::remove_file(path);
        failed(error)
    })
}

fn write(mut file: &File, key: &MasterKey) -> io::Result<()> {
    file.write_all(key.to_text().expose_secret().as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

/// A new file is safe once the folder that names it is on disk too.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, set_permissions};

    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn what_is_created_is_loaded_and_is_the_owners() {
        let folder = folder();
        let path = folder.path().join("master.key");
        create_file(&path, &MasterKey::generate([7; 32])).unwrap();
        assert_eq!(load_file(&path).unwrap().bytes(), &[7; 32]);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o7777, 0o600);
    }

    #[test]
    fn an_existing_file_is_left_alone() {
        let folder = folder();
        let path = folder.path().join("master.key");
        create_file(&path, &MasterKey::generate([7; 32])).unwrap();
        let second = create_file(&path, &MasterKey::generate([8; 32]));
        assert!(matches!(second, Err(MasterKeyFileError::Create { .. })));
        assert_eq!(load_file(&path).unwrap().bytes(), &[7; 32]);
    }

    #[test]
    fn a_file_that_others_may_use_is_refused() {
        let folder = folder();
        let path = folder.path().join("master.key");
        create_file(&path, &MasterKey::generate([7; 32])).unwrap();
        for mode in [0o644, 0o640, 0o604, 0o660, 0o602, 0o601] {
            set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let error = load_file(&path).unwrap_err();
            assert!(error.to_string().contains(&format!("mode {mode:04o}")), "{error}");
        }
        set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
        assert!(load_file(&path).is_ok());
    }

    #[test]
    fn what_is_no_key_is_refused_and_not_shown() {
        let folder = folder();
        let path = folder.path().join("master.key");
        assert!(matches!(load_file(&path), Err(MasterKeyFileError::Read { .. })));
        for bytes in [b"hunter2".as_slice(), b"\xff\xfe", &[b'A'; 2000]] {
            std::fs::write(&path, bytes).unwrap();
            set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
            let error = load_file(&path).unwrap_err();
            assert!(matches!(error, MasterKeyFileError::NotAKey { .. }));
            assert!(!format!("{error:?} {error}").contains("hunter2"));
        }
    }
}
