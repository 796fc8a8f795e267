use std::collections::HashMap;

use claviger_model::{Endpoint, Slug};
use serde::Deserialize;

use crate::dialect::Dialect;
use crate::yaml::{Key, Limits, Node, Place, YamlError, closest, parse, shown};
use crate::{SpecError, permissions, template};

/// What an OpenAPI document says, as far as a decision needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// The title of the API, for people.
    pub title: String,
    /// Its operations, in the order of the document. Never empty, and no two have both method and path in common.
    pub endpoints: Vec<Endpoint>,
}

pub(crate) const LIMITS: Limits = Limits { bytes: 4 << 20, nodes: 250_000 };
const MAX_ENDPOINTS: usize = 2_000;

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
/// What else a path item may have (OpenAPI 3.1.1 section 4.8.9).
const OTHER_FIELDS: [&str; 4] = ["summary", "description", "servers", "parameters"];

/// Reads an OpenAPI 3.0 or 3.1 document in YAML or JSON. The permissions of operations that name no scopes begin
/// with `api`.
///
/// A text of more than 4 MiB, 250,000 values, 64 levels or 2,000 endpoints is refused.
pub fn read(text: &str, api: &Slug) -> Result<Spec, SpecError> {
    let document = parse(text, &LIMITS)?;
    let dialect = Dialect::of(&document)?;
    let title = document.read_as::<Titled>()?.info.title;
    let security = document.get("security");
    let mut reader = Reader { api, dialect, security, shapes: HashMap::new(), endpoints: Vec::new() };
    if let Some(paths) = document.get("paths") {
        reader.paths(paths)?;
    }
    if reader.endpoints.is_empty() {
        let place = document.key("paths").map_or(document.place(), |key| key.place);
        return Err(YamlError::new(
            place,
            "the document describes no operation, so that nothing could be called",
        ));
    }
    Ok(Spec { title, endpoints: reader.endpoints })
}

#[derive(Deserialize)]
struct Titled {
    info: Info,
}

#[derive(Deserialize)]
struct Info {
    title: String,
}

struct Reader<'a> {
    api: &'a Slug,
    dialect: Dialect,
    /// The document's security, which counts where an operation has none of its own.
    security: Option<&'a Node>,
    /// The templates so far without the names of parameters, each with its path and place.
    shapes: HashMap<String, (&'a str, Place)>,
    endpoints: Vec<Endpoint>,
}

impl<'a> Reader<'a> {
    fn paths(&mut self, paths: &'a Node) -> Result<(), YamlError> {
        must_be_mapping(paths)?;
        for (path, item) in paths.entries() {
            if !path.text.starts_with("x-") {
                self.path(path, item)?;
            }
        }
        Ok(())
    }

    fn path(&mut self, path: &'a Key, item: &'a Node) -> Result<(), YamlError> {
        let refused = |error: &dyn std::fmt::Display| {
            YamlError::new(
                path.place,
                &format!("the path `{}` cannot be matched: {error}", shown(&path.text)),
            )
        };
        let shape = template::shape(&path.text).map_err(|error| refused(&error))?;
        if let Some((other, place)) = self.shapes.insert(shape, (&path.text, path.place)) {
            let error = format!("it differs from `{}` in line {} only in names", shown(other), place.line);
            return Err(refused(&error).with_help("give the operations of both under one path"));
        }
        must_be_mapping(item)?;
        for (field, node) in item.entries() {
            if METHODS.contains(&&*field.text) {
                self.operation(&path.text, field, node)?;
            } else {
                check_field(field)?;
            }
        }
        Ok(())
    }

