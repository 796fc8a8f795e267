//! One connection that stays open: what curl and Python, started for each request, cannot show.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use claviger_testkit::Response;

/// An HTTP/1.1 connection.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    host: String,
}

impl Connection {
    /// Connects to an origin such as `http://127.0.0.1:1234`.
    pub(crate) fn open(origin: &str) -> Self {
        let host = origin.strip_prefix("http://").expect("an origin begins with http://").to_owned();
        let stream = TcpStream::connect(&host).unwrap_or_else(|error| panic!("{host}: {error}"));
        stream.set_nodelay(true).expect("a socket takes options");
        Self { stream: BufReader::new(stream), host }
    }

    /// A GET on this connection. Fails the test where the connection is gone.
    pub(crate) fn get(&mut self, path: &str, authorization: &str) -> Response {
        let Self { host, .. } = self;
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {authorization}\r\n\r\n");
        self.stream.get_mut().write_all(request.as_bytes()).expect("the connection is still open");
        let status = self.line().split(' ').nth(1).and_then(|status| status.parse().ok());
        let mut answer = Response {
            status: status.expect("the connection is still open, and its answers have a status"),
            headers: self.headers(),
            body: Vec::new(),
        };
        let length = answer.header("content-length").and_then(|length| length.parse().ok());
        answer.body.resize(length.expect("the answers of the sample upstream have a length"), 0);
        self.stream.read_exact(&mut answer.body).expect("the answer is complete");
        answer
    }

    fn headers(&mut self) -> Vec<(String, String)> {
        let mut headers = Vec::new();
        while let Some((name, value)) = self.line().split_once(':') {
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
        headers
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).expect("the answer's head is text");
        line.trim_end().to_owned()
    }
}
