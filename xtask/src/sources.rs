//! Where the workspace is, and which Rust files it has.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::XtaskError;

/// The folder of the workspace's manifest.
#[must_use]
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// The build's folder.
#[must_use]
pub fn target() -> PathBuf {
    let set = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    root().join(set.unwrap_or_else(|| "target".into()))
}

/// Every `.rs` file beneath `folder`, in order, without build folders and hidden ones.
pub fn rust_files(folder: &Path) -> Result<Vec<PathBuf>, XtaskError> {
    files_ending(folder, "rs")
}

/// Every file with this extension beneath `folder`, in order, without build folders and hidden ones.
pub fn files_ending(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, XtaskError> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for path in entries(&folder)? {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The text of a file.
pub fn text(path: &Path) -> Result<String, XtaskError> {
    fs::read_to_string(path).map_err(|source| XtaskError::Unreadable { path: path.to_path_buf(), source })
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, XtaskError> {
    let unreadable = |source| XtaskError::Unreadable { path: folder.to_path_buf(), source };
    let entries =
        fs::read_dir(folder).map_err(unreadable)?.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    Ok(entries.into_iter().map(|entry| entry.path()).filter(|path| !is_skipped(path)).collect())
}

/// Cargo marks its build folders, so that a module called `target` is not taken for one.
fn is_skipped(path: &Path) -> bool {
    let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    hidden || path.join("CACHEDIR.TAG").is_file()
}
