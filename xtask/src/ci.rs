//! Everything that a change must pass, cheapest first.

use std::process::ExitCode;

use crate::error::XtaskError;
use crate::run::passed;
use crate::{functions, fuzz, run, sources, test_run};

/// Runs all checks, and stops at the first that fails.
pub fn run() -> Result<ExitCode, XtaskError> {
    passed(run::cargo().args(["fmt", "--all", "--check"]))?;
    passed(run::cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    passed(run::cargo().args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))?;
    fuzz::check()?;
    let short_enough = functions::report(&sources::root())?;
    if short_enough != ExitCode::SUCCESS {
        return Ok(short_enough);
    }
    test_run::run(&[])
}
