//! Keys that were made elsewhere, from the file to the decision.

mod files;
mod slow;
mod world;
