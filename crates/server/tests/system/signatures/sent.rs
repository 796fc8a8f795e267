//! A request as it goes over the wire, so that every part of it can be changed.

use claviger_testkit::{Curl, Response};

use crate::bed::Bed;
use crate::gate;
use crate::raw::Answer;

/// A request, signed or not.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) method: String,
    pub(crate) authority: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Sent {
    /// Adds a header.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Leaves a header out.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(found, _)| !found.eq_ignore_ascii_case(name));
        self
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }

    /// Changes a header's value, which has to be there and has to change.
    pub(crate) fn edit(&mut self, name: &str, change: impl Fn(&str) -> String) {
        let found = self.headers.iter_mut().find(|(found, _)| found.eq_ignore_ascii_case(name));
        let (_, value) = found.unwrap_or_else(|| panic!("there is no {name}"));
        let changed = change(value);
        assert_ne!(*value, changed, "{name} has not changed");
        *value = changed;
    }

    /// The head with these further lines.
    pub(crate) fn head(&self, more: &str) -> String {
        let mut head = format!("{} {} HTTP/1.1\r\nHost: {}\r\n", self.method, self.target, self.authority);
        for (name, value) in &self.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        head + more + "\r\n"
    }

    /// All of it over HTTP/1.1.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let length = format!("Content-Length: {}\r\n", self.body.len());
        let more = if self.body.is_empty() { "" } else { &length };
        [self.head(more).as_bytes(), &self.body].concat()
    }

    /// With the body in chunks.
    pub(crate) fn chunked(&self) -> Vec<u8> {
        let mut bytes = self.head("Transfer-Encoding: chunked\r\n").into_bytes();
        for chunk in self.body.chunks(1000) {
            bytes.extend(format!("{:x}\r\n", chunk.len()).as_bytes());
            bytes.extend([chunk, b"\r\n"].concat());
        }
        bytes.extend(b"0\r\n\r\n");
        bytes
    }

    pub(crate) fn send(&self, bed: &Bed) -> Answer {
        self.exchange(bed, &self.bytes())
    }

    pub(crate) fn exchange(&self, bed: &Bed, bytes: &[u8]) -> Answer {
        let mut caller = gate::caller(bed);
        caller.send(bytes);
        caller.final_answer(&self.method).unwrap_or_else(|| panic!("no answer to {self:?}"))
    }

    /// Has curl send it, with these arguments.
    pub(crate) fn curl(&self, arguments: &[&str]) -> Response {
        let mut call = Curl::new(&self.method, &format!("http://{}{}", self.authority, self.target));
        for (name, value) in &self.headers {
            call = call.header(name, value);
        }
        if !self.body.is_empty() {
            call = call.body(self.body.clone());
        }
        arguments.iter().fold(call, |call, argument| call.arg(argument)).run()
    }
}
