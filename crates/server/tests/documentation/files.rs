//! Every whole file of the pages is read by the product.

use crate::document::Document;
use crate::none;
use crate::running::{Running, written};

#[test]
fn catalogues_can_be_applied() {
    let mut mistakes = Vec::new();
    for document in Document::all() {
        let mut blocks = document.blocks("yaml");
        blocks.retain(|block| block.lines.first().is_some_and(|line| line == "catalogue: 1"));
        if blocks.is_empty() {
            continue;
        }
        let running = Running::start();
        running.save_files(&document);
        for block in blocks {
            let file = block
                .file
                .as_deref()
                .unwrap_or_else(|| panic!("{}:{} has no name", document.name, block.line));
            let file = running.work().join(file).display().to_string();
            let output = running.run("claviger", &["apply", "--dry-run", "-f", &file]);
            if !output.status.success() {
                mistakes.push(format!("{}:{}: {}", document.name, block.line, written(&output)));
            }
        }
    }
    none(&mistakes);
}

#[test]
fn configuration_files_can_be_read() {
    let mut mistakes = Vec::new();
    for document in Document::all() {
        for block in document.blocks("toml") {
            if let Err(error) = read(&block.text()) {
                mistakes.push(format!("{}:{}: {error}", document.name, block.line));
            }
        }
    }
    none(&mistakes);
}

/// The file with everything in it gives the same as no file.
#[test]
fn the_file_of_defaults_has_the_defaults() {
    let document = Document::named("docs/operators.md");
    let mut blocks = document.blocks("toml");
    blocks.retain(|block| block.file.as_deref() == Some("defaults.toml"));
    let [block] = blocks.as_slice() else { panic!("docs/operators.md has one defaults.toml") };
    let written = read(&block.text()).expect("the file is read");
    assert_eq!(format!("{written:#?}"), format!("{:#?}", claviger_server::config::Config::default()));
}

fn read(text: &str) -> Result<claviger_server::config::Config, String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("claviger.toml");
    std::fs::write(&file, text).expect("a file");
    let overrides = claviger_server::config::Overrides::default();
    claviger_server::config::load(Some(&file), overrides).map_err(|error| error.to_string())
}
