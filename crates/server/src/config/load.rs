use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use claviger_app::RelyingPartyError;
use claviger_model::Span;
use secrecy::SecretString;

use super::Config;

/// What the command line and the environment put in place of the file's values.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// The data folder.
    pub data_dir: Option<PathBuf>,
    /// The database.
    pub database_url: Option<SecretString>,
    /// Free ports on loopback instead of the configured ones.
    pub free_ports: bool,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration file {}: {error}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The file has a mistake; the text says where.
    #[error("the configuration file {} has a mistake in line {line}: {why}", path.display())]
    Mistake {
        /// Which.
        path: PathBuf,
        /// Where.
        line: usize,
        /// What.
        why: String,
    },
    /// Passkeys cannot work as it says.
    #[error("`management.passkeys` in the configuration: {0}")]
    Passkeys(#[from] RelyingPartyError),
    /// A value can be read, and would make no sense.
    #[error("the configuration has `{field} = \"{value}\"`: {why}")]
    Senseless {
        /// Where.
        field: &'static str,
        /// What is said there.
        value: Span,
        /// Why it makes no sense.
        why: &'static str,
    },
}

/// Reads the file, if there is one, and puts the overrides in.
pub fn load(file: Option<&Path>, overrides: Overrides) -> Result<Config, ConfigError> {
    let mut config = file.map_or_else(|| Ok(Config::default()), read)?;
    check(&config)?;
    if let Some(data_dir) = overrides.data_dir {
        config.data_dir = data_dir;
    }
    if let Some(url) = overrides.database_url {
        config.database.url = Some(url);
    }
    if overrides.free_ports {
        let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        config.listen.gateway = free;
        config.listen.management = free;
        config.listen.check = free;
        config.listen.ops = free;
    }
    config.management.relying_party()?;
    Ok(config)
}

fn check(config: &Config) -> Result<(), ConfigError> {
    let value = config.sign_in.step_up;
    if value > Span::ZERO {
        return Ok(());
    }
    let why = "no proof would ever be recent enough for what needs one; say how long it counts, such as 15m";
    Err(ConfigError::Senseless { field: "sign_in.step_up", value, why })
}

fn read(path: &Path) -> Result<Config, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| ConfigError::Unreadable { path: path.to_owned(), error })?;
    toml::from_str(&text).map_err(|error| mistake(path, &text, &error))
}

/// The line is named and not shown: it may hold the password of the database.
fn mistake(path: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    ConfigError::Mistake { path: path.to_owned(), line, why: without_values(error.message()) }
}

/// The message without the values that it quotes.
fn without_values(message: &str) -> String {
    match (message.find('"'), message.rfind('"')) {
        (Some(first), Some(last)) if first < last => {
            let (before, after) = (message.get(..first), message.get(last + 1..));
            format!("{}\"…\"{}", before.unwrap_or_default(), after.unwrap_or_default())
        }
        _ => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_is_the_default_and_a_mistake_says_where() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("claviger.toml");
        std::fs::write(&file, "").unwrap();
        assert_eq!(load(Some(&file), Overrides::default()).unwrap().listen.gateway.port(), 8000);
        std::fs::write(&file, "[listen]\ngateway = \"127.0.0.1:1\"\nportal = 1\n").unwrap();
        let error = load(Some(&file), Overrides::default()).unwrap_err().to_string();
        assert!(error.contains("line 3") && error.contains("portal"), "{error}");
    }

    #[test]
    fn a_mistake_does_not_repeat_the_password_of_the_database() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("claviger.toml");
        for text in [
            "database = \"postgres://me:hunter2@db/claviger\"\n",
            "[database]\nurl = \"postgres://me:hunter2@db/claviger\n",
            "[database]\nurl = postgres://me:hunter2@db/claviger\n",
            "[database]\nurl = [\"postgres://me:\\\"hunter2@db/claviger\"]\n",
        ] {
            std::fs::write(&file, text).unwrap();
            let error = load(Some(&file), Overrides::default()).unwrap_err();
            assert!(error.to_string().contains("in line "), "{error}");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
        }
    }

    #[test]
    fn own_paths_are_read_and_held_to_their_form() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("claviger.toml");
        std::fs::write(&file, "[gateway]\nown_paths = [\"/api/\", \"/v2/api/login\"]\n").unwrap();
        assert_eq!(load(Some(&file), Overrides::default()).unwrap().gateway.own_paths.len(), 2);
        std::fs::write(&file, "[gateway]\nown_paths = [\"/api/../v1\"]\n").unwrap();
        let error = load(Some(&file), Overrides::default()).unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("starts with a slash"), "{error}");
    }

    #[test]
    fn a_proof_that_never_counts_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("claviger.toml");
        for (text, fits) in [("0s", false), ("0d", false), ("1s", true)] {
            std::fs::write(&file, format!("[sign_in]\nstep_up = \"{text}\"\n")).unwrap();
            let loaded = load(Some(&file), Overrides::default());
            let error = loaded.err().map(|error| error.to_string());
            assert_eq!(error.is_none(), fits, "{text}");
            assert!(error.is_none_or(|error| error.contains("`sign_in.step_up = \"0s\"`")), "{text}");
        }
    }

    #[test]
    fn durations_and_networks_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("claviger.toml");
        let text = "[gateway]\ntrusted_proxies = [\"10.0.0.0/8\"]\n[gateway.limits]\nanswer = \"3s\"\n";
        std::fs::write(&file, text).unwrap();
        let config = load(Some(&file), Overrides::default()).unwrap();
        assert_eq!(config.gateway.limits.answer, claviger_model::Span::from_secs(3));
        assert_eq!(config.gateway.trusted_proxies.len(), 1);
    }
}
