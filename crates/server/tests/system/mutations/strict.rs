//! Reads texts by RFC 9112 to the letter, and says what in them may be let through. Shares nothing with the gateway.

use super::pair;
use crate::bed::Credential;

/// How a text ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// With the end of a request.
    Clean,
    /// Within a request, or with something that is none.
    Torn,
}

/// What is in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Forecast {
    /// The methods of the requests in it that are complete.
    pub(super) methods: Vec<String>,
    /// How many of them may be let through.
    pub(super) allowed: usize,
    pub(super) end: End,
    /// Whether a request in it may be the last on its connection.
    pub(super) last: bool,
}

struct Request<'a> {
    method: &'a str,
    target: &'a str,
    headers: Vec<(String, &'a [u8])>,
    has_body: bool,
    /// Whether the connection may end with it.
    last: bool,
}

impl Request<'_> {
    fn all(&self, name: &str) -> Vec<&[u8]> {
        self.headers.iter().filter(|(found, _)| found == name).map(|(_, value)| *value).collect()
    }
}

/// Reads a text that the owner of `key` may have sent.
pub(super) fn read(bytes: &[u8], key: &Credential) -> Forecast {
    let mut forecast = Forecast { methods: Vec::new(), allowed: 0, end: End::Clean, last: false };
    let mut rest = bytes;
    while !rest.is_empty() {
        let Some((request, length)) = request(rest) else {
            forecast.end = End::Torn;
            return forecast;
        };
        rest = &rest[length..];
        forecast.methods.push(request.method.to_owned());
        forecast.allowed += usize::from(may_pass(&request, key));
        forecast.last |= request.last;
    }
    forecast
}

/// The first request and its length, if it is complete and clear.
fn request(bytes: &[u8]) -> Option<(Request<'_>, usize)> {
    let mut at = bytes.chunks_exact(2).take_while(|pair| pair == b"\r\n").count() * 2;
    let start = std::str::from_utf8(line(bytes, &mut at)?).ok()?;
    let [method, target, version @ ("HTTP/1.1" | "HTTP/1.0")] = start.split(' ').collect::<Vec<_>>()[..]
    else {
        return None;
    };
    let named = !method.is_empty() && method.bytes().all(is_token);
    (named && !target.is_empty()).then_some(())?;
    let mut headers = Vec::new();
    loop {
        let line = line(bytes, &mut at)?;
        if line.is_empty() {
            break;
        }
        headers.push(header(line)?);
    }
    let mut request = Request { method, target, headers, has_body: false, last: version == "HTTP/1.0" };
    (request.all("host").len() == 1).then_some(())?;
    let body = body_length(&request, version, &bytes[at..])?;
    request.has_body = body > 0;
    request.last |= !request.all("upgrade").is_empty() || !request.all("connection").is_empty();
    Some((request, at + body))
}

/// The line that begins there, without its CR LF, which no other CR or LF may precede.
fn line<'a>(bytes: &'a [u8], at: &mut usize) -> Option<&'a [u8]> {
    let rest = bytes.get(*at..)?;
    let end = rest.iter().position(|byte| *byte == b'\n')? + 1;
    *at += end;
    let line = rest[..end].strip_suffix(b"\r\n")?;
    (!line.contains(&b'\r')).then_some(line)
}

fn header(line: &[u8]) -> Option<(String, &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (name, value) = (&line[..colon], &line[colon + 1..]);
    let good =
        !name.is_empty() && name.iter().copied().all(is_token) && !value.iter().any(|byte| is_control(*byte));
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = value.iter().position(|byte| !blank(byte)).unwrap_or(value.len());
    let end = value.iter().rposition(|byte| !blank(byte)).map_or(start, |last| last + 1);
    good.then(|| (String::from_utf8_lossy(name).to_ascii_lowercase(), &value[start..end]))
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn is_control(byte: u8) -> bool {
    (byte < b' ' && byte != b'\t') || byte == 0x7f
}

/// The length of the body as it is framed, if it is here in full.
fn body_length(request: &Request<'_>, version: &str, rest: &[u8]) -> Option<usize> {
    let lengths = request.all("content-length");
    let encodings = request.all("transfer-encoding");
    match (&lengths[..], &encodings[..]) {
        ([], []) => Some(0),
        ([length], []) => {
            let digits = !length.is_empty() && length.iter().all(u8::is_ascii_digit);
            let length: usize = std::str::from_utf8(length).ok().filter(|_| digits)?.parse().ok()?;
            (length <= rest.len()).then_some(length)
        }
        ([], [encoding]) if version == "HTTP/1.1" && encoding.eq_ignore_ascii_case(b"chunked") => {
            chunks(rest)
        }
        _ => None,
    }
}

fn chunks(rest: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let line = line(rest, &mut at)?;
        let size = line.split(|byte| *byte == b';').next()?;
        let digits = !size.is_empty() && size.iter().all(u8::is_ascii_hexdigit);
        let plain = digits && !line.iter().any(|byte| is_control(*byte));
        let size = usize::from_str_radix(std::str::from_utf8(size).ok().filter(|_| plain)?, 16).ok()?;
        if size == 0 {
            break;
        }
        let after = at.checked_add(size)?;
        (rest.get(after..after.checked_add(2)?)? == b"\r\n").then_some(())?;
        at = after + 2;
    }
    loop {
        let line = line(rest, &mut at)?;
        if line.is_empty() {
            return Some(at);
        }
        header(line)?;
    }
}

