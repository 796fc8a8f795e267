//! The audit: what is written with every change, and what operators read of it.

mod event;
mod noted;
mod object;
mod origin;
mod read;
mod retain;
mod verify;
mod write;

pub use event::AuditEvent;
pub use noted::AuditNoted;
pub use object::Object;
pub use origin::Origin;
pub use read::{AuditFilter, AuditObject, AuditView};
pub use verify::{AuditBroken, AuditVerified};

pub(crate) use write::{Done, Writer};
