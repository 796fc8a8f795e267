//! Owners, tags and the text to search as they are stored: an entry a line, with a line break before the first and
//! after the last. No entry has one in it, so both engines find a whole entry, or a part of one, by the same text.

use claviger_model::{CredentialRecord, EmailAddress, Notes, Owners, Tag, TagFilter, Tags};

use crate::StoreError;
use crate::fields::Fields;

fn lines<'t>(entries: impl IntoIterator<Item = impl AsRef<str> + 't>) -> String {
    entries.into_iter().fold(String::new(), |mut text, entry| {
        text.push_str(if text.is_empty() { "\n" } else { "" });
        text.push_str(entry.as_ref());
        text.push('\n');
        text
    })
}

fn entries(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').filter(|entry| !entry.is_empty())
}

pub(crate) fn owners(owners: &Owners) -> String {
    lines(owners.addresses().iter().map(EmailAddress::as_str))
}

/// A tag without a value ends with the equals sign, so that a name is never the beginning of another one.
pub(crate) fn tags(tags: &Tags) -> String {
    lines(tags.iter().map(|(name, value)| format!("{name}={}", value.as_str())))
}

/// Everything that a search looks into.
pub(crate) fn search(record: &CredentialRecord) -> String {
    let notes = &record.notes;
    let texts = [Some(record.credential.id.to_string()), Some(record.hint.clone())];
    let texts = texts.into_iter().chain([record.label.clone(), notes.memo.clone()]).flatten();
    let owners = notes.owners.addresses().iter().map(ToString::to_string);
    let tags = notes.tags.iter().map(|(name, value)| format!("{name}={}", value.as_str()));
    lines(texts.chain(owners).chain(tags)).to_lowercase()
}

/// What the tags of a credential contain that has the wanted one.
pub(crate) fn wanted_tag(filter: &TagFilter) -> String {
    match &filter.value {
        Some(value) => format!("\n{}={}\n", filter.name, value.as_str()),
        None => format!("\n{}=", filter.name),
    }
}

/// What the owners of a credential contain, in lower case, that has the wanted one.
pub(crate) fn wanted_owner(address: &EmailAddress) -> String {
    format!("\n{}\n", address.as_str().to_ascii_lowercase())
}

pub(crate) fn read(fields: &mut Fields<'_>) -> Result<Notes, StoreError> {
    let (memo, owners, tags) = (fields.optional_string()?, fields.text()?, fields.text()?);
    let owners: Result<Vec<EmailAddress>, _> = entries(owners).map(str::parse).collect();
    let tags: Result<Vec<Tag>, _> = entries(tags).map(str::parse).collect();
    let tags = tags.and_then(Tags::of).map_err(|error| fields.corrupt(error))?;
    Ok(Notes { memo, owners: owners.map_err(|error| fields.corrupt(error))?.into(), tags })
}
