use std::collections::BTreeSet;

use claviger_spec::yaml::{self, Limits, Node, YamlError};

use crate::check::{self, check_document_name};
use crate::cursor::Cursor;
use crate::entries::{Catalogue, EnvironmentEntry};
use crate::mistake::Found;
use crate::{Bundle, Desired, Mistakes, SourceFile, variables};

const LIMITS: Limits = Limits { bytes: 4 << 20, nodes: 1_000_000 };
pub(crate) const VERSION: u32 = 1;

/// What should exist, as a catalogue and its documents declare it, or everything that is wrong with them.
///
/// A catalogue of more than 4 MiB, 100,000 accounts or 1,000 APIs is refused.
pub fn read(bundle: &Bundle) -> Result<Desired, Mistakes> {
    let (tree, entries) = entries(&bundle.catalogue)?;
    check::catalogue(bundle, Cursor(&tree), &entries)
}

/// The OpenAPI documents that a catalogue names, each once, in order: files beside the catalogue or below it.
pub fn documents_named(catalogue: &SourceFile) -> Result<Vec<String>, Mistakes> {
    let (tree, entries) = entries(catalogue)?;
    let mut found = Found::nothing(&catalogue.name);
    let mut names = BTreeSet::new();
    for (at, api) in Cursor(&tree).field("apis").each(&entries.apis) {
        for (at, version) in at.field("versions").each(&api.versions) {
            check_document_name(&version.document, at.field("document"), &mut found);
            names.insert(version.document.clone());
        }
    }
    found.or(names.into_iter().collect())
}

/// The variables that a catalogue refers to, each once, in order: no other has to leave the machine.
pub fn variables_named(catalogue: &SourceFile) -> Result<Vec<String>, Mistakes> {
    let (_, entries) = entries(catalogue)?;
    let environments = entries.apis.iter().flat_map(|api| &api.environments);
    let names: BTreeSet<_> = environments.flat_map(texts_with_variables).flat_map(variables::named).collect();
    Ok(names.into_iter().map(str::to_owned).collect())
}

fn texts_with_variables(environment: &EnvironmentEntry) -> impl Iterator<Item = &str> {
    let hosts = environment.routes.iter().filter_map(|route| route.host.as_deref());
    hosts.chain([environment.upstream.as_str()])
}

fn entries(catalogue: &SourceFile) -> Result<(Node, Catalogue), Mistakes> {
    let read = yaml::parse(&catalogue.text, &LIMITS).and_then(|tree| {
        check_version(&tree)?;
        let entries = tree.read_as()?;
        Ok((tree, entries))
    });
    read.map_err(|error| {
        let mut found = Found::nothing(&catalogue.name);
        found.add_in(&catalogue.name, error);
        // Something was just added, so that the empty list is never seen.
        found.or(()).err().unwrap_or(Mistakes(Vec::new()))
    })
}

/// Before anything else: the fields of another version could have other meanings.
fn check_version(tree: &Node) -> Result<(), YamlError> {
    let Some(version) = tree.get("catalogue") else { return Ok(()) };
    match version.read_as::<u32>()? {
        VERSION => Ok(()),
        other => {
            let message =
                format!("this catalogue has version {other} of the format, and version {VERSION} is read");
            Err(YamlError::new(version.place(), &message))
        }
    }
}
