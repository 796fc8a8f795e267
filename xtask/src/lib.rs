//! What a developer and CI run: every test with what it needs, the lengths of functions, all checks.
//!
//! A library only so that the tests beside it can read the sources in the same way.

pub mod ci;
pub mod clients;
pub mod error;
pub mod functions;
pub mod fuzz;
pub mod markdown;
pub mod needs;
pub mod postgres;
pub mod providers;
pub mod proxies;
pub mod purity;
pub mod run;
pub mod signers;
pub mod sources;
pub mod summary;
pub mod test_run;
pub mod wheels;