/// Whether method, path and credential are those of a good call.
fn may_pass(request: &Request<'_>, key: &Credential) -> bool {
    is_offered(request) && is_typed(request) && presents(request, key)
}

/// An operation of the Customers API.
fn is_offered(request: &Request<'_>) -> bool {
    let Some(path) = path(request) else { return false };
    let segments: Vec<_> = path.split('/').collect();
    let ["", "customers", "v1" | "v2" | "latest", rest @ ..] = &segments[..] else { return false };
    match (request.method, rest) {
        ("GET" | "POST", ["customers"]) => true,
        ("GET", ["customers", id] | ["customers", id, "contacts" | "addresses"])
        | ("POST", ["customers", id, "contacts"]) => !id.is_empty(),
        _ => false,
    }
}

/// The path, with what need not be encoded decoded (RFC 3986 section 6.2.2.2), unless it moves about.
fn path(request: &Request<'_>) -> Option<String> {
    let absolute = request.target.split_once("://").filter(|(scheme, _)| scheme.eq_ignore_ascii_case("http"));
    let path = match absolute {
        Some((_, rest)) => {
            let (authority, _) = rest.split_once('/')?;
            let host = request.all("host").concat();
            host.eq_ignore_ascii_case(authority.as_bytes()).then_some(&rest[authority.len()..])?
        }
        None => request.target,
    };
    let path = path.split('?').next()?;
    let mut parts = path.split('%');
    let mut decoded = parts.next()?.to_owned();
    for part in parts {
        let code = u8::from_str_radix(part.get(..2)?, 16).ok()?;
        if code.is_ascii_alphanumeric() || b"-._~".contains(&code) {
            decoded.push(char::from(code));
        } else {
            decoded.extend(['%'].into_iter().chain(part.get(..2)?.chars()));
        }
        decoded.push_str(&part[2..]);
    }
    (!decoded.split('/').any(|segment| matches!(segment, "." | ".."))).then_some(decoded)
}

/// What comes with a body has to be JSON, and says so.
fn is_typed(request: &Request<'_>) -> bool {
    let given = request.all("content-type");
    let json = |value: &[u8]| {
        let essence = value.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        essence.eq_ignore_ascii_case(b"application/json")
    };
    let fits = matches!(given[..], [value] if json(value));
    fits || (request.method == "GET" && !request.has_body)
}

/// Exactly one credential, which decodes to account and key.
fn presents(request: &Request<'_>, key: &Credential) -> bool {
    let values = request.all("authorization");
    let [value] = values[..] else { return false };
    let Some((scheme, rest)) = value.split_at_checked(5) else { return false };
    let encoded = rest.trim_ascii_start();
    let apart = encoded.len() < rest.len();
    apart && scheme.eq_ignore_ascii_case(b"basic") && decoded(encoded) == Some(pair(key).into_bytes())
}

/// Base64 (RFC 4648 section 4), with or without its padding.
fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let text = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0u32, 0);
    for letter in text {
        let value = alphabet.iter().position(|found| found == letter)?;
        bits = bits << 6 | u32::try_from(value).ok()?;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Credential {
        Credential { id: "key_1".into(), account: "100042".into(), key: "ncu_production_x".into() }
    }

    fn forecast(text: &str) -> (usize, usize, End) {
        let text = text.replace("{a}", &format!("Host: a\r\nAuthorization: {}\r\n", key().basic()));
        let forecast = read(text.as_bytes(), &key());
        (forecast.methods.len(), forecast.allowed, forecast.end)
    }

    #[test]
    fn good_requests_are_told_from_others() {
        let good = "GET /customers/v1/customers HTTP/1.1\r\n{a}\r\n";
        assert_eq!(forecast(good), (1, 1, End::Clean));
        assert_eq!(forecast(&format!("{good}{good}")), (2, 2, End::Clean));
        assert_eq!(forecast(&good.replace("GET", "PUT")), (1, 0, End::Clean));
        assert_eq!(forecast(&good.replace("{a}", "{a}Authorization: x\r\n")), (1, 0, End::Clean));
        assert_eq!(forecast(&good.replace("/customers ", "/%63ustomers ")), (1, 1, End::Clean));
        assert_eq!(forecast(&good.replace("/v1/", "/v1/../v1/")), (1, 0, End::Clean));
        assert_eq!(forecast(&good.replace("{a}", "{a}Host: a\r\n")), (0, 0, End::Torn));
        for torn in [&good[..good.len() - 2], "\0", "GET / HTTP/1.1\n", " GET / HTTP/1.1\r\n\r\n"] {
            assert_eq!(forecast(torn), (0, 0, End::Torn), "{torn:?}");
        }
    }

    #[test]
    fn bodies_are_followed_to_their_end() {
        let post = "POST /customers/v1/customers HTTP/1.1\r\n{a}Content-Type: application/json\r\n";
        assert_eq!(forecast(&format!("{post}Content-Length: 2\r\n\r\n{{}}")), (1, 1, End::Clean));
        assert_eq!(forecast(&format!("{post}Content-Length: 3\r\n\r\n{{}}")), (0, 0, End::Torn));
        let chunked = format!("{post}Transfer-Encoding: chunked\r\n\r\n2;x\r\n{{}}\r\n0\r\nA: b\r\n\r\n");
        assert_eq!(forecast(&chunked), (1, 1, End::Clean));
        assert_eq!(forecast(&chunked.replace("2;x", "3;x")), (0, 0, End::Torn));
        assert_eq!(forecast(&chunked.replace("json", "xml")), (1, 0, End::Clean));
    }
}
