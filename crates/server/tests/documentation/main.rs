//! The documentation is held against the product: its commands run, its files are read, its tables are complete.

mod document;
mod files;
mod json;
mod running;
mod schema;
mod shell;
mod tables;
mod worked;

/// Fails with every mistake at once.
fn none(mistakes: &[String]) {
    assert!(mistakes.is_empty(), "\n{}\n", mistakes.join("\n\n"));
}
