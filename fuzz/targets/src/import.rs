use claviger_import::{ImportFormat, Secret, Trust, read};

/// Files of foreign keys: the first byte says in which format the rest is read.
///
/// # Panics
/// If a row stands nowhere, a digest is neither 32 bytes nor well formed, or a key cannot be sent.
pub fn import(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    let Ok(text) = str::from_utf8(rest) else { return };
    let format = ImportFormat::ALL[usize::from(*first) % ImportFormat::ALL.len()];
    let Ok(rows) = read(format, Trust::Checked, text) else { return };
    let lines = text.lines().count();
    for row in rows {
        assert!((1..=lines).contains(&(row.line as usize)), "a row stands outside the file");
        let Ok(found) = row.found else { continue };
        match found.secret {
            Secret::Plain(key) => assert!(!key.chars().any(char::is_control) && key.trim() == key.as_str()),
            Secret::Bcrypt(digest) => {
                assert!(digest.is_ascii() && digest.len() == 60 && digest.starts_with("$2"));
            }
            Secret::Sha256(_) => {}
        }
    }
}
