//! Path templates as they are written in documents and routes.

/// Why a segment of a path cannot be matched against a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SegmentError {
    /// Nothing stands between two slashes.
    #[error("it has an empty segment; requests with `//` are refused")]
    Empty,
    /// `.` or `..`, also before a `;`.
    #[error("it has a `.` or `..` segment; requests with these are refused")]
    Dots,
    /// A character that cannot stand in a path (RFC 3986 section 3.3).
    #[error("`{}` cannot stand in it; write it percent-encoded", .0.escape_debug())]
    Forbidden(char),
    /// A percent-encoding that requests never carry after they are put into canonical form.
    #[error("write percent-encodings in capitals, and only where they are needed (RFC 3986 section 6.2.2)")]
    Encoding,
}

/// Why a text is not the path template of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// It does not start with a slash.
    #[error("it does not start with `/`")]
    NoSlash,
    /// It is longer than 512 characters.
    #[error("it is longer than 512 characters")]
    TooLong,
    /// A brace has no partner.
    #[error("its braces are not balanced")]
    Braces,
    /// A parameter is only a part of a segment.
    #[error("a parameter is a whole segment, such as `/{{id}}/`")]
    PartOfSegment,
    /// The name of a parameter is empty or unusual.
    #[error("the name of a parameter is made of letters, digits, `_`, `-` and `.`")]
    Parameter,
    /// A parameter stands in it twice.
    #[error("it has the parameter `{{{0}}}` twice")]
    Twice(String),
    /// A segment cannot be matched.
    #[error(transparent)]
    Segment(#[from] SegmentError),
}

const MAX_CHARS: usize = 512;

/// The template with every parameter as `{}`: two templates are in conflict if these are equal.
pub(crate) fn shape(path: &str) -> Result<String, TemplateError> {
    let segments = path.strip_prefix('/').ok_or(TemplateError::NoSlash)?;
    if path.chars().count() > MAX_CHARS {
        return Err(TemplateError::TooLong);
    }
    let mut shape = String::with_capacity(path.len());
    let mut names = Vec::new();
    let mut rest = segments.split('/').peekable();
    while let Some(segment) = rest.next() {
        shape.push('/');
        let ends_with_slash = segment.is_empty() && rest.peek().is_none();
        if !ends_with_slash {
            shape.push_str(segment_shape(segment, &mut names)?);
        }
    }
    Ok(shape)
}

fn segment_shape<'a>(segment: &'a str, names: &mut Vec<&'a str>) -> Result<&'a str, TemplateError> {
    if !segment.contains(['{', '}']) {
        check_literal(segment)?;
        return Ok(segment);
    }
    let name = parameter(segment)?;
    if names.contains(&name) {
        return Err(TemplateError::Twice(name.to_owned()));
    }
    names.push(name);
    Ok("{}")
}

fn parameter(segment: &str) -> Result<&str, TemplateError> {
    if !balanced(segment) {
        return Err(TemplateError::Braces);
    }
    let inner = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let name = inner.filter(|name| !name.contains(['{', '}'])).ok_or(TemplateError::PartOfSegment)?;
    let usual = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    if name.is_empty() || !name.bytes().all(usual) {
        return Err(TemplateError::Parameter);
    }
    Ok(name)
}

fn balanced(segment: &str) -> bool {
    let mut open = false;
    for c in segment.chars().filter(|c| matches!(c, '{' | '}')) {
        if open == (c == '{') {
            return false;
        }
        open = !open;
    }
    !open
}

/// Checks a segment without parameters against what can arrive in a request: paths are in the canonical form of
/// RFC 3986 section 6.2.2 before they are matched.
pub fn check_literal(segment: &str) -> Result<(), SegmentError> {
    if segment.is_empty() {
        return Err(SegmentError::Empty);
    }
    if matches!(segment.split(';').next(), Some("." | "..")) {
        return Err(SegmentError::Dots);
    }
    let mut rest = segment.chars();
    while let Some(c) = rest.next() {
        match c {
            '%' => check_encoding(rest.next(), rest.next())?,
            c if is_pchar(c) => {}
            c => return Err(SegmentError::Forbidden(c)),
        }
    }
    Ok(())
}

fn check_encoding(high: Option<char>, low: Option<char>) -> Result<(), SegmentError> {
    let digit = |c: Option<char>| c.filter(|c| !c.is_ascii_lowercase()).and_then(|c| c.to_digit(16));
    let (Some(high), Some(low)) = (digit(high), digit(low)) else { return Err(SegmentError::Encoding) };
    let byte = u8::try_from(high * 16 + low).unwrap_or_default();
    let unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if unreserved || byte < 0x20 || matches!(byte, b'/' | b'\\' | 0x7f) {
        return Err(SegmentError::Encoding);
    }
    Ok(())
}

/// `pchar` of RFC 3986 section 3.3, without percent-encodings.
fn is_pchar(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_lose_their_names_and_nothing_else_changes() {
        let cases =
            [("/", "/"), ("/a/{id}", "/a/{}"), ("/{x}/b/{y}/", "/{}/b/{}/"), ("/a%20b/c:d", "/a%20b/c:d")];
        for (path, wanted) in cases {
            assert_eq!(shape(path).as_deref(), Ok(wanted), "{path}");
        }
    }

    #[test]
    fn each_mistake_is_named() {
        use SegmentError::{Dots, Empty, Encoding, Forbidden};
        use TemplateError::{Braces, NoSlash, Parameter, PartOfSegment, Segment, TooLong, Twice};
        let cases = [
            ("", NoSlash),
            ("a", NoSlash),
            ("/a/{id", Braces),
            ("/a/id}", Braces),
            ("/a/{{id}}", Braces),
            ("/a/x{id}", PartOfSegment),
            ("/a/{id}.json", PartOfSegment),
            ("/a/{x}{y}", PartOfSegment),
            ("/a/{}", Parameter),
            ("/a/{*rest}", Parameter),
            ("/a/{x}/{x}", Twice("x".to_owned())),
            ("/a//b", Segment(Empty)),
            ("//", Segment(Empty)),
            ("/a/../b", Segment(Dots)),
            ("/a/..;x/b", Segment(Dots)),
            ("/a?b", Segment(Forbidden('?'))),
            ("/a b", Segment(Forbidden(' '))),
            ("/\u{e9}", Segment(Forbidden('\u{e9}'))),
            ("/%41", Segment(Encoding)),
            ("/%2f", Segment(Encoding)),
            ("/%2F", Segment(Encoding)),
            ("/%", Segment(Encoding)),
        ];
        for (path, wanted) in cases {
            assert_eq!(shape(path), Err(wanted), "{path}");
        }
        assert_eq!(shape(&format!("/{}", "a".repeat(512))), Err(TooLong));
        assert!(shape(&format!("/{}", "a".repeat(511))).is_ok());
    }
}
