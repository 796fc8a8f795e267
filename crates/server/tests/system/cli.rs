//! The command line: what it prints, how it ends, and what it keeps to itself.

mod explain;
mod folder;
mod once;
mod pairs;
mod secrets;
mod status;
mod tour;
