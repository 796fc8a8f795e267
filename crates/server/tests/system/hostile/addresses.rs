//! From where a call comes, as the gateway sees it and as trusted proxies say.

use std::net::{SocketAddr, TcpListener};

use rstest::rstest;

use super::{LIST, Row, World};
use crate::bed::{ACCOUNT, Bed, Engine};
use crate::counting::Counting;
use crate::gate;
use crate::raw::Caller;

const TRUSTING: &str = "[gateway]\ntrusted_proxies = [\"127.0.0.0/8\", \"2001:db8::/32\"]\n";

/// A call with the key for 192.0.2.1, forwarded with these headers.
fn forwarded(world: &World, headers: &[(&str, &str)]) -> Row {
    let row = Row::new(format!("{headers:?}"), LIST).with("Authorization", world.keys.elsewhere.basic());
    headers.iter().fold(row, |row, (name, value)| row.with(name, value))
}

#[test]
fn a_trusted_proxy_is_believed_up_to_the_first_that_is_not() {
    let world = World::start(Engine::Sqlite, TRUSTING);
    let believed: [&[(&str, &str)]; 10] = [
        &[("X-Forwarded-For", "192.0.2.1")],
        &[("X-Forwarded-For", "198.51.100.7, 192.0.2.1")],
        &[("X-Forwarded-For", "nonsense, 192.0.2.1")],
        &[("X-Forwarded-For", "192.0.2.1, 127.0.0.9,2001:db8::7")],
        &[("X-Forwarded-For", "198.51.100.7"), ("X-Forwarded-For", "192.0.2.1")],
        &[("X-Forwarded-For", "192.0.2.1:4711")],
        &[("X-Forwarded-For", "::ffff:192.0.2.1")],
        &[("Forwarded", "for=192.0.2.1;proto=https")],
        &[("Forwarded", "for=198.51.100.7, For=\"[::ffff:192.0.2.1]:80\"")],
        &[("X-Forwarded-For", "192.0.2.1"), ("X-Real-IP", "198.51.100.7")],
    ];
    world.check(believed.map(|headers| forwarded(&world, headers)));
    let elsewhere: [&[(&str, &str)]; 5] = [
        &[],
        &[("X-Forwarded-For", "192.0.2.1, 198.51.100.7")],
        &[("X-Forwarded-For", "192.0.2.1"), ("X-Forwarded-For", "198.51.100.7")],
        &[("Forwarded", "for=192.0.2.1, for=198.51.100.7")],
        &[("X-Real-IP", "192.0.2.1")],
    ];
    let refused = |headers| forwarded(&world, headers).refused(403, "address_not_allowed");
    world.check(elsewhere.map(refused));
}

#[test]
fn what_a_trusted_proxy_says_has_to_be_an_address() {
    let world = World::start(Engine::Sqlite, TRUSTING);
    let nonsense: [&[(&str, &str)]; 7] = [
        &[("X-Forwarded-For", "nonsense")],
        &[("X-Forwarded-For", "192.0.2.1, unknown")],
        &[("X-Forwarded-For", "192.0.2.1 198.51.100.7")],
        &[("X-Forwarded-For", "192.0.2.1/32")],
        &[("Forwarded", "for=_hidden")],
        &[("Forwarded", "by=192.0.2.1")],
        &[("X-Forwarded-For", "192.0.2.1"), ("Forwarded", "for=192.0.2.1")],
    ];
    world.check(nonsense.map(|headers| forwarded(&world, headers).refused(400, "malformed_request")));
}

/// A header of the PROXY protocol, version 2, for a connection from this address.
fn proxy(command: u8, source: [u8; 4]) -> Vec<u8> {
    let mut bytes = b"\r\n\r\n\0\r\nQUIT\n".to_vec();
    bytes.extend([0x20 | command, 0x11, 0, 12]);
    bytes.extend(source);
    bytes.extend([127, 0, 0, 1, 0x12, 0x67, 0x1f, 0x90]);
    bytes
}

/// The status of a call behind these bytes; none if the gateway closes.
fn behind(world: &World, preamble: &[u8], key: &str) -> Option<u16> {
    let mut caller = gate::caller(&world.bed);
    let host = gate::address(&world.bed);
    let call = format!("{LIST} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {key}\r\n\r\n");
    caller.send([preamble, call.as_bytes()].concat());
    caller.final_answer("GET").map(|answer| answer.status)
}

