//! An upstream that writes down what reaches it, and answers everything in the same way.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

/// A request that reached the upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) target: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    /// The values of all headers of this name.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(found, _)| found == name).map(|(_, value)| value.as_str()).collect()
    }
}

/// What it does with each request, before it is answered. What is no request has one of these methods.
type Note = Arc<dyn Fn(Seen) + Send + Sync>;

/// The method of a request that broke off.
pub(crate) const BROKEN_OFF: &str = "(broken off)";
/// The method of a request that could be read in two ways, or in none.
pub(crate) const UNREADABLE: &str = "(unreadable)";

/// The upstream. It ends with the test.
pub(crate) struct Counting {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"ok\":true}";

impl Counting {
    /// Keeps everything that it sees.
    pub(crate) fn start() -> Self {
        let seen = Arc::<Mutex<Vec<Seen>>>::default();
        let kept = Arc::clone(&seen);
        let keep = move |request| kept.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        Self { address: listen(Arc::new(keep)), seen }
    }

    /// What reached it so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Starts an upstream that hands each request to `note`; its address.
pub(crate) fn listen(note: Note) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let address = listener.local_addr().expect("a bound socket has an address");
    std::thread::spawn(move || {
        for tcp in listener.incoming().flatten() {
            let note = Arc::clone(&note);
            std::thread::spawn(move || serve(tcp, &note));
        }
    });
    address
}

/// Serves one connection until it ends or carries something unreadable.
fn serve(tcp: TcpStream, note: &Note) -> Option<()> {
    let mut answers = tcp.try_clone().ok()?;
    let mut requests = BufReader::new(tcp);
    while !requests.fill_buf().ok()?.is_empty() {
        let Some(seen) = read(&mut requests) else {
            note(no_request(&mut requests));
            return None;
        };
        note(seen);
        answers.write_all(ANSWER).ok()?;
    }
    Some(())
}

/// What is left where reading a request has failed: nothing, unless the bytes themselves were wrong.
fn no_request(from: &mut impl BufRead) -> Seen {
    let rest = from.fill_buf().map(|rest| String::from_utf8_lossy(rest).into_owned()).unwrap_or_default();
    let method = if rest.is_empty() { BROKEN_OFF } else { UNREADABLE };
    Seen { method: method.into(), target: rest, headers: Vec::new(), body: Vec::new() }
}

/// Reads one request, more strictly than an upstream has to. None if it is unreadable or breaks off.
fn read(from: &mut impl BufRead) -> Option<Seen> {
    let start = line(from)?;
    let [method, target, "HTTP/1.1"] = start.split(' ').collect::<Vec<_>>()[..] else { return None };
    let mut headers = Vec::new();
    loop {
        let text = line(from)?;
        let Some((name, value)) = text.split_once(':') else {
            let mut seen = Seen { method: method.into(), target: target.into(), headers, body: Vec::new() };
            seen.body = body(from, &seen)?;
            return text.is_empty().then_some(seen);
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
}

/// One line that ends with CR LF, without it.
fn line(from: &mut impl BufRead) -> Option<String> {
    let mut bytes = Vec::new();
    from.read_until(b'\n', &mut bytes).ok()?;
    let text = bytes.strip_suffix(b"\r\n")?;
    let plain = !text.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0));
    plain.then(|| String::from_utf8_lossy(text).into_owned())
}

fn body(from: &mut impl BufRead, seen: &Seen) -> Option<Vec<u8>> {
    match (&seen.all("content-length")[..], &seen.all("transfer-encoding")[..]) {
        ([], []) => Some(Vec::new()),
        ([length], []) => exactly(from, length.parse().ok()?),
        ([], ["chunked"]) => chunks(from),
        _ => None,
    }
}

fn exactly(from: &mut impl BufRead, length: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = from.take(length).read_to_end(&mut bytes).ok()?;
    (read as u64 == length).then_some(bytes)
}

fn chunks(from: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let size = u64::from_str_radix(&line(from)?, 16).ok()?;
        if size == 0 {
            break;
        }
        body.extend(exactly(from, size)?);
        line(from)?.is_empty().then_some(())?;
    }
    while !line(from)?.is_empty() {}
    Some(body)
}
