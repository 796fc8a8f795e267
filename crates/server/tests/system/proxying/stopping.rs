//! SIGTERM: what was accepted finishes, and nobody holds it up.

use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use super::World;
use crate::counting;
use crate::gate;

/// An upstream that says when a request is there, and answers when it is told to.
struct Held {
    address: SocketAddr,
    arrived: Receiver<()>,
    answer: Sender<()>,
}

impl Held {
    fn start() -> Self {
        let (arrive, arrived) = channel();
        let (answer, told) = channel();
        let told = Mutex::new(told);
        let address = counting::listen(Arc::new(move |_| {
            let _ = arrive.send(());
            let _ = told.lock().map(|told| told.recv());
        }));
        Self { address, arrived, answer }
    }
}

/// Waits until nobody listens there any more.
fn wait_until_closed(address: SocketAddr) {
    while TcpStream::connect(address).is_ok() {
        std::thread::yield_now();
    }
}

#[test]
fn a_stop_lets_an_accepted_request_finish_and_waits_for_nobody_else() {
    let upstream = Held::start();
    let mut world = World::before(upstream.address, "[gateway.limits]\ngrace = \"100s\"\n");
    let silent = gate::caller(&world.bed);
    let mut half = gate::caller(&world.bed);
    half.send("GET /helpers/v1/bytes/1 HTTP/1.1\r\nHo");
    let mut accepted = world.ask("GET /helpers/v1/bytes/1", "");
    upstream.arrived.recv().expect("the request arrives");
    world.bed.server().signal("TERM");
    wait_until_closed(gate::address(&world.bed));
    upstream.answer.send(()).expect("the upstream waits");
    let answer = accepted.answer();
    assert_eq!((answer.status, answer.text().as_str()), (200, "{\"ok\":true}"));
    assert!(world.bed.server().wait().success());
    for mut caller in [silent, half, accepted] {
        assert_eq!(caller.rest(), b"");
    }
}

#[test]
fn a_caller_that_does_not_finish_is_cut_when_the_grace_is_over() {
    let upstream = Held::start();
    let mut world = World::before(upstream.address, "[gateway.limits]\ngrace = \"300ms\"\n");
    let mut unfinished = world.ask("POST /helpers/v1/sink", "Expect: 100-continue\r\nContent-Length: 10\r\n");
    assert_eq!(unfinished.next("POST").map(|answer| answer.status), Some(100));
    unfinished.send("half");
    let mut unanswered = world.ask("GET /helpers/v1/bytes/1", "");
    upstream.arrived.recv().expect("the request arrives");
    world.bed.server().signal("TERM");
    assert!(world.bed.server().wait().success());
    assert!(unfinished.rest().is_empty() && unanswered.rest().is_empty());
}
