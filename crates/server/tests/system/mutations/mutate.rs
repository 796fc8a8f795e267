//! Good requests, and what is done to them.

use std::net::SocketAddr;

use super::{pair, presented};
use crate::bed::Credential;
use crate::dice::Dice;

/// A text to send.
pub(super) struct Text {
    pub(super) bytes: Vec<u8>,
    /// Whether it is anything else than one good request.
    pub(super) changed: bool,
}

/// What texts are made of.
pub(super) struct Material {
    good: Vec<Vec<u8>>,
    pair: String,
    wrong: Vec<String>,
    hosts: Vec<String>,
}

type Change = fn(&Material, &mut Vec<u8>, &mut Dice);

const CHANGES: [Change; 20] = [
    Material::flip,
    Material::replace,
    Material::insert,
    Material::delete,
    Material::repeat,
    Material::double_line,
    Material::drop_line,
    Material::swap_lines,
    Material::join_lines,
    Material::splice,
    Material::append,
    Material::other_method,
    Material::other_target,
    Material::other_host,
    Material::other_credential,
    Material::other_key,
    Material::add_header,
    Material::other_line_end,
    Material::other_case,
    Material::cut,
];

const METHODS: [&str; 12] =
    ["GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get", "BREW", "G\0T"];

const TARGETS: [&str; 30] = [
    "/",
    "*",
    "/customers",
    "/customers/v1",
    "/customers/v2/customers",
    "/customers/latest/customers",
    "/customers/v9/customers",
    "/customers/v1/customers/",
    "/customers/v1/customers/C-1001/contacts",
    "/customers/v2/customers/C-1001/addresses",
    "/customers/v1/customers/C-1001/addresses",
    "/customers/v1/customers/%2e%2e/customers",
    "/customers/v1/../../billing/v1/invoices",
    "/billing/v1/invoices",
    "/billing/v1/../../customers/v1/customers",
    "/sandbox/billing/v1/invoices",
    "/cloudstore/v1/products",
    "//customers/v1/customers",
    "/customers//v1/customers",
    "/customers%2fv1/customers",
    "/Customers/v1/customers",
    "/%63ustomers/v1/customers",
    "/customers/v1/customers?/../../billing/v1/invoices",
    "/customers/v1/customers#",
    "/customers/v1/customers;x",
    "/customers/v1/..;/customers",
    "/customers/v1\\customers",
    "http://other.example/customers/v1/customers",
    "http://a/customers/v1/customers",
    "/_sample/echo",
];

const HEADERS: [&str; 40] = [
    "Content-Length: 0",
    "Content-Length: 2",
    "Content-Length: 44",
    "Content-Length: 99999",
    "Content-Length: -1",
    "Content-Length: 2, 2",
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: identity",
    "Transfer-Encoding: gzip, chunked",
    "Transfer-Encoding : chunked",
    "Transfer_Encoding: chunked",
    "Content_Length: 5",
    "Host: a",
    "Host: other.example",
    "Authorization: Basic eDp5",
    "Authorization: Bearer x",
    "Authorization:",
    "Authorization : Basic eDp5",
    "Proxy-Authorization: Basic eDp5",
    "X-Forwarded-For: 192.0.2.1",
    "X_Forwarded_For: 192.0.2.1",
    "Forwarded: for=192.0.2.1",
    "X-Real-IP: 192.0.2.1",
    "X-Claviger-Account: 100043",
    "X-Claviger-Key-Id: key_forged",
    "X_Claviger_Account: 100043",
    "x.claviger.account: 100043",
    "X-HTTP-Method-Override: DELETE",
    "X-Original-URL: /billing/v1/invoices",
    "Content-Type: application/json",
    "Content-Type: text/xml",
    "Connection: close",
    "Connection: keep-alive, X-Claviger-Account",
    "Connection: Authorization",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Expect: 100-continue",
    "TE: trailers",
    " folded",
    "X: \0",
];

const BYTES: [&[u8]; 16] = [
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b" ",
    b"\t",
    b":",
    b"/",
    b"%",
    b"..",
    b"\\",
    b"\xff",
    b"\r\n\r\n",
    b"0",
    b",",
    b";",
];

