use std::process::Command;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::client::{Call, Client, ClientError, Request, Response, excerpt, output_of};

/// A request that Python's `http.client` will send.
pub type Python = Call<PythonClient>;

/// Python's `http.client`: it shares no code with curl, and sends no header but `Host` and `Content-Length` unasked.
#[derive(Debug, Clone, Copy, Default)]
pub struct PythonClient;

const SCRIPT: &str = include_str!("client.py");

impl Client for PythonClient {
    fn send(&self, request: &Request) -> Result<Response, ClientError> {
        let mut python = Command::new("python3");
        let output =
            output_of("python3", python.args(["-I", "-c", SCRIPT]), to_json(request).to_string().into())?;
        from_json(&output)
            .ok_or_else(|| ClientError::Unreadable { program: "python3", output: excerpt(&output) })
    }
}

fn to_json(request: &Request) -> Value {
    let Request { method, url, headers, body } = request;
    let body = body.as_ref().map(|body| BASE64_STANDARD.encode(body));
    json!({ "method": method, "url": url, "headers": headers, "body": body })
}

fn from_json(output: &[u8]) -> Option<Response> {
    let answer: Value = serde_json::from_slice(output).ok()?;
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
        let response = from_json(br#"{"status": 200, "headers": [["A", "b"]], "body": "AP8="}"#).unwrap();
        assert_eq!((response.status, response.header("a"), &*response.body), (200, Some("b"), &[0, 255][..]));
        assert_eq!(from_json(b"{}"), None);
        assert_eq!(from_json(br#"{"status": 70000, "headers": [], "body": ""}"#), None);
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
