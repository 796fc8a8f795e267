use claviger_policy::Target;

/// Request targets.
///
/// # Panics
/// If an accepted target can be read in a second way.
pub fn target(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let Ok(target) = Target::read(text) else { return };
    assert_path(target.path());
    assert_path(&decoded(target.path()));
    assert_query(target.query());
    let again = Target::read(target.path()).expect("the canonical path is refused");
    assert_eq!((again.path(), again.query()), (target.path(), None), "the canonical path is read as another");
    let whole =
        target.query().map_or_else(|| target.path().to_owned(), |query| format!("{}?{query}", target.path()));
    assert_eq!(Target::read(&whole).as_ref(), Ok(&target), "what goes upstream is read as another");
    assert!(whole.len() <= text.len(), "the canonical form is longer");
}

/// What must hold both of the path itself and of what a server sees that decodes it once.
fn assert_path(path: &str) {
    assert!(path.starts_with('/'), "the path does not start with a slash");
    assert!(!path.contains("//"), "the path has an empty segment");
    assert!(!path.contains('\\'), "the path has a backslash");
    assert!(!path.bytes().any(|byte| byte.is_ascii_control()), "the path has a control character");
    for segment in path.split('/') {
        // Some servers cut parameters off.
        let name = segment.split(';').next().unwrap_or_default();
        assert!(name != "." && name != "..", "the path has a dot segment");
    }
}

fn assert_query(query: Option<&str>) {
    let ends = |byte: u8| byte.is_ascii_control() || byte == b' ' || byte == b'#';
    assert!(!query.is_some_and(|query| query.bytes().any(ends)), "the query does not end where it should");
}

/// Decodes every percent-encoding once. What is no UTF-8 afterwards is replaced, which hides no ASCII.
fn decoded(path: &str) -> String {
    let mut parts = path.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2).expect("a percent sign has no two digits");
        bytes.push(u8::from_str_radix(digits, 16).expect("a percent sign has no two digits"));
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
