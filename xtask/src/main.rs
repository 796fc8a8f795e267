//! The command line of `cargo xtask`.

use std::process::ExitCode;

use clap::Parser;
use xtask::error::XtaskError;
use xtask::{ci, functions, fuzz, sources, test_run};

/// What a developer and CI run.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", version)]
enum Task {
    /// Runs every test, with a throw-away PostgreSQL; installs or names what is missing.
    Test {
        /// Passed on to `cargo test`; `-p CRATE` there replaces `--workspace`.
        #[arg(last = true)]
        args: Vec<String>,
    },
    /// Prints how long the functions of the workspace are, and fails where they are too long.
    Functions,
    /// Fuzzes a target of `fuzz/targets`, with what libFuzzer learns on the way.
    Fuzz {
        /// Which, such as `signatures`.
        target: String,
        /// For so many seconds.
        #[arg(long, default_value_t = 60)]
        seconds: u32,
    },
    /// Everything that a change must pass: format, clippy, documentation, fuzz targets, functions, tests.
    Ci,
}

fn main() -> ExitCode {
    match run(Task::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error}");
            error.exit_code()
        }
    }
}

fn run(task: Task) -> Result<ExitCode, XtaskError> {
    match task {
        Task::Test { args } => test_run::run(&args),
        Task::Functions => functions::report(&sources::root()),
        Task::Fuzz { target, seconds } => fuzz::run(&target, seconds),
        Task::Ci => ci::run(),
    }
}
