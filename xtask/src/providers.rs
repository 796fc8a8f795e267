//! An OpenID Connect provider by others, for the tests: a library for Node.js.

use std::path::PathBuf;
use std::process::Command;

use crate::error::XtaskError;
use crate::{run, sources};

const LIBRARY: &str = "oidc-provider";
const VERSION: &str = "9.13.3";

/// Sees to it that the library is there. The answer is the folder in which Node.js finds it.
pub fn provide() -> Result<PathBuf, XtaskError> {
    let folder = sources::target().join("providers");
    if !has_it(&folder) {
        eprintln!("xtask: installing {LIBRARY} {VERSION} in {}", folder.display());
        install(&folder)?;
    }
    Ok(folder)
}

fn has_it(folder: &std::path::Path) -> bool {
    let manifest = folder.join("node_modules").join(LIBRARY).join("package.json");
    std::fs::read_to_string(manifest).is_ok_and(|text| text.contains(&format!("\"version\": \"{VERSION}\"")))
}

/// No script of any package is run.
fn install(folder: &std::path::Path) -> Result<(), XtaskError> {
    let unreadable = |source| XtaskError::Unreadable { path: folder.to_owned(), source };
    std::fs::create_dir_all(folder).map_err(unreadable)?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--ignore-scripts", "--no-package-lock", "--no-save", "--no-audit", "--no-fund"]);
    npm.arg("--prefix").arg(folder).arg(format!("{LIBRARY}@{VERSION}")).current_dir(folder);
    run::captured(&mut npm).map(drop)
}
