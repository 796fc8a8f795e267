//! Follows a chunked body to its end (RFC 9112 section 7.1), without keeping any of it.

use crate::failure::Malformed;

/// The longest chunk extensions taken, all chunks of a body together. Nobody uses them but to hide things.
const EXTENSIONS: usize = 4096;
/// The longest trailers taken.
const TRAILERS: usize = 16 * 1024;

/// A chunked body that is being followed.
#[derive(Debug, Default)]
pub(crate) struct Chunks {
    state: State,
    /// Of the chunk being read: its size as far as it is known, then the bytes left of it.
    left: u64,
    extensions: usize,
    trailers: usize,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    SizeStart,
    Size,
    Extension,
    SizeEnd,
    Data,
    DataCr,
    DataLf,
    TrailerStart,
    TrailerName,
    TrailerValue,
    TrailerLf,
    LastLf,
    Done,
}

impl Chunks {
    /// Reads on. Returns how many bytes belong to the body, and whether it is complete.
    pub(crate) fn read(&mut self, bytes: &[u8]) -> Result<(usize, Progress), Malformed> {
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            if self.state == State::Data {
                at += self.skip(bytes.len() - at);
                continue;
            }
            self.state = self.step(*byte).ok_or(Malformed::Chunk)?;
            at += 1;
            if self.state == State::Done {
                return Ok((at, Progress::Complete));
            }
        }
        Ok((at, Progress::Partial))
    }

    fn skip(&mut self, available: usize) -> usize {
        let skipped = usize::try_from(self.left).map_or(available, |left| left.min(available));
        self.left -= skipped as u64;
        if self.left == 0 {
            self.state = State::DataCr;
        }
        skipped
    }

    fn step(&mut self, byte: u8) -> Option<State> {
        match (self.state, byte) {
            (State::Size, b';') => Some(State::Extension),
            (State::Size | State::Extension, b'\r') => Some(State::SizeEnd),
            (State::SizeStart | State::Size, _) => self.digit(byte),
            (State::Extension, _) => self.extension(byte),
            (State::SizeEnd, b'\n') => Some(if self.left == 0 { State::TrailerStart } else { State::Data }),
            (State::DataCr, b'\r') => Some(State::DataLf),
            (State::DataLf, b'\n') => Some(State::SizeStart),
            (State::LastLf, b'\n') => Some(State::Done),
            (State::TrailerStart | State::TrailerName | State::TrailerValue | State::TrailerLf, _) => {
                self.trailer(byte)
            }
            _ => None,
        }
    }

    fn digit(&mut self, byte: u8) -> Option<State> {
        let digit = char::from(byte).to_digit(16)?;
        // 60 bits are more than anybody sends, and less than any counter overflows with.
        self.left = (self.left < 1 << 56).then(|| self.left << 4 | u64::from(digit))?;
        Some(State::Size)
    }

    fn extension(&mut self, byte: u8) -> Option<State> {
        self.extensions += 1;
        let plain = byte == b'\t' || (byte >= b' ' && byte != 0x7f);
        (plain && self.extensions <= EXTENSIONS).then_some(State::Extension)
    }

    fn trailer(&mut self, byte: u8) -> Option<State> {
        self.trailers += 1;
        let state = match (self.state, byte) {
            (State::TrailerStart, b'\r') => State::LastLf,
            (State::TrailerLf, b'\n') => State::TrailerStart,
            (State::TrailerStart | State::TrailerName, b'!'..=b'9' | b';'..=b'~') => State::TrailerName,
            (State::TrailerValue, b'\r') => State::TrailerLf,
            (State::TrailerName, b':') | (State::TrailerValue, b'\t' | b' '..=b'~' | 0x80..) => {
                State::TrailerValue
            }
            _ => return None,
        };
        (self.trailers <= TRAILERS).then_some(state)
    }
}

/// How far a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// All of it was seen.
    Complete,
    /// More of it is to come.
    Partial,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_end_with_and_without_trailers() {
        for body in [
            "0\r\n\r\n",
            "3\r\nabc\r\n0\r\n\r\n",
            "00A;x=\"y\"\r\n0123456789\r\n0\r\nDigest: x\r\na:\r\n\r\n",
        ] {
            let more = format!("{body}GET");
            assert_eq!(
                Chunks::default().read(more.as_bytes()),
                Ok((body.len(), Progress::Complete)),
                "{body}"
            );
        }
    }

    #[test]
    fn refuses_what_others_might_read_otherwise() {
        for body in [
            "\r\n",
            ";\r\n",
            "x\r\n",
            "3 \r\n",
            " 3\r\n",
            "0x3\r\n",
            "+3\r\n",
            "-1\r\n",
            "3\n",
            "3\rabc",
            "3\r\nabcd",
            "3\r\nabc\n",
            "3\r\nabc0\r\n",
            "3;a\nb\r\n",
            "10000000000000000\r\n",
            "0\r\n x: y\r\n\r\n",
            "0\r\nx y: z\r\n",
            "0\r\nx\r\n",
            "0\r\n\n",
            "0\r\nx: y\n\r\n",
            "0\r\nx: \0\r\n",
        ] {
            assert_eq!(Chunks::default().read(body.as_bytes()), Err(Malformed::Chunk), "{body:?}");
        }
    }

    #[test]
    fn bounds_extensions_and_trailers() {
        let extension = format!("1;{}\r\n", "x".repeat(EXTENSIONS + 1));
        assert!(Chunks::default().read(extension.as_bytes()).is_err());
        let trailers = format!("0\r\nx:{}\r\n", "x".repeat(TRAILERS));
        assert!(Chunks::default().read(trailers.as_bytes()).is_err());
    }
}
