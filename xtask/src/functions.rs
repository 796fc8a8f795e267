//! How long the functions of the workspace are.

mod figures;
mod measure;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub use figures::Figures;
pub use measure::{Function, Measured, measure};

use crate::error::XtaskError;
use crate::sources;

/// Prints the figures of the workspace at `root`. The exit code tells whether they are within the limits.
pub fn report(root: &Path) -> Result<ExitCode, XtaskError> {
    let figures = Figures::of(of_workspace(root)?);
    print!("{figures}");
    Ok(if figures.within_limits() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Every function of the workspace at `root` that is no test.
pub fn of_workspace(root: &Path) -> Result<Vec<Function>, XtaskError> {
    let mut functions = Vec::new();
    let mut test_modules = BTreeSet::new();
    for path in sources::rust_files(root)?.into_iter().filter(|path| is_product(root, path)) {
        let measured = measure_file(root, &path)?;
        test_modules.extend(measured.test_modules);
        functions.extend(measured.functions);
    }
    functions.retain(|function| !is_of_test_module(&root.join(&function.file), &test_modules));
    Ok(functions)
}

fn measure_file(root: &Path, path: &Path) -> Result<Measured, XtaskError> {
    let shown = path.strip_prefix(root).unwrap_or(path);
    let mut measured = measure(shown, &sources::text(path)?)
        .map_err(|source| XtaskError::NotRust { path: path.to_path_buf(), source })?;
    measured.test_modules = measured.test_modules.iter().map(|module| root.join(module)).collect();
    Ok(measured)
}

fn is_product(root: &Path, path: &Path) -> bool {
    let inside = path.strip_prefix(root).unwrap_or(path);
    !inside.components().any(|part| ["tests", "benches", "fuzz"].iter().any(|name| part.as_os_str() == *name))
}

/// A test module in files of its own is `name.rs`, or whatever lies in the folder `name`.
fn is_of_test_module(file: &Path, modules: &BTreeSet<PathBuf>) -> bool {
    modules.iter().any(|module| file == module.with_extension("rs") || file.starts_with(module))
}