impl Material {
    pub(super) fn new(address: SocketAddr, key: &Credential, wrong: Vec<String>) -> Self {
        let common =
            format!("Host: {address}\r\nAuthorization: {}\r\nAccept: application/json\r\n", key.basic());
        let json = format!("{common}Content-Type: application/json\r\n");
        let body = r#"{"name":"Alder Street Bakery","country":"NL"}"#;
        let length = body.len();
        let good = [
            format!("GET /customers/v1/customers HTTP/1.1\r\n{common}\r\n"),
            format!("GET /customers/v2/customers/C-1001/contacts?page=1 HTTP/1.1\r\n{common}\r\n"),
            format!("POST /customers/v1/customers HTTP/1.1\r\n{json}Content-Length: {length}\r\n\r\n{body}"),
            format!(
                "POST /customers/v1/customers HTTP/1.1\r\n{json}Transfer-Encoding: chunked\r\n\r\n\
                 {length:x}\r\n{body}\r\n0\r\nSum: 1\r\n\r\n"
            ),
        ];
        let hosts = vec![
            address.to_string(),
            "other.example".into(),
            "127.0.0.1".into(),
            "a, b".into(),
            String::new(),
        ];
        Self { good: good.map(String::into_bytes).to_vec(), pair: pair(key), wrong, hosts }
    }

    /// A good request to which up to three things were done; now and then, nothing.
    pub(super) fn text(&self, dice: &mut Dice) -> Text {
        let mut bytes = dice.one_of(&self.good).clone();
        let changes = if dice.below(50) == 0 { 0 } else { 1 + dice.below(3) };
        for _ in 0..changes {
            let change = *dice.one_of(&CHANGES);
            change(self, &mut bytes, dice);
        }
        if bytes.is_empty() {
            bytes.push(b'\n');
        }
        let changed = !self.good.contains(&bytes);
        Text { bytes, changed }
    }

