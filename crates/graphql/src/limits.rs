//! How much one request may ask for.
//!
//! All but [`Limit::Listed`] hold before anything is run: of a request that asks for more, nothing is done. The bytes of a body and the
//! time that it may take to arrive are limited where bodies are read, in `claviger_web`.

use std::fmt;
use std::time::Duration;

use claviger_web::{Code, Problem};

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Requests in one body.
    Batch,
    /// Names, numbers, texts and signs of a query.
    Tokens,
    /// Brackets within brackets, whatever they enclose, fragments written out.
    Brackets,
    /// Fields within fields, fragments written out.
    Depth,
    /// Fields and fragments, those of a fragment counted each time that it is spread.
    Complexity,
    /// Fields of the operation itself: each of them is a use case.
    RootFields,
    /// Fields under another name.
    Aliases,
    /// Directives such as `@include`.
    Directives,
    /// Lists within lists of the schema's description of itself.
    Introspection,
    /// Entries of lists, of each as many as it is asked for, in all requests of a body.
    Listed,
}

/// For how long use cases are begun, and wait, for one request.
pub const TIME: Duration = Duration::from_secs(10);

impl Limit {
    /// Every limit.
    pub const ALL: [Self; 10] = [
        Self::Batch,
        Self::Tokens,
        Self::Brackets,
        Self::Depth,
        Self::Complexity,
        Self::RootFields,
        Self::Aliases,
        Self::Directives,
        Self::Introspection,
        Self::Listed,
    ];

    /// Its name in errors, and what it counts.
    #[must_use]
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Batch => ("batch", "requests in a batch"),
            Self::Tokens => ("tokens", "tokens in a query"),
            Self::Brackets => ("brackets", "brackets within each other"),
            Self::Depth => ("depth", "fields within each other"),
            Self::Complexity => ("complexity", "fields and fragments, each as often as it is asked for"),
            Self::RootFields => ("root_fields", "fields of an operation itself"),
            Self::Aliases => ("aliases", "aliases"),
            Self::Directives => ("directives", "directives"),
            Self::Listed => ("listed", "entries of lists, of each as many as it is asked for"),
            Self::Introspection => {
                ("introspection", "lists of fields or types within each other in `__schema`")
            }
        }
    }

    /// How many there may be.
    #[must_use]
    pub const fn most(self) -> usize {
        match self {
            Self::Batch => 10,
            Self::Tokens | Self::Listed => 5_000,
            // The parser calls itself at each: this is far from the end of a stack.
            Self::Brackets => 32,
            // What tools ask of the schema is 15 deep.
            Self::Depth => 15,
            Self::Complexity => 500,
            Self::RootFields | Self::Aliases => 100,
            Self::Directives => 50,
            // Tools need one; each further one multiplies the answer by the size of the schema.
            Self::Introspection => 2,
        }
    }

    /// That there are more.
    pub(crate) fn passed(self) -> Passed {
        Passed(self)
    }
}

/// A limit that a request passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Passed(pub(crate) Limit);

impl fmt::Display for Passed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, counts) = self.0.words();
        write!(f, "The limit `{name}` is passed: at most {} {counts}.", self.0.most())
    }
}

impl From<Passed> for Problem {
    fn from(passed: Passed) -> Self {
        Self::saying(Code::Invalid, passed.to_string())
    }
}
