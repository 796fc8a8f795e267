//! A PostgreSQL cluster for one run of the tests, on loopback only, gone afterwards.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::error::XtaskError;
use crate::{needs, run};

/// Stops the cluster and removes its folder as soon as the standard input ends: when the [`Cluster`] is dropped, and
/// just as well when this program is killed.
const GUARD: &str = r#"read -r _
if [ -f "$1/data/postmaster.pid" ]; then "$2/pg_ctl" stop --pgdata="$1/data" --mode=immediate --wait; fi
rm -rf -- "$1""#;

/// Another program can take a port between its choice and its use.
const PORTS_TRIED: usize = 5;

/// A running cluster. Dropping it stops it and removes its folder.
pub struct Cluster {
    port: u16,
    _guard: Guard,
}

/// Where the cluster is, and who runs it: PostgreSQL refuses to run as root.
struct Place {
    programs: PathBuf,
    folder: PathBuf,
    through_runuser: bool,
}

struct Guard(Child);

impl Cluster {
    /// Makes and starts a cluster with the programs in this folder.
    pub fn start(programs: &Path) -> Result<Self, XtaskError> {
        let mut place =
            Place { programs: programs.into(), folder: PathBuf::new(), through_runuser: needs::is_root() };
        place.folder = place.make_folder()?;
        let guard = place.guard()?;
        place.make_cluster()?;
        Ok(Self { port: place.start()?, _guard: guard })
    }

    /// A URL of the cluster's own database, as its superuser.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

impl Place {
    /// A command of the user who runs the cluster. That user may not be able to enter the present folder.
    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = if self.through_runuser {
            let mut runuser = Command::new("runuser");
            runuser.args(["-u", "postgres", "--"]).arg(program);
            runuser
        } else {
            Command::new(program)
        };
        command.current_dir("/");
        command
    }

    fn make_folder(&self) -> Result<PathBuf, XtaskError> {
        let output = run::captured(self.command("mktemp").args([
            "--directory",
            "--tmpdir",
            "claviger-postgres-XXXXXXXX",
        ]))?;
        Ok(String::from_utf8_lossy(output.stdout.trim_ascii()).into_owned().into())
    }

    /// In a process group of its own, so that Ctrl-C ends the tests and not the guard.
    fn guard(&self) -> Result<Guard, XtaskError> {
        let mut command = self.command("sh");
        command.args(["-c", GUARD, "sh"]).arg(&self.folder).arg(&self.programs).process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().map(Guard).map_err(|source| run::not_started(&command, source))
    }

    /// Without syncing the new cluster's files: only what the tests write has to outlive a crash.
    fn make_cluster(&self) -> Result<(), XtaskError> {
        let mut initdb = self.command(self.programs.join("initdb"));
        initdb.arg("--pgdata").arg(self.folder.join("data"));
        initdb.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        run::captured(&mut initdb).map(drop)
    }

    fn start(&self) -> Result<u16, XtaskError> {
        let mut tries = 1;
        loop {
            let port = free_port()?;
            match self.start_on(port) {
                Err(_) if tries < PORTS_TRIED => tries += 1,
                started => return started.map(|()| port),
            }
        }
    }

    fn start_on(&self, port: u16) -> Result<(), XtaskError> {
        let log = self.folder.join("log");
        let mut start = self.command(self.programs.join("pg_ctl"));
        start.args(["start", "--wait", "--timeout=60", "--options", &self.options(port), "--pgdata"]);
        start.arg(self.folder.join("data")).arg("--log").arg(&log);
        // The server would hold a pipe open for as long as it runs.
        start.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if run::shown(&mut start)?.success() {
            return Ok(());
        }
        let output = std::fs::read_to_string(&log).unwrap_or_default();
        Err(XtaskError::Failed { command: run::text(&start), output })
    }

    /// `fsync` stays on: tests that kill the server rely on what was committed.
    fn options(&self, port: u16) -> String {
        format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={} -c max_connections=300 -c fsync=on",
            self.folder.display()
        )
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        if let Err(error) = self.0.wait() {
            eprintln!("xtask: cannot wait for the end of PostgreSQL: {error}");
        }
    }
}

fn free_port() -> Result<u16, XtaskError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(XtaskError::NoPort)?;
    Ok(listener.local_addr().map_err(XtaskError::NoPort)?.port())
}
