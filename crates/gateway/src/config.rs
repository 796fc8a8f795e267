use std::sync::Arc;

use claviger_model::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Bounds on what callers and upstreams may take: time, bytes and connections.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GatewayLimits {
    /// Connections of callers at one time, over all listeners; more wait in the system's queue. Those from one address
    /// that is no trusted proxy get a quarter of it.
    pub connections: u32,
    /// A connection is closed, after the requests in it, when it is this old.
    pub connection_age: Span,
    /// How long the start of a connection may take: PROXY header, TLS handshake, first bytes.
    pub handshake: Span,
    /// How long a request's head may take from its first byte to its last.
    pub head: Span,
    /// How long a connection is kept without a request.
    pub keep_alive: Span,
    /// The longest request line and headers together, in bytes; 60000 at most.
    pub head_bytes: u32,
    /// The most headers of a request; 100 at most.
    pub headers: u16,
    /// The longest body of a request, in bytes; unbounded if absent.
    pub body_bytes: Option<u64>,
    /// Bytes of bodies of signed requests in memory at one time, at most; they are held until they are verified.
    /// Those from one address get an eighth of it.
    pub held_bytes: u64,
    /// How long such a body may take to arrive.
    pub held: Span,
    /// Requests at one time in one HTTP/2 connection.
    pub streams: u32,
    /// How long connecting to an upstream may take, TLS included.
    pub connect: Span,
    /// How long an upstream may take to begin its answer, after the request went up.
    pub answer: Span,
    /// How long either side may pause within a body or an upgraded connection.
    pub idle: Span,
    /// How long a request may take in all. Upgraded connections are not bound by it.
    pub total: Span,
    /// Connections to one upstream at one time, upgraded ones too. A request that would need one more waits for as
    /// long as connecting may take.
    pub upstream_connections: u32,
    /// Idle connections kept to one upstream.
    pub pool: u32,
    /// How long an idle connection to an upstream is kept; shorter than upstreams keep theirs.
    pub pool_idle: Span,
    /// At a stop, how long accepted requests may take before they are cut.
    pub grace: Span,
}

impl Default for GatewayLimits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            connection_age: Span::from_secs(3600),
            handshake: Span::from_secs(10),
            head: Span::from_secs(15),
            keep_alive: Span::from_secs(75),
            head_bytes: 32 * 1024,
            headers: 100,
            body_bytes: None,
            held_bytes: 64 << 20,
            held: Span::from_secs(10),
            streams: 100,
            connect: Span::from_secs(5),
            answer: Span::from_secs(60),
            idle: Span::from_secs(60),
            total: Span::from_secs(3600),
            upstream_connections: 1000,
            pool: 256,
            pool_idle: Span::from_secs(30),
            grace: Span::from_secs(30),
        }
    }
}

/// How upstreams are trusted.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// For `https` upstreams. Its ALPN protocols are set by the gateway.
    pub tls: Arc<rustls::ClientConfig>,
}
