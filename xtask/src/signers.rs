//! Libraries of others that sign requests: one for RFC 9421, one for draft-cavage.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::XtaskError;
use crate::wheels::Environment;

/// `httpsig` needs `pkg_resources`, which later versions of setuptools do not have.
const WHEELS: [&str; 3] = ["http-message-signatures==3.0.0", "httpsig==1.3.0", "setuptools==80.9.0"];

/// Sees to it that the libraries are there. The answer is the Python that finds them.
pub fn provide() -> Result<PathBuf, XtaskError> {
    let environment = Environment::named("signers");
    let python = environment.programs().join("python");
    if !finds_them(&python) {
        environment.install(&WHEELS)?;
    }
    Ok(python)
}

fn finds_them(python: &Path) -> bool {
    let tried =
        Command::new(python).args(["-W", "ignore", "-c", "import http_message_signatures, httpsig"]).output();
    tried.is_ok_and(|output| output.status.success())
}
