//! YAML and JSON, as one document or as a JSON document on each line.

use claviger_spec::yaml::{Limits, Node, YamlError, parse};

use crate::{ImportError, MOST_BYTES, line_number};

/// Enough for as many keys as a file may have, with what exports say about each.
const LIMITS: Limits = Limits { bytes: MOST_BYTES, nodes: 4_000_000 };

/// A document and the lines before it.
pub(crate) struct Document {
    pub(crate) root: Node,
    before: u32,
}

impl Document {
    /// The line of a part of it.
    pub(crate) fn line(&self, node: &Node) -> u32 {
        self.before + node.place().line
    }
}

pub(crate) fn read(text: &str) -> Result<Vec<Document>, ImportError> {
    if !is_lines(text) {
        return Ok(vec![Document {
            root: parse(text, &LIMITS).map_err(|error| tree(&error, 0))?,
            before: 0,
        }]);
    }
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let read = |(index, line): (usize, &str)| {
        let before = line_number(index) - 1;
        Ok(Document { root: parse(line, &LIMITS).map_err(|error| tree(&error, before))?, before })
    };
    lines.map(read).collect()
}

/// Whether each line is a mapping of JSON of its own.
fn is_lines(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).peekable();
    lines.peek().is_some() && lines.all(|line| line.starts_with('{') && line.ends_with('}'))
}

/// The words of a mistake may repeat the text: a key, in the worst case.
fn tree(error: &YamlError, before: u32) -> ImportError {
    ImportError::Tree { line: before + error.line, column: error.column }
}

/// The text of an entry that is not empty.
pub(crate) fn text<'n>(node: &'n Node, name: &str) -> Option<&'n str> {
    node.get(name)?.text().filter(|text| !text.is_empty())
}

/// Whether an entry is there and says something.
pub(crate) fn says(node: &Node, name: &str) -> bool {
    node.get(name).is_some_and(|value| {
        !value.items().is_empty()
            || !value.entries().is_empty()
            || value.text().is_some_and(|text| !text.is_empty())
    })
}
