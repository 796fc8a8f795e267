use std::pin::Pin;
use std::sync::LazyLock;
use std::task::{Context, Poll};

use axum::body::{Bytes, HttpBody};
use http_body::{Frame, SizeHint};

/// The length of a chunk, in bytes.
const CHUNK: usize = 64 * 1024;

/// Counts up modulo 251, which does not divide a chunk's length: bytes lost or doubled show in a checksum.
static PATTERN: LazyLock<Bytes> = LazyLock::new(|| (0..251).cycle().take(CHUNK).collect());

/// A body of a given length, in constant memory: chunks of 64 KiB, each counting up from 0 anew.
pub(super) struct Blocks {
    left: u64,
}

impl Blocks {
    /// A body of `bytes` bytes.
    pub(super) const fn new(bytes: u64) -> Self {
        Self { left: bytes }
    }

    fn next(&mut self) -> Option<Bytes> {
        let length = usize::try_from(self.left).unwrap_or(CHUNK).min(CHUNK);
        self.left -= length as u64;
        (length > 0).then(|| PATTERN.slice(..length))
    }
}

impl HttpBody for Blocks {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Ready(self.next().map(|chunk| Ok(Frame::data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_add_up_to_the_length() {
        for length in [0, 1, CHUNK as u64, CHUNK as u64 * 3 + 5] {
            let mut blocks = Blocks::new(length);
            let sizes: Vec<_> =
                std::iter::from_fn(|| blocks.next()).map(|chunk| chunk.len() as u64).collect();
            assert_eq!(sizes.iter().sum::<u64>(), length);
            assert_eq!(sizes.len() as u64, length.div_ceil(CHUNK as u64));
        }
    }
}
