//! What is fuzzed.
//!
//! A target takes any bytes and panics if something that must hold does not. Each runs in two ways: under libFuzzer
//! without end (`fuzz/fuzz_targets`), and as an ordinary test for a bounded number of inputs (`tests/bounded.rs`).
//!
//! A further target is a file here with its line in [`TARGETS`]; the test then names what is missing beside it: a
//! corpus, and a program for libFuzzer.

mod basic;
mod client;
mod doors;
mod doors_world;
mod import;
mod key;
mod openapi;
mod query;
mod schemes;
mod signatures;
mod target;

pub use basic::basic;
pub use client::client;
pub use doors::doors;
pub use import::import;
pub use key::key;
pub use openapi::openapi;
pub use query::query;
pub use schemes::schemes;
pub use signatures::signatures;
pub use target::target;

/// A target by its name, which is that of its corpus and its program too.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// The name.
    pub name: &'static str,
    /// What is called with each input.
    pub run: fn(&[u8]),
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target { name: "basic", run: basic },
    Target { name: "client", run: client },
    Target { name: "doors", run: doors },
    Target { name: "import", run: import },
    Target { name: "key", run: key },
    Target { name: "openapi", run: openapi },
    Target { name: "query", run: query },
    Target { name: "schemes", run: schemes },
    Target { name: "signatures", run: signatures },
    Target { name: "target", run: target },
];
