//! Makes sure that a request can be framed in one way only. See `docs/decisions/0001-framing-guard.md`.

mod chunks;
mod guard;
mod head;
mod scan;

pub(crate) use guard::{Guard, Spoken};
