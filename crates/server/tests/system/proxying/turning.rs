//! Connections that turn to another protocol, and policies that change under open connections.

use super::{HELPERS, World};
use crate::bed::ACCOUNT;
use crate::counting::Counting;
use crate::gate;

const UPGRADE: &str = "Connection: Upgrade\r\nUpgrade: echo\r\n";

#[test]
fn an_upgraded_connection_carries_bytes_in_both_directions() {
    let world = World::start("");
    let mut caller = world.ask("GET /helpers/v1/websocket", UPGRADE);
    let answer = caller.answer();
    assert_eq!((answer.status, answer.header("upgrade")), (101, Some("echo")));
    for bytes in [&b"\0\xff\r\n\r\n"[..], b"GET / HTTP/1.1\r\n\r\n", &[7; 16_000]] {
        caller.send(bytes);
        assert_eq!(caller.exactly(bytes.len()).as_deref(), Some(bytes));
    }
    caller.half_close();
    assert_eq!(caller.rest(), b"");
}

#[test]
fn an_upgraded_connection_ends_with_its_key() {
    let world = World::start("");
    let key = world.bed.create(ACCOUNT, "helpers", &[]);
    let mut caller = gate::caller(&world.bed);
    let authorization = key.basic();
    caller.send(format!(
        "GET /helpers/v1/websocket HTTP/1.1\r\nHost: a\r\nAuthorization: {authorization}\r\n{UPGRADE}\r\n"
    ));
    assert_eq!(caller.answer().status, 101);
    caller.send("before");
    assert_eq!(caller.exactly(6).as_deref(), Some(&b"before"[..]));
    world.bed.done(&["key", "revoke", &key.id]);
    assert_eq!(caller.rest(), b"");
}

#[test]
fn a_refused_upgrade_ends_the_connection() {
    let world = World::start("");
    let mut caller = gate::caller(&world.bed);
    let hidden = world.head("GET /helpers/v1/bytes/1", "");
    caller.send(format!("GET /helpers/v1/websocket HTTP/1.1\r\nHost: a\r\n{UPGRADE}\r\n{hidden}"));
    let answer = caller.answer();
    assert_eq!((answer.status, answer.code().as_str()), (401, "missing_credential"));
    assert!(answer.closes() && caller.rest().is_empty());
}

#[test]
fn routes_change_without_a_restart_and_without_dropping_a_connection() {
    let (old, new) = (Counting::start(), Counting::start());
    let world = World::before(old.address, "");
    let mut caller = world.ask("GET /helpers/v1/bytes/1", "");
    assert_eq!(caller.answer().status, 200);
    gate::apply(&world.bed, HELPERS, new.address);
    caller.send(world.head("GET /helpers/v1/bytes/2", ""));
    assert_eq!(caller.answer().status, 200);
    assert_eq!((old.seen().len(), new.seen().len()), (1, 1));
    assert_eq!(new.seen()[0].target, "/_sample/bytes/2");
}
