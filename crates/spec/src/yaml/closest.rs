//! Help with misspelt names.

/// The known name that is most like `given`, if one is so like it that a slip is probable.
#[must_use]
pub fn closest<'a>(given: &str, known: &[&'a str]) -> Option<&'a str> {
    if given.len() > 64 {
        return None;
    }
    let most = given.chars().count().div_ceil(3);
    let given = given.to_lowercase();
    let distances = known.iter().map(|name| (distance(&given, &name.to_lowercase()), *name));
    distances
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// The number of letters to add, drop or change (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, letter) in left.chars().enumerate() {
        let mut before = line;
        let mut last = line + 1;
        for (cell, other) in row.iter_mut().skip(1).zip(&right) {
            let changed = before + usize::from(letter != *other);
            before = *cell;
            last = changed.min(last + 1).min(*cell + 1);
            *cell = last;
        }
        if let Some(first) = row.first_mut() {
            *first = line + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

/// A text of the writer's, as a message may show it: no control characters, and at most 64 characters.
#[must_use]
pub fn shown(text: &str) -> String {
    let mut short = clean(&text.chars().take(64).collect::<String>());
    if text.chars().nth(64).is_some() {
        short.push('…');
    }
    short
}

/// Control characters could forge lines of a log or drive a terminal.
pub(crate) fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { '\u{fffd}' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_the_textbook() {
        for (left, right, wanted) in
            [("kitten", "sitting", 3), ("", "abc", 3), ("abc", "", 3), ("same", "same", 0)]
        {
            assert_eq!(distance(left, right), wanted, "{left} {right}");
        }
    }

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        let known = ["prefix", "schemes", "key_types"];
        assert_eq!(closest("prefx", &known), Some("prefix"));
        assert_eq!(closest("Schemes", &known), Some("schemes"));
        assert_eq!(closest("keytypes", &known), Some("key_types"));
        assert_eq!(closest("colour", &known), None);
    }

    #[test]
    fn what_is_shown_is_short_and_clean() {
        assert_eq!(shown("a\u{1b}[2Jb\n"), "a\u{fffd}[2Jb\u{fffd}");
        assert_eq!(shown(&"x".repeat(65)).chars().count(), 65);
    }
}