    fn operation(&mut self, path: &str, method: &Key, node: &Node) -> Result<(), YamlError> {
        if self.endpoints.len() == MAX_ENDPOINTS {
            return Err(YamlError::new(method.place, "a document has at most 2,000 operations"));
        }
        let operation = self.dialect.operation(node)?;
        let method_name = method.text.to_ascii_uppercase();
        let security = node.get("security").or(self.security);
        let mut permissions = security.map_or_else(|| Ok(Vec::new()), permissions::of_security)?;
        if permissions.is_empty() {
            let place = method.place;
            permissions.push(permissions::by_default(self.api, &method_name, path, &operation.tags, place)?);
        }
        let summary = operation.summary.as_deref().and_then(one_line);
        self.endpoints.push(Endpoint { method: method_name, path: path.to_owned(), summary, permissions });
        Ok(())
    }
}

fn must_be_mapping(node: &Node) -> Result<(), YamlError> {
    if node.is_mapping() {
        return Ok(());
    }
    Err(YamlError::new(node.place(), "expected a mapping"))
}

/// An unknown field would be an operation that is silently not served.
fn check_field(field: &Key) -> Result<(), YamlError> {
    if OTHER_FIELDS.contains(&&*field.text) || field.text.starts_with("x-") {
        return Ok(());
    }
    if &*field.text == "$ref" {
        let error = YamlError::new(field.place, "a path that is a `$ref` is not read");
        return Err(error.with_help("write its operations here"));
    }
    let error = YamlError::new(
        field.place,
        &format!("`{}` is neither a method nor a field of a path", shown(&field.text)),
    );
    let help = match closest(&field.text, &METHODS) {
        Some(method) => format!("did you mean `{method}`?"),
        None => format!("methods: {}", METHODS.join(", ")),
    };
    Err(error.with_help(&help))
}

