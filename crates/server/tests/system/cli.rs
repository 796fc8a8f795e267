//! The command line: what it prints, how it ends, and what it keeps to itself.

mod document;
mod explain;
mod folder;
mod once;
mod secrets;
mod status;
mod tour;
