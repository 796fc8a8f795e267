//! The streams of HTTP/2 connections. By its flow-control window a caller decides when more of an answer may be sent, and
//! hyper asks for nothing until then: only what runs the stream can bound it. hyper ends a stream that is dropped.

use std::time::Duration;

use hyper::rt::Executor;

use crate::ListenLimits;

/// Runs streams.
#[derive(Debug, Clone)]
pub(crate) struct Streams {
    most: Duration,
}

impl Streams {
    /// A request has its time, and its answer has as long to be taken.
    pub(crate) const fn new(limits: &ListenLimits) -> Self {
        Self { most: limits.total.to_std().saturating_mul(2) }
    }
}

impl<F: Future<Output: Send> + Send + 'static> Executor<F> for Streams {
    fn execute(&self, stream: F) {
        tokio::spawn(tokio::time::timeout(self.most, stream));
    }
}
