//! A server on a data folder of its own, and the command line beside it.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, ExitStatus};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use claviger_testkit::{Call, Claviger, Client, Curl, TestDatabase};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_claviger");

/// Where the data are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// A data folder, a database where the engine needs one, and the server that runs on them, if one does.
///
/// The fields are dropped in this order: the server goes before what it works on.
pub(crate) struct Bed {
    server: Option<Claviger>,
    database: Option<TestDatabase>,
    folder: TempDir,
    /// Arguments that every start of this binary gets.
    args: Vec<String>,
}

/// What a run of the command line left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CliOutput {
    /// The exit code; -1 where a signal ended it.
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A credential of the demo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Credential {
    pub(crate) id: String,
    pub(crate) account: String,
    pub(crate) key: String,
}

/// The account of contract T's example.
pub(crate) const ACCOUNT: &str = "100042";

impl Bed {
    /// A running `claviger demo`.
    pub(crate) fn start(engine: Engine) -> Self {
        let mut bed = Self::empty(engine);
        bed.run(&["demo", "--json", "--ports", "auto"]);
        bed
    }

    /// A running `claviger serve` without any content.
    pub(crate) fn serve(engine: Engine) -> Self {
        let mut bed = Self::empty(engine);
        bed.run_serve();
        bed
    }

    /// A data folder, and no server.
    pub(crate) fn empty(engine: Engine) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let database = (engine == Engine::Postgres).then(TestDatabase::create);
        let mut args = vec!["--data-dir".to_owned(), text(&folder.path().join("data"))];
        if let Some(database) = &database {
            args.extend(["--database-url".to_owned(), database.url().to_owned()]);
        }
        Self { server: None, database, folder, args }
    }

    /// Writes a configuration file that every later start gets.
    pub(crate) fn configure(&mut self, toml: &str) {
        let file = self.file("claviger.toml", toml);
        self.args.extend(["--config".to_owned(), file]);
    }

    /// Writes a file beside the data folder; its path.
    pub(crate) fn file(&self, name: &str, content: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("the temporary folder can be written to");
        text(&path)
    }

    /// Starts a server with these arguments in place of the one that runs.
    pub(crate) fn run(&mut self, args: &[&str]) {
        self.server = None;
        let server = Claviger::try_start(self.command().args(args));
        self.server = Some(server.unwrap_or_else(|error| panic!("claviger {args:?}: {error}")));
    }

    /// Starts `claviger serve` in place of the server that runs.
    pub(crate) fn run_serve(&mut self) {
        self.run(&["serve", "--json", "--ports", "auto"]);
    }

    /// Asks the server to stop, and waits until it has.
    pub(crate) fn stop(&mut self) -> Option<ExitStatus> {
        self.server.take().map(|mut server| server.terminate())
    }

    /// Kills the server at once.
    pub(crate) fn kill9(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill9();
        }
    }

    /// The server that runs.
    pub(crate) fn server(&mut self) -> &mut Claviger {
        self.server.as_mut().expect("no server runs on this bed")
    }

    /// The binary with the arguments that name this bed's data, and nothing of the tests' own environment.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(BINARY);
        without_variables(&mut command).args(&self.args);
        command
    }

    /// The binary as somebody elsewhere runs it: without the data, and with profiles of this bed.
    pub(crate) fn elsewhere(&self) -> Command {
        let mut command = Command::new(BINARY);
        without_variables(&mut command).env("CLAVIGER_PROFILES", self.profiles());
        command
    }

    /// Where commands from elsewhere keep their tokens.
    pub(crate) fn profiles(&self) -> std::path::PathBuf {
        self.folder.path().join("elsewhere/profiles.toml")
    }

    /// The address of the management API.
    pub(crate) fn management(&self) -> &str {
        self.running().text("/management")
    }

    /// Runs the command line to its end.
    pub(crate) fn cli(&self, args: &[impl AsRef<OsStr>]) -> CliOutput {
        CliOutput::of(self.command().args(args))
    }

    /// Runs the command line with `--json`, which has to succeed, and reads what it prints.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let output = self.cli(&[&["--json"], args].concat());
        assert_eq!(output.status, 0, "claviger --json {args:?}: {output:#?}");
        serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{args:?}: {error}: {output:#?}"))
    }

    /// Runs a command that has to succeed.
    pub(crate) fn done(&self, args: &[&str]) -> CliOutput {
        let output = self.cli(args);
        assert_eq!(output.status, 0, "claviger {args:?}: {output:#?}");
        output
    }

    /// What the server said when it was ready.
    pub(crate) fn ready(&self) -> &Value {
        self.running().ready()
    }

    /// The address of the gateway, such as `http://127.0.0.1:1234`.
    pub(crate) fn gateway(&self) -> &str {
        self.running().text("/gateway")
    }

    /// The address of health and metrics.
    pub(crate) fn ops(&self) -> &str {
        self.running().text("/ops")
    }

    /// What the server has written to standard error so far.
    pub(crate) fn log(&self) -> String {
        self.running().stderr()
    }

    /// What Prometheus would read.
    pub(crate) fn metrics(&self) -> String {
        Curl::get(&format!("{}/metrics", self.ops())).run().text()
    }

    /// The PostgreSQL database, where it is not SQLite in the data folder.
    pub(crate) fn database_url(&self) -> Option<&str> {
        self.database.as_ref().map(TestDatabase::url)
    }

    /// The folder beside the data.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn data_dir(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    /// The example of contract T, as the demo printed it.
    pub(crate) fn example(&self) -> &Value {
        &self.ready()["examples"]["account-basic"]
    }

    /// The credential of the demo with this label, one of the demo account's own.
    pub(crate) fn credential(&self, label: &str) -> Credential {
        self.find(&format!("labelled {label}"), |found| found["label"] == label)
    }

    /// The first credential of the demo for this API in this state.
    pub(crate) fn credential_in(&self, api: &str, state: &str) -> Credential {
        self.find(&format!("{state} for {api}"), |found| found["api"] == api && found["state"] == state)
    }

    fn find(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Credential {
        let all = self.example()["credentials"].as_array().expect("the demo prints credentials");
        let found = all.iter().find(|found| wanted(found));
        Credential::read(found.unwrap_or_else(|| panic!("the demo has no credential {what}: {all:#?}")))
    }

    /// Makes a key with these further arguments.
    pub(crate) fn create(&self, account: &str, api: &str, args: &[&str]) -> Credential {
        let command = [&["key", "create", "--account", account, "--api", api], args].concat();
        Credential::read(&self.json(&command))
    }

    fn running(&self) -> &Claviger {
        self.server.as_ref().expect("no server runs on this bed")
    }
}

