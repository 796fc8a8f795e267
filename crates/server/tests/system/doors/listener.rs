//! Whoever connects and says nothing keeps nobody else waiting.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use claviger_testkit::Curl;
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
