//! A field that is refused is null in the answer (section 6.4.4 of the specification of October 2021). The library
//! leaves it out.

use async_graphql::indexmap::IndexMap;
use async_graphql::{Name, PathSegment, Response, Value};

/// Puts a null in the place of each field that has an error.
pub(crate) fn fill(answered: &mut Response) {
    for error in answered.errors.iter().filter(|error| !error.path.is_empty()) {
        put(&mut answered.data, &error.path);
    }
}

fn put(mut value: &mut Value, path: &[PathSegment]) {
    for segment in path {
        if let (Value::Null, PathSegment::Field(_)) = (&*value, segment) {
            // Of an object whose fields were all refused, the library leaves nothing.
            *value = Value::Object(IndexMap::default());
        }
        value = match (value, segment) {
            (Value::Object(fields), PathSegment::Field(name)) => {
                fields.entry(Name::new(name)).or_insert(Value::Null)
            }
            (Value::List(items), PathSegment::Index(index)) => match items.get_mut(*index) {
                Some(item) => item,
                None => return,
            },
            _ => return,
        };
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{ServerError, value};

    use super::*;

    #[test]
    fn what_is_refused_is_null_and_the_rest_stays() {
        let field = |name: &str| PathSegment::Field(name.to_owned());
        let error = |path: Vec<PathSegment>| ServerError { path, ..ServerError::new("no", None) };
        let mut answered = Response::new(value!({ "a": { "list": [{ "x": 1 }, null] } }));
        answered.errors = vec![
            error(vec![field("b")]),
            error(vec![field("a"), field("list"), PathSegment::Index(0), field("y")]),
            error(vec![field("a"), field("list"), PathSegment::Index(1), field("y")]),
            error(vec![field("a"), field("list"), PathSegment::Index(7), field("y")]),
            error(vec![]),
        ];
        fill(&mut answered);
        let expected = value!({ "a": { "list": [{ "x": 1, "y": null }, { "y": null }] }, "b": null });
        assert_eq!(answered.data, expected);
    }
}
