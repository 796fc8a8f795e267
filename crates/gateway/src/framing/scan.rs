//! Finds where each request of an HTTP/1 connection begins and ends, and stops at the first that could be read in
//! two ways. Knows bytes only; [`super::guard`] does the reading.

use super::chunks::{Chunks, Progress};
use super::head::{Follows, Head, HeadLimits};
use crate::failure::Failure;

/// A connection's bytes as far as they are read.
#[derive(Debug)]
pub(crate) struct Scan {
    limits: HeadLimits,
    place: Place,
    /// Heads released so far.
    heads: u64,
}

#[derive(Debug)]
enum Place {
    Head(Head),
    Length(u64),
    Chunks(Box<Chunks>),
    Open,
}

/// What may be done with bytes that were looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    /// So many from the start may be given on. The rest must be shown again, with more behind it.
    pub(crate) release: usize,
    /// Nothing after the released bytes may be given on.
    pub(crate) refused: Option<Refused>,
}

/// A request that is not read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused {
    /// Which request of the connection, from 1.
    pub(crate) number: u64,
    /// Why.
    pub(crate) failure: Failure,
    /// What of it was given on before.
    pub(crate) given: Given,
}

/// What was given on of a refused request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Given {
    /// Nothing.
    Nothing,
    /// Its head, and perhaps a part of its body.
    Head,
}

impl Scan {
    pub(crate) fn new(limits: HeadLimits) -> Self {
        Self { limits, place: Place::Head(Head::default()), heads: 0 }
    }

    /// How many heads were released.
    pub(crate) const fn heads(&self) -> u64 {
        self.heads
    }

    /// Whether the next byte would be the first of a request, or of a request that is not released yet.
    pub(crate) const fn is_between(&self) -> bool {
        matches!(self.place, Place::Head(_))
    }

    /// Whether the connection is not read as HTTP/1 any more.
    pub(crate) const fn is_open(&self) -> bool {
        matches!(self.place, Place::Open)
    }

    /// Looks at bytes: those kept back the last time, and new ones behind them.
    pub(crate) fn see(&mut self, bytes: &[u8]) -> Seen {
        let mut at = 0;
        let mut start = None;
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            if rest.is_empty() {
                return Seen { release: at, refused: None };
            }
            if self.is_between() {
                start = Some(at);
            }
            match self.step(rest) {
                Ok(0) => return Seen { release: at, refused: None },
                Ok(length) => at += length,
                Err(failure) => return self.refuse(failure, at, start),
            }
        }
    }

    /// How many bytes of `rest` are settled; none if more must be seen.
    fn step(&mut self, rest: &[u8]) -> Result<usize, Failure> {
        let (settled, place) = match &mut self.place {
            Place::Open => return Ok(rest.len()),
            Place::Head(head) => {
                let Some((length, follows)) = head.read(rest, self.limits)? else { return Ok(0) };
                self.heads += 1;
                (length, after_head(follows))
            }
            Place::Length(left) => {
                let taken = usize::try_from(*left).map_or(rest.len(), |left| left.min(rest.len()));
                (taken, after_bytes(*left - taken as u64))
            }
            Place::Chunks(chunks) => match chunks.read(rest)? {
                (taken, Progress::Complete) => (taken, Place::Head(Head::default())),
                (taken, Progress::Partial) => return Ok(taken),
            },
        };
        self.place = place;
        Ok(settled)
    }

    /// A body that is refused while its head is still here takes its head with it.
    fn refuse(&mut self, failure: Failure, at: usize, start: Option<usize>) -> Seen {
        let (number, release, given) = match (self.is_between(), start) {
            (true, _) => (self.heads + 1, at, Given::Nothing),
            (false, Some(start)) => (self.heads, start, Given::Nothing),
            (false, None) => (self.heads, at, Given::Head),
        };
        Seen { release, refused: Some(Refused { number, failure, given }) }
    }
}

