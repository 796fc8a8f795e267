//! Whether a request is let through, and why not.
//!
//! Everything that a decision needs is in a [`Snapshot`], which changes by [`Snapshot::apply`] alone. [`decide`] is
//! the only place that decides; every door calls it with the same [`Request`] and gives the same answer. This crate is
//! pure: time is an argument, and there is no I/O and no randomness in it. What decisions leave behind is in [`Uses`] and
//! [`Replays`], which a request brings along.

mod accounts;
mod admit;
mod bearer;
mod called;
mod client;
mod compiled;
mod credentials;
mod decide;
mod endpoints;
mod environments;
mod foreign;
mod formats;
mod identity;
mod interner;
mod own_hash;
mod people;
mod place;
mod problem;
mod proof;
mod replays;
mod request;
mod router;
mod services;
mod signed;
mod signed_in;
mod signers;
mod slow;
mod snapshot;
mod stop;
mod target;
mod upstream;
mod uses;
mod windows;
mod witness;

pub use admit::{Admitted, Place, admit, explain_admission};
pub use bearer::{Bearer, Callable};
pub use claviger_credential::{Body, Parts, Protocol};
pub use client::{ClientAddressError, TrustedProxies};
pub use compiled::{CompileError, CompiledApi, CompiledEnvironment, CompiledVersion};
pub use decide::{body_wanted, decide, explain};
pub use formats::Negotiated;
pub use identity::{IDENTITY_PREFIX, identity_headers};
pub use problem::{Problem, RenderedProblem};
pub use replays::Replays;
pub use request::{Decision, Denial, Grant, Request, Ticket};
pub use router::RouteConflict;
pub use signed_in::{CameWith, SignedIn};
pub use signers::Opener;
pub use slow::{SlowCandidate, Stake};
pub use snapshot::Snapshot;
pub use target::{Target, TargetError};
pub use upstream::{UpstreamAddress, UpstreamError};
pub use uses::{UseChange, UseMark, Uses};
pub use witness::masked;
