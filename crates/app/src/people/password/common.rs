//! Passwords that are tried first: words of a list, alone, repeated or with something usual at an end, walks over a
//! keyboard, rows of letters or digits, and short pieces that repeat.

use std::collections::HashSet;
use std::sync::LazyLock;

static WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| include_str!("common.txt").lines().collect());

/// Walks, to and fro.
const ROWS: [&str; 6] = [
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1234567890qwertyuiop",
];

/// Whether it is among the first that somebody tries who tries many.
pub(super) fn is_common(password: &str) -> bool {
    let text = password.to_lowercase();
    let plain = plain(&text);
    [&text, &plain].into_iter().any(|text| is_walk(text) || is_made_of_words(text) || is_repeated(text))
}

/// Without what is put at the ends, and with letters for what stands for them.
fn plain(text: &str) -> String {
    let inner = text.trim_matches(|one: char| !one.is_alphabetic() && !"@$013457".contains(one));
    let inner = inner.trim_end_matches(|one: char| !one.is_alphabetic());
    let letter = |one: char| match one {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    };
    inner.chars().filter(|one| !matches!(one, ' ' | '-' | '_' | '.')).map(letter).collect()
}

fn is_walk(text: &str) -> bool {
    let back: String = text.chars().rev().collect();
    !text.is_empty() && ROWS.iter().any(|row| row.contains(text) || row.contains(&back))
}

/// Whether it is words of the list and digits, one after the other, and of few different ones.
fn is_made_of_words(text: &str) -> bool {
    let mut rest = text;
    let mut seen = HashSet::new();
    while !rest.is_empty() {
        let digits = rest.trim_start_matches(|one: char| !one.is_alphabetic());
        let found =
            (1..=rest.len()).rev().filter_map(|end| rest.get(..end)).find(|start| WORDS.contains(start));
        rest = match found {
            Some(word) => {
                seen.insert(word);
                rest.get(word.len()..).unwrap_or_default()
            }
            None if digits.len() < rest.len() && rest.len() - digits.len() <= 8 => digits,
            None => return false,
        };
    }
    seen.len() <= 1
}

/// Whether it is one piece of at most a third of it, over and over.
fn is_repeated(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    (1..=letters.len() / 3)
        .any(|size| letters.iter().zip(letters.iter().skip(size)).all(|(one, other)| one == other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_tries_is_common() {
        for common in [
            "password",
            "P@ssw0rd",
            "Password123!",
            "passwordpassword",
            "password password",
            "12345678",
            "123456789012345",
            "0987654321",
            "qwertyuiop",
            "qwertyuiopasdfgh",
            "poiuytrewq",
            "abcdefghijklmnop",
            "aaaaaaaaaaaaaaaa",
            "abcabcabcabcabc",
            "letmein2024",
            "Summer2026!!",
            "iloveyou12345678",
            "changemechangeme",
            "19701231",
        ] {
            assert!(is_common(common), "{common}");
        }
    }

    #[test]
    fn what_takes_longer_is_not() {
        for rare in [
            "correct horse battery staple",
            "tern gull heron",
            "terngull",
            "vX9-qLw2",
            "summer of herons",
            "täubchen",
        ] {
            assert!(!is_common(rare), "{rare}");
        }
    }
}
