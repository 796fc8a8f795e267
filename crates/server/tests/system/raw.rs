//! A caller who speaks bytes, for what no honest client sends.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

/// How long a test waits for the gateway before it fails.
const PATIENCE: Duration = Duration::from_mins(1);

/// One connection, and what was received on it and is not read yet.
pub(crate) struct Caller {
    tcp: TcpStream,
    held: Vec<u8>,
}

/// An answer as it came over HTTP/1.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) trailers: Vec<(String, String)>,
}

impl Answer {
    /// The first header of this name, in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Whether it says that the connection ends with it.
    pub(crate) fn closes(&self) -> bool {
        self.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }

    /// The stable code of a problem, in JSON or XML; empty if it is none.
    pub(crate) fn code(&self) -> String {
        code_of(self.header("content-type").unwrap_or_default(), &self.body)
    }
}

/// The `code` of problem details; empty if there is none.
pub(crate) fn code_of(content_type: &str, body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    match content_type {
        "application/problem+json" => {
            let value: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
            value["code"].as_str().unwrap_or_default().to_owned()
        }
        "application/problem+xml" => {
            let after = text.split_once("<code>").map_or("", |(_, after)| after);
            after.split_once("</code>").map_or("", |(code, _)| code).to_owned()
        }
        _ => String::new(),
    }
}

impl Caller {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let tcp = TcpStream::connect(address).unwrap_or_else(|error| panic!("{address}: {error}"));
        tcp.set_nodelay(true).expect("a new socket takes options");
        tcp.set_read_timeout(Some(PATIENCE)).expect("a new socket takes options");
        Self { tcp, held: Vec::new() }
    }

    /// Sends bytes. Whoever is refused early may find the connection closed: what came back tells.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.tcp.write_all(bytes.as_ref());
    }

    /// Sends nothing more.
    pub(crate) fn half_close(&self) {
        let _ = self.tcp.shutdown(Shutdown::Write);
    }

    /// Reads the next answer, interim ones too; none at the end of the connection.
    pub(crate) fn next(&mut self, method: &str) -> Option<Answer> {
        let head = self.until(b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&head).into_owned();
        let mut lines = head.lines();
        let status = lines.next()?.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok()?;
        let mut answer = Answer { status, headers: fields(lines), ..Answer::default() };
        if method != "HEAD" && status >= 200 && !matches!(status, 204 | 304) {
            self.body(&mut answer)?;
        }
        Some(answer)
    }

    /// Reads the next answer that is not interim.
    pub(crate) fn final_answer(&mut self, method: &str) -> Option<Answer> {
        loop {
            let answer = self.next(method)?;
            if answer.status >= 200 || answer.status == 101 {
                return Some(answer);
            }
        }
    }

    /// Reads the next answer, which has to come.
    pub(crate) fn answer(&mut self) -> Answer {
        self.final_answer("GET").expect("the gateway closed without an answer")
    }

    fn body(&mut self, answer: &mut Answer) -> Option<()> {
        if answer.header("transfer-encoding").is_some() {
            return self.chunks(answer);
        }
        match answer.header("content-length").map(str::parse) {
            Some(length) => answer.body = self.exactly(length.ok()?)?,
            None => answer.body = self.rest(),
        }
        Some(())
    }

    fn chunks(&mut self, answer: &mut Answer) -> Option<()> {
        loop {
            let line = self.until(b"\r\n")?;
            let size =
                usize::from_str_radix(std::str::from_utf8(line.get(..line.len() - 2)?).ok()?, 16).ok()?;
            if size == 0 {
                break;
            }
            answer.body.extend(self.exactly(size)?);
            self.exactly(2)?;
        }
        loop {
            let line = self.until(b"\r\n")?;
            if line.len() == 2 {
                return Some(());
            }
            answer.trailers.extend(fields(String::from_utf8_lossy(&line).lines()));
        }
    }

    /// Reads up to and with `mark`.
    pub(crate) fn until(&mut self, mark: &[u8]) -> Option<Vec<u8>> {
        loop {
            if let Some(at) = self.held.windows(mark.len()).position(|window| window == mark) {
                return Some(self.held.drain(..at + mark.len()).collect());
            }
            self.fill().then_some(())?;
        }
    }

    /// Reads so many bytes.
    pub(crate) fn exactly(&mut self, length: usize) -> Option<Vec<u8>> {
        while self.held.len() < length {
            self.fill().then_some(())?;
        }
        Some(self.held.drain(..length).collect())
    }

    /// Reads to the end.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        while self.fill() {}
        std::mem::take(&mut self.held)
    }

    /// Reads so many bytes and forgets them; fewer at the end of the connection.
    pub(crate) fn skip(&mut self, length: u64) -> u64 {
        let mut skipped = 0;
        while skipped < length && (!self.held.is_empty() || self.fill()) {
            let taken = self.held.len().min(usize::try_from(length - skipped).unwrap_or(usize::MAX));
            self.held.drain(..taken);
            skipped += taken as u64;
        }
        skipped
    }

    /// Whether more has come; not at the end of the connection.
    fn fill(&mut self) -> bool {
        let mut space = [0; 16 * 1024];
        match self.tcp.read(&mut space) {
            Ok(read) => {
                self.held.extend_from_slice(&space[..read]);
                read > 0
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                panic!(
                    "the gateway neither answers nor closes after {:?}",
                    String::from_utf8_lossy(&self.held)
                )
            }
            // A reset ends the reading as an end does.
            Err(_) => false,
        }
    }
}

fn fields<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<(String, String)> {
    let pairs = lines.filter_map(|line| line.split_once(':'));
    pairs.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect()
}
