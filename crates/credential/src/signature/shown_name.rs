use std::fmt;

use http::HeaderName;

/// Longer names are cut: nobody is answered with more of what they sent than shows them their mistake.
const LONGEST: usize = 64;

/// The name of a header that a caller sent, as far as it is shown to that caller.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ShownName {
    letters: [u8; LONGEST],
    length: u8,
    cut: bool,
}

impl From<&HeaderName> for ShownName {
    fn from(name: &HeaderName) -> Self {
        let mut shown = Self { letters: [0; LONGEST], length: 0, cut: name.as_str().len() > LONGEST };
        for (place, letter) in shown.letters.iter_mut().zip(name.as_str().bytes()) {
            *place = letter;
            shown.length += 1;
        }
        shown
    }
}

impl fmt::Display for ShownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letters = self.letters.get(..self.length.into()).unwrap_or_default();
        // Names of headers are ASCII, so the default is never taken.
        f.write_str(str::from_utf8(letters).unwrap_or_default())?;
        f.write_str(if self.cut { "…" } else { "" })
    }
}

impl fmt::Debug for ShownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_cut() {
        let shown = |name: &str| ShownName::from(&name.parse::<HeaderName>().unwrap()).to_string();
        assert_eq!(shown("X-Date"), "x-date");
        assert_eq!(shown(&"a".repeat(64)), "a".repeat(64));
        assert_eq!(shown(&"a".repeat(65)), format!("{}…", "a".repeat(64)));
    }
}
