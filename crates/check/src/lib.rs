//! Doors for infrastructure: whoever already has a proxy, or a service, has it ask here.
//!
//! Each door translates what it received into a [`claviger_door::Asked`], so that it decides as the gateway does about
//! the same request. They differ in whom they believe: forward-auth and `ext_authz` answer only to configured proxies,
//! whose word about the original request and its client is taken; verify answers only to services with a token, and
//! only about the APIs that the operator named for each.

mod announced;
mod doors;
mod ext_authz;
mod forward_auth;
mod identity;
mod layer;
mod original;
mod outcome;
mod parts;
mod problems;
mod server;
mod services;
mod shorthand;
mod verify;

pub use doors::Doors;
pub use layer::{CheckLayer, CheckService};
pub use server::{router, serve};
