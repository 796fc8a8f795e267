//! The gateway on real sockets, between callers and upstreams made for each test.

mod failures;
mod framing;
mod harness;
mod headers;
mod held;
mod http2;
mod own;
mod plain;
mod stop;
mod streaming;
mod upgrades;
mod windows;
