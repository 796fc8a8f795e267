//! The command line: what it prints, how it ends, and what it keeps to itself.

mod bulk;
mod document;
mod explain;
mod folder;
mod notes;
mod once;
mod pairs;
mod remote;
mod rotation;
mod secrets;
mod status;
mod tour;
mod words;
