//! Bodies of any length, in constant memory.

use std::process::Command;

use super::World;
use crate::bed::Bed;
use crate::counting::Counting;
use crate::gate;

const MIB: u64 = 1 << 20;
const BLOCK: usize = 64 << 10;
/// What the server's memory may grow by while a body passes, in bytes: buffers, not bodies.
const GROWTH: u64 = 48 * MIB;

/// 1 GiB where there is time for it.
fn length() -> u64 {
    if std::env::var_os("CLAVIGER_TEST_LONG").is_some() { 1024 * MIB } else { 256 * MIB }
}

/// The most memory that the server has held so far, in bytes (`VmHWM` of proc(5)).
fn peak(bed: &mut Bed) -> u64 {
    let path = format!("/proc/{}/status", bed.server().id());
    let status = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes: u64 = line.unwrap_or_default().trim().trim_end_matches(" kB").parse().expect("a number");
    kibibytes * 1024
}

fn upload(world: &World, length: u64) -> serde_json::Value {
    let mut caller = world.ask("POST /helpers/v1/sink", &format!("Content-Length: {length}\r\n"));
    let block = vec![b'x'; BLOCK];
    for _ in 0..length / BLOCK as u64 {
        caller.send(&block);
    }
    let answer = caller.answer();
    assert_eq!(answer.status, 200, "{}", answer.text());
    serde_json::from_slice(&answer.body).expect("the sink answers in JSON")
}

fn download(world: &World, length: u64) {
    let mut caller = world.ask(&format!("GET /helpers/v1/bytes/{length}"), "");
    let head = caller.until(b"\r\n\r\n").expect("an answer comes");
    assert!(head.starts_with(b"HTTP/1.1 200 "), "{}", head.escape_ascii());
    assert_eq!(caller.skip(length), length);
    caller.send(world.head("GET /helpers/v1/bytes/1", ""));
    assert_eq!(caller.answer().body, [0], "the connection goes on after it");
}

/// Runs curl over HTTP/2; status, version and the numbers of bytes that went up and down.
fn curl(world: &World, target: &str, args: &[&str]) -> String {
    let shown = "%{http_code} %{http_version} %{size_upload} %{size_download}";
    let output = Command::new("curl")
        .args(["-sS", "--noproxy", "*", "--http2-prior-knowledge", "-o", "/dev/null", "-w", shown])
        .args(["-H", world.key.trim_end()])
        .args(args)
        .arg(format!("{}{target}", world.bed.gateway()))
        .output()
        .expect("curl runs");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn great_bodies_pass_in_constant_memory() {
    let mut world = World::start("");
    let (small, great) = (8 * MIB, length());
    let expected = crc32fast::hash(&vec![b'x'; 8 << 20]);
    assert_eq!(upload(&world, small)["crc32"], expected);
    download(&world, small);
    let before = peak(&mut world.bed);
    assert_eq!(upload(&world, great)["bytes"], great);
    download(&world, great);
    let growth = peak(&mut world.bed).saturating_sub(before);
    assert!(growth < GROWTH, "the server grew by {growth} bytes from {before}");
}

#[test]
fn great_bodies_pass_in_constant_memory_over_http2() {
    let mut world = World::start("");
    let great = length() / 4;
    let path = world.bed.file("body", "");
    let file = std::fs::OpenOptions::new().write(true).open(&path).expect("the file was made");
    file.set_len(great).expect("a file can have holes");
    assert!(curl(&world, "/helpers/v1/bytes/65536", &[]).starts_with("200 2 "));
    let before = peak(&mut world.bed);
    let sent = curl(&world, "/helpers/v1/sink", &["-X", "POST", "-T", &path]);
    assert!(sent.starts_with(&format!("200 2 {great} ")), "{sent}");
    let received = curl(&world, &format!("/helpers/v1/bytes/{great}"), &[]);
    assert_eq!(received, format!("200 2 0 {great}"));
    let growth = peak(&mut world.bed).saturating_sub(before);
    assert!(growth < GROWTH, "the server grew by {growth} bytes from {before}");
}

#[test]
fn trailers_pass_in_both_directions_without_claims_about_who_calls() {
    let world = World::start("");
    let lines = "TE: trailers\r\nTrailer: Sum, X-Claviger-Account\r\nTransfer-Encoding: chunked\r\n";
    let mut caller = world.ask("POST /helpers/v1/echo", lines);
    caller.send("5\r\nhello\r\n0\r\nSum: 1\r\nX-Claviger-Account: 7\r\n\r\n");
    let answer = caller.answer();
    assert_eq!((answer.status, answer.text().as_str()), (200, "hello"));
    assert_eq!(answer.trailers, [("sum".to_owned(), "1".to_owned())]);
}

#[test]
fn nobody_is_asked_to_send_the_body_of_a_refused_request() {
    let world = World::start("");
    let lines = "Host: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";
    let mut stranger = gate::caller(&world.bed);
    stranger.send(format!("POST /helpers/v1/echo HTTP/1.1\r\n{lines}"));
    let answer = stranger.next("POST").expect("an answer comes");
    assert_eq!((answer.status, answer.code().as_str()), (401, "missing_credential"));
    assert!(answer.closes() && stranger.rest().is_empty());
    // An upstream that reads the whole body before it answers: another may answer without asking for one.
    let mut known = world.ask("POST /helpers/v1/sink", "Expect: 100-continue\r\nContent-Length: 5\r\n");
    assert_eq!(known.next("POST").map(|answer| answer.status), Some(100));
    known.send("hello");
    let answer = known.answer();
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains("\"bytes\":5"), "{}", answer.text());
}

/// A GET seldom has a body, and one that has keeps it.
#[test]
fn a_body_goes_on_whatever_the_method_and_the_framing() {
    let upstream = Counting::start();
    let world = World::before(upstream.address, "");
    for (line, framing, body) in [
        ("GET /helpers/v1/bytes/1", "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"),
        ("GET /helpers/v1/bytes/1", "Content-Length: 5\r\n", "hello"),
        ("POST /helpers/v1/sink", "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"),
        ("POST /helpers/v1/sink", "Content-Length: 5\r\n", "hello"),
    ] {
        let mut caller = world.ask(line, framing);
        caller.send(body);
        assert_eq!(caller.answer().status, 200, "{line} {framing}");
        let seen = upstream.seen();
        assert_eq!(seen.last().map(|seen| seen.body.as_slice()), Some(&b"hello"[..]), "{line} {framing}");
    }
}

#[test]
fn half_a_body_is_never_taken_for_a_whole_one() {
    let upstream = Counting::start();
    let world = World::before(upstream.address, "");
    for line in ["GET /helpers/v1/bytes/1", "POST /helpers/v1/sink"] {
        let mut caller = world.ask(line, "Transfer-Encoding: chunked\r\n");
        caller.send("5\r\nhello\r\n0\r\n");
        caller.half_close();
        let status = caller.final_answer("GET").map(|answer| answer.status);
        assert!(status.is_none_or(|status| status == 400), "{line}: {status:?}");
    }
    assert!(upstream.seen().iter().all(|seen| seen.method == crate::counting::BROKEN_OFF));
}
