//! Requests that two readers could frame differently. Each is followed by a good one, which must not be heard.

use super::World;
use crate::bed::Engine;
use crate::counting::Seen;
use crate::gate;
use crate::raw::Answer;

/// `{h}` stands for the Host line, `{a}` for a good Authorization line, `{j}` for a media type, `{p}` for a path.
const MALFORMED: &[&str] = &[
    "POST {p} HTTP/1.1\r\n{h}{a}{j}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST {p} HTTP/1.1\r\n{h}{a}{j}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "POST {p} HTTP/1.1\r\n{h}{a}{j}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
    "POST {p} HTTP/1.1\r\n{h}{a}{j}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "POST {p} HTTP/1.1\r\n{h}{a}{j}Content-Length: 2, 2\r\n\r\n{}",
    "POST {p} HTTP/1.1\r\n{h}{a}{j}Content-Length: +2\r\n\r\n{}",
    "POST {p} HTTP/1.1\r\n{h}{a}{j}Content-Length: -2\r\n\r\n{}",
    "POST {p} HTTP/1.1\r\n{h}{a}{j}Content-Length: 0x2\r\n\r\n{}",
    "POST {p} HTTP/1.1\r\n{h}{a}{j}Content-Length: 18446744073709551618\r\n\r\n{}",
    "POST {p} HTTP/1.1\r\n{h}{a}{j}Content-Length : 2\r\n\r\n{}",
    "POST {p} HTTP/1.1\r\n{h}{a}{j}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "POST {p} HTTP/1.1\r\n{h}{a}{j}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "POST {p} HTTP/1.1\r\n{h}{a}{j}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "POST {p} HTTP/1.1\r\n{h}{a}{j}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "POST {p} HTTP/1.1\r\n{h}{a}{j}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "POST {p} HTTP/1.1\r\n{h}{a}{j}Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
    "POST {p} HTTP/1.1\r\n{h}{a}{j}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "POST {p} HTTP/1.0\r\n{h}{a}{j}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST {p} HTTP/1.1\r\n{h}{a}{j}Transfer-Encoding: chunked\r\n\r\n3\n{}x\r\n0\r\n\r\n",
    "POST {p} HTTP/1.1\r\n{h}{a}{j}Transfer-Encoding: chunked\r\n\r\n2 \r\n{}\r\n0\r\n\r\n",
    "POST {p} HTTP/1.1\r\n{h}{a}{j}Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n",
    "POST {p} HTTP/1.1\r\n{h}{a}{j}Transfer-Encoding: chunked\r\n\r\n2\r\n{}0\r\n\r\n",
    "POST {p} HTTP/1.1\r\n{h}{a}{j}Transfer-Encoding: chunked\r\n\r\n2\r\n{}xx\r\n0\r\n\r\n",
    "POST {p} HTTP/1.1\r\n{h}{a}{j}Transfer-Encoding: chunked\r\n\r\n10000000000000002\r\n{}\r\n0\r\n\r\n",
    "POST {p} HTTP/1.1\r\n{h}{a}{j}Transfer-Encoding: chunked\r\n\r\n2;\n\r\n{}\r\n0\r\n\r\n",
    "POST {p} HTTP/1.1\r\n{h}{a}{j}Transfer-Encoding: chunked\r\n\r\n0\r\n\n",
    "GET {p} HTTP/1.1\r\n{h}{a}X: y\r\n z\r\n\r\n",
    "GET {p} HTTP/1.1\r\n{h}X: y\r\n {a}\r\n",
    "GET {p} HTTP/1.1\r\n {h}{a}\r\n",
    "GET {p} HTTP/1.1\r\n{h}Authorization : Basic eDp5\r\n{a}\r\n",
    "GET {p} HTTP/1.1\r\n{h}{a}X Y: z\r\n\r\n",
    "GET {p} HTTP/1.1\r\n{h}{a}nothing\r\n\r\n",
    "GET {p} HTTP/1.1\r\n{h}{a}: z\r\n\r\n",
    "GET {p} HTTP/1.1\r\n{h}{a}X: y\0z\r\n\r\n",
    "GET {p} HTTP/1.1\r\n{h}{a}X\0: y\r\n\r\n",
    "GET {p} HTTP/1.1\r\n{h}{a}X: y\rz\r\n\r\n",
    "GET {p} HTTP/1.1\r\n{h}{a}X: y\r\r\n\r\n",
    "GET {p} HTTP/1.1\r\n{h}{a}X: y\nZ: z\r\n\r\n",
    "GET {p} HTTP/1.1\n{h}{a}\n",
    "GET {p} HTTP/1.1\r\n{h}{a}\n",
    "GET {p} HTTP/1.1\r\n{a}\r\n",
    "GET {p} HTTP/1.0\r\n{a}\r\n",
    "GET {p} HTTP/1.1\r\n{h}{h}{a}\r\n",
    "GET {p} HTTP/1.1\r\n{h}Host: other.example\r\n{a}\r\n",
    "GET {p} HTTP/1.1\r\nHost:\r\n{a}\r\n",
    "GET {p} HTTP/1.1\r\nHost: a, b\r\n{a}\r\n",
    "GET {p} HTTP/1.1\r\nHost: u@a\r\n{a}\r\n",
    "GET {p} HTTP/1.1\r\nHost: a/../b\r\n{a}\r\n",
    "GET {p} HTTP/1.1\r\nHost: a:99999\r\n{a}\r\n",
    "GET {p} HTTP/1.1\r\nHost: [::1\r\n{a}\r\n",
    "GET {p} HTTP/2.0\r\n{h}{a}\r\n",
    "GET {p} HTTP/1.2\r\n{h}{a}\r\n",
    "GET {p} http/1.1\r\n{h}{a}\r\n",
    "GET {p}\r\n{h}{a}\r\n",
    "GET  {p} HTTP/1.1\r\n{h}{a}\r\n",
    "GET\t{p}\tHTTP/1.1\r\n{h}{a}\r\n",
    "GET {p} HTTP/1.1 \r\n{h}{a}\r\n",
    " GET {p} HTTP/1.1\r\n{h}{a}\r\n",
    "G(T {p} HTTP/1.1\r\n{h}{a}\r\n",
    "\0GET {p} HTTP/1.1\r\n{h}{a}\r\n",
    "\x16\x03\x01\x02\x00\x01\x00\x01\x7c\x03\x03\r\n",
];

