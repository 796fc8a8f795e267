use std::io::{self, Write};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// A program of someone else that sends HTTP requests. The same case can be run through each.
pub trait Client: Default {
    /// Sends the request on a new connection, and waits for its answer.
    fn send(&self, request: &Request) -> Result<Response, ClientError>;
}

/// A request, as a caller thinks of it: what else goes over the wire is up to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The absolute URL.
    pub url: String,
    /// Headers in order; a name may come twice.
    pub headers: Vec<(String, String)>,
    /// The body, if there is one.
    pub body: Option<Vec<u8>>,
}

/// An answer, interim ones left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// Headers in the order in which they came, with their names as they came.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why a client has no answer to show.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The program could not be run.
    #[error("cannot run {program}: {source}")]
    NotRun {
        /// The program.
        program: &'static str,
        /// What the operating system said.
        source: io::Error,
    },
    /// The program ended without an answer: no connection, no complete answer, or its time was up.
    #[error("{program} failed with exit code {code:?}: {message}")]
    Failed {
        /// The program.
        program: &'static str,
        /// Its exit code, which for curl tells the kind of failure.
        code: Option<i32>,
        /// What it wrote to standard error.
        message: String,
    },
    /// The program wrote what is no answer.
    #[error("{program} wrote no HTTP answer: {output}")]
    Unreadable {
        /// The program.
        program: &'static str,
        /// The start of what it wrote.
        output: String,
    },
}

/// A request together with the client that will send it.
#[derive(Debug, Clone)]
pub struct Call<C> {
    pub(crate) client: C,
    pub(crate) request: Request,
}

impl<C: Client> Call<C> {
    /// A request with this method, without headers and body.
    #[must_use]
    pub fn new(method: &str, url: &str) -> Self {
        let request = Request { method: method.into(), url: url.into(), headers: Vec::new(), body: None };
        Self { client: C::default(), request }
    }

    /// A GET.
    #[must_use]
    pub fn get(url: &str) -> Self {
        Self::new("GET", url)
    }

    /// A POST of this JSON.
    #[must_use]
    pub fn post_json(url: &str, body: &Value) -> Self {
        Self::new("POST", url).header("Content-Type", "application/json").body(body.to_string())
    }

    /// Adds a header, also where one of that name is there already.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.request.body = Some(body.into());
        self
    }

    /// Sends the request. Fails where there is no answer.
    pub fn try_run(&self) -> Result<Response, ClientError> {
        self.client.send(&self.request)
    }

    /// Sends the request.
    ///
    /// # Panics
    /// Where there is no answer.
    #[must_use]
    pub fn run(&self) -> Response {
        let Request { method, url, .. } = &self.request;
        self.try_run().unwrap_or_else(|error| panic!("{method} {url}: {error}"))
    }
}

impl Response {
    /// The value of the first header of this name, whatever its case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut named = self.headers.iter().filter(|(found, _)| found.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value.as_str())
    }

    /// The values of all headers of this name, whatever its case.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self.headers.iter().filter(move |(found, _)| found.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str())
    }

    /// The body as text; bytes that are no UTF-8 are replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// Where it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in: {}", self.text()))
    }
}

/// Runs the program, gives it `input`, and returns its standard output if it succeeds.
pub(crate) fn output_of(
    program: &'static str,
    command: &mut Command,
    input: Vec<u8>,
) -> Result<Vec<u8>, ClientError> {
    let output = exchange(command, input).map_err(|source| ClientError::NotRun { program, source })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let message = String::from_utf8_lossy(output.stderr.trim_ascii()).into_owned();
    Err(ClientError::Failed { program, code: output.status.code(), message })
}

/// Writes and reads at the same time: a large body and a large answer could else wait for each other.
fn exchange(command: &mut Command, input: Vec<u8>) -> io::Result<Output> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let stdin = child.stdin.take();
    // A program that fails early closes its input: its exit code and message say more than the broken pipe.
    let writer = std::thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(&input)));
    let output = child.wait_with_output();
    drop(writer.join());
    output
}

/// The start of what a program wrote, for an error.
pub(crate) fn excerpt(output: &[u8]) -> String {
    String::from_utf8_lossy(output).chars().take(200).collect()
}

/// A server for one connection: answers the first request with `answer`, and returns the request.
#[cfg(test)]
pub(crate) fn one_answer(answer: &'static str) -> (String, std::thread::JoinHandle<String>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let url = format!("http://{}/a%2Fb?c=[d]", listener.local_addr().expect("a bound socket has an address"));
    let serve = move || {
        let (mut stream, _) = listener.accept().expect("a client connects");
        let request = read_request(&mut stream);
        stream.write_all(answer.as_bytes()).expect("the client reads");
        request
    };
    (url, std::thread::spawn(serve))
}

/// Reads up to the blank line, and then as much as Content-Length says.
#[cfg(test)]
fn read_request(stream: &mut impl io::Read) -> String {
    let (mut request, mut buffer) = (String::new(), [0; 1024]);
    loop {
        let read = stream.read(&mut buffer).expect("the client writes");
        request.push_str(&String::from_utf8_lossy(&buffer[..read]));
        let head = request.find("\r\n\r\n").map(|end| request.split_at(end + 4));
        let length = request
            .to_ascii_lowercase()
            .split("content-length: ")
            .nth(1)
            .map_or(0, |rest| rest.split('\r').next().unwrap_or_default().parse().unwrap_or(0));
        if read == 0 || head.is_some_and(|(_, body)| body.len() >= length) {
            return request;
        }
    }
}
