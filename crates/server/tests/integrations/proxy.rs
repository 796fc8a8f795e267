//! A running proxy.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use claviger_testkit::Curl;
use tempfile::TempDir;

use crate::page::{Ports, configuration};
use crate::world::World;

/// A proxy in a folder of its own. Dropping it kills it.
pub(crate) struct Proxy {
    child: Child,
    port: u16,
    _folder: TempDir,
}

/// Another program can take a port between its choice and its use.
const PORTS_TRIED: usize = 3;
/// How often it is looked whether it asks.
const LOOKS: u32 = 600;

impl Proxy {
    /// Starts a program with these files of its page; `command` gets the folder that they are in.
    pub(crate) fn start(
        world: &World,
        page: &str,
        files: &[&str],
        command: impl Fn(&str) -> Vec<String>,
    ) -> Self {
        for _ in 0..PORTS_TRIED {
            if let Some(proxy) = Self::try_start(world, page, files, &command) {
                return proxy;
            }
        }
        panic!("{page} does not start");
    }

    fn try_start(
        world: &World,
        page: &str,
        files: &[&str],
        command: impl Fn(&str) -> Vec<String>,
    ) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let ports = Ports { proxy: free_port(), upstream: world.upstream.port(), check: world.check_port() };
        for file in files {
            let text = configuration(page, file, &ports);
            std::fs::write(folder.path().join(file), text).expect("the folder can be written to");
        }
        let words = command(folder.path().to_str().expect("a folder's name is UTF-8"));
        let (program, args) = words.split_first().expect("a command has a program");
        let mut child = Command::new(find(program));
        child.args(args).current_dir(folder.path()).env("HOME", folder.path());
        let child = child.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        let child = child.unwrap_or_else(|error| panic!("cannot run {program}: {error}"));
        let mut proxy = Self { child, port: ports.proxy, _folder: folder };
        proxy.asks().then_some(proxy)
    }

    /// Waits until it hands on what Claviger says. Some listen before they have read all of their files.
    fn asks(&mut self) -> bool {
        for _ in 0..LOOKS {
            let answer = Curl::get(&self.origin()).try_run();
            if answer.is_ok_and(|answer| answer.header("x-claviger-reason").is_some()) {
                return true;
            }
            if !matches!(self.child.try_wait(), Ok(None)) {
                return false;
            }
            sleep(Duration::from_millis(50));
        }
        false
    }

    /// Its address, such as `http://127.0.0.1:1234`.
    pub(crate) fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}

/// Where `cargo xtask test` put the program, or where the system has it.
fn find(program: &str) -> PathBuf {
    let own = std::env::var_os("CLAVIGER_TEST_PROXIES").map(PathBuf::from).unwrap_or_default();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from);
    let folders = std::iter::once(own).chain(std::env::split_paths(&path)).chain(system);
    let found = folders.map(|folder| folder.join(program)).find(|file| is_program(file));
    found.unwrap_or_else(|| {
        panic!("there is no {program}; `cargo xtask test` installs or names what is missing")
    })
}

fn is_program(file: &Path) -> bool {
    file.is_absolute() && file.is_file()
}
