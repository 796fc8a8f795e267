use std::collections::HashSet;

use claviger_model::Endpoint;

/// OpenAPI documents, in YAML and JSON.
///
/// # Panics
/// If what is read could not be served, or a mistake has no place in the document.
pub fn openapi(data: &[u8]) {
    let (Ok(text), Ok(api)) = (str::from_utf8(data), "fuzz".parse()) else { return };
    match claviger_spec::read(text, &api) {
        Ok(spec) => assert_endpoints(&spec.endpoints),
        Err(error) => {
            assert!(error.line > 0 && error.column > 0, "a mistake has no place");
            assert!(!error.to_string().contains(char::is_control), "a mistake shows a control character");
        }
    }
}

fn assert_endpoints(endpoints: &[Endpoint]) {
    assert!(!endpoints.is_empty(), "a document without endpoints is accepted");
    let mut seen = HashSet::new();
    for endpoint in endpoints {
        assert!(endpoint.path.starts_with('/'), "a path does not start with a slash");
        assert!(endpoint.method.bytes().all(|byte| byte.is_ascii_uppercase()), "a method is not in capitals");
        assert!(!endpoint.permissions.is_empty(), "an endpoint needs no permission");
        let path: Vec<_> = endpoint.path.split('/').map(without_name).collect();
        assert!(seen.insert((&endpoint.method, path)), "two endpoints cannot be told apart");
    }
}

fn without_name(segment: &str) -> &str {
    if segment.starts_with('{') { "{}" } else { segment }
}
