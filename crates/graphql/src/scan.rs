//! A look at a query before it is parsed: the parser calls itself at each bracket, and takes as long as a query is.

use crate::limits::{Limit, Passed};

/// Counts the tokens of a query, and how deep its brackets are. What is no GraphQL is counted somehow: the parser will
/// find it.
pub(crate) fn check(query: &str) -> Result<(), Passed> {
    let (mut rest, mut tokens, mut depth) = (query.as_bytes(), 0_usize, 0_usize);
    while let Some((first, after)) = rest.split_first() {
        rest = match first {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => {
                rest = after;
                continue;
            }
            b'#' => {
                rest = after_line(after);
                continue;
            }
            b'"' => after_text(rest),
            byte if is_of_word(*byte) => after_word(after),
            _ => after,
        };
        match first {
            b'{' | b'[' | b'(' => depth += 1,
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        tokens += 1;
        if depth > Limit::Brackets.most() {
            return Err(Limit::Brackets.passed());
        }
        if tokens > Limit::Tokens.most() {
            return Err(Limit::Tokens.passed());
        }
    }
    Ok(())
}

const fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn after_word(rest: &[u8]) -> &[u8] {
    let end = rest.iter().position(|byte| !is_of_word(*byte)).unwrap_or(rest.len());
    rest.get(end..).unwrap_or_default()
}

fn after_line(rest: &[u8]) -> &[u8] {
    let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
    rest.get(end..).unwrap_or_default()
}

fn after_text(text: &[u8]) -> &[u8] {
    const BLOCK: &[u8] = b"\"\"\"";
    match text.strip_prefix(BLOCK) {
        Some(rest) => after_end(rest, BLOCK, b"\\\"\"\""),
        None => after_end(text.get(1..).unwrap_or_default(), b"\"", b"\\"),
    }
}

/// What comes after the end of a text. What an escape begins does not end it.
fn after_end<'a>(mut rest: &'a [u8], end: &[u8], escape: &[u8]) -> &'a [u8] {
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(escape) {
            // A lone backslash takes the next sign with it; the escape of a block is whole.
            rest = if escape.len() == 1 { after.get(1..).unwrap_or_default() } else { after };
        } else if let Some(after) = rest.strip_prefix(end) {
            return after;
        } else if end.len() == 1 && matches!(rest.first(), Some(b'\n' | b'\r')) {
            // A text of one line ends with it: what comes after is counted.
            return rest;
        } else {
            rest = rest.get(1..).unwrap_or_default();
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_and_tokens_are_counted_where_the_parser_sees_them() {
        let (deep, long) = (Limit::Brackets.most(), Limit::Tokens.most());
        for open in ["{", "[", "(", "{a(b:["] {
            let per = open.matches(['{', '[', '(']).count();
            assert_eq!(check(&open.repeat(deep / per)), Ok(()), "{open}");
            assert_eq!(check(&open.repeat(deep / per + 1)), Err(Limit::Brackets.passed()), "{open}");
        }
        assert_eq!(check(&"a ".repeat(long)), Ok(()));
        assert_eq!(check(&"a,\n".repeat(long + 1)), Err(Limit::Tokens.passed()));
        assert_eq!(check(&"{}".repeat(long)), Err(Limit::Tokens.passed()));
    }

    #[test]
    fn what_stands_in_texts_and_comments_is_no_bracket() {
        let many = "{".repeat(1000);
        for text in [
            format!("# {many}"),
            format!("{{ a(b: \"{many}\") }}"),
            format!("{{ a(b: \"\\\"{many}\") }}"),
            format!("{{ a(b: \"\"\"{many}\" \\\"\"\" {many}\"\"\") }}"),
        ] {
            assert_eq!(check(&text), Ok(()), "{text}");
        }
        for text in
            [format!("\"\"{many}"), format!("\"\\\\\"{many}"), format!("\"a\n{many}"), format!("# a\r{many}")]
        {
            assert_eq!(check(&text), Err(Limit::Brackets.passed()), "{text}");
        }
    }

    #[test]
    fn what_never_ends_is_looked_at_once() {
        for text in ["\"", "\"\\", "\"\"\"", "\"\"\"\\\"\"\"", "#", "\u{feff}", "…"] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }
}
