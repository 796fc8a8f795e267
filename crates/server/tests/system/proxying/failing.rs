//! Upstreams and callers that do not do their part.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use super::World;
use crate::gate;
use crate::raw::Answer;

/// An address at which nobody listens.
fn nobody() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    listener.local_addr().expect("a bound socket has an address")
}

fn assert_problem(answer: &Answer, status: u16, code: &str, content_type: &str) {
    assert_eq!((answer.status, answer.code().as_str()), (status, code), "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some(content_type));
    let id = answer.header("x-request-id").unwrap_or_default();
    assert!(id.starts_with("req_") && answer.text().contains(id), "{}", answer.text());
}

#[test]
fn an_upstream_that_is_down_is_502_in_the_format_of_the_api() {
    let world = World::before(nobody(), "");
    let answer = world.ask("GET /helpers/v1/bytes/1", "").answer();
    assert_problem(&answer, 502, "upstream_unreachable", "application/problem+xml");
    let answer = world.ask("GET /helpers/v1/bytes/1", "Accept: application/json\r\n").answer();
    assert_problem(&answer, 502, "upstream_unreachable", "application/problem+json");
    assert!(!answer.text().contains("127.0.0.1"), "{}", answer.text());
}

#[test]
fn an_upstream_that_is_silent_is_504_in_the_format_of_the_api() {
    let world = World::start("[gateway.limits]\nanswer = \"200ms\"\n");
    let answer = world.ask("GET /helpers/v1/slow-header/never", "").answer();
    assert_problem(&answer, 504, "upstream_timeout", "application/problem+xml");
    let mut caller = world.ask("GET /helpers/v1/slow-header/never", "Accept: application/json\r\n");
    assert_problem(&caller.answer(), 504, "upstream_timeout", "application/problem+json");
    caller.send(world.head("GET /helpers/v1/bytes/1", ""));
    assert_eq!(caller.answer().status, 200, "the connection goes on");
}

#[test]
fn a_head_that_does_not_end_is_given_up() {
    let world = World::start("[gateway.limits]\nhead = \"200ms\"\n");
    let mut caller = gate::caller(&world.bed);
    caller.send("GET /helpers/v1/bytes/1 HTTP/1.1\r\nHost: a\r\nX: ");
    let answer = caller.answer();
    assert_problem(&answer, 408, "request_timeout", "application/problem+json");
    assert!(answer.closes() && caller.rest().is_empty());
}

/// The bound is on the whole head: bytes that trickle in do not move it.
#[test]
fn a_head_that_trickles_in_is_given_up() {
    let world = World::start("[gateway.limits]\nhead = \"300ms\"\n");
    let mut tcp = TcpStream::connect(gate::address(&world.bed)).expect("the gateway listens");
    tcp.set_read_timeout(Some(Duration::from_millis(20))).expect("a new socket takes options");
    tcp.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nX: ").expect("the gateway reads");
    let mut space = [0; 1024];
    // Long before the head is too great for the gateway, its time is over.
    let answered = (0..10_000).find_map(|_| {
        let read = tcp.read(&mut space).ok();
        let _ = tcp.write_all(b"x");
        read
    });
    let text = String::from_utf8_lossy(&space[..answered.unwrap_or_default()]);
    assert!(text.starts_with("HTTP/1.1 408 "), "{text}");
}

#[test]
fn a_body_that_does_not_come_is_given_up() {
    let world = World::start("[gateway.limits]\nidle = \"200ms\"\n");
    let mut caller = world.ask("POST /helpers/v1/sink", "Content-Length: 10\r\n");
    caller.send("some");
    let answer = caller.answer();
    assert_problem(&answer, 408, "request_timeout", "application/problem+xml");
    assert!(answer.closes() && caller.rest().is_empty());
}

#[test]
fn a_body_that_is_too_long_is_refused() {
    let world = World::start("[gateway.limits]\nbody_bytes = 100\n");
    let mut caller = world.ask("POST /helpers/v1/sink", "Content-Length: 101\r\n");
    assert_problem(&caller.answer(), 413, "body_too_large", "application/problem+xml");
    let mut caller = world.ask("POST /helpers/v1/sink", "Transfer-Encoding: chunked\r\n");
    caller.send(format!("65\r\n{}\r\n0\r\n\r\n", "x".repeat(101)));
    assert_problem(&caller.answer(), 413, "body_too_large", "application/problem+xml");
}
