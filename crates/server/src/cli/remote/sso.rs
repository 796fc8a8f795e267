//! Signing in by a provider, with a browser on this machine (RFC 8252).

use std::collections::BTreeMap;
use std::time::Duration;

use claviger_app::{SignedInView, SsoBegun};
use claviger_model::Slug;
use http::Method;
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::RemoteError;
use super::call::{At, Request};
use super::server::Server;
use super::sign_in::Second;
use crate::cli::exit::{CliError, warn};

/// How long somebody has for signing in with the provider: as long as the server waits.
const PATIENCE: Duration = Duration::from_mins(10);
/// How long a browser has to say what it wants.
const HEAD_PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of a request's head.
const LONGEST_HEAD: usize = 16 << 10;

const CAME: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nReferrer-Policy: no-referrer\r\n\
                    Connection: close\r\n\r\nThe command line goes on. You can close this page.\n";
const NOTHING: &str = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

type Pairs = BTreeMap<String, String>;

/// Signs somebody in by a provider.
pub(super) async fn enter(
    server: &Server,
    provider: &Slug,
    second: Second<'_>,
) -> Result<SignedInView, CliError> {
    let unable = |error: std::io::Error| CliError::Internal(error.to_string());
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(unable)?;
    let port = listener.local_addr().map_err(unable)?.port();
    let begun: SsoBegun = post(server, provider, "begin", json!({ "loopback_port": port })).await?;
    warn(&format!("open this address in a browser on this machine, and sign in there:\n{}", begun.address));
    let state = begun.address.split_once('?').map(|(_, query)| pairs(query)).unwrap_or_default();
    let came = tokio::time::timeout(PATIENCE, answer(&listener, state.get("state"))).await;
    let came = came.map_err(|_| CliError::Input("nobody signed in with the provider in time".to_owned()))?;
    if let Some(error) = came.get("error") {
        let word: String = error.chars().filter(|letter| !letter.is_control()).take(100).collect();
        return Err(CliError::Input(format!("the provider did not sign you in: {word}")));
    }
    let body = json!({
        "handle": begun.handle,
        "code": came.get("code"),
        "state": came.get("state"),
        "iss": came.get("iss"),
        "one_time_code": second.code,
        "recovery_code": second.recovery_code,
    });
    Ok(post(server, provider, "finish", body).await?)
}

async fn post<T: DeserializeOwned>(
    server: &Server,
    provider: &Slug,
    step: &str,
    body: Value,
) -> Result<T, RemoteError> {
    let request = Request::new(Method::POST, &["sso", provider.as_str(), step]).with(body);
    let answer = request.send(At { server, token: None }).await?;
    let strange = |_| RemoteError::Strange { server: server.clone(), status: answer.status };
    serde_json::from_slice(&answer.body).map_err(strange)
}

/// What comes back. Any page in the browser can send something here; what does not have our state is none of ours.
async fn answer(listener: &TcpListener, state: Option<&String>) -> Pairs {
    loop {
        let Ok((mut stream, _)) = listener.accept().await else { continue };
        let head = tokio::time::timeout(HEAD_PATIENCE, head(&mut stream)).await.unwrap_or_default();
        let came = query(&head).filter(|came| state.is_some() && came.get("state") == state);
        let text = if came.is_some() { CAME } else { NOTHING };
        let _ = stream.write_all(text.as_bytes()).await;
        let _ = stream.shutdown().await;
        if let Some(came) = came {
            return came;
        }
    }
}

async fn head(stream: &mut TcpStream) -> String {
    let (mut read, mut buffer) = (Vec::new(), [0; 1024]);
    while read.len() < LONGEST_HEAD && !read.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut buffer).await {
            Ok(more @ 1..) => read.extend_from_slice(buffer.get(..more).unwrap_or_default()),
            _ => break,
        }
    }
    String::from_utf8_lossy(&read).into_owned()
}

/// The parameters of `GET /?…`.
fn query(head: &str) -> Option<Pairs> {
    let target = head.lines().next()?.strip_prefix("GET /?")?;
    Some(pairs(target.split(' ').next()?))
}

fn pairs(query: &str) -> Pairs {
    let decoded = |text: &str| {
        let text = text.replace('+', " ");
        percent_decode_str(&text).decode_utf8_lossy().into_owned()
    };
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decoded(name), decoded(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sent(port: u16, request: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn only_what_has_the_state_is_taken() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = "a b".to_owned();
        let others = async {
            for other in ["GET /favicon.ico", "GET /?code=c&state=other", "POST /?code=c&state=a+b", "GET /"]
            {
                let answer = sent(port, &format!("{other} HTTP/1.1\r\n\r\n")).await;
                assert!(answer.starts_with("HTTP/1.1 404"), "{other}: {answer}");
            }
            sent(port, "GET /?code=c%2Fd&state=a%20b HTTP/1.1\r\n\r\n").await
        };
        let (came, told) = tokio::join!(answer(&listener, Some(&state)), others);
        assert_eq!((came["code"].as_str(), came["state"].as_str()), ("c/d", "a b"));
        assert!(told.starts_with("HTTP/1.1 200"), "{told}");
    }
}
