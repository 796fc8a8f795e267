use claviger_model::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Bounds on what those who connect may take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ListenLimits {
    /// Connections at one time; more wait in the system's queue. Those from one address that is no trusted proxy get a
    /// quarter of it.
    pub connections: u32,
    /// How long the head of a request may take: the first one's from when the connection is accepted, others' from
    /// their first byte. Over HTTP/2 for the first one alone.
    pub head: Span,
    /// How long a connection is kept without a request; over HTTP/2 up to twice as long, and it is asked as often whether
    /// it is still there.
    pub keep_alive: Span,
    /// How long a request may take in all, and its answer to be taken.
    pub total: Span,
    /// The longest request line and headers together, in bytes; at least 8192.
    pub head_bytes: u32,
    /// The most headers of a request; 100 at most with HTTP/1.
    pub headers: u16,
    /// Requests at one time in one HTTP/2 connection.
    pub streams: u32,
    /// At a stop, how long requests may take before they are cut.
    pub grace: Span,
}

impl Default for ListenLimits {
    fn default() -> Self {
        Self {
            connections: 4096,
            head: Span::from_secs(15),
            keep_alive: Span::from_secs(75),
            total: Span::from_secs(30),
            head_bytes: 64 * 1024,
            headers: 100,
            streams: 1000,
            grace: Span::from_secs(30),
        }
    }
}