fn after_head(follows: Follows) -> Place {
    match follows {
        Follows::Length(length) => after_bytes(length),
        Follows::Chunks => Place::Chunks(Box::default()),
        Follows::Anything => Place::Open,
    }
}

fn after_bytes(left: u64) -> Place {
    if left == 0 { Place::Head(Head::default()) } else { Place::Length(left) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::failure::Malformed;

    fn scan() -> Scan {
        Scan::new(HeadLimits { bytes: 4096, headers: 20 })
    }

    /// Shows the bytes in pieces of these lengths as a reader would; returns the refusal and all that was released.
    fn show(bytes: &[u8], pieces: &[usize]) -> (Option<(u64, Failure)>, Vec<u8>) {
        let (mut scan, mut held, mut given) = (scan(), Vec::new(), Vec::new());
        let mut rest = bytes;
        let mut pieces = pieces.iter().copied().cycle();
        while !rest.is_empty() {
            let (piece, more) = rest.split_at(pieces.next().unwrap_or(1).clamp(1, rest.len()));
            held.extend_from_slice(piece);
            rest = more;
            let seen = scan.see(&held);
            given.extend(held.drain(..seen.release));
            if let Some(refused) = seen.refused {
                return (Some((refused.number, refused.failure)), given);
            }
        }
        (None, given)
    }

    fn refusal(bytes: &[u8]) -> Option<(u64, Failure)> {
        show(bytes, &[bytes.len()]).0
    }

    const GOOD: &[&str] = &[
        "GET /a HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
        "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx: y\r\n\r\n",
    ];

    const BAD: &[(&str, Malformed)] = &[
        ("GET /\r\n\r\n", Malformed::RequestLine),
        ("GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", Malformed::Folding),
        ("GET / HTTP/1.1\nHost: a\n\n", Malformed::LineEnd),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            Malformed::LengthAndEncoding,
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\n0\r\n\r\n",
            Malformed::Chunk,
        ),
    ];

    #[test]
    fn good_requests_pass_unchanged_one_after_the_other() {
        let all = GOOD.concat();
        assert_eq!(show(all.as_bytes(), &[all.len()]), (None, all.clone().into_bytes()));
        assert_eq!(show(all.as_bytes(), &[1]), (None, all.into_bytes()));
    }

    #[test]
    fn a_bad_request_is_counted_and_stops_everything() {
        for (bad, kind) in BAD {
            let all = [GOOD[1], bad, GOOD[0]].concat();
            let (refused, given) = show(all.as_bytes(), &[all.len()]);
            assert_eq!(refused, Some((2, Failure::Malformed(*kind))), "{bad:?}");
            assert_eq!(given, GOOD[1].as_bytes(), "{bad:?}");
        }
    }

    #[test]
    fn after_an_upgrade_anything_passes() {
        let all = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\n\r\n\0\0\n\n\r\r";
        assert_eq!(show(all.as_bytes(), &[7]), (None, all.as_bytes().to_vec()));
    }

    proptest! {
        #[test]
        fn the_verdict_does_not_depend_on_how_bytes_arrive(
            order in prop::collection::vec(0..GOOD.len() + BAD.len(), 1..5),
            pieces in prop::collection::vec(1usize..40, 1..8),
            flip in any::<prop::sample::Index>(),
            to: u8,
            change: bool,
        ) {
            let texts: Vec<_> = GOOD.iter().copied().chain(BAD.iter().map(|(text, _)| *text)).collect();
            let mut bytes = order.iter().map(|index| texts[*index]).collect::<String>().into_bytes();
            if change {
                let at = flip.index(bytes.len());
                bytes[at] = to;
            }
            prop_assert_eq!(refusal(&bytes), show(&bytes, &pieces).0);
        }

        #[test]
        fn what_is_released_is_a_prefix(bytes: Vec<u8>, pieces in prop::collection::vec(1usize..9, 1..4)) {
            let (_, given) = show(&bytes, &pieces);
            prop_assert!(bytes.starts_with(&given));
        }
    }
}
