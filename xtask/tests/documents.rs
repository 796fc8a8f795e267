//! What the documents speak of exists: the files and headings they link to, and the names in the walkthrough.

use std::path::{Path, PathBuf};

use xtask::{markdown, sources};

/// Documents in the root of the workspace; those in `docs` come on top.
const DOCUMENTS: [&str; 5] =
    ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"];

fn documents() -> Vec<PathBuf> {
    let root = sources::root();
    let mut found: Vec<_> =
        DOCUMENTS.iter().map(|name| root.join(name)).filter(|path| path.is_file()).collect();
    for folder in ["docs", "bench", "examples"].map(|name| root.join(name)) {
        if folder.is_dir() {
            found.extend(sources::files_ending(&folder, "md").expect("the documents can be read"));
        }
    }
    found
}

fn text(path: &Path) -> String {
    sources::text(path).expect("a document can be read")
}

/// Fails with every mistake at once.
fn none(mistakes: &[String]) {
    assert!(mistakes.is_empty(), "\n{}\n", mistakes.join("\n"));
}

fn is_relative(link: &str) -> bool {
    !link.contains("://") && !link.starts_with("mailto:")
}

/// What is wrong with a link in this document, if anything.
fn broken(document: &Path, link: &str) -> Option<String> {
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = match (file, document.parent()) {
        ("", _) => document.to_path_buf(),
        (file, Some(folder)) => folder.join(file),
        (file, None) => file.into(),
    };
    if !target.exists() {
        return Some(format!("{}: there is no {file}", document.display()));
    }
    let is_there = anchor.is_empty() || markdown::anchors(&text(&target)).iter().any(|found| found == anchor);
    (!is_there).then(|| format!("{}: {link} names no heading", document.display()))
}

#[test]
fn relative_links_lead_somewhere() {
    let mut mistakes = Vec::new();
    for document in documents() {
        let links = markdown::links(&text(&document));
        mistakes
            .extend(links.iter().filter(|link| is_relative(link)).filter_map(|link| broken(&document, link)));
    }
    none(&mistakes);
}

/// The lines of the architecture's description, or none while there is no such document.
fn architecture() -> Vec<String> {
    let path = sources::root().join("ARCHITECTURE.md");
    let document = if path.is_file() { text(&path) } else { String::new() };
    markdown::lines_outside_fences(&document).map(str::to_owned).collect()
}

fn is_rust_file(span: &str) -> bool {
    span.contains('/') && Path::new(span).extension().is_some_and(|extension| extension == "rs")
}

/// `path/to/file.rs`: `name`, `name` and `name` say that the file contains the names.
fn names_after_file(line: &str) -> Option<(&str, Vec<&str>)> {
    let (before, after) = line.split_once("`: `")?;
    let file = before.rsplit('`').next().filter(|span| is_rust_file(span))?;
    let mut names = Vec::new();
    let mut rest = after;
    while let Some((name, after)) = rest.split_once('`') {
        names.push(name);
        let Some(next) = [", `", " and `", ", and `"].iter().find_map(|between| after.strip_prefix(between))
        else {
            break;
        };
        rest = next;
    }
    Some((file, names))
}

/// The name itself, of `module::Type::name` or `name()`.
fn last_name(name: &str) -> &str {
    let name = name.split('(').next().unwrap_or(name);
    name.rsplit("::").next().unwrap_or(name)
}

fn has_word(source: &str, word: &str) -> bool {
    source.split(|c: char| !c.is_alphanumeric() && c != '_').any(|found| found == word)
}

/// A path or a call, rather than a word of configuration or of a protocol.
fn is_name_of_code(span: &str) -> bool {
    let name = span.trim_end_matches("()");
    let plain = name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == ':');
    plain && !name.starts_with("std::") && (name.contains("::") || span.ends_with("()"))
}

#[test]
fn files_named_by_the_architecture_exist() {
    let lines = architecture();
    let files = lines.iter().flat_map(|line| markdown::code_spans(line)).filter(|span| is_rust_file(span));
    let missing = files.filter(|file| !sources::root().join(file).is_file());
    none(&missing.map(|file| format!("ARCHITECTURE.md: there is no {file}")).collect::<Vec<_>>());
}

#[test]
fn the_walkthrough_names_what_its_files_contain() {
    let mut mistakes = Vec::new();
    for line in architecture() {
        let Some((file, names)) = names_after_file(&line) else { continue };
        let source = sources::text(&sources::root().join(file)).unwrap_or_default();
        let missing = names.into_iter().filter(|name| !has_word(&source, last_name(name)));
        mistakes.extend(missing.map(|name| format!("ARCHITECTURE.md: {file} has no {name}")));
    }
    none(&mistakes);
}

#[test]
fn names_of_code_in_the_architecture_exist() {
    let files = sources::rust_files(&sources::root()).expect("the sources can be read");
    let all: String = files.iter().map(|path| text(path)).collect();
    let lines = architecture();
    let names = lines.iter().flat_map(|line| markdown::code_spans(line)).filter(|span| is_name_of_code(span));
    let missing = names.filter(|name| !has_word(&all, last_name(name)));
    none(&missing.map(|name| format!("ARCHITECTURE.md: nothing is called {name}")).collect::<Vec<_>>());
}

#[test]
fn the_form_of_a_walkthrough_is_understood() {
    let line = "2. `crates/policy/src/decide.rs`: `decide()`, `Snapshot::find` and `Denied` answer. See `x`.";
    let (file, names) = names_after_file(line).expect("the line has the form");
    assert_eq!((file, names), ("crates/policy/src/decide.rs", vec!["decide()", "Snapshot::find", "Denied"]));
    assert_eq!(["decide()", "Snapshot::find", "Denied"].map(last_name), ["decide", "find", "Denied"]);
    assert!(is_name_of_code("policy::decide") && is_name_of_code("decide()"));
    assert!(!is_name_of_code("std::fs") && !is_name_of_code("unsafe_code") && !is_name_of_code(":8080"));
}
