//! Passkeys (WebAuthn): a key on somebody's device, which signs a challenge when they unlock it.
//!
//! Nothing is kept of a challenge before it was answered: it says itself what it is for and until when, and shows that
//! it is from here. So strangers can ask for as many as they like, on any node. One that was answered is noted in the
//! transaction of what it was answered for, and works no more.

mod answer;
mod challenge;
mod error;
#[cfg(test)]
mod mutated;
mod own;
mod party;
mod remove;
mod verify;
mod view;

pub use answer::{PasskeyAnswer, PasskeyMade};
pub use error::PasskeyError;
pub use party::{RelyingParty, RelyingPartyError};
pub(super) use verify::Used;
pub use view::{NewPasskey, PasskeyAdded, PasskeyOptions, PasskeyView};
