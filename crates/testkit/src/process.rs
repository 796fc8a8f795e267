use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// How long a server may take to start or to stop before a test gives up. Generous: the machine may be busy.
const PATIENCE: Duration = Duration::from_mins(2);

/// A running `claviger demo --json` or `claviger serve --json`. Dropping it kills it.
pub struct Claviger {
    child: Child,
    ready: Value,
    errors: Errors,
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The program could not be run.
    #[error("cannot run the server: {0}")]
    NotRun(#[from] io::Error),
    /// It ended, or went silent, before it said that it is ready.
    #[error("the server did not become ready ({status}); it wrote:\n{stderr}")]
    NotReady {
        /// How it ended.
        status: ExitStatus,
        /// What it wrote to standard error.
        stderr: String,
    },
    /// Its first line is no JSON.
    #[error("the server's first line is no JSON: {line}\n{stderr}")]
    NotJson {
        /// The line.
        line: String,
        /// What it wrote to standard error.
        stderr: String,
    },
}

impl Claviger {
    /// Starts the binary with these arguments and waits until it says that it is ready.
    ///
    /// # Panics
    /// Where it does not start; the message has what it wrote.
    #[must_use]
    pub fn start(binary: &Path, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        Self::try_start(Command::new(binary).args(args)).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Starts the command, with its environment and folder, and waits until it says that it is ready: with one line
    /// of JSON on standard output.
    pub fn try_start(command: &mut Command) -> Result<Self, StartError> {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let errors = Errors::collect(child.stderr.take());
        let line = first_line(child.stdout.take()).recv_timeout(PATIENCE);
        let mut server = Self { child, ready: Value::Null, errors };
        let Ok(line) = line else { return Err(server.not_ready()?) };
        server.ready = serde_json::from_str(&line)
            .map_err(|_| StartError::NotJson { line, stderr: server.errors.text() })?;
        Ok(server)
    }

    /// The line of JSON: addresses, and for the demo its accounts and credentials.
    #[must_use]
    pub fn ready(&self) -> &Value {
        &self.ready
    }

    /// A text of the line of JSON, by JSON pointer (RFC 6901), such as `/gateway`.
    ///
    /// # Panics
    /// Where there is no text.
    #[must_use]
    pub fn text(&self, pointer: &str) -> &str {
        let found = self.ready.pointer(pointer).and_then(Value::as_str);
        found.unwrap_or_else(|| panic!("no text at {pointer} in {}", self.ready))
    }

    /// What it has written to standard error so far.
    #[must_use]
    pub fn stderr(&self) -> String {
        self.errors.text()
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal, such as `TERM`, `INT` or `STOP`, and returns at once.
    ///
    /// # Panics
    /// Where there is no shell to send it.
    pub fn signal(&self, name: &str) {
        // A shell has `kill` built in; the program of that name is not on every machine.
        let script = format!("kill -{name} {}", self.child.id());
        let sent = Command::new("sh").args(["-c", &script]).status();
        assert!(sent.is_ok_and(|status| status.success()), "cannot send {name} to the server");
    }

    /// Waits until it has ended by itself.
    ///
    /// # Panics
    /// Where it takes too long; it is killed then.
    pub fn wait(&mut self) -> ExitStatus {
        let ended = self.errors.wait_for_end();
        if !ended {
            self.kill9();
            panic!("the server did not end; it wrote:\n{}", self.stderr());
        }
        self.child.wait().expect("a child process can be waited for")
    }

    /// Asks it to stop (SIGTERM) and waits until it has.
    ///
    /// # Panics
    /// Where it takes too long; it is killed then.
    pub fn terminate(&mut self) -> ExitStatus {
        self.signal("TERM");
        self.wait()
    }

    /// Kills it at once (SIGKILL): it can save nothing any more.
    pub fn kill9(&mut self) {
        // Both fail only where it has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }

    fn not_ready(&mut self) -> io::Result<StartError> {
        self.child.kill()?;
        let status = self.child.wait()?;
        self.errors.wait_for_end();
        Ok(StartError::NotReady { status, stderr: self.errors.text() })
    }
}

impl Drop for Claviger {
    fn drop(&mut self) {
        self.kill9();
    }
}

/// The standard error of a process, as it comes.
struct Errors {
    text: Arc<Mutex<Vec<u8>>>,
    end: Receiver<()>,
}

impl Errors {
    fn collect(source: Option<impl Read + Send + 'static>) -> Self {
        let text = Arc::<Mutex<Vec<u8>>>::default();
        let (open, end) = channel();
        let collected = Arc::clone(&text);
        thread::spawn(move || {
            source.map(|source| copy_lines(source, &collected));
            drop(open);
        });
        Self { text, end }
    }

    fn text(&self) -> String {
        let text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Whether the process closed it, as it does when it ends, within the time that a test has.
    fn wait_for_end(&self) -> bool {
        self.end.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Disconnected)
    }
}

fn copy_lines(source: impl Read, target: &Mutex<Vec<u8>>) -> io::Result<()> {
    let mut source = BufReader::new(source);
    let mut line = Vec::new();
    while source.read_until(b'\n', &mut line)? > 0 {
        target.lock().unwrap_or_else(PoisonError::into_inner).append(&mut line);
    }
    Ok(())
}

/// The first line, as soon as it is there. The rest is read too, so that the process never waits for a reader.
fn first_line(source: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || source.map(|source| send_first_line(source, &sender)));
    receiver
}

fn send_first_line(source: impl Read, sender: &Sender<String>) -> io::Result<()> {
    let mut source = BufReader::new(source);
    let mut line = String::new();
    if source.read_line(&mut line)? > 0 {
        // Fails only where nobody waits any more.
        drop(sender.send(line));
    }
    io::copy(&mut source, &mut io::sink()).map(drop)
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    fn shell(script: &str) -> Result<Claviger, StartError> {
        Claviger::try_start(Command::new("sh").args(["-c", script]))
    }

    #[test]
    fn the_first_line_says_that_it_is_ready() {
        let server = shell(r#"echo '{"gateway": "http://127.0.0.1:1"}'; echo more"#).unwrap();
        assert_eq!(server.text("/gateway"), "http://127.0.0.1:1");
        assert_eq!(server.ready()["gateway"], "http://127.0.0.1:1");
    }

    #[test]
    fn it_ends_when_asked_to() {
        let script = "trap 'echo bye >&2; exit 3' TERM; echo '{}'; while :; do :; done";
        let mut server = shell(script).unwrap();
        assert_eq!(server.terminate().code(), Some(3));
        assert_eq!(server.stderr(), "bye\n");
    }

    #[test]
    fn it_can_be_killed_though_it_does_not_want_to() {
        let mut server = shell("trap '' TERM; echo '{}'; while :; do :; done").unwrap();
        server.signal("TERM");
        server.kill9();
        assert_eq!(server.wait().signal(), Some(9));
    }

    #[test]
    fn a_server_that_does_not_start_shows_what_it_wrote() {
        let error = shell("echo 'no port free' >&2; exit 4").err().unwrap();
        assert!(
            matches!(&error, StartError::NotReady { stderr, .. } if stderr == "no port free\n"),
            "{error}"
        );
        let error = shell("echo hello").err().unwrap();
        assert!(matches!(&error, StartError::NotJson { line, .. } if line == "hello\n"), "{error}");
        assert!(matches!(
            Claviger::try_start(&mut Command::new("/no/such/file")),
            Err(StartError::NotRun(_))
        ));
    }
}
