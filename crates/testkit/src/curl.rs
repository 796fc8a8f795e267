use std::process::Command;

use crate::client::{Call, Client, ClientError, Request, Response, excerpt, output_of};

/// A request that the real `curl` will send.
pub type Curl = Call<CurlClient>;

/// The real `curl`.
#[derive(Debug, Clone, Default)]
pub struct CurlClient {
    args: Vec<String>,
}

/// `-i` shows the headers too; no proxy of the machine comes between.
const ARGS: [&str; 7] = ["-sS", "-i", "--max-time", "20", "--noproxy", "*", "--globoff"];

impl Call<CurlClient> {
    /// Adds an argument for curl itself, such as `--path-as-is`, `--http2-prior-knowledge` or `--cacert`.
    #[must_use]
    pub fn arg(mut self, arg: &str) -> Self {
        self.client.args.push(arg.into());
        self
    }

    /// Leaves out a header that curl would send unasked, such as `Accept` or `Host`.
    #[must_use]
    pub fn without(self, header: &str) -> Self {
        self.arg("-H").arg(&format!("{header}:"))
    }

    /// Runs a whole `curl …` line as a person would paste it into a shell, and reads its answer.
    pub fn paste(line: &str) -> Result<Response, ClientError> {
        let script = format!("curl() {{ command curl \"$@\" {}; }}; eval \"$1\"", quoted(&ARGS));
        answer(&output_of("curl", Command::new("sh").args(["-c", &script, "sh", line]), Vec::new())?)
    }
}

impl Client for CurlClient {
    fn send(&self, request: &Request) -> Result<Response, ClientError> {
        let mut curl = Command::new("curl");
        curl.args(ARGS).args(&self.args);
        if request.method == "HEAD" {
            curl.arg("--head");
        } else {
            curl.args(["-X", &request.method]);
        }
        for (name, value) in &request.headers {
            curl.arg("-H").arg(header_line(name, value));
        }
        if request.body.is_some() {
            curl.args(["--data-binary", "@-"]);
        }
        curl.args(["--url", &request.url]);
        answer(&output_of("curl", &mut curl, request.body.clone().unwrap_or_default())?)
    }
}

fn quoted(args: &[&str]) -> String {
    args.iter().map(|arg| format!("'{arg}'")).collect::<Vec<_>>().join(" ")
}

/// curl writes a header without value only when its name ends with a semicolon.
fn header_line(name: &str, value: &str) -> String {
    if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") }
}

fn answer(output: &[u8]) -> Result<Response, ClientError> {
    read_answer(output).ok_or_else(|| ClientError::Unreadable { program: "curl", output: excerpt(output) })
}

/// Reads the last block of headers and the body; the blocks of interim answers come before.
fn read_answer(output: &[u8]) -> Option<Response> {
    let (head, body) = split_head(output)?;
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines();
    let status = lines.next()?.strip_prefix("HTTP/")?.split(' ').nth(1)?.parse().ok()?;
    if (100..200).contains(&status) && status != 101 {
        return read_answer(body);
    }
    Some(Response { status, headers: lines.filter_map(header).collect(), body: body.to_vec() })
}

fn split_head(output: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = output.windows(4).position(|window| window == b"\r\n\r\n")?;
    let (head, rest) = output.split_at(end);
    Some((head, rest.get(4..)?))
}

fn header(line: &str) -> Option<(String, String)> {
    line.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::one_answer;

    #[test]
    fn the_last_block_of_headers_counts() {
        let output = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nA: 1\r\na:2\r\n\r\nbody\r\n\r\n";
        let response = read_answer(output).unwrap();
        assert_eq!((response.status, response.text().as_str()), (200, "body\r\n\r\n"));
        assert_eq!(response.all("A").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(response.header("b"), None);
    }

    #[test]
    fn http2_has_no_reason_phrase() {
        assert_eq!(read_answer(b"HTTP/2 404 \r\nx: y\r\n\r\n").unwrap().status, 404);
        assert_eq!(read_answer(b"HTTP/2 404\r\n\r\n").unwrap().status, 404);
    }

    #[test]
    fn no_answer_is_an_error() {
        for output in [&b""[..], b"HTTP/1.1 200 OK\r\n", b"hello\r\n\r\n"] {
            assert!(answer(output).is_err());
        }
    }

    #[test]
    fn curl_sends_what_it_is_told() {
        let (url, seen) = one_answer("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nX: y\r\n\r\nno");
        let call = Curl::new("POST", &url).header("Authorization", "Basic eDp5").header("Empty", "");
        let response = call.without("Accept").body("{}").run();
        assert_eq!((response.status, response.header("x"), response.text().as_str()), (403, Some("y"), "no"));
        let seen = seen.join().unwrap();
        assert!(seen.starts_with("POST /a%2Fb?c=[d] HTTP/1.1\r\n"), "{seen}");
        assert!(
            seen.contains("\r\nAuthorization: Basic eDp5\r\n") && seen.contains("\r\nEmpty:\r\n"),
            "{seen}"
        );
        assert!(!seen.contains("\r\nAccept:") && seen.ends_with("\r\n\r\n{}"), "{seen}");
    }

    #[test]
    fn a_line_can_be_pasted() {
        let (url, seen) = one_answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        let line = format!("curl -H 'Accept: application/json' \\\n  '{url}'");
        assert_eq!(Curl::paste(&line).unwrap().status, 200);
        assert!(seen.join().unwrap().contains("\r\nAccept: application/json\r\n"));
    }

    #[test]
    fn a_refused_connection_is_an_error_with_the_code_of_curl() {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let error = Curl::get(&format!("http://127.0.0.1:{port}/")).try_run().unwrap_err();
        assert!(matches!(error, ClientError::Failed { code: Some(7), .. }), "{error}");
    }
}