    fn flip(&self, bytes: &mut Vec<u8>, dice: &mut Dice) {
        let at = dice.below(bytes.len());
        let bit = 1 << dice.below(8);
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= bit;
        }
    }

    fn replace(&self, bytes: &mut Vec<u8>, dice: &mut Dice) {
        let at = dice.below(bytes.len());
        let new = dice.one_of(&BYTES);
        bytes.splice(at..(at + 1).min(bytes.len()), new.iter().copied());
    }

    fn insert(&self, bytes: &mut Vec<u8>, dice: &mut Dice) {
        let at = dice.below(bytes.len() + 1);
        let new = dice.one_of(&BYTES);
        bytes.splice(at..at, new.iter().copied());
    }

    fn delete(&self, bytes: &mut Vec<u8>, dice: &mut Dice) {
        let range = range(bytes, dice, 8);
        bytes.drain(range);
    }

    fn repeat(&self, bytes: &mut Vec<u8>, dice: &mut Dice) {
        let range = range(bytes, dice, 32);
        let copy = bytes[range.clone()].to_vec();
        bytes.splice(range.end..range.end, copy);
    }

    fn cut(&self, bytes: &mut Vec<u8>, dice: &mut Dice) {
        bytes.truncate(dice.below(bytes.len() + 1));
    }

    fn double_line(&self, bytes: &mut Vec<u8>, dice: &mut Dice) {
        let mut lines = lines(bytes);
        let (from, to) = (dice.below(lines.len()), dice.below(lines.len()));
        let copy = lines.get(from).cloned().unwrap_or_default();
        lines.insert(to, copy);
        *bytes = lines.concat();
    }

    fn drop_line(&self, bytes: &mut Vec<u8>, dice: &mut Dice) {
        let mut lines = lines(bytes);
        if !lines.is_empty() {
            lines.remove(dice.below(lines.len()));
        }
        *bytes = lines.concat();
    }

    fn swap_lines(&self, bytes: &mut Vec<u8>, dice: &mut Dice) {
        let mut lines = lines(bytes);
        if !lines.is_empty() {
            let (one, two) = (dice.below(lines.len()), dice.below(lines.len()));
            lines.swap(one, two);
        }
        *bytes = lines.concat();
    }

    fn join_lines(&self, bytes: &mut Vec<u8>, dice: &mut Dice) {
        let mut lines = lines(bytes);
        let at = dice.below(lines.len());
        if let Some(line) = lines.get_mut(at) {
            line.truncate(line.len().saturating_sub(2));
        }
        *bytes = lines.concat();
    }

    fn splice(&self, bytes: &mut Vec<u8>, dice: &mut Dice) {
        let other = dice.one_of(&self.good);
        bytes.truncate(dice.below(bytes.len() + 1));
        bytes.extend_from_slice(&other[dice.below(other.len())..]);
    }

    fn append(&self, bytes: &mut Vec<u8>, dice: &mut Dice) {
        let other = dice.one_of(&self.good);
        bytes.extend_from_slice(other);
    }

    fn other_method(&self, bytes: &mut Vec<u8>, dice: &mut Dice) {
        let method = *dice.one_of(&METHODS);
        replace_word(bytes, 0, method);
    }

    fn other_target(&self, bytes: &mut Vec<u8>, dice: &mut Dice) {
        let absolute = format!("http://{}/customers/v1/customers", self.hosts[0]);
        let place = dice.below(TARGETS.len() + 1);
        replace_word(bytes, 1, TARGETS.get(place).copied().unwrap_or(&absolute));
    }

    fn other_host(&self, bytes: &mut Vec<u8>, dice: &mut Dice) {
        let line = format!("Host: {}\r\n", dice.one_of(&self.hosts));
        replace_line(bytes, b"Host:", &line);
    }

    /// A credential that is real and not good here.
    fn other_credential(&self, bytes: &mut Vec<u8>, dice: &mut Dice) {
        let line = format!("Authorization: {}\r\n", dice.one_of(&self.wrong));
        replace_line(bytes, b"Authorization:", &line);
    }

    /// The good credential with one of its characters changed, encoded properly.
    fn other_key(&self, bytes: &mut Vec<u8>, dice: &mut Dice) {
        let mut pair = self.pair.clone().into_bytes();
        match dice.below(4) {
            0 => self.flip(&mut pair, dice),
            1 => self.delete(&mut pair, dice),
            2 => self.insert(&mut pair, dice),
            _ => self.other_case(&mut pair, dice),
        }
        let line = format!("Authorization: {}\r\n", presented(&pair));
        replace_line(bytes, b"Authorization:", &line);
    }

    fn add_header(&self, bytes: &mut Vec<u8>, dice: &mut Dice) {
        let mut lines = lines(bytes);
        let at = (1 + dice.below(lines.len())).min(lines.len());
        lines.insert(at, format!("{}\r\n", dice.one_of(&HEADERS)).into_bytes());
        *bytes = lines.concat();
    }

    fn other_line_end(&self, bytes: &mut Vec<u8>, dice: &mut Dice) {
        let mut lines = lines(bytes);
        let at = dice.below(lines.len());
        let end = *dice.one_of(&["\n", "\r", "\r\r\n", "\r\n\r\n", " \r\n", "\r\n "]);
        if let Some(line) = lines.get_mut(at) {
            line.truncate(line.len().saturating_sub(2));
            line.extend_from_slice(end.as_bytes());
        }
        *bytes = lines.concat();
    }

    fn other_case(&self, bytes: &mut Vec<u8>, dice: &mut Dice) {
        let letters: Vec<_> = (0..bytes.len()).filter(|at| bytes[*at].is_ascii_alphabetic()).collect();
        if !letters.is_empty() {
            bytes[*dice.one_of(&letters)] ^= 0x20;
        }
    }
}

/// Up to `most` bytes somewhere.
fn range(bytes: &[u8], dice: &mut Dice, most: usize) -> std::ops::Range<usize> {
    let start = dice.below(bytes.len());
    start..(start + 1 + dice.below(most)).min(bytes.len())
}

/// The text in lines, each with its end.
fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

/// Puts a word in place of one of the request line.
fn replace_word(bytes: &mut Vec<u8>, place: usize, new: &str) {
    let mut lines = lines(bytes);
    let Some(first) = lines.first_mut() else { return };
    let mut words: Vec<_> = first.split(|byte| *byte == b' ').map(<[u8]>::to_vec).collect();
    if let Some(word) = words.get_mut(place) {
        *word = new.as_bytes().to_vec();
    }
    *first = words.join(&b' ');
    *bytes = lines.concat();
}

/// Puts a line in place of the first that begins so.
fn replace_line(bytes: &mut Vec<u8>, start: &[u8], new: &str) {
    let mut lines = lines(bytes);
    if let Some(line) = lines.iter_mut().find(|line| line.starts_with(start)) {
        *line = new.as_bytes().to_vec();
    }
    *bytes = lines.concat();
}
