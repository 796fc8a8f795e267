//! Fuzzing with libFuzzer on the stable toolchain: what cargo-fuzz asks of a nightly one is a sanitizer, which safe code
//! hardly needs; that each input tells which way it took, stable can do.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::error::XtaskError;
use crate::{run, sources};

/// What libFuzzer learns from: counters at every edge, and what comparisons compare.
const INSTRUMENTED: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                            -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
                            -Cllvm-args=-sanitizer-coverage-pc-table \
                            -Cllvm-args=-sanitizer-coverage-trace-compares \
                            -Cdebug-assertions -Ccodegen-units=1 --cfg fuzzing";

/// Runs a target for so many seconds. What broke it is left below `fuzz/artifacts`, new ways below `target`.
pub fn run(target: &str, seconds: u32) -> Result<ExitCode, XtaskError> {
    let root = sources::root();
    let built = sources::target().join("fuzz");
    let triple = host()?;
    let manifest = root.join("fuzz/Cargo.toml");
    let mut cargo = run::cargo();
    cargo.args(["build", "--release", "--locked", "--bin", target, "--target", &triple, "--manifest-path"]);
    cargo.arg(manifest).arg("--target-dir").arg(&built).env("RUSTFLAGS", INSTRUMENTED);
    run::passed(&mut cargo)?;
    let found = folder(built.join("corpus").join(target))?;
    let artifacts = folder(root.join("fuzz/artifacts").join(target))?;
    let mut fuzz = Command::new(built.join(triple).join("release").join(target));
    fuzz.arg(found).arg(root.join("fuzz/corpus").join(target)).arg(format!("-max_total_time={seconds}"));
    fuzz.arg(format!("-artifact_prefix={}/", artifacts.display()));
    Ok(run::exit_code(run::shown(&mut fuzz)?))
}

/// Whether every target is a program that can be built. Its dependencies are few beside those of the workspace.
pub fn check() -> Result<(), XtaskError> {
    let mut check = run::cargo();
    check.args(["check", "--locked", "--manifest-path", "fuzz/Cargo.toml", "--target-dir"]);
    run::passed(check.arg(sources::target().join("fuzz")))
}

/// With a triple, flags reach the target and not what builds it.
fn host() -> Result<String, XtaskError> {
    let told = run::captured(Command::new("rustc").args(["--print", "host-tuple"]))?;
    Ok(String::from_utf8_lossy(&told.stdout).trim().to_owned())
}

fn folder(path: PathBuf) -> Result<PathBuf, XtaskError> {
    match std::fs::create_dir_all(&path) {
        Ok(()) => Ok(path),
        Err(source) => Err(XtaskError::Unreadable { path, source }),
    }
}
