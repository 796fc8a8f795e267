use std::cell::RefCell;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::client::{Call, Client, ClientError, Request, Response, excerpt};

/// A request that Python's `http.client` will send.
pub type Python = Call<PythonClient>;

/// Python's `http.client`: it shares no code with curl, and sends no header but `Host` and `Content-Length` unasked.
/// Each request has a connection of its own; the requests of a thread share a process, for Python starts slowly.
#[derive(Debug, Clone, Copy, Default)]
pub struct PythonClient;

const SCRIPT: &str = include_str!("client.py");
const PROGRAM: &str = "python3";

thread_local! {
    static WORKER: RefCell<Option<Worker>> = const { RefCell::new(None) };
}

impl Client for PythonClient {
    fn send(&self, request: &Request) -> Result<Response, ClientError> {
        let answer = WORKER.with_borrow_mut(|worker| ask(worker, request));
        let answer = answer.map_err(|source| ClientError::NotRun { program: PROGRAM, source })?;
        let unreadable = || ClientError::Unreadable { program: PROGRAM, output: excerpt(answer.as_bytes()) };
        let value: Value = serde_json::from_str(&answer).map_err(|_| unreadable())?;
        match value["error"].as_str() {
            Some(why) => Err(ClientError::Failed { program: PROGRAM, code: None, message: why.to_owned() }),
            None => from_json(&value).ok_or_else(unreadable),
        }
    }
}

/// A Python process that answers a line for each line.
struct Worker {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// The line with which the thread's process answers. A process that failed is replaced at the next request.
fn ask(worker: &mut Option<Worker>, request: &Request) -> io::Result<String> {
    let mut running = worker.take().map_or_else(Worker::start, Ok)?;
    let answer = running.ask(&to_json(request))?;
    *worker = Some(running);
    Ok(answer)
}

impl Worker {
    fn start() -> io::Result<Self> {
        let mut python = Command::new(PROGRAM);
        let mut child =
            python.args(["-I", "-c", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let pipes = input.zip(output).ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(Self { child, input: pipes.0, output: BufReader::new(pipes.1) })
    }

    fn ask(&mut self, request: &Value) -> io::Result<String> {
        writeln!(self.input, "{request}")?;
        let mut line = String::new();
        match self.output.read_line(&mut line)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(line),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Both fail only where it has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn to_json(request: &Request) -> Value {
    let Request { method, url, headers, body } = request;
    let body = body.as_ref().map(|body| BASE64_STANDARD.encode(body));
    json!({ "method": method, "url": url, "headers": headers, "body": body })
}

fn from_json(answer: &Value) -> Option<Response> {
    let status = answer["status"].as_u64().and_then(|status| u16::try_from(status).ok())?;
    let headers = answer["headers"].as_array()?.iter().map(header).collect::<Option<_>>()?;
    let body = BASE64_STANDARD.decode(answer["body"].as_str()?).ok()?;
    Some(Response { status, headers, body })
}

fn header(pair: &Value) -> Option<(String, String)> {
    Some((pair[0].as_str()?.to_owned(), pair[1].as_str()?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::one_answer;

    #[test]
    fn an_answer_is_read_from_json() {
        let answer = json!({ "status": 200, "headers": [["A", "b"]], "body": "AP8=" });
        let response = from_json(&answer).unwrap();
        assert_eq!((response.status, response.header("a"), &*response.body), (200, Some("b"), &[0, 255][..]));
        assert_eq!(from_json(&json!({})), None);
        assert_eq!(from_json(&json!({ "status": 70000, "headers": [], "body": "" })), None);
    }

    #[test]
    fn python_sends_what_it_is_told() {
        let (url, seen) = one_answer("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nX: y\r\nX: z\r\n\r\nno");
        let call = Python::new("POST", &url)
            .header("Authorization", "Basic eDp5")
            .header("Authorization", "Basic eg==");
        let response = call.body("{}").run();
        assert_eq!((response.status, response.text().as_str()), (403, "no"));
        assert_eq!(response.all("x").collect::<Vec<_>>(), ["y", "z"]);
        let seen = seen.join().unwrap();
        assert!(seen.starts_with("POST /a%2Fb?c=[d] HTTP/1.1\r\nHost: 127.0.0.1:"), "{seen}");
        assert_eq!(seen.matches("\r\nAuthorization: ").count(), 2);
        assert!(!seen.contains("Accept") && seen.ends_with("\r\n\r\n{}"), "{seen}");
    }

    #[test]
    fn a_refused_connection_is_an_error() {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let error = Python::get(&format!("http://127.0.0.1:{port}/")).try_run().unwrap_err();
        assert!(error.to_string().contains("ConnectionRefusedError"), "{error}");
    }
}
