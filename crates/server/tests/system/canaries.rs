//! What must not come out, in every spelling that it could come out in.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};

/// Texts to look for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Canaries(Vec<String>);

impl Canaries {
    /// A key, or the secret of a pair. What stands before its digits is no secret.
    pub(crate) fn of_key(key: &str) -> Self {
        let digits = key.rsplit('_').next().expect("a key has digits");
        Self([spellings(digits), spellings(key)].concat())
    }

    pub(crate) fn add(&mut self, more: impl IntoIterator<Item = String>) {
        self.0.extend(more);
    }

    /// Fails if there is one of them.
    #[track_caller]
    pub(crate) fn are_not_in(&self, place: &str, content: &[u8]) {
        if let Some((canary, around)) = self.found_in(content) {
            panic!("{place} has {canary}: {around}");
        }
    }

    /// One of them, and what stands around it.
    fn found_in(&self, content: &[u8]) -> Option<(&str, String)> {
        let place =
            |canary: &str| content.windows(canary.len()).position(|window| window == canary.as_bytes());
        let (canary, at) = self.0.iter().find_map(|canary| Some((canary, place(canary)?)))?;
        let around = &content[at.saturating_sub(300)..content.len().min(at + 300)];
        Some((canary, String::from_utf8_lossy(around).into_owned()))
    }
}

/// As it is, in each case, in Base64, in hexadecimal digits and percent-encoded. Base64 of a text that begins elsewhere
/// looks otherwise, so that its middle stands for each of the three beginnings.
pub(crate) fn spellings(text: &str) -> Vec<String> {
    let digits =
        |before: &str| text.bytes().fold(String::new(), |all, byte| format!("{all}{before}{byte:02x}"));
    let (hex, percent) = (digits(""), digits("%"));
    let mut all = vec![text.to_owned(), text.to_lowercase(), text.to_uppercase(), hex.to_uppercase(), hex];
    all.extend([
        percent.to_uppercase(),
        percent,
        text.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"),
    ]);
    for start in 0..3 {
        let rest = &text.as_bytes()[start.min(text.len())..];
        let whole = &rest[..rest.len() / 3 * 3];
        all.extend([BASE64_STANDARD.encode(whole), BASE64_URL_SAFE_NO_PAD.encode(whole)]);
    }
    all.retain(|spelling| spelling.len() >= 8);
    all
}

#[test]
fn each_spelling_is_found() {
    let key = "odr_production_abcDEF0123456789xyz";
    let canaries = Canaries::of_key(key);
    let digits = "abcDEF0123456789xyz";
    let basic = ["a:", "ab:", "abc:"].map(|user| BASE64_STANDARD.encode(format!("{user}{key}")));
    let more = [
        key.to_owned(),
        digits.to_uppercase(),
        format!("Bearer {digits}"),
        "%61%62%63%44%45%46%30%31%32%33%34%35%36%37%38%39%78%79%7A".to_owned(),
    ];
    for text in basic.into_iter().chain(more) {
        assert!(canaries.found_in(text.as_bytes()).is_some(), "{text}");
    }
    canaries.are_not_in("here", b"odr_production_");
}
