//! Every test of the workspace, with what the tests need around them.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, ExitCode, ExitStatus, Stdio};

use crate::error::XtaskError;
use crate::postgres::Cluster;
use crate::summary::Summary;
use crate::{clients, needs, providers, proxies, run, signers};

/// Runs the tests, with these arguments for `cargo test`. The exit code is that of the tests.
pub fn run(args: &[String]) -> Result<ExitCode, XtaskError> {
    needs::provide()?;
    let programs = needs::postgres_programs().unwrap_or_default();
    let (proxies, signers, clients) = (proxies::provide()?, signers::provide()?, clients::provide()?);
    let providers = providers::provide()?;
    let cluster = Cluster::start(&programs)?;
    let mut tests = run::cargo();
    tests
        .args(test_args(args))
        .env("CLAVIGER_TEST_POSTGRES", cluster.url())
        .env("CLAVIGER_TEST_PROXIES", proxies)
        .env("CLAVIGER_TEST_SIGNERS", signers)
        .env("CLAVIGER_TEST_CLIENTS", clients)
        .env("CLAVIGER_TEST_PROVIDERS", providers)
        .env("PATH", path_with(&programs));
    let (status, summary) = counted(&mut tests)?;
    drop(cluster);
    println!("\n{summary}");
    Ok(run::exit_code(status))
}

/// The whole workspace, unless packages are named.
fn test_args(args: &[String]) -> Vec<String> {
    let own = args.split(|arg| arg == "--").next().unwrap_or_default();
    let chosen = own.iter().any(|arg| arg.starts_with("-p") || arg.starts_with("--package"));
    let mut all = vec!["test".to_owned()];
    if !chosen {
        all.push("--workspace".to_owned());
    }
    all.extend_from_slice(args);
    all
}

/// So that the tests find `createdb` and `dropdb` of the same version.
fn path_with(programs: &Path) -> OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(programs.to_path_buf()).chain(std::env::split_paths(&path));
    std::env::join_paths(folders).unwrap_or(path)
}

/// Runs the tests with their output shown, and adds up their closing lines.
fn counted(tests: &mut Command) -> Result<(ExitStatus, Summary), XtaskError> {
    let broken = |source| XtaskError::Program { program: "cargo test".into(), source };
    let mut child = tests.stdout(Stdio::piped()).spawn().map_err(broken)?;
    let mut summary = Summary::default();
    if let Some(output) = child.stdout.take() {
        show(BufReader::new(output), &mut summary).map_err(broken)?;
    }
    Ok((child.wait().map_err(broken)?, summary))
}

fn show(mut output: impl BufRead, summary: &mut Summary) -> std::io::Result<()> {
    let mut line = Vec::new();
    let mut stdout = std::io::stdout().lock();
    while output.read_until(b'\n', &mut line)? > 0 {
        stdout.write_all(&line)?;
        summary.add(&String::from_utf8_lossy(&line));
        line.clear();
    }
    stdout.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(args: &[&str]) -> String {
        test_args(&args.iter().map(ToString::to_string).collect::<Vec<_>>()).join(" ")
    }

    #[test]
    fn named_packages_replace_the_workspace() {
        assert_eq!(joined(&[]), "test --workspace");
        assert_eq!(joined(&["-p", "claviger-model"]), "test -p claviger-model");
        assert_eq!(joined(&["--package=claviger-model"]), "test --package=claviger-model");
        assert_eq!(joined(&["--no-fail-fast", "--", "-p"]), "test --workspace --no-fail-fast -- -p");
    }

    #[test]
    fn postgres_comes_first_on_the_path() {
        let path = path_with(Path::new("/opt/postgres/bin"));
        assert_eq!(std::env::split_paths(&path).next().as_deref(), Some(Path::new("/opt/postgres/bin")));
    }
}
