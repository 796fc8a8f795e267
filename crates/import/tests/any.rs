//! Any text is read or refused, and no message repeats it.

use claviger_import::{ImportFormat, Trust, read};
use proptest::prelude::*;

/// What stands in files, in any order.
const PARTS: &str = "(key|sha256|account|,|\"|:|\\n|\\{|\\}|\\[|\\]|- |consumers|keyauth_credentials|hash|data|\\$2y\\$10\\$|a{22}|[a-z0-9 ]{0,12}){0,40}";

fn format() -> impl Strategy<Value = ImportFormat> {
    proptest::sample::select(ImportFormat::ALL.to_vec())
}

fn trust() -> impl Strategy<Value = Trust> {
    proptest::sample::select(vec![Trust::Checked, Trust::AsIs])
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(format in format(), trust in trust(), text in any::<String>()) {
        let _ = read(format, trust, &text);
    }

    #[test]
    fn what_looks_like_a_file_is_read_or_refused(format in format(), trust in trust(), text in PARTS) {
        if let Ok(rows) = read(format, trust, &text) {
            let lines = u32::try_from(text.lines().count()).unwrap();
            prop_assert!(rows.iter().all(|row| (1..=lines).contains(&row.line)));
        }
    }

    #[test]
    fn no_message_repeats_the_file(format in format(), trust in trust(), before in PARTS, after in PARTS) {
        let text = format!("{before}zq9Canary7x{after}");
        let told = match read(format, trust, &text) {
            Ok(rows) => rows.iter().filter_map(|row| row.found.as_ref().err()).map(ToString::to_string).collect(),
            Err(error) => error.to_string(),
        };
        prop_assert!(!told.contains("Canary"));
    }

    #[test]
    fn a_list_of_keys_is_read_in_full(keys in proptest::collection::vec("[!#-+./-:<-~]{8,64}", 1..20)) {
        prop_assume!(keys.iter().all(|key| !key.starts_with("${") && !key.starts_with("{vault")));
        let rows = read(ImportFormat::Plain, Trust::AsIs, &keys.join("\n")).unwrap();
        prop_assert_eq!(rows.len(), keys.len());
        prop_assert!(rows.iter().all(|row| row.found.is_ok()));
    }
}
