//! What the measurements have in common: a population of customers with credentials, the same at each run.
//!
//! `README.md` beside this crate says how to run each measurement and what came out.

mod population;
mod request;
mod seed;
mod shapes;
mod signed;
mod world;

pub use population::{Issued, Population};
pub use request::Prepared;
pub use seed::Seed;
pub use signed::{Form, Sent, SignedWorld};
pub use world::{NOW, World};
