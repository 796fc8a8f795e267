//! The configurations in the pages.

use std::path::Path;

use regex::{Captures, Regex};

/// The ports that the pages speak of.
pub(crate) struct Ports {
    /// 8888.
    pub(crate) proxy: u16,
    /// 7070.
    pub(crate) upstream: u16,
    /// 8081.
    pub(crate) check: u16,
}

/// The block that a reader saves as `file`, with these ports.
pub(crate) fn configuration(page: &str, file: &str, ports: &Ports) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../docs/integrations/{page}.md"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let fence =
        Regex::new(&format!("(?s)\n```[a-z]+ {}\n(.*?\n)```", regex::escape(file))).expect("a pattern");
    let block = fence.captures(&text).unwrap_or_else(|| panic!("{} has no {file}", path.display()));
    let port = Regex::new(r"\b(8888|7070|8081)\b").expect("a pattern");
    let own = |found: &Captures<'_>| match &found[1] {
        "8888" => ports.proxy.to_string(),
        "7070" => ports.upstream.to_string(),
        _ => ports.check.to_string(),
    };
    port.replace_all(&block[1], own).into_owned()
}