/// Unusual, and clear.
const CLEAR: &[&str] = &[
    "\r\nGET {p} HTTP/1.1\r\n{h}{a}\r\n",
    "GET {p} HTTP/1.1\r\n{a}hOST:\t127.0.0.1 \r\nX:\r\nX: \u{e9}\r\n\r\n",
    "POST {p} HTTP/1.1\r\n{h}{a}{j}Transfer-Encoding: Chunked\r\n\r\n2;x=\"y\"\r\n{}\r\n00\r\nSum: 1\r\n\r\n",
    "POST {p} HTTP/1.1\r\n{h}{a}{j}Content-Length: 002\r\n\r\n{}",
    "POST {p} HTTP/1.1\r\n{h}{a}{j}Content-Length: 0\r\n\r\n",
    "GET {p}?a=/../b&c=%2F HTTP/1.1\r\n{h}{a}\r\n",
    "GET /%63ustomers/v1/customers HTTP/1.1\r\n{h}{a}\r\n",
];

impl World {
    fn filled(&self, template: &str) -> Vec<u8> {
        let host = format!("Host: {}\r\n", gate::address(&self.bed));
        let key = format!("Authorization: {}\r\n", self.keys.good.basic());
        let text =
            template.replace("{h}", &host).replace("{a}", &key).replace("{p}", "/customers/v1/customers");
        text.replace("{j}", "Content-Type: application/json\r\n").into_bytes()
    }

    /// Sends the bytes with a good request behind them; the answers up to the end of the connection, and what
    /// reached the upstream.
    fn followed(&self, bytes: &[u8]) -> (Vec<Answer>, Vec<Seen>) {
        let before = self.upstream.seen().len();
        let mut caller = gate::caller(&self.bed);
        caller.send(
            [bytes, &self.filled("GET {p}?behind HTTP/1.1\r\n{h}{a}Connection: close\r\n\r\n")].concat(),
        );
        let answers = std::iter::from_fn(|| caller.final_answer("GET")).collect();
        (answers, self.upstream.seen().split_off(before))
    }
}

