//! Reads the head of a request line by line and says how its body is framed, or why it is refused.

use claviger_door::Host;
use memchr::memchr;

use crate::failure::{Failure, Malformed};

/// How long and how many the lines of a head may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HeadLimits {
    /// Bytes of the request line and headers, line ends included.
    pub(crate) bytes: usize,
    /// Headers.
    pub(crate) headers: usize,
}

/// What follows a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Follows {
    /// This many bytes of body.
    Length(u64),
    /// A chunked body.
    Chunks,
    /// Perhaps another protocol: the connection is not read as HTTP any more.
    Anything,
}

/// A head that is being read. It is given all bytes from the head's start each time, and looks at each line once.
#[derive(Debug, Default)]
pub(crate) struct Head {
    /// Where the next line starts.
    line: usize,
    /// Up to where no line end was found.
    searched: usize,
    headers: usize,
    request: Option<Request>,
    hosts: usize,
    length: Option<u64>,
    chunked: bool,
    upgrade: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Request {
    /// HTTP/1.0.
    Old,
    /// HTTP/1.1.
    Modern,
}

impl Head {
    /// Reads on. Returns the length of the head and what follows it, or nothing if it is not complete.
    pub(crate) fn read(
        &mut self,
        bytes: &[u8],
        limits: HeadLimits,
    ) -> Result<Option<(usize, Follows)>, Failure> {
        while let Some(end) = self.line_end(bytes) {
            if end > limits.bytes {
                return Err(Failure::HeadTooLarge);
            }
            let line = bytes.get(self.line..end).unwrap_or_default();
            let text = line.strip_suffix(b"\r\n").ok_or(Malformed::LineEnd)?;
            self.line = end;
            self.searched = end;
            if let Some(follows) = self.line(text, limits)? {
                return Ok(Some((end, follows)));
            }
        }
        if bytes.len() > limits.bytes { Err(Failure::HeadTooLarge) } else { Ok(None) }
    }

    fn line_end(&mut self, bytes: &[u8]) -> Option<usize> {
        let found = memchr(b'\n', bytes.get(self.searched..)?);
        let end = found.map(|at| self.searched + at + 1);
        self.searched = bytes.len();
        end
    }

    /// Takes one line; the empty one ends the head.
    fn line(&mut self, text: &[u8], limits: HeadLimits) -> Result<Option<Follows>, Failure> {
        let Some(request) = self.request else {
            // RFC 9112 section 2.2: empty lines before a request are ignored.
            if !text.is_empty() {
                self.request = Some(request_line(text)?);
            }
            return Ok(None);
        };
        if text.is_empty() {
            return Ok(Some(self.follows(request)?));
        }
        self.headers += 1;
        if self.headers > limits.headers {
            return Err(Failure::HeadTooLarge);
        }
        self.header(text)?;
        Ok(None)
    }

    fn header(&mut self, text: &[u8]) -> Result<(), Malformed> {
        let colon = text.iter().position(|byte| !is_token(*byte)).unwrap_or(text.len());
        if matches!(text.first(), Some(b' ' | b'\t')) {
            return Err(Malformed::Folding);
        }
        if colon == 0 || text.get(colon) != Some(&b':') {
            return Err(Malformed::HeaderName);
        }
        let (name, value) = text.split_at(colon);
        let value = value.get(1..).unwrap_or_default();
        if has_control(value) {
            return Err(Malformed::HeaderValue);
        }
        self.known(name, value)
    }

    /// Looks at the few headers that decide about framing.
    fn known(&mut self, name: &[u8], value: &[u8]) -> Result<(), Malformed> {
        match name.len() {
            4 if name.eq_ignore_ascii_case(b"host") => self.host(value),
            7 if name.eq_ignore_ascii_case(b"upgrade") => {
                self.upgrade = true;
                Ok(())
            }
            14 if name.eq_ignore_ascii_case(b"content-length") => self.length(value),
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => self.encoding(value),
            _ => Ok(()),
        }
    }

    fn host(&mut self, value: &[u8]) -> Result<(), Malformed> {
        self.hosts += 1;
        if self.hosts > 1 {
            return Err(Malformed::HostRepeated);
        }
        let text = std::str::from_utf8(trim(value)).map_err(|_| Malformed::Host)?;
        Host::read(text).map(|_| ()).ok_or(Malformed::Host)
    }

    fn length(&mut self, value: &[u8]) -> Result<(), Malformed> {
        if self.chunked {
            return Err(Malformed::LengthAndEncoding);
        }
        if self.length.is_some() {
            return Err(Malformed::LengthRepeated);
        }
        self.length = Some(decimal(trim(value)).ok_or(Malformed::Length)?);
        Ok(())
    }

    fn encoding(&mut self, value: &[u8]) -> Result<(), Malformed> {
        if self.length.is_some() {
            return Err(Malformed::LengthAndEncoding);
        }
        if self.chunked
            || self.request != Some(Request::Modern)
            || !trim(value).eq_ignore_ascii_case(b"chunked")
        {
            return Err(Malformed::Encoding);
        }
        self.chunked = true;
        Ok(())
    }

