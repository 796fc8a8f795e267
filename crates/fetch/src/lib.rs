//! Requests that the product sends itself: to providers of sign-ins, and from the command line to a server.
//!
//! One request, one connection, bounded in time and size. Nothing is followed anywhere, and nothing is kept.

mod fetcher;
mod origin;
mod trust;

pub use fetcher::{Answer, Bounds, FetchError, Fetcher};
pub use origin::{Origin, OriginError, Scheme};
pub use trust::{Trust, TrustError};
