//! What every way in over HTTP does around a use case: who asks and from where, what they sent, and how errors read.
//!
//! [`Web::layer`] goes around a way in and notes of each request its id and its client; a handler takes a [`Caller`],
//! which is refused for whoever did not sign in, calls [`Caller::run`] and shows the outcome. No rule is here or above:
//! use cases hold them.

mod caller;
mod input;
mod once;
mod problem;
mod received;

pub use caller::{Anyone, Caller, Holder};
pub use input::{AnyInput, Input, LongInput, Query};
pub use once::{IDEMPOTENCY_KEY, do_once};
pub use problem::{Code, Problem};
pub use received::{KnownClient, KnownId, Received, Web};
