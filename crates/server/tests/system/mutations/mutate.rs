//! Good requests, and what is done to them.

use std::net::SocketAddr;

use super::draft::{self, Draft};
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
    targets: Vec<String>,
    methods: Vec<String>,
    headers: Vec<String>,
}

/// What is done with the help of something else.
const CHANGES: [fn(&Material, &mut Draft, &mut Dice); 8] = [
    Material::splice,
    Material::append,
    Material::other_method,
    Material::other_target,
    Material::other_host,
    Material::other_credential,
    Material::other_key,
    Material::add_header,
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
        let absolute = format!("http://{address}/customers/v1/customers");
        let address = address.to_string();
        Self {
            good: good.map(String::into_bytes).to_vec(),
            pair: pair(key),
            wrong,
            hosts: owned(&[&address, "other.example", "127.0.0.1", "a, b", ""]),
            targets: owned(&[&TARGETS[..], &[&absolute]].concat()),
            methods: owned(&METHODS),
            headers: owned(&HEADERS),
        }
    }

    /// A good request to which up to three things were done; now and then, nothing.
    pub(super) fn text(&self, dice: &mut Dice) -> Text {
        let mut draft = Draft(dice.one_of(&self.good).clone());
        let steps = if dice.below(50) == 0 { 0 } else { 1 + dice.below(3) };
        for _ in 0..steps {
            self.change(&mut draft, dice);
        }
        if draft.0.is_empty() {
            draft.0.push(b'\n');
        }
        let changed = !self.good.contains(&draft.0);
        Text { bytes: draft.0, changed }
    }

    fn change(&self, draft: &mut Draft, dice: &mut Dice) {
        let place = dice.below(CHANGES.len() + draft::CHANGES.len());
        match CHANGES.get(place) {
            Some(change) => change(self, draft, dice),
            None => draft::CHANGES[place - CHANGES.len()](draft, dice),
        }
    }

    fn splice(&self, draft: &mut Draft, dice: &mut Dice) {
        let other = dice.one_of(&self.good);
        draft.0.truncate(dice.below(draft.0.len() + 1));
        draft.0.extend_from_slice(&other[dice.below(other.len())..]);
    }

    fn append(&self, draft: &mut Draft, dice: &mut Dice) {
        let other = dice.one_of(&self.good);
        draft.0.extend_from_slice(other);
    }

    fn other_method(&self, draft: &mut Draft, dice: &mut Dice) {
        draft.put_word(0, pick(dice, &self.methods));
    }

    fn other_target(&self, draft: &mut Draft, dice: &mut Dice) {
        draft.put_word(1, pick(dice, &self.targets));
    }

    fn other_host(&self, draft: &mut Draft, dice: &mut Dice) {
        draft.put_header("Host", pick(dice, &self.hosts));
    }

    /// A credential that is real and not good here.
    fn other_credential(&self, draft: &mut Draft, dice: &mut Dice) {
        draft.put_header("Authorization", pick(dice, &self.wrong));
    }

    /// The good credential with one of its characters changed, encoded properly.
    fn other_key(&self, draft: &mut Draft, dice: &mut Dice) {
        let mut pair = Draft(self.pair.clone().into_bytes());
        let change = [Draft::flip, Draft::delete, Draft::insert, Draft::other_case][dice.below(4)];
        change(&mut pair, dice);
        draft.put_header("Authorization", &presented(&pair.0));
    }

    fn add_header(&self, draft: &mut Draft, dice: &mut Dice) {
        let line = pick(dice, &self.headers);
        draft.add_line(dice, line);
    }
}

fn pick<'a>(dice: &mut Dice, texts: &'a [String]) -> &'a str {
    &texts[dice.below(texts.len())]
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}
