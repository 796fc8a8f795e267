use crate::bed::Bed;
use crate::gate;
use crate::raw::{Answer, Caller};

use super::World;

/// A request, and what it gets.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: Vec<(String, Vec<u8>)>,
    pub(super) body: Option<&'static str>,
    pub(super) status: u16,
    /// The stable code of the refusal; empty where there is none.
    pub(super) code: &'static str,
    /// Whether an HTTP/1 connection is closed after the answer.
    closed: bool,
    /// Whether it is sent over HTTP/2 too.
    pub(super) http2: bool,
}

impl Row {
    /// `METHOD target`, which is let through unless the row says otherwise.
    pub(super) fn new(name: impl Into<String>, line: &str) -> Self {
        let (method, target) = line.split_once(' ').unwrap_or((line, ""));
        Self {
            name: name.into(),
            method: method.into(),
            target: target.into(),
            headers: vec![("Accept".into(), b"application/json".to_vec())],
            body: None,
            status: 200,
            code: "",
            closed: false,
            http2: true,
        }
    }

    /// Adds a header, also where one of that name is there already.
    pub(super) fn with(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    pub(super) fn body(self, body: &'static str) -> Self {
        // A body that the gateway has not read would be the next request.
        Self { body: Some(body), closed: true, ..self }
    }

    pub(super) fn refused(self, status: u16, code: &'static str) -> Self {
        Self { status, code, ..self }
    }

    /// The connection cannot be used any more.
    pub(super) fn closed(self) -> Self {
        Self { closed: true, ..self }
    }

    /// HTTP/2 has no such thing, or a client of it cannot be made to say it.
    pub(super) fn http1_only(self) -> Self {
        Self { http2: false, ..self }
    }

    fn bytes(&self, host: &str) -> Vec<u8> {
        let mut bytes = format!("{} {} HTTP/1.1\r\nHost: {host}\r\n", self.method, self.target).into_bytes();
        for (name, value) in &self.headers {
            bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        let body = self.body.unwrap_or_default();
        if self.body.is_some() {
            bytes.extend(format!("Content-Length: {}\r\n", body.len()).into_bytes());
        }
        bytes.extend([b"\r\n", body.as_bytes()].concat());
        bytes
    }

    fn exchange(&self, bed: &Bed) -> (Caller, Option<Answer>) {
        let mut caller = gate::caller(bed);
        caller.send(self.bytes(&gate::address(bed).to_string()));
        let answer = caller.final_answer(&self.method);
        (caller, answer)
    }

    /// Sends it over HTTP/1.1.
    pub(super) fn send(&self, bed: &Bed) -> Answer {
        self.exchange(bed).1.unwrap_or_else(|| panic!("{}: no answer", self.name))
    }

    /// Sends it over HTTP/1.1 and compares status, code, what reached the upstream and what became of the connection.
    pub(super) fn check(&self, world: &World) -> Result<(), String> {
        let before = world.upstream.seen().len();
        let (mut caller, answer) = self.exchange(&world.bed);
        let answer = answer.ok_or_else(|| format!("{}: no answer", self.name))?;
        self.compare(world, before, &(answer.status, answer.code()))?;
        if self.status != 200 && self.closed {
            let rest = caller.rest();
            let ended = answer.closes() && rest.is_empty();
            return ended.then_some(()).ok_or_else(|| format!("{}: not closed: {rest:?}", self.name));
        }
        caller.send(world.good().bytes(&gate::address(&world.bed).to_string()));
        let again = caller.final_answer("GET").map(|answer| answer.status);
        (again == Some(200)).then_some(()).ok_or_else(|| format!("{}: then {again:?}", self.name))
    }

    /// Whether the answer and the number of requests that reached the upstream are those of this row.
    pub(super) fn compare(&self, world: &World, before: usize, got: &(u16, String)) -> Result<(), String> {
        let wanted = (self.status, if self.method == "HEAD" { String::new() } else { self.code.to_owned() });
        let reached = world.upstream.seen().len() - before;
        let fits = *got == wanted && reached == usize::from(self.status == 200);
        let words =
            || format!("{}: {got:?} instead of {wanted:?}, {reached} reached the upstream", self.name);
        fits.then_some(()).ok_or_else(words)
    }
}
