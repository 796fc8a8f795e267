use claviger_model::{ApiVersion, Slug};
use claviger_spec::yaml::shown;

use crate::Bundle;
use crate::cursor::Cursor;
use crate::entries::VersionEntry;
use crate::mistake::Found;

/// A file beside the catalogue or below it: a catalogue must not make the command line read other files.
pub(crate) fn check_document_name(name: &str, at: Cursor<'_>, found: &mut Found<'_>) {
    let plain = |part: &str| !matches!(part, "" | "." | "..");
    let odd = |c: char| c.is_control() || matches!(c, '\\' | ':');
    if name.len() > 255 || name.contains(odd) || !name.split('/').all(plain) {
        let message = format!("`{}` is not the name of a file beside the catalogue or below it", shown(name));
        found.add_with_help(at.place(), &message, "such as `customers-v1.yaml` or `documents/v1.json`");
    }
}

/// The version that a document describes. A document with mistakes gives a version without endpoints.
pub(crate) fn version(
    bundle: &Bundle,
    api: &Slug,
    entry: &VersionEntry,
    at: Cursor<'_>,
    found: &mut Found<'_>,
) -> (ApiVersion, String) {
    let mut version = ApiVersion { name: entry.name.clone(), endpoints: Vec::new() };
    let Some(text) = bundle.documents.get(&entry.document) else {
        check_document_name(&entry.document, at, found);
        found.add(at.place(), &format!("the document `{}` is not there", shown(&entry.document)));
        return (version, String::new());
    };
    match claviger_spec::read(text, api) {
        Ok(spec) => version.endpoints = spec.endpoints,
        Err(error) => found.add_in(&entry.document, error),
    }
    (version, text.clone())
}
