//! What every door does around a decision.
//!
//! A door translates what it received into an [`Asked`] and calls [`Door::ask`]. That takes one snapshot, tells the
//! client's address, has [`claviger_policy::decide`] decide, counts the decision, notes the use of the credential and
//! records a refusal. Then the door answers. Nothing here waits: what is recorded goes to a queue.

mod admit;
mod answers;
mod asked;
mod counters;
mod host;
mod named_host;
mod prepare;
mod referer;
mod request_ids;
mod unreadable;

pub use answers::{problem, refusal, response_headers};
pub use asked::{Asked, Door, Records};
pub use counters::Counters;
pub use host::Host;
pub use named_host::{HostError, named_host};
pub use prepare::{Prepared, Preparing, SlowDigests};
pub use referer::referer_shows_key;
pub use request_ids::RequestIds;
pub use unreadable::without_values;

/// The snapshot of a node, replaced as a whole when something changes.
pub type Snapshots = arc_swap::ArcSwap<claviger_policy::Snapshot>;
