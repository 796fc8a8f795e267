//! Making what is there equal to what a catalogue declares.
//!
//! What a catalogue does not name stays as it is: a catalogue adds and changes accounts and APIs, and takes away only
//! within an API that it names. Everything happens in one transaction, or nothing does.

mod apply;
mod desired;
mod difference;
mod export;

pub use difference::{Difference, DifferenceKind, Line};
