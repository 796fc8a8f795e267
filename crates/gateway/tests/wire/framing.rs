use std::sync::atomic::Ordering;

use claviger_gateway::{GatewayLimits, Malformed};
use claviger_model::Span;

use crate::harness::{Setup, counting, gateway, limits};

/// Requests that two readers could take for different things, or that cannot be read.
const AMBIGUOUS: &[(&str, Malformed)] = &[
    (
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        Malformed::LengthAndEncoding,
    ),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
        Malformed::LengthAndEncoding,
    ),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        Malformed::LengthRepeated,
    ),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\ncontent-length: 2\r\n\r\nab",
        Malformed::LengthRepeated,
    ),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2, 2\r\n\r\nab", Malformed::Length),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +2\r\n\r\nab", Malformed::Length),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -2\r\n\r\nab", Malformed::Length),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x2\r\n\r\nab", Malformed::Length),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\nab", Malformed::Length),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\nab", Malformed::Length),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        Malformed::Encoding,
    ),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        Malformed::Encoding,
    ),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", Malformed::Encoding),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        Malformed::Encoding,
    ),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", Malformed::Encoding),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", Malformed::Encoding),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n", Malformed::Encoding),
    ("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", Malformed::Encoding),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n", Malformed::HeaderName),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n", Malformed::HeaderName),
    ("GET / HTTP/1.1\r\nHost: a\r\nX Y: z\r\n\r\n", Malformed::HeaderName),
    ("GET / HTTP/1.1\r\nHost: a\r\nnothing\r\n\r\n", Malformed::HeaderName),
    ("GET / HTTP/1.1\r\nHost: a\r\n: z\r\n\r\n", Malformed::HeaderName),
    ("GET / HTTP/1.1\r\n Host: a\r\n\r\n", Malformed::Folding),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n", Malformed::Folding),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\tz\r\n\r\n", Malformed::Folding),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", Malformed::Encoding),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: y\0z\r\n\r\n", Malformed::HeaderValue),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: y\rz\r\n\r\n", Malformed::HeaderValue),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: y\x7f\r\n\r\n", Malformed::HeaderValue),
    ("GET / HTTP/1.1\nHost: a\n\n", Malformed::LineEnd),
    ("GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", Malformed::LineEnd),
    ("GET / HTTP/1.1\r\nHost: a\r\n\n", Malformed::LineEnd),
    ("GET / HTTP/1.1\r\n\r\n", Malformed::HostMissing),
    ("GET / HTTP/1.0\r\n\r\n", Malformed::HostMissing),
    ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", Malformed::HostRepeated),
    ("GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n", Malformed::HostRepeated),
    ("GET / HTTP/1.1\r\nHost:\r\n\r\n", Malformed::Host),
    ("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", Malformed::Host),
    ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", Malformed::Host),
    ("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", Malformed::Host),
    ("GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", Malformed::Host),
    ("GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", Malformed::TargetHost),
    ("GET http://a:81/ HTTP/1.1\r\nHost: a\r\n\r\n", Malformed::TargetHost),
    ("GET a HTTP/1.1\r\nHost: a\r\n\r\n", Malformed::TargetForm),
    ("GET http:/x HTTP/1.1\r\nHost: a\r\n\r\n", Malformed::Target),
    ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", Malformed::TargetForm),
    ("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", Malformed::TargetForm),
    ("CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n", Malformed::TargetForm),
    ("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", Malformed::Target),
    ("GET /\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n", Malformed::Target),
    ("GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n", Malformed::Target),
    ("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", Malformed::RequestLine),
    ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", Malformed::RequestLine),
    (" GET / HTTP/1.1\r\nHost: a\r\n\r\n", Malformed::RequestLine),
    ("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", Malformed::RequestLine),
    ("GET /\r\n\r\n", Malformed::RequestLine),
    ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", Malformed::RequestLine),
    ("GET / HTTP/1.2\r\nHost: a\r\n\r\n", Malformed::RequestLine),
    ("GET / http/1.1\r\nHost: a\r\n\r\n", Malformed::RequestLine),
    ("G(T / HTTP/1.1\r\nHost: a\r\n\r\n", Malformed::RequestLine),
    ("\u{16}\u{3}\u{1}\r\n", Malformed::RequestLine),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", Malformed::Chunk),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n",
        Malformed::Chunk,
    ),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1 \r\na\r\n0\r\n\r\n",
        Malformed::Chunk,
    ),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n", Malformed::Chunk),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;x\na\r\n0\r\n\r\n", Malformed::Chunk),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
        Malformed::Chunk,
    ),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000001\r\na",
        Malformed::Chunk,
    ),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n x: y\r\n\r\n", Malformed::Chunk),
];