#[test]
fn what_could_be_read_in_two_ways_is_refused_with_everything_behind_it() {
    let world = World::start(Engine::Sqlite, "");
    let mut wrong = Vec::new();
    for template in MALFORMED {
        let (answers, seen) = world.followed(&world.filled(template));
        let got: Vec<_> = answers.iter().map(|answer| (answer.status, answer.code())).collect();
        if got != [(400, "malformed_request".to_owned())] || !answers[0].closes() || !seen.is_empty() {
            wrong.push(format!("{template:?}: {got:?}, reached the upstream: {seen:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn heads_that_are_too_great_are_refused() {
    let world = World::start(Engine::Sqlite, "");
    let heads = [
        format!("GET {{p}} HTTP/1.1\r\n{{h}}{{a}}X: {}\r\n\r\n", "y".repeat(40_000)),
        format!("GET {{p}} HTTP/1.1\r\n{{h}}{{a}}{}\r\n", "X: y\r\n".repeat(101)),
        format!("GET {{p}} HTTP/1.1\r\n{{h}}{{a}}{}: y\r\n\r\n", "x".repeat(40_000)),
        format!("GET {{p}}?{} HTTP/1.1\r\n{{h}}{{a}}\r\n", "y".repeat(40_000)),
    ];
    for head in heads {
        let (answers, seen) = world.followed(&world.filled(&head));
        let got: Vec<_> = answers.iter().map(|answer| (answer.status, answer.code())).collect();
        assert_eq!(got, [(431, "headers_too_large".to_owned())], "{}", &head[..60]);
        assert!(seen.is_empty());
    }
}

#[test]
fn what_is_only_unusual_is_served_and_goes_on_as_one_request() {
    let world = World::start(Engine::Sqlite, "");
    for template in CLEAR {
        let (answers, seen) = world.followed(&world.filled(template));
        let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses, [200, 200], "{template:?}: {answers:?}");
        let targets: Vec<_> = seen.iter().map(|seen| seen.target.as_str()).collect();
        assert_eq!(targets.last(), Some(&"/customers/v1/customers?behind"), "{template:?}");
        assert_eq!(targets.len(), 2, "{template:?}");
        let path = seen[0].target.split('?').next();
        assert_eq!(path, Some("/customers/v1/customers"), "{template:?}");
        assert!(seen[0].body.is_empty() || seen[0].body == b"{}", "{seen:?}");
        assert!(seen.iter().all(|seen| seen.all("authorization").is_empty()));
    }
}

#[test]
fn an_old_client_is_served_once() {
    let world = World::start(Engine::Sqlite, "");
    let (answers, seen) = world.followed(&world.filled("GET {p} HTTP/1.0\r\n{h}{a}\r\n"));
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!((statuses, seen.len()), (vec![200], 1));
}

#[test]
fn a_bad_request_behind_a_good_one_does_not_undo_it() {
    let world = World::start(Engine::Sqlite, "");
    let good = world.filled("GET {p}?first HTTP/1.1\r\n{h}{a}\r\n");
    let bad = world.filled("GET {p}?second HTTP/1.1\r\n{h}{h}{a}\r\n");
    let (answers, seen) = world.followed(&[good, bad].concat());
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 400], "{answers:?}");
    let targets: Vec<_> = seen.iter().map(|seen| seen.target.as_str()).collect();
    assert_eq!(targets, ["/customers/v1/customers?first"]);
}

#[test]
fn a_request_in_the_body_of_a_refused_one_is_not_heard() {
    let world = World::start(Engine::Sqlite, "");
    let hidden = world.filled("GET {p}?hidden HTTP/1.1\r\n{h}{a}\r\n");
    let head = format!("POST {{p}} HTTP/1.1\r\n{{h}}{{j}}Content-Length: {}\r\n\r\n", hidden.len());
    let (answers, seen) = world.followed(&[world.filled(&head), hidden].concat());
    assert_eq!(answers[0].code(), "missing_credential");
    assert!(answers[0].closes() && answers.len() == 1, "{answers:?}");
    assert!(seen.is_empty(), "{seen:?}");
}
