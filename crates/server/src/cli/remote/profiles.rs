//! Where one is signed in: a file of the owner alone.

use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::error::RemoteError;
use super::server::Server;

/// A login token.
pub(super) type Token = claviger_app::Shown;

/// What to call a profile: 1 to 64 letters, digits and `. _ - : [ ]`, so that an address can be one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(in crate::cli) struct ProfileName(String);

/// Where somebody is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Profile {
    pub(super) server: Server,
    pub(super) username: String,
    pub(super) token: Token,
}

/// Every profile, by name.
pub(super) type Profiles = BTreeMap<ProfileName, Profile>;

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    #[serde(default)]
    profiles: Profiles,
}

/// The file that has them.
#[derive(Debug)]
pub(super) struct ProfileFile(PathBuf);

impl ProfileName {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ProfileName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ProfileName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-:[]".contains(&byte);
        if (1..=64).contains(&text.len()) && text.bytes().all(fits) {
            Ok(Self(text.to_owned()))
        } else {
            Err("write 1 to 64 letters, digits, dots, dashes, underscores, colons or brackets")
        }
    }
}

impl TryFrom<String> for ProfileName {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ProfileName> for String {
    fn from(name: ProfileName) -> Self {
        name.0
    }
}

impl ProfileFile {
    /// The one that `CLAVIGER_PROFILES` names, or the one in the folder for configuration.
    pub(super) fn of_this_user() -> Result<Self, RemoteError> {
        let folder = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        if let Some(file) = folder("CLAVIGER_PROFILES") {
            return Ok(Self(file));
        }
        let below = folder("XDG_CONFIG_HOME").filter(|path| path.is_absolute());
        let below = below.or_else(|| folder("HOME").map(|home| home.join(".config")));
        below.map(|below| Self(below.join("claviger/profiles.toml"))).ok_or_else(|| RemoteError::Profiles {
            path: "profiles.toml".into(),
            why: "there is no HOME; CLAVIGER_PROFILES names a file".to_owned(),
        })
    }

    /// Everything in it; nothing, if it is not there.
    pub(super) fn read(&self) -> Result<Profiles, RemoteError> {
        let file = match File::open(&self.0) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Profiles::new()),
            Err(error) => return Err(self.unusable(&error)),
        };
        let mode = file.metadata().map_err(|error| self.unusable(&error))?.mode();
        if mode & 0o077 != 0 {
            return Err(self.unusable(&"others can read it, or write to it; `chmod 600` it"));
        }
        let text = io::read_to_string(file).map_err(|error| self.unusable(&error))?;
        // The reader's own words could repeat a token.
        let content: Content =
            toml::from_str(&text).map_err(|_| self.unusable(&"it is no file of profiles"))?;
        Ok(content.profiles)
    }

    /// Changes it as a whole. Of two that do so at the same time, one waits.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut Profiles) -> T) -> Result<T, RemoteError> {
        let folder = self.0.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|error| self.unusable(&error))?;
        let mut private = OpenOptions::new();
        let lock = private.append(true).create(true).mode(0o600).open(self.0.with_extension("lock"));
        let lock = lock.and_then(|lock| lock.lock().map(|()| lock)).map_err(|error| self.unusable(&error))?;
        let mut profiles = self.read()?;
        let changed = change(&mut profiles);
        self.write(folder, profiles).map_err(|error| self.unusable(&error))?;
        drop(lock);
        Ok(changed)
    }

    /// Whoever reads meanwhile sees what was there before.
    fn write(&self, folder: &Path, profiles: Profiles) -> io::Result<()> {
        let text = toml::to_string(&Content { profiles }).map_err(io::Error::other)?;
        // For the owner alone from the beginning.
        let mut fresh = NamedTempFile::new_in(folder)?;
        fresh.write_all(text.as_bytes())?;
        fresh.as_file().sync_all()?;
        fresh.persist(&self.0)?;
        Ok(())
    }

    fn unusable(&self, why: &impl ToString) -> RemoteError {
        RemoteError::Profiles { path: self.0.clone(), why: why.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn profile() -> Profile {
        let server = "http://127.0.0.1:8080".parse().unwrap();
        Profile { server, username: "ada".to_owned(), token: Token::new("login_user_secret") }
    }

    #[test]
    fn what_is_written_is_read_and_for_the_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = ProfileFile(folder.path().join("new/profiles.toml"));
        assert!(file.read().unwrap().is_empty());
        let name: ProfileName = "127.0.0.1:8080".parse().unwrap();
        file.change(|profiles| profiles.insert(name.clone(), profile())).unwrap();
        assert_eq!(file.read().unwrap().get(&name), Some(&profile()));
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&file.0), mode(file.0.parent().unwrap())), (0o600, 0o700));
    }

    #[test]
    fn what_others_can_read_or_nobody_understands_is_refused_without_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let file = ProfileFile(folder.path().join("profiles.toml"));
        file.change(|profiles| profiles.insert("one".parse().unwrap(), profile())).unwrap();
        std::fs::set_permissions(&file.0, PermissionsExt::from_mode(0o640)).unwrap();
        assert!(file.read().unwrap_err().to_string().contains("chmod 600"));
        std::fs::set_permissions(&file.0, PermissionsExt::from_mode(0o600)).unwrap();
        std::fs::write(&file.0, "profiles = 'login_user_secret'").unwrap();
        let error = file.read().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
    }

    #[test]
    fn names_are_short_and_plain() {
        for text in ["a", "127.0.0.1:8080", "[::1]:8080", "work_2"] {
            assert!(text.parse::<ProfileName>().is_ok(), "{text}");
        }
        for text in ["", "a b", "a\n", "\u{1b}", &"a".repeat(65)] {
            assert!(text.parse::<ProfileName>().is_err(), "{text}");
        }
    }
}
