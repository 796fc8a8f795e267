//! What a page says that a command prints is what it prints.

use std::process::Command;

use crate::document::{Block, Document};
use crate::none;

/// The second word of a block that has the output of the one before it.
const OUTPUT: &str = "output";

#[test]
fn worked_examples_print_what_the_page_shows() {
    let document = Document::named("docs/signing.md");
    let blocks = document.all_blocks();
    let mut script = "set -euo pipefail\n".to_owned();
    let (mut printed, mut mistakes, mut worked) = (String::new(), Vec::new(), 0);
    for pair in blocks.windows(2) {
        let [commands, shown] = pair else { continue };
        if commands.language != "sh" || shown.file.as_deref() != Some(OUTPUT) {
            continue;
        }
        script.push_str(&commands.text());
        let all = run(&script);
        let own = all.strip_prefix(&printed).unwrap_or_else(|| panic!("{script}: {all}")).to_owned();
        if own != shown.text() {
            mistakes.push(format!("{}:{} prints {own}, not {}", document.name, commands.line, shown.text()));
        }
        printed.push_str(&own);
        worked += 1;
    }
    none(&mistakes);
    assert_eq!(
        worked,
        blocks.iter().filter(|block| block.language == "sh").count(),
        "a block shows no output"
    );
    assert!(worked >= 5, "{worked} examples");
    signatures_are_in_the_headers(&blocks, &printed);
}

/// The headers that the page shows have the signatures that the commands print.
fn signatures_are_in_the_headers(blocks: &[Block], printed: &str) {
    let texts: Vec<_> =
        blocks.iter().filter(|block| block.language == "text" && block.file.is_none()).collect();
    for start in ["Signature: ", "Authorization: hmac ", "X-Signature: "] {
        let line = texts.iter().flat_map(|block| &block.lines).find(|line| line.starts_with(start));
        let line = line.unwrap_or_else(|| panic!("no block shows {start}"));
        assert!(printed.lines().any(|printed| line.contains(printed)), "{line}");
    }
}

/// What bash prints.
fn run(script: &str) -> String {
    let output = Command::new("bash").args(["-c", script]).output().expect("bash runs");
    assert!(output.status.success(), "{script}: {}", crate::running::written(&output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
