use std::pin::Pin;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::HeaderName;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use hyper::body::Incoming;

use crate::failure::Failure;
use crate::headers;
use crate::patience::Patience;

/// A request's body on its way up: passes frames on, and bounds pauses and length. Holds nothing back, so a slow
/// upstream slows the caller down.
#[derive(Debug)]
pub(crate) struct Upload {
    source: Source,
    most: u64,
    patience: Patience,
    gauge: Option<Arc<Gauge>>,
    /// Trailers that end here.
    removed: Vec<HeaderName>,
}

/// Where a body comes from.
#[derive(Debug)]
pub(crate) enum Source {
    /// The caller, who is still sending it.
    Caller(Incoming),
    /// Memory: it was read to be verified.
    Memory(Full<Bytes>),
}

impl Source {
    /// Whether nothing is left of it.
    pub(crate) fn is_end_stream(&self) -> bool {
        match self {
            Self::Caller(incoming) => incoming.is_end_stream(),
            Self::Memory(bytes) => bytes.is_end_stream(),
        }
    }

    /// How long it is.
    pub(crate) fn size_hint(&self) -> SizeHint {
        match self {
            Self::Caller(incoming) => incoming.size_hint(),
            Self::Memory(bytes) => bytes.size_hint(),
        }
    }

    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        match self {
            Self::Caller(incoming) => Pin::new(incoming).poll_frame(cx).map_err(|_| Failure::BodyBroken),
            Self::Memory(bytes) => Pin::new(bytes).poll_frame(cx).map_err(|never| match never {}),
        }
    }
}

/// How an upload goes, for the one who waits for the answer.
#[derive(Debug, Default)]
pub(crate) struct Gauge {
    bytes: AtomicU64,
    awaits_caller: AtomicBool,
    failure: OnceLock<Failure>,
}

/// An upload that broke off.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error(transparent)]
pub(crate) struct UploadError(#[from] Failure);

impl Gauge {
    /// Bytes that went up.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Acquire)
    }

    /// Whether it is the caller who keeps everyone waiting.
    pub(crate) fn awaits_caller(&self) -> bool {
        self.awaits_caller.load(Ordering::Acquire)
    }

    /// Why the upload broke off, if it did.
    pub(crate) fn failure(&self) -> Option<Failure> {
        self.failure.get().copied()
    }
}

impl Upload {
    /// At most `most` bytes. A request without a body has no gauge.
    pub(crate) fn new(source: Source, most: Option<u64>, patience: Patience) -> (Self, Option<Arc<Gauge>>) {
        let gauge = (!source.is_end_stream()).then(Arc::<Gauge>::default);
        let most = most.unwrap_or(u64::MAX);
        (Self { source, most, patience, gauge: gauge.clone(), removed: Vec::new() }, gauge)
    }

    /// Takes trailers with these names away, in every spelling.
    pub(crate) fn remove_trailers(&mut self, names: Vec<HeaderName>) {
        self.removed = names;
    }

    fn fail(&self, failure: Failure) -> Poll<Option<Result<Frame<Bytes>, UploadError>>> {
        if let Some(gauge) = &self.gauge {
            let _ = gauge.failure.set(failure);
        }
        Poll::Ready(Some(Err(UploadError(failure))))
    }

    fn set_waiting(&self, waiting: Waiting) {
        if let Some(gauge) = &self.gauge {
            gauge.awaits_caller.store(waiting == Waiting::ForCaller, Ordering::Release);
        }
    }

    fn pass(&mut self, mut frame: Frame<Bytes>) -> Poll<Option<Result<Frame<Bytes>, UploadError>>> {
        if let Some(trailers) = frame.trailers_mut() {
            headers::clean_trailers(trailers);
            headers::remove(trailers, &self.removed);
        }
        let length = frame.data_ref().map_or(0, Bytes::len) as u64;
        let Some(left) = self.most.checked_sub(length) else { return self.fail(Failure::BodyTooLarge) };
        self.most = left;
        if let Some(gauge) = &self.gauge {
            gauge.bytes.fetch_add(length, Ordering::AcqRel);
        }
        Poll::Ready(Some(Ok(frame)))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waiting {
    ForCaller,
    ForUpstream,
}

impl Body for Upload {
    type Data = Bytes;
    type Error = UploadError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, UploadError>>> {
        let this = &mut *self;
        match this.source.poll_frame(cx) {
            Poll::Pending => {
                this.set_waiting(Waiting::ForCaller);
                ready!(this.patience.poll(cx));
                this.fail(Failure::BodyTimeout)
            }
            Poll::Ready(frame) => {
                this.patience.rest();
                this.set_waiting(Waiting::ForUpstream);
                match frame {
                    None => Poll::Ready(None),
                    Some(Ok(frame)) => this.pass(frame),
                    Some(Err(failure)) => this.fail(failure),
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.source.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.source.size_hint()
    }
}
