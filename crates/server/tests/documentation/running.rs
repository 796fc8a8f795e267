//! A demo for a page, with the environment that the pages speak of.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use claviger_testkit::Claviger;
use tempfile::TempDir;

use crate::document::{Document, root};

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_claviger");

/// A running demo, and a folder for the files of a page.
pub(crate) struct Running {
    pub(crate) demo: Claviger,
    folder: TempDir,
}

impl Running {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for name in ["bin", "work"] {
            fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        symlink(BINARY, folder.path().join("bin/claviger")).expect("a link");
        let mut command = claviger();
        command.args(["demo", "--json", "--ports", "auto", "--data-dir"]).arg(folder.path().join("data"));
        let demo = Claviger::try_start(&mut command).unwrap_or_else(|error| panic!("{error}"));
        Self { demo, folder }
    }

    /// Where a reader is told to save files: `$WORK`.
    pub(crate) fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// Saves the blocks of the page that have a name.
    pub(crate) fn save_files(&self, document: &Document) {
        for language in ["yaml", "toml"] {
            for block in document.blocks(language) {
                let Some(file) = &block.file else { continue };
                fs::write(self.work().join(file), block.text()).expect("a file");
            }
        }
    }

    /// Runs a program as a reader does who has followed the page so far.
    pub(crate) fn run(&self, program: &str, args: &[&str]) -> Output {
        let mut command = Command::new(program);
        command.args(args).current_dir(root());
        for variable in ["CLAVIGER_CONFIG", "CLAVIGER_DATABASE_URL", "CLAVIGER_SERVER", "CLAVIGER_PROFILE"] {
            command.env_remove(variable);
        }
        command.env("CLAVIGER_PROFILES", self.folder.path().join("profiles/profiles.toml"));
        let data = self.folder.path().join("data");
        command.env("PATH", self.path()).env("no_proxy", "*").env("WORK", self.work());
        command.env("CLAVIGER_DATA_DIR", &data).env("DATA", &data);
        for (name, pointer) in VARIABLES {
            command.env(name, self.demo.text(pointer));
        }
        command.output().unwrap_or_else(|error| panic!("cannot run {program}: {error}"))
    }

    fn path(&self) -> OsString {
        let rest = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.folder.path().join("bin")).chain(std::env::split_paths(&rest));
        std::env::join_paths(folders).expect("a path")
    }
}

/// What the pages call what the demo prints.
const VARIABLES: [(&str, &str); 10] = [
    ("MANAGEMENT", "/portal"),
    ("GATEWAY", "/gateway"),
    ("CHECK", "/check"),
    ("OPS", "/ops"),
    ("ACCOUNT", "/examples/account-basic/account"),
    ("KEY", "/examples/account-basic/credentials/0/key"),
    ("USERNAME", "/people/4/username"),
    ("PASSWORD", "/people/4/password"),
    ("USERNAME_WITH_CODES", "/people/6/username"),
    ("PASSWORD_WITH_CODES", "/people/6/password"),
];

fn claviger() -> Command {
    let mut command = Command::new(Path::new(BINARY));
    for variable in ["CLAVIGER_CONFIG", "CLAVIGER_DATA_DIR", "CLAVIGER_DATABASE_URL"] {
        command.env_remove(variable);
    }
    command
}

/// What a program wrote, for a person who looks for the mistake.
pub(crate) fn written(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}\n{}\n{}", output.status, text(&output.stdout), text(&output.stderr))
}