impl CliOutput {
    /// Runs a command to its end.
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the command line writes UTF-8");
        Self {
            status: output.status.code().unwrap_or(-1),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

impl Credential {
    pub(crate) fn read(view: &Value) -> Self {
        let field = |name: &str| view[name].as_str().unwrap_or_default().to_owned();
        let account = view["account"].as_str().unwrap_or(ACCOUNT).to_owned();
        Self { id: field("id"), account, key: field("key") }
    }

    /// The Authorization header of contract T, for the key's own account.
    pub(crate) fn basic(&self) -> String {
        basic(&self.account, &self.key)
    }

    /// A GET with this credential.
    pub(crate) fn get<C: Client>(&self, url: &str) -> Call<C> {
        Call::get(url).header("Authorization", &self.basic())
    }
}

/// `Basic base64({account}:{key})`.
pub(crate) fn basic(account: &str, key: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{account}:{key}")))
}

/// Nothing of the tests' own environment says what a command works on.
fn without_variables(command: &mut Command) -> &mut Command {
    for name in ["CONFIG", "DATA_DIR", "DATABASE_URL", "SERVER", "PROFILE", "PROFILES"] {
        command.env_remove(format!("CLAVIGER_{name}"));
    }
    command
}

fn text(path: &Path) -> String {
    path.to_str().expect("temporary folders have names in UTF-8").to_owned()
}
