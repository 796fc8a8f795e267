//! Whoever connects and says nothing keeps nobody else waiting.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use bytes::Bytes;
use claviger_testkit::Curl;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::handshake;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rstest::rstest;

use crate::bed::{Bed, Engine};

/// How long a test waits before it fails.
const PATIENCE: Duration = Duration::from_mins(1);
const ASK: &str = "POST /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n";

fn serve(limits: &str) -> Bed {
    let mut bed = Bed::empty(Engine::Sqlite);
    bed.configure(&format!("[check.limits]\n{limits}\n"));
    bed.run_serve();
    bed
}

fn connect(bed: &Bed) -> TcpStream {
    let url = bed.ready()["check"].as_str().expect("the server says where it is");
    let tcp = TcpStream::connect(url.trim_start_matches("http://")).expect("the door listens");
    tcp.set_read_timeout(Some(PATIENCE)).expect("a time to wait is taken");
    tcp
}

/// Everything until the server closes. It may do so without having read what was sent.
fn rest(tcp: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    match tcp.read_to_end(&mut answer) {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("not closed: {error}"),
        _ => String::from_utf8_lossy(&answer).into_owned(),
    }
}

#[test]
fn a_silent_and_a_slow_connection_are_closed() {
    let bed = serve("head = \"200ms\"\nkeep_alive = \"200ms\"");
    assert_eq!(rest(&mut connect(&bed)), "");
    let mut slow = connect(&bed);
    slow.write_all(b"POST /v1/ver").expect("the door reads");
    assert_eq!(rest(&mut slow), "");
    let mut preface = connect(&bed);
    preface.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").expect("the door reads");
    rest(&mut preface);
    let mut kept = connect(&bed);
    kept.write_all(format!("{ASK}\r\n").as_bytes()).expect("the door reads");
    assert!(rest(&mut kept).starts_with("HTTP/1.1 401"), "an answer, and then the end");
}

#[test]
fn there_is_a_bound_on_connections() {
    let bed = serve("connections = 1\nhead = \"500ms\"");
    let mut silent = connect(&bed);
    let mut waiting = connect(&bed);
    waiting
        .write_all(format!("{ASK}Connection: close\r\n\r\n").as_bytes())
        .expect("the system's queue takes it");
    assert!(rest(&mut waiting).starts_with("HTTP/1.1 401"));
    // The place was free only once the silent one had lost it.
    silent.set_nonblocking(true).expect("the socket does not wait");
    assert_eq!(rest(&mut silent), "");
}

/// Connections that a door may have closed already.
fn silent(url: &str, number: usize) -> Vec<TcpStream> {
    let connect = |_| {
        let tcp = TcpStream::connect(url.trim_start_matches("http://")).expect("the door listens");
        tcp.set_read_timeout(Some(PATIENCE)).expect("a time to wait is taken");
        tcp
    };
    (0..number).map(connect).collect()
}

#[rstest]
#[case::gateway("gateway", "/", 404)]
#[case::check("check", "/v1/verify", 401)]
#[case::management("management", "/v1/openapi.json", 200)]
fn one_address_leaves_places_for_the_others(#[case] door: &str, #[case] path: &str, #[case] status: u16) {
    let mut bed = Bed::empty(Engine::Sqlite);
    bed.configure(&format!("[{door}.limits]\nconnections = 8\n"));
    bed.run_serve();
    let url = bed.ready()[door].as_str().expect("the server says where it is").to_owned();
    let mut held = silent(&url, 3);
    assert_eq!(rest(held.last_mut().expect("it was made")), "", "a quarter of the places are two");
    let method = if status == 401 { "POST" } else { "GET" };
    let other = Curl::new(method, &format!("{url}{path}")).arg("--interface").arg("127.0.0.2");
    assert_eq!(other.run().status, status);
    let counted = format!("claviger_connections_refused_total{{listener=\"{door}\"}} 1");
    assert!(bed.metrics().contains(&counted), "{}", bed.metrics());
}

#[rstest]
#[case::gateway("gateway", "/", 404)]
#[case::check("check", "/v1/verify", 401)]
#[case::management("management", "/v1/openapi.json", 200)]
fn a_proxy_has_no_share(#[case] door: &str, #[case] path: &str, #[case] status: u16) {
    let mut bed = Bed::empty(Engine::Sqlite);
    let trusted = "trusted_proxies = [\"127.0.0.1/32\"]";
    bed.configure(&format!("[{door}]\n{trusted}\n[{door}.limits]\nconnections = 8\n"));
    bed.run_serve();
    let url = bed.ready()[door].as_str().expect("the server says where it is").to_owned();
    let _held = silent(&url, 7);
    let method = if status == 401 { "POST" } else { "GET" };
    assert_eq!(Curl::new(method, &format!("{url}{path}")).run().status, status);
    let counted = format!("claviger_connections_refused_total{{listener=\"{door}\"}} 0");
    assert!(bed.metrics().contains(&counted), "{}", bed.metrics());
}

/// Somebody at a door with one place, of whom it is seen whether they have it.
fn is_answered(url: &str) -> bool {
    let mut caller = TcpStream::connect(url.trim_start_matches("http://")).expect("the door listens");
    caller.set_read_timeout(Some(PATIENCE)).expect("a time to wait is taken");
    let request = b"GET /v1/openapi.json HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    caller.write_all(request).expect("the system's queue takes it");
    rest(&mut caller).starts_with("HTTP/1.1 200")
}

/// A server with one place for those who manage, and its address.
fn narrow(limits: &str) -> (Bed, String) {
    let mut bed = Bed::empty(Engine::Sqlite);
    bed.configure(&format!("[management.limits]\nconnections = 1\n{limits}\n"));
    bed.run_serve();
    let url = bed.management().to_owned();
    (bed, url)
}

#[test]
fn whoever_takes_no_answer_loses_their_place() {
    let (_bed, url) = narrow("total = \"500ms\"");
    let mut greedy = TcpStream::connect(url.trim_start_matches("http://")).expect("the door listens");
    let requests = "GET /v1/openapi.json HTTP/1.1\r\nHost: a\r\n\r\n".repeat(300);
    greedy.write_all(requests.as_bytes()).expect("the system takes it");
    assert!(is_answered(&url));
}

#[test]
fn whoever_asks_nothing_over_http2_loses_their_place() {
    let (_bed, url) = narrow("keep_alive = \"200ms\"");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.expect("a runtime can be made");
    let kept = runtime.block_on(async {
        let tcp =
            tokio::net::TcpStream::connect(url.trim_start_matches("http://")).await.expect("it listens");
        // It answers pings.
        let (mut sender, connection) =
            handshake::<_, _, Full<Bytes>>(TokioExecutor::new(), TokioIo::new(tcp)).await.expect("HTTP/2");
        tokio::spawn(connection);
        let request =
            Request::get(format!("{url}/v1/openapi.json")).body(Full::default()).expect("a request");
        let answer = sender.send_request(request).await.expect("an answer");
        assert_eq!(answer.into_body().collect().await.expect("a body").to_bytes().first(), Some(&b'{'));
        sender
    });
    assert!(is_answered(&url));
    assert!(kept.is_closed());
}

#[test]
fn there_is_a_bound_on_headers() {
    let bed = serve("headers = 4");
    for (headers, status) in [(1, "401"), (4, "431")] {
        let mut caller = connect(&bed);
        let own = "X-Own: 1\r\n".repeat(headers);
        caller.write_all(format!("{ASK}{own}Connection: close\r\n\r\n").as_bytes()).expect("the door reads");
        let answer = rest(&mut caller);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
    }
}
