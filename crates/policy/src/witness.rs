use claviger_model::CheckLine;

/// What a check saw, and what it wanted.
pub(crate) type Words = (String, String);

/// Whoever looks on while a request is judged. The words are asked for only by those who keep them.
pub(crate) trait Witness {
    fn check(&mut self, check: &'static str, passed: bool, words: impl FnOnce() -> Words);
}

/// Looks away: for the check path, where words cost too much.
pub(crate) struct Silent;

impl Witness for Silent {
    fn check(&mut self, _: &'static str, _: bool, _: impl FnOnce() -> Words) {}
}

/// Writes everything down: for `explain`.
#[derive(Default)]
pub(crate) struct Recorder(pub(crate) Vec<CheckLine>);

impl Witness for Recorder {
    fn check(&mut self, check: &'static str, passed: bool, words: impl FnOnce() -> Words) {
        let (saw, wanted) = words();
        let saw = masked(&saw).chars().take(LONGEST).collect();
        self.0.push(CheckLine { check: check.to_owned(), passed, saw, wanted });
    }
}

/// The longest text that is kept of what a check saw: strangers choose it, and a hundred thousand of them are kept.
const LONGEST: usize = 512;

/// Fewer digits of a key than this leave too much to guess, and ids of 26 digits are not hidden.
const TELLING_DIGITS: usize = 32;

/// The text without the digits of keys: people put keys into paths and content types too.
#[must_use]
pub fn masked(text: &str) -> String {
    let mut parts = text.split('_');
    let mut masked = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let hidden = if digits < TELLING_DIGITS { 0 } else { digits };
        masked.push_str(if hidden == 0 { "_" } else { "_…" });
        masked.push_str(part.get(hidden..).unwrap_or_default());
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_kept_of_what_a_stranger_sent_than_explains_it() {
        let mut recorder = Recorder::default();
        recorder.check("target", false, || ("é".repeat(8000), String::new()));
        assert_eq!(recorder.0[0].saw, "é".repeat(LONGEST));
    }

    #[test]
    fn the_digits_of_keys_are_hidden_and_ids_are_not() {
        let digits = "0aZ".repeat(17);
        assert_eq!(masked(&format!("/a/ab_p-1_{digits}/b_c")), "/a/ab_p-1_…/b_c");
        assert_eq!(masked(&format!("ab_p_{}", &digits[..32])), "ab_p_…");
        for text in ["", "_", "é_é", "key_0123456789abcdefghjkmnpqrs", &digits] {
            assert_eq!(masked(text), text);
        }
    }
}
