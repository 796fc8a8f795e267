//! What a caller presents, read from the parts of a request.
//!
//! A request carries one credential or none. [`present`] finds it; each scheme is a module of its own that says
//! whether its kind is there. The secret is then looked up by its digest ([`DigestKey`]); a key whose format or
//! checksum is wrong ([`key::check`]) needs no look-up at all.
//!
//! This crate is pure: no clock, no randomness, no files, sockets or runtime.

mod api_token;
pub mod basic;
mod bearer;
mod challenge;
mod digest;
mod header;
pub mod key;
mod malformed;
mod parts;
mod places;
mod plain;
mod present;
mod query;
mod raw;
mod signature;
mod strip;

pub use basic::BasicCredentials;
pub use challenge::www_authenticate;
pub use digest::DigestKey;
pub use key::{Key, KeyFormatError};
pub use malformed::Malformed;
pub use parts::{Parts, Protocol};
pub use present::{NotPresented, Presented, Proof, present};
pub use query::{credential_parameters, without_credentials};
pub use signature::{Body, Claim, Mark, ShownName, SignatureFault, SigningKey, looks_signed};
pub use strip::{own_headers, strip};
