//! Python wheels from the package index, each set in a virtual environment of its own below the build's folder.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::XtaskError;
use crate::{run, sources};

/// A virtual environment.
#[derive(Debug)]
pub struct Environment(PathBuf);

impl Environment {
    /// The environment of this name; nothing says yet that it exists.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self(sources::target().join(name).join("venv"))
    }

    /// Where its programs are.
    #[must_use]
    pub fn programs(&self) -> PathBuf {
        self.0.join("bin")
    }

    /// Installs these wheels, such as `six==1.17.0`, and what they need. Nothing is built.
    pub fn install(&self, wheels: &[&str]) -> Result<(), XtaskError> {
        eprintln!("xtask: installing {} in {}", wheels.join(" "), self.0.display());
        let pip = self.programs().join("pip");
        if !pip.is_file() {
            run::captured(Command::new("python3").args(["-m", "venv"]).arg(&self.0))?;
        }
        run::captured(pip_install(&pip).args(wheels))?;
        Ok(())
    }
}

fn pip_install(pip: &Path) -> Command {
    let mut command = Command::new(pip);
    command.args(["install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]);
    command
}
