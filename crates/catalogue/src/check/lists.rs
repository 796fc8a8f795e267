use std::collections::HashMap;

use claviger_spec::yaml::{Place, shown};

use crate::cursor::Cursor;
use crate::mistake::Found;

/// Finds texts that are given twice.
pub(crate) struct Unique {
    what: &'static str,
    seen: HashMap<String, Place>,
}

impl Unique {
    /// Nothing seen yet; `what` names the texts in messages.
    pub(crate) fn new(what: &'static str) -> Self {
        Self { what, seen: HashMap::new() }
    }

    pub(crate) fn check(&mut self, text: &str, at: Cursor<'_>, found: &mut Found<'_>) {
        match self.seen.get(text) {
            Some(first) => {
                let message =
                    format!("the {} `{}` is already given in line {}", self.what, shown(text), first.line);
                found.add(at.place(), &message);
            }
            None => {
                self.seen.insert(text.to_owned(), at.place());
            }
        }
    }
}

/// At least one.
pub(crate) fn check_some<T>(items: &[T], what: &str, at: Cursor<'_>, found: &mut Found<'_>) {
    if items.is_empty() {
        found.add(at.place(), &format!("at least one {what} is needed"));
    }
}

/// At most so many.
pub(crate) fn check_length<T>(items: &[T], most: usize, what: &str, at: Cursor<'_>, found: &mut Found<'_>) {
    if items.len() > most {
        found.add(
            at.item(most).place(),
            &format!("there are {} {what}; at most {most} are taken", items.len()),
        );
    }
}