    fn follows(&self, request: Request) -> Result<Follows, Malformed> {
        // HTTP/1.0 does without, but then nobody can say which API is meant.
        if self.hosts == 0 {
            return Err(Malformed::HostMissing);
        }
        Ok(match self.length.unwrap_or(0) {
            _ if self.chunked => Follows::Chunks,
            0 if self.upgrade && request == Request::Modern => Follows::Anything,
            length => Follows::Length(length),
        })
    }
}

/// `METHOD SP target SP HTTP/1.x` (RFC 9112 section 3), single spaces only.
fn request_line(text: &[u8]) -> Result<Request, Malformed> {
    let rest = |at: usize| text.get(at..).unwrap_or_default();
    let method = memchr(b' ', text).ok_or(Malformed::RequestLine)?;
    let target = memchr(b' ', rest(method + 1)).ok_or(Malformed::RequestLine)?;
    let name = text.get(..method).unwrap_or_default();
    if name.is_empty() || target == 0 || !name.iter().all(|byte| is_token(*byte)) {
        return Err(Malformed::RequestLine);
    }
    let request = match rest(method + 1 + target + 1) {
        b"HTTP/1.1" => Request::Modern,
        b"HTTP/1.0" => Request::Old,
        _ => return Err(Malformed::RequestLine),
    };
    self::target(rest(method + 1).get(..target).unwrap_or_default(), name)?;
    Ok(request)
}

/// RFC 9110 section 5.6.2.
const fn is_token(byte: u8) -> bool {
    TOKEN[byte as usize]
}

const TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0u8;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'!' | b'#'
                    | b'$'
                    | b'%'
                    | b'&'
                    | b'\''
                    | b'*'
                    | b'+'
                    | b'-'
                    | b'.'
                    | b'^'
                    | b'_'
                    | b'`'
                    | b'|'
                    | b'~'
            );
        byte += 1;
    }
    table
};

/// Visible ASCII without what no URL holds (RFC 3986 appendix A), except for `^ { | }`, which clients in use send
/// as they are. A `#` would start a fragment.
const fn is_target(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'#' | b'"' | b'<' | b'>' | b'\\' | b'`')
}

fn target(text: &[u8], method: &[u8]) -> Result<(), Malformed> {
    if !text.iter().all(|byte| is_target(*byte)) {
        return Err(Malformed::Target);
    }
    match text {
        [b'/', ..] => Ok(()),
        b"*" => Err(Malformed::TargetForm),
        _ if method == b"CONNECT" => Err(Malformed::TargetForm),
        // Rare enough to be read twice. What is no URL here would get an answer without a body from hyper.
        _ => http::Uri::try_from(text).map(|_| ()).map_err(|_| Malformed::Target),
    }
}

#[expect(clippy::needless_bitwise_bool, reason = "without an early exit it is done many bytes at a time")]
fn has_control(value: &[u8]) -> bool {
    value.iter().fold(false, |found, byte| found | ((*byte < b' ') & (*byte != b'\t')) | (*byte == 0x7f))
}

fn trim(value: &[u8]) -> &[u8] {
    let blank = |byte: &u8| !matches!(byte, b' ' | b'\t');
    let start = value.iter().position(blank).unwrap_or(value.len());
    let end = value.iter().rposition(blank).map_or(start, |last| last + 1);
    value.get(start..end).unwrap_or_default()
}

/// Digits only, and few enough that nobody's counter overflows.
fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    digits
        .iter()
        .try_fold(0u64, |value, digit| digit.is_ascii_digit().then(|| value * 10 + u64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: HeadLimits = HeadLimits { bytes: 200, headers: 4 };

    fn read(head: &str) -> Result<Option<(usize, Follows)>, Failure> {
        Head::default().read(head.as_bytes(), LIMITS)
    }

    #[test]
    fn says_what_follows() {
        for (head, follows) in [
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", Follows::Length(0)),
            ("\r\nGET / HTTP/1.0\r\nHost: a\r\n\r\n", Follows::Length(0)),
            ("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length:  12 \r\n\r\n", Follows::Length(12)),
            ("PUT / HTTP/1.1\r\nHost: a\r\ntransfer-encoding: Chunked\r\n\r\n", Follows::Chunks),
            ("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\n\r\n", Follows::Anything),
            ("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nContent-Length: 2\r\n\r\n", Follows::Length(2)),
        ] {
            assert_eq!(read(head), Ok(Some((head.len(), follows))), "{head}");
            assert_eq!(read(&format!("{head}rest")), Ok(Some((head.len(), follows))), "{head}");
            assert_eq!(read(&head[..head.len() - 1]), Ok(None), "{head}");
        }
    }

    #[test]
    fn bounds_bytes_and_headers() {
        let long = "x".repeat(200);
        assert_eq!(read(&format!("GET /{long}")), Err(Failure::HeadTooLarge));
        assert_eq!(read(&format!("GET /{long} HTTP/1.1\r\n")), Err(Failure::HeadTooLarge));
        assert_eq!(read("GET / HTTP/1.1\r\na:\r\nb:\r\nc:\r\nd:\r\ne:\r\n"), Err(Failure::HeadTooLarge));
    }
}