#[test]
fn a_proxy_header_of_a_trusted_sender_counts_and_has_to_be_there() {
    let world = World::start(Engine::Sqlite, &format!("{TRUSTING}proxy_protocol = true\n"));
    let (here, elsewhere) = (world.keys.good.basic(), world.keys.elsewhere.basic());
    let (proxied, local) = (proxy(1, [192, 0, 2, 1]), proxy(0, [192, 0, 2, 1]));
    assert_eq!(behind(&world, &proxied, &elsewhere), Some(200));
    assert_eq!(behind(&world, &proxied, &here), Some(403));
    assert_eq!(behind(&world, &local, &here), Some(200));
    assert_eq!(behind(&world, &local, &elsewhere), Some(403));
    assert_eq!(behind(&world, b"", &here), None);
    assert_eq!(behind(&world, b"PROXY TCP4 192.0.2.1 127.0.0.1 4711 8080\r\n", &elsewhere), None);
    let wrong_version = [&proxied[..12], &[0x11], &proxied[13..]].concat();
    assert_eq!(behind(&world, &wrong_version, &elsewhere), None);
    let reached = world.upstream.seen();
    assert_eq!(reached.len(), 2);
    assert_eq!(reached[0].all("x-forwarded-for"), ["192.0.2.1"]);
}

#[test]
fn a_proxy_header_of_anyone_else_is_no_request() {
    let configuration = "[gateway]\ntrusted_proxies = [\"192.0.2.0/24\"]\nproxy_protocol = true\n";
    let world = World::start(Engine::Sqlite, configuration);
    assert_eq!(behind(&world, &proxy(1, [192, 0, 2, 1]), &world.keys.elsewhere.basic()), Some(400));
    assert_eq!(behind(&world, b"", &world.keys.good.basic()), Some(200));
    assert_eq!(world.upstream.seen().len(), 1);
}

/// A gateway on another address of this machine than 127.0.0.1.
fn serve_at(listen: &str) -> (Bed, Counting) {
    let upstream = Counting::start();
    let mut bed = Bed::empty(Engine::Sqlite);
    bed.configure(&format!(
        "[listen]\nmanagement = \"127.0.0.1:0\"\ngateway = \"{listen}\"\nops = \"127.0.0.1:0\"\ncheck = \"127.0.0.1:0\"\n"
    ));
    bed.run(&["serve", "--json"]);
    gate::apply(&bed, gate::EXAMPLE, upstream.address);
    (bed, upstream)
}

/// The status of a call with a key for `allowed`, made at `address`.
fn called_at(bed: &Bed, address: SocketAddr, allowed: &str) -> u16 {
    let key = bed.create(ACCOUNT, "customers", &["--allow", allowed]);
    let mut caller = Caller::connect(address);
    caller.send(format!("{LIST} HTTP/1.1\r\nHost: a\r\nAuthorization: {}\r\n\r\n", key.basic()));
    caller.answer().status
}

#[test]
fn the_two_loopbacks_are_two_addresses() {
    if TcpListener::bind("[::1]:0").is_err() {
        eprintln!("this machine has no IPv6");
        return;
    }
    let (bed, upstream) = serve_at("[::1]:0");
    let address = gate::address(&bed);
    assert_eq!(called_at(&bed, address, "127.0.0.1"), 403);
    assert!(upstream.seen().is_empty());
    assert_eq!(called_at(&bed, address, "::1"), 200);
    assert_eq!(called_at(&bed, address, "0:0:0:0:0:0:0:1"), 200);
}

/// A socket of IPv6 sees callers of IPv4 under mapped addresses.
#[rstest]
#[case("127.0.0.1", 200)]
#[case("::ffff:127.0.0.1", 200)]
#[case("::ffff:7f00:1", 200)]
#[case("192.0.2.1", 403)]
#[case("::1", 403)]
fn a_mapped_address_is_the_address_that_it_maps(#[case] allowed: &str, #[case] status: u16) {
    if TcpListener::bind("[::ffff:127.0.0.1]:0").is_err() {
        eprintln!("this machine has no IPv6 that carries IPv4");
        return;
    }
    let (bed, upstream) = serve_at("[::ffff:127.0.0.1]:0");
    let address = SocketAddr::from(([127, 0, 0, 1], gate::address(&bed).port()));
    assert_eq!(called_at(&bed, address, allowed), status);
    let seen = upstream.seen();
    assert_eq!(seen.len(), usize::from(status == 200));
    assert!(seen.iter().all(|seen| seen.all("x-forwarded-for") == ["127.0.0.1"]));
}
