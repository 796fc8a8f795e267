//! The gateway: a reverse proxy that reads requests strictly, asks a [`Judge`] about each, and forwards or answers.
//!
//! It knows nothing of credentials or APIs. See [`seam`] for what a judge gives and is given. A request comes in by
//! `gateway` (accept), `drive` (connection), `framing` (its bytes), `service` (its judgement), `forward` (its way up
//! and back); `download` ends it.

mod client;
mod config;
mod connect;
mod download;
mod drive;
mod failure;
mod forward;
mod framing;
mod gateway;
mod headers;
mod hold;
mod judge;
mod ledger;
mod listener;
mod own;
mod patience;
mod pool;
mod proxy_protocol;
pub mod seam;
mod service;
mod streams;
mod switch;
mod target;
mod upgrade;
mod upload;
mod upstream;
mod wire;

pub use config::{ClientConfig, GatewayLimits};
pub use gateway::Gateway;
pub use judge::{PolicyJudge, TRACE_TARGET};
pub use listener::Listener;
pub use own::{Own, OwnDoor, OwnRequest};
pub use seam::{
    Answer, Asked, Before, Body, End, Ending, Failed, Failure, Forward, Judge, Malformed, Parts, Protocol,
    Upstream, UpstreamError, Verdict,
};
