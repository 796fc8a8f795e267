//! Every command of the pages is run.

use crate::document::{Block, Document};
use crate::none;
use crate::running::{Running, written};

/// These build the product or run this very test.
const EXEMPT: [&str; 2] = ["cargo run --release -- demo", "cargo xtask test"];

/// `answers` sends a request and holds the answer against the comment behind it; `fails` runs what has to fail, which
/// `set -e` would let pass either way.
const PROLOGUE: &str = r#"set -euo pipefail
trap 'status=$?; [ "$status" = 0 ] || echo "stopped in the block at $BLOCK" >&2' EXIT
curl() { command curl --max-time 20 "$@"; }
fails() { if "$@"; then echo "this has not failed: $*" >&2; return 1; fi; }
answers() {
    local status=$1 code=$2 out
    shift 2
    out=$("$@" -s -i)
    printf '%s\n' "$out"
    if ! grep -q "^HTTP/[0-9.]* $status" <<<"$out" || ! grep -qF -- "$code" <<<"$out"; then
        echo "the answer should have been $status $code" >&2
        return 1
    fi
}
"#;

#[test]
fn commands_do_what_the_pages_say() {
    let mut mistakes = Vec::new();
    for document in Document::all() {
        let blocks = document.blocks("sh");
        if !blocks.iter().flat_map(|block| &block.lines).all(|line| EXEMPT.contains(&line.as_str())) {
            mistakes.extend(run(&document, &blocks));
        }
    }
    none(&mistakes);
}

/// The blocks share one shell, as they do for whoever pastes one after the other.
fn run(document: &Document, blocks: &[Block]) -> Option<String> {
    let running = Running::start();
    running.save_files(document);
    let mut script = PROLOGUE.to_owned();
    for block in blocks {
        let place = format!("BLOCK={}:{}", document.name, block.line);
        let lines = block.lines.iter().map(|line| prepared(line));
        script.extend(std::iter::once(place).chain(lines).map(|line| line + "\n"));
    }
    let output = running.run("bash", &["-c", &script]);
    (!output.status.success()).then(|| format!("{}: {}", document.name, written(&output)))
}

/// A line as it is run.
fn prepared(line: &str) -> String {
    if EXEMPT.contains(&line) {
        return ":".to_owned();
    }
    if let Some(command) = line.strip_prefix("! ") {
        assert!(!command.contains('|'), "a pipe that has to fail is not understood: {line}");
        return format!("fails {command}");
    }
    match line
        .split_once(" # ")
        .filter(|_| line.starts_with("curl "))
        .map(|(call, said)| (call, answer(said)))
    {
        Some((call, Some((status, code)))) => format!("answers {status} '{code}' {call}"),
        _ => line.to_owned(),
    }
}

/// The status, and the code if there is one, of a comment such as `403 missing_credential`.
fn answer(comment: &str) -> Option<(u16, &str)> {
    let (status, code) = comment.trim().split_once(' ').unwrap_or((comment.trim(), ""));
    Some((status.parse().ok()?, code.trim()))
}

#[test]
fn the_forms_of_lines_are_understood() {
    assert_eq!(prepared("cargo xtask test"), ":");
    assert_eq!(prepared("! claviger key list"), "fails claviger key list");
    assert_eq!(
        prepared("curl \"$GATEWAY\"   # 404 unknown_endpoint"),
        "answers 404 'unknown_endpoint' curl \"$GATEWAY\"  "
    );
    assert_eq!(prepared("curl \"$GATEWAY\" # 200"), "answers 200 '' curl \"$GATEWAY\"");
    assert_eq!(prepared("curl \"$GATEWAY\" # to see it"), "curl \"$GATEWAY\" # to see it");
}
