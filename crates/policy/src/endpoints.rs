use claviger_model::Endpoint;

use crate::CompileError;

/// The endpoints of one version, found by path and method.
#[derive(Debug, Clone)]
pub(crate) struct Endpoints {
    paths: matchit::Router<usize>,
    methods: Vec<Vec<(http::Method, usize)>>,
}

/// What stands at a path.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found<'a> {
    /// Nothing.
    Nowhere,
    /// Endpoints, but none for this method: those for which there are.
    OtherMethods(&'a [(http::Method, usize)]),
    /// This endpoint, by its place in the version, among those for which there are methods here.
    Endpoint(usize, &'a [(http::Method, usize)]),
}

/// Names of parameters do not matter, and the path library wants those of one place to be equal.
fn anonymous(path: &str) -> String {
    let segment =
        |segment: &str| if segment.starts_with('{') { "{p}".to_owned() } else { segment.to_owned() };
    let mut count = 0;
    let numbered = path.split('/').map(segment).map(|segment| {
        count += 1;
        if segment == "{p}" { format!("{{p{count}}}") } else { segment }
    });
    numbered.collect::<Vec<_>>().join("/")
}

impl Endpoints {
    pub(crate) fn compile(endpoints: &[Endpoint]) -> Result<Self, CompileError> {
        let mut compiled = Self { paths: matchit::Router::new(), methods: Vec::new() };
        let mut seen = std::collections::HashMap::new();
        for (index, endpoint) in endpoints.iter().enumerate() {
            let refused =
                || CompileError::Endpoint { method: endpoint.method.clone(), path: endpoint.path.clone() };
            let method = http::Method::from_bytes(endpoint.method.as_bytes()).map_err(|_| refused())?;
            let path = anonymous(&endpoint.path);
            let place = *seen.entry(path.clone()).or_insert(compiled.methods.len());
            if place == compiled.methods.len() {
                compiled.paths.insert(path, place).map_err(|_| refused())?;
                compiled.methods.push(Vec::new());
            }
            if let Some(methods) = compiled.methods.get_mut(place) {
                methods.push((method, index));
            }
        }
        Ok(compiled)
    }

    pub(crate) fn find(&self, method: &http::Method, path: &str) -> Found<'_> {
        let Ok(found) = self.paths.at(path) else { return Found::Nowhere };
        let methods = self.methods.get(*found.value).map(Vec::as_slice).unwrap_or_default();
        match methods.iter().find(|(candidate, _)| candidate == method) {
            Some((_, index)) => Found::Endpoint(*index, methods),
            None => Found::OtherMethods(methods),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(method: &str, path: &str) -> Endpoint {
        Endpoint { method: method.into(), path: path.into(), summary: None, permissions: vec![] }
    }

    #[test]
    fn finds_by_path_then_method() {
        let endpoints = Endpoints::compile(&[
            endpoint("GET", "/items"),
            endpoint("POST", "/items"),
            endpoint("GET", "/items/{id}"),
            endpoint("GET", "/items/{item}/parts"),
            endpoint("GET", "/items/new"),
        ])
        .unwrap();
        let get = http::Method::GET;
        let place = |method: &http::Method, path| match endpoints.find(method, path) {
            Found::Endpoint(place, _) => place,
            other => panic!("{path}: {other:?}"),
        };
        assert_eq!(place(&get, "/items"), 0);
        assert_eq!(place(&http::Method::POST, "/items"), 1);
        assert_eq!(place(&get, "/items/7"), 2);
        assert_eq!(place(&get, "/items/7/parts"), 3);
        assert_eq!(place(&get, "/items/new"), 4);
        assert_eq!(place(&get, "/items/new/parts"), 3);
        assert_eq!(endpoints.find(&get, "/items/"), Found::Nowhere);
        assert_eq!(endpoints.find(&get, ""), Found::Nowhere);
        assert!(matches!(endpoints.find(&http::Method::DELETE, "/items"), Found::OtherMethods([_, _])));
    }
}