/// The first line of a summary, cut to 200 characters.
fn one_line(summary: &str) -> Option<String> {
    let line = summary.trim().lines().next()?;
    let line: String = line.chars().filter(|c| !c.is_control()).take(200).collect();
    Some(line.trim().to_owned()).filter(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn api() -> Slug {
        "shop".parse().unwrap()
    }

    fn lines(text: &str) -> Vec<String> {
        let spec = read(text, &api()).unwrap();
        let line = |endpoint: &Endpoint| {
            let permissions: Vec<_> = endpoint.permissions.iter().map(ToString::to_string).collect();
            format!("{} {} {}", endpoint.method, endpoint.path, permissions.join(","))
        };
        spec.endpoints.iter().map(line).collect()
    }

    const V3_1: &str = r##"openapi: 3.1.0
info: { title: Shop, version: 1.10 }
security:
  - basic: []
  - oauth: ["shop:everything:read"]
paths:
  /items:
    summary: Items
    parameters: [{ name: page, in: query, schema: { type: integer } }]
    get:
      summary: "  Lists items\nin pages"
      security: [{ oauth: ["shop:items:list", "shop:items:read", "shop:items:list"] }]
      responses: { 200: { description: All, content: { application/json: { schema: { type: array } } } } }
    post: { responses: { "201": { $ref: "#/components/responses/Made" } } }
  /items/{id}:
    delete: { tags: [Stock Items], security: [], parameters: [{ $ref: "#/components/parameters/Id" }] }
    x-note: nothing
  x-more: true
components: { securitySchemes: { basic: { type: http, scheme: basic } } }
"##;

    #[test]
    fn a_document_of_3_1_becomes_endpoints_in_its_order() {
        let wanted = [
            "GET /items shop:items:list,shop:items:read",
            "POST /items shop:everything:read",
            "DELETE /items/{id} shop:stock-items:delete",
        ];
        assert_eq!(lines(V3_1), wanted);
        let spec = read(V3_1, &api()).unwrap();
        assert_eq!(spec.title, "Shop");
        assert_eq!(spec.endpoints[0].summary.as_deref(), Some("Lists items"));
    }

    const V3_0: &str = r##"{
	"openapi": "3.0.3",
	"info": {"title": "Shop", "version": "1"},
	"paths": {
		"/{id}/parts": {
			"head": {"responses": {"default": {"description": "\u00e9"}}},
			"put": {
				"tags": ["parts"],
				"parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
				"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Part"}}}},
				"responses": {"204": {"description": "Done", "headers": {"X-Rate": {"schema": {"type": "integer",
					"maximum": 18446744073709551616}}}}, "4XX": {"description": "No"}}
			}
		}
	}
}"##;

    #[test]
    fn a_document_of_3_0_may_be_json_with_tabs() {
        assert_eq!(lines(V3_0), ["HEAD /{id}/parts shop:parts:read", "PUT /{id}/parts shop:parts:update"]);
    }

    #[test]
    fn a_version_without_quotes_or_patch_is_read_as_written() {
        for version in ["3.0", "3.1", "'3.1.1'", "3.0.4"] {
            let text =
                format!("openapi: {version}\ninfo: {{title: 7}}\npaths: {{/: {{get: {{responses: {{}}}}}}}}");
            assert_eq!(lines(&text), ["GET / shop:root:read"], "{version}");
        }
    }

    fn mistake(text: &str) -> String {
        read(text, &api()).unwrap_err().to_string()
    }

    /// A document whose paths begin in line 4.
    fn with_paths(version: &str, paths: &str) -> String {
        format!("openapi: {version}\ninfo: {{ title: T, version: v }}\npaths:\n{paths}\n")
    }

    const MISTAKES_OF_DOCUMENTS: &[(&str, &str)] = &[
        ("", "1:1: `openapi` is missing, so that this is no OpenAPI document (OpenAPI 3.0 and 3.1 are read)"),
        ("a: [1, 2", "1:4: unclosed bracket '['"),
        ("swagger: '2.0'\n", "1:1: this is a document of Swagger (OpenAPI 3.0 and 3.1 are read)"),
        ("x: 1\nopenapi: 3.2.0", "2:10: OpenAPI `3.2.0` is not read (OpenAPI 3.0 and 3.1 are read)"),
        ("openapi: [3]", "1:10: expected a text, found a list"),
        ("openapi: 3.1.0\npaths: {}", "1:1: `info` is missing"),
        ("openapi: 3.1.0\ninfo:\n  version: 1", "3:3: `title` is missing"),
        ("openapi: 3.1.0\ninfo:\n  title:\n", "3:8: expected a text, found nothing"),
        (
            "openapi: 3.1.0\ninfo: { title: T }\npaths: {}",
            "3:1: the document describes no operation, so that nothing could be called",
        ),
        ("openapi: 3.1.0\ninfo: { title: T }\npaths: []", "3:8: expected a mapping"),
        ("openapi: 3.1.0\nopenapi: 3.1.0", "2:1: `openapi` is given twice"),
        ("openapi: 3.1.0\n---\na: b", "3:1: only single YAML document expected but multiple found"),
    ];

    #[test]
    fn mistakes_of_the_whole_document_have_line_and_column() {
        for (text, wanted) in MISTAKES_OF_DOCUMENTS {
            assert_eq!(mistake(text), *wanted, "{text}");
        }
    }

    const MISTAKES_OF_PATHS: &[(&str, &str)] = &[
        ("  items: {}", "4:3: the path `items` cannot be matched: it does not start with `/`"),
        ("  /a/{b: {}", "4:3: the path `/a/{b` cannot be matched: its braces are not balanced"),
        (
            "  /a/{b}: { get: {} }\n  /a/{c}: { post: {} }",
            "5:3: the path `/a/{c}` cannot be matched: it differs from `/a/{b}` in line 4 only in names \
                 (give the operations of both under one path)",
        ),
        ("  /a: { get: {} }\n  /a: { post: {} }", "5:3: `/a` is given twice"),
        ("  /a:\n    get: {}\n    get: {}", "6:5: `get` is given twice"),
        ("  /a:\n    GET: {}", "5:5: `GET` is neither a method nor a field of a path (did you mean `get`?)"),
        ("  /a:\n    $ref: '#/x'", "5:5: a path that is a `$ref` is not read (write its operations here)"),
        (
            "  /a: { get: { security: [{ o: [x] }] } }",
            "4:33: the scope `x` is not a permission: write \
                 `api:resource:action` in letters, digits, `-`, `_` and `.`",
        ),
        ("  /a: { get: { security: { o: [x] } } }", "4:26: expected a list, found a mapping"),
        ("  /a: { get: { tags: one } }", "4:22: expected a list, found the text `one`"),
        ("  /a: nothing", "4:7: expected a mapping"),
        ("  /a:\n    get:\n      summary: []", "6:16: expected a text, found a list"),
    ];

    #[test]
    fn mistakes_of_paths_have_line_and_column() {
        for (paths, wanted) in MISTAKES_OF_PATHS {
            assert_eq!(mistake(&with_paths("3.1.0", paths)), *wanted, "{paths}");
        }
    }

    #[test]
    fn mistakes_within_operations_have_line_and_column_in_both_versions() {
        let operation =
            "  /a:\n    get:\n      responses: { '200': { description: x } }\n      parameters:\n";
        let bad = format!(
            "{operation}        - name: p\n          in: query\n          schema: {{}}\n        - in: query"
        );
        for version in ["3.0.0", "3.1.0"] {
            let error = read(&with_paths(version, &bad), &api()).unwrap_err();
            assert_eq!((error.line, error.column), (11, 11), "{version}: {error}");
        }
        assert_eq!(mistake(&with_paths("3.0.0", "  /a:\n    get: {}")), "5:10: `responses` is missing");
    }

    #[test]
    fn schemas_may_nest_and_be_wrong() {
        let schema = format!("{}{{ type: 5 }}{}", "{ items: ".repeat(40), " }".repeat(40));
        let headers = "headers: { schema: { description: d, schema: {} } }";
        let paths = format!(
            "  /a:\n    get:\n      responses: {{ 200: {{ description: x, {headers} }} }}\n      parameters: \
             [{{ name: a, in: query, schema: {schema} }}]"
        );
        for version in ["3.0.0", "3.1.0"] {
            assert_eq!(lines(&with_paths(version, &paths)), ["GET /a shop:a:read"], "{version}");
        }
    }

    #[test]
    fn documents_that_grow_are_refused() {
        let laughs = (1..9).fold("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned(), |text, level| {
            let alias = format!("*a{}, ", level - 1).repeat(10);
            format!("{text}a{level}: &a{level} [{alias}]\n")
        });
        assert!(mistake(&laughs).contains("the document is too large"), "{}", mistake(&laughs));
        let deep = format!("openapi: {}", "[".repeat(100));
        assert!(mistake(&deep).starts_with("1:"), "{}", mistake(&deep));
        let long = format!("# {}", "x".repeat(4 << 20));
        assert_eq!(mistake(&long), "1:1: the document has 4194306 bytes; at most 4194304 are read");
        let wide = format!("[{}]", "1,".repeat(260_000));
        assert!(mistake(&wide).contains("the document is too large"), "{}", mistake(&wide));
    }

    #[test]
    fn two_thousand_operations_are_read_and_one_more_is_not() {
        let paths = |count: usize| {
            let path = |number| format!("  /p{number}: {{ get: {{}} }}\n");
            with_paths("3.1.0", &(0..count).map(path).collect::<String>())
        };
        assert_eq!(lines(&paths(2_000)).len(), 2_000);
        assert_eq!(mistake(&paths(2_001)), "2004:13: a document has at most 2,000 operations");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,200}") {
            let _ = read(&text, &api());
        }

        #[test]
        fn no_change_of_a_document_panics(at in 0..V3_1.len(), with in "[\\PC\n]{0,6}", cut in 0..12_usize) {
            for document in [V3_1, V3_0] {
                let at = at.min(document.len());
                let end = (at + cut).min(document.len());
                let changed = format!("{}{with}{}", &document[..at], &document[end..]);
                if let Ok(spec) = read(&changed, &api()) {
                    for endpoint in &spec.endpoints {
                        prop_assert!(endpoint.path.starts_with('/') && !endpoint.permissions.is_empty());
                    }
                }
            }
        }
    }
}