#[tokio::test]
async fn what_can_be_read_in_two_ways_is_refused_and_reaches_nobody() {
    let (address, seen) = counting().await;
    let gateway = gateway(&address).await;
    for (request, kind) in AMBIGUOUS {
        let smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
        let answer = gateway.exchange(format!("{request}{smuggled}").as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{request:?} got {answer}");
        assert!(answer.contains("connection: close\r\n"), "{request:?} got {answer}");
        assert!(answer.ends_with(&format!("\r\n\r\n{kind}")), "{request:?} got {answer}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{request:?} got {answer}");
    }
    assert_eq!(*seen.lock().unwrap(), Vec::<String>::new());
    assert_eq!(gateway.judge.judged.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn the_answer_is_the_same_however_bytes_arrive() {
    let (address, seen) = counting().await;
    let gateway = gateway(&address).await;
    for (request, kind) in AMBIGUOUS {
        let mut caller = gateway.connect().await;
        caller.tcp.set_nodelay(true).unwrap();
        for piece in request.as_bytes().chunks(3) {
            // The refusal may come before the last piece is sent.
            let _ = tokio::io::AsyncWriteExt::write_all(&mut caller.tcp, piece).await;
            tokio::task::yield_now().await;
        }
        let answer = caller.rest().await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{request:?} got {answer}");
        assert!(answer.ends_with(&format!("\r\n\r\n{kind}")), "{request:?} got {answer}");
    }
    // A chunked body may turn bad when its head is on its way; it is never completed.
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_good_request_before_a_bad_one_is_answered() {
    let (address, seen) = counting().await;
    let gateway = gateway(&address).await;
    for (request, kind) in AMBIGUOUS {
        let good = "POST /good HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi";
        let answer = gateway.exchange(format!("{good}{request}").as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{request:?} got {answer}");
        assert!(
            answer.contains("HTTP/1.1 400 ") && answer.ends_with(&kind.to_string()),
            "{request:?} got {answer}"
        );
    }
    assert_eq!(seen.lock().unwrap().len(), AMBIGUOUS.len());
}

#[tokio::test]
async fn a_chunk_that_turns_bad_later_is_refused_too() {
    let (address, _) = counting().await;
    let gateway = gateway(&address).await;
    let mut caller = gateway.connect().await;
    caller
        .send(b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n")
        .await;
    caller.until("100 Continue\r\n\r\n").await;
    caller.send(b"1\na\r\n0\r\n\r\n").await;
    let answer = caller.rest().await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(answer.ends_with(&Malformed::Chunk.to_string()), "{answer}");
}

#[tokio::test]
async fn an_absolute_target_of_the_same_host_is_served() {
    let (address, seen) = counting().await;
    let gateway = gateway(&address).await;
    let answer =
        gateway.exchange(b"GET http://A:80/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!(*seen.lock().unwrap(), ["/x"]);
}

#[tokio::test]
async fn heads_are_bounded_in_bytes_and_number() {
    let (address, _) = counting().await;
    let gateway =
        Setup::limited(GatewayLimits { head_bytes: 1024, headers: 10, ..limits() }).before(&address).await;
    let long = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(1024));
    let many = format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "x: y\r\n".repeat(10));
    for request in [long, many] {
        let answer = gateway.exchange(request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    }
}

#[tokio::test]
async fn a_head_that_takes_too_long_is_refused() {
    let (address, _) = counting().await;
    let gateway =
        Setup::limited(GatewayLimits { head: Span::from_millis(50), ..limits() }).before(&address).await;
    let answer = gateway.exchange(b"GET / HTTP/1.1\r\nHost: a\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[tokio::test]
async fn an_idle_connection_is_closed_quietly() {
    let (address, _) = counting().await;
    let gateway = Setup::limited(GatewayLimits { keep_alive: Span::from_millis(50), ..limits() })
        .before(&address)
        .await;
    let answer = gateway.exchange(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("ok"), "{answer}");
}
