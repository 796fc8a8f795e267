//! The programs that the tests run besides the product, and how to get them.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::XtaskError;
use crate::run;

/// A program that the tests need.
struct Need {
    what: &'static str,
    is_there: fn() -> bool,
    debian_package: &'static str,
}

const NEEDS: [Need; 9] = [
    Need { what: "curl", is_there: || on_path("curl").is_some(), debian_package: "curl" },
    Need { what: "Python 3", is_there: || on_path("python3").is_some(), debian_package: "python3" },
    Need { what: "Python's venv", is_there: makes_venvs, debian_package: "python3-venv" },
    Need { what: "OpenSSL", is_there: || on_path("openssl").is_some(), debian_package: "openssl" },
    Need { what: "Node.js 20", is_there: has_node, debian_package: "nodejs" },
    Need { what: "npm", is_there: || on_path("npm").is_some(), debian_package: "npm" },
    Need { what: "nginx", is_there: || anywhere("nginx").is_some(), debian_package: "nginx-light" },
    Need { what: "HAProxy", is_there: || anywhere("haproxy").is_some(), debian_package: "haproxy" },
    Need { what: "PostgreSQL", is_there: || postgres_programs().is_some(), debian_package: "postgresql" },
];

/// Sees to it that every program is there. On Debian, and as root, it installs what is missing; elsewhere it names
/// what to install.
pub fn provide() -> Result<(), XtaskError> {
    let missing = missing();
    if missing.is_empty() {
        return Ok(());
    }
    if on_path("apt-get").is_none() || !is_root() {
        return Err(not_there(&missing));
    }
    install(&missing)?;
    let still_missing = self::missing();
    if still_missing.is_empty() { Ok(()) } else { Err(not_there(&still_missing)) }
}

/// The folder of PostgreSQL's programs. Debian keeps those of the server off the `PATH`, by version.
#[must_use]
pub fn postgres_programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let folders = versions.map(|version| version.path().join("bin"));
    let newest =
        folders.filter(|folder| folder.join("initdb").is_file()).max_by_key(|folder| version_of(folder));
    newest.or_else(|| on_path("initdb").and_then(|initdb| initdb.parent().map(Path::to_path_buf)))
}

/// Whether this program runs as root, as it does in most containers.
#[must_use]
pub fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn version_of(folder: &Path) -> u32 {
    let version = folder.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    version.and_then(|version| version.parse().ok()).unwrap_or(0)
}

fn missing() -> Vec<&'static Need> {
    NEEDS.iter().filter(|need| !(need.is_there)()).collect()
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// Servers are where the `PATH` of a person may not lead.
fn anywhere(program: &str) -> Option<PathBuf> {
    let servers = || ["/usr/sbin", "/usr/local/sbin"].map(|folder| Path::new(folder).join(program));
    on_path(program).or_else(|| servers().into_iter().find(|file| file.is_file()))
}

/// Debian has this part of Python in a package of its own.
fn makes_venvs() -> bool {
    let tried = Command::new("python3").args(["-c", "import ensurepip, venv"]).output();
    tried.is_ok_and(|output| output.status.success())
}

/// Before version 20 there is no cryptography without an option.
fn has_node() -> bool {
    let version = Command::new("node").arg("--version").output().map(|output| output.stdout);
    let version = String::from_utf8(version.unwrap_or_default()).unwrap_or_default();
    let major = version.trim_start_matches('v').split('.').next();
    major.and_then(|major| major.parse::<u32>().ok()).is_some_and(|major| major >= 20)
}

fn install(missing: &[&Need]) -> Result<(), XtaskError> {
    eprintln!("xtask: installing {}", listed(missing, |need| need.debian_package, " "));
    let apt_get = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    let packages = missing.iter().map(|need| need.debian_package);
    run::captured(apt_get().arg("update"))?;
    run::captured(apt_get().args(["install", "-y", "--no-install-recommends"]).args(packages))?;
    Ok(())
}

fn not_there(missing: &[&Need]) -> XtaskError {
    let packages = listed(missing, |need| need.debian_package, " ");
    let remedy = format!("sudo apt-get install --no-install-recommends {packages}");
    XtaskError::Missing { missing: listed(missing, |need| need.what, ", "), remedy }
}

fn listed(needs: &[&Need], word: fn(&Need) -> &'static str, between: &str) -> String {
    needs.iter().map(|need| word(need)).collect::<Vec<_>>().join(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_with_its_remedy() {
        let error = not_there(&NEEDS.iter().collect::<Vec<_>>());
        let text = error.to_string();
        assert!(
            text.contains(
                "curl, Python 3, Python's venv, OpenSSL, Node.js 20, npm, nginx, HAProxy, PostgreSQL"
            ),
            "{text}"
        );
        let packages = "curl python3 python3-venv openssl nodejs npm nginx-light haproxy postgresql";
        assert!(text.ends_with(&format!("apt-get install --no-install-recommends {packages}")), "{text}");
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(version_of(Path::new("/x/15/bin")) > version_of(Path::new("/x/9/bin")));
        assert_eq!(version_of(Path::new("/x/y/bin")), 0);
    }

    #[test]
    fn programs_are_looked_for_on_the_path() {
        assert!(on_path("sh").is_some());
        assert_eq!(on_path("no-such-program-anywhere"), None);
    }
}
