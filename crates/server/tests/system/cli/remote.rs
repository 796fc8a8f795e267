//! The command line as a client of the management API of a server elsewhere.

mod life;
mod same;
mod second;
mod signing;
mod tls;

use std::process::{Command, Stdio};

use crate::bed::{Bed, CliOutput, Engine};
use crate::management::{PASSWORD, staffed};

/// A server with an API, an operator and an administrator, and a command line without its data folder.
struct Away {
    bed: Bed,
}

impl Away {
    fn from(engine: Engine) -> Self {
        Self { bed: staffed(engine) }
    }

    fn server(&self) -> &str {
        self.bed.management()
    }

    /// A command with this on its standard input.
    fn given(&self, input: &str, args: &[&str]) -> CliOutput {
        let file = self.bed.file("input", input);
        let mut command = self.command(args);
        CliOutput::of(command.stdin(std::fs::File::open(file).expect("what was written can be read")))
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.bed.elsewhere();
        command.args(args).stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> CliOutput {
        CliOutput::of(&mut self.command(args))
    }

    #[track_caller]
    fn done(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status, 0, "{args:?}: {output:#?}");
        output.stdout
    }

    #[track_caller]
    fn json(&self, args: &[&str]) -> serde_json::Value {
        let printed = self.done(&[&["--json"], args].concat());
        serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{args:?}: {error}: {printed}"))
    }

    /// Signs somebody in; the profile has their name.
    #[track_caller]
    fn login(&self, username: &str) {
        let login = ["login", "--server", self.server(), "--profile", username, "--username", username];
        let output = self.given(PASSWORD, &[&login[..], &["--password-stdin"]].concat());
        assert_eq!(output.status, 0, "{output:#?}");
    }

    /// The tokens that are kept.
    fn tokens(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.bed.profiles()).unwrap_or_default();
        let lines = text.lines().filter_map(|line| line.strip_prefix("token = \""));
        lines.map(|rest| rest.trim_end_matches('"').to_owned()).collect()
    }
}

/// Ended with this code, wrote nothing to standard output, and said why.
#[track_caller]
fn ended(output: &CliOutput, status: i32, says: &str) {
    assert_eq!((output.status, output.stdout.as_str()), (status, ""), "{output:#?}");
    assert!(output.stderr.contains(says), "wanted `{says}` in {}", output.stderr);
}
