//! Which API, environment and version a request names, by its host and path.

use std::collections::HashMap;
use std::sync::Arc;

use claviger_model::Route;

use crate::CompiledApi;
use crate::compiled::CompiledEnvironment;

/// A route that two environments claim.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the route {path}{} belongs to `{first}` and to `{second}`", host.as_deref().map(|host| format!(" at {host}")).unwrap_or_default())]
pub struct RouteConflict {
    host: Option<String>,
    path: String,
    first: String,
    second: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(Box<str>),
    Version,
}

#[derive(Debug, Clone)]
struct Entry {
    segments: Vec<Segment>,
    api: Arc<CompiledApi>,
    environment: usize,
}

/// The entries that begin with the same literal segment (none: the empty text), the most particular first.
type Entries = HashMap<Box<str>, Vec<Entry>>;

/// All routes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Router {
    hosts: HashMap<Box<str>, Entries>,
    anywhere: Entries,
}

/// What a request names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Routed<'s, 'r> {
    pub(crate) api: &'s Arc<CompiledApi>,
    pub(crate) environment: &'s CompiledEnvironment,
    /// What stands for `{version}`, if the route has one.
    pub(crate) version: Option<&'r str>,
    /// The path after the route: empty, or from its slash on.
    pub(crate) rest: &'r str,
}

impl Router {
    /// The routes of these APIs. A route that two environments claim goes to the first and is reported.
    pub(crate) fn build<'a>(
        apis: impl IntoIterator<Item = &'a Arc<CompiledApi>>,
    ) -> (Self, Vec<RouteConflict>) {
        let mut router = Self::default();
        let mut conflicts = Vec::new();
        for api in apis {
            for (place, environment) in api.environments.iter().enumerate() {
                for route in &environment.environment.routes {
                    conflicts.extend(router.insert(route, api, place));
                }
            }
        }
        router.sort();
        (router, conflicts)
    }

    fn insert(&mut self, route: &Route, api: &Arc<CompiledApi>, environment: usize) -> Option<RouteConflict> {
        let entries = match &route.host {
            Some(host) => self.hosts.entry(host.as_str().into()).or_default(),
            None => &mut self.anywhere,
        };
        let segments = read_segments(&route.path);
        let first = match segments.first() {
            Some(Segment::Literal(text)) => text.clone(),
            _ => "".into(),
        };
        let entries = entries.entry(first).or_default();
        if let Some(owner) = entries.iter().find(|entry| entry.segments == segments) {
            return Some(RouteConflict {
                host: route.host.clone(),
                path: route.path.clone(),
                first: owner.api.api.slug.to_string(),
                second: api.api.slug.to_string(),
            });
        }
        entries.push(Entry { segments, api: Arc::clone(api), environment });
        None
    }

    fn sort(&mut self) {
        let literals = |entry: &Entry| entry.segments.iter().filter(|s| **s != Segment::Version).count();
        for entries in self.hosts.values_mut().chain([&mut self.anywhere]).flat_map(HashMap::values_mut) {
            entries.sort_by_key(|entry| std::cmp::Reverse((entry.segments.len(), literals(entry))));
        }
    }

    /// What `host` (lower case, no port) and `path` (canonical) name.
    pub(crate) fn route<'s, 'r>(&'s self, host: &str, path: &'r str) -> Option<Routed<'s, 'r>> {
        let at_host = self.hosts.get(host).and_then(|entries| find(entries, path));
        at_host.or_else(|| find(&self.anywhere, path))
    }
}

fn read_segments(path: &str) -> Vec<Segment> {
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    let read = |segment: &str| {
        if segment == "{version}" { Segment::Version } else { Segment::Literal(segment.into()) }
    };
    segments.map(read).collect()
}

fn find<'s, 'r>(entries: &'s Entries, path: &'r str) -> Option<Routed<'s, 'r>> {
    let first = path.get(1..)?.split('/').next()?;
    let named = entries.get(first).filter(|_| !first.is_empty());
    let mut candidates = named.into_iter().chain(entries.get("")).flatten();
    candidates.find_map(|entry| entry.matches(path))
}

impl Entry {
    fn matches<'s, 'r>(&'s self, path: &'r str) -> Option<Routed<'s, 'r>> {
        let mut rest = path;
        let mut version = None;
        for segment in &self.segments {
            let after = rest.strip_prefix('/')?;
            let end = after.find('/').unwrap_or(after.len());
            let (text, next) = after.split_at(end);
            match segment {
                Segment::Literal(literal) if **literal == *text => {}
                Segment::Version if !text.is_empty() => version = Some(text),
                _ => return None,
            }
            rest = next;
        }
        let environment = self.api.environments.get(self.environment)?;
        Some(Routed { api: &self.api, environment, version, rest })
    }
}

#[cfg(test)]
mod tests {
    use claviger_model::{
        Api, ApiId, ApiPolicy, ApiVersion, Environment, EnvironmentId, Format, KeyType, Scheme, VersionMixing,
    };

    use super::*;
    use crate::environments::Environments;

    fn policy() -> ApiPolicy {
        ApiPolicy {
            prefix: "test".parse().unwrap(),
            schemes: vec![Scheme::Basic { user: claviger_model::BasicUser::AccountNumber }],
            methods: vec![],
            request_media_types: vec![],
            formats: vec![Format::Json],
            key_types: vec![KeyType {
                slug: "standard".parse().unwrap(),
                name: "Standard".into(),
                kind: claviger_model::CredentialKind::ApiKey,
            }],
            activation: claviger_model::Activation::Immediate,
            recoverable: false,
            allowlist: claviger_model::AllowlistRule::default(),
            owners: claviger_model::OwnerRule::default(),
            editable: vec![],
            max_lifetime: None,
            version_mixing: VersionMixing::default(),
            login_tokens: claviger_model::LoginTokens::Refuse,
            refusals: claviger_model::Refusals::default(),
        }
    }

    /// A route as `host/path`, or `/path` for any host.
    fn route(text: &str) -> Route {
        let (host, path) = text.split_at(text.find('/').unwrap());
        Route { host: Some(host.to_owned()).filter(|host| !host.is_empty()), path: path.to_owned() }
    }

    /// APIs by name, each with one environment that has these routes; the first is the oldest.
    fn build(apis: &[(&str, &[&str])]) -> (Router, Vec<RouteConflict>) {
        let mut numbers = Environments::default();
        let apis = (1..).zip(apis).map(|(id, (name, routes))| {
            let environment = Environment {
                id: EnvironmentId::from_u128(id),
                slug: "production".parse().unwrap(),
                upstream: "http://up".into(),
                routes: routes.iter().map(|text| route(text)).collect(),
            };
            let api = Api {
                id: ApiId::from_u128(id),
                slug: name.parse().unwrap(),
                name: (*name).to_owned(),
                policy: policy(),
                versions: vec![ApiVersion { name: "v1".parse().unwrap(), endpoints: vec![] }],
                environments: vec![environment],
            };
            Arc::new(CompiledApi::compile(api, &mut Vec::new(), &mut numbers).unwrap())
        });
        Router::build(&apis.collect::<Vec<_>>())
    }

    /// The API, the version and the rest that a request names.
    fn named<'a>(
        router: &'a Router,
        host: &str,
        path: &'a str,
    ) -> Option<(&'a str, Option<&'a str>, &'a str)> {
        let found = router.route(host, path)?;
        Some((found.api.api.slug.as_str(), found.version, found.rest))
    }

    #[test]
    fn a_host_goes_before_any_host_and_falls_back_to_it() {
        let (router, _) = build(&[("any", &["/a", "/a/b/c"]), ("own", &["own.test/a"])]);
        assert_eq!(named(&router, "own.test", "/a/b/c"), Some(("own", None, "/b/c")));
        assert_eq!(named(&router, "other.test", "/a/b/c"), Some(("any", None, "")));
        let (router, _) = build(&[("any", &["/b"]), ("own", &["own.test/a"])]);
        assert_eq!(named(&router, "own.test", "/b/x"), Some(("any", None, "/x")));
        assert_eq!(named(&router, "", "/a"), None);
        assert_eq!(named(&router, "sub.own.test", "/a"), None);
    }

    #[test]
    fn the_most_particular_route_wins_in_whatever_order_they_come() {
        let apis: [(&str, &[&str]); 4] = [
            ("short", &["/a"]),
            ("long", &["/a/b"]),
            ("versioned", &["/a/{version}"]),
            ("deep", &["/a/{version}/c"]),
        ];
        for turn in 0..apis.len() {
            let mut apis = apis;
            apis.rotate_left(turn);
            let (router, conflicts) = build(&apis);
            assert_eq!(conflicts, []);
            assert_eq!(named(&router, "h", "/a"), Some(("short", None, "")));
            assert_eq!(named(&router, "h", "/a/b"), Some(("long", None, "")));
            assert_eq!(named(&router, "h", "/a/v1"), Some(("versioned", Some("v1"), "")));
            assert_eq!(named(&router, "h", "/a/v1/c/d"), Some(("deep", Some("v1"), "/d")));
            assert_eq!(named(&router, "h", "/a/b/d"), Some(("long", None, "/d")));
        }
    }

    #[test]
    fn the_version_may_stand_at_the_start() {
        let (router, _) = build(&[("first", &["/{version}/a"]), ("only", &["only.test/{version}"])]);
        assert_eq!(named(&router, "h", "/v1/a/b"), Some(("first", Some("v1"), "/b")));
        assert_eq!(named(&router, "h", "/v1/b"), None);
        assert_eq!(named(&router, "h", "/a"), None);
        assert_eq!(named(&router, "only.test", "/v2"), Some(("only", Some("v2"), "")));
        assert_eq!(named(&router, "only.test", "/"), None);
    }

    #[test]
    fn a_literal_start_goes_before_a_version() {
        let (router, _) = build(&[("version", &["/{version}"]), ("literal", &["/a"])]);
        assert_eq!(named(&router, "h", "/a/x"), Some(("literal", None, "/x")));
        assert_eq!(named(&router, "h", "/b/x"), Some(("version", Some("b"), "/x")));
    }

    #[test]
    fn whole_segments_match_and_a_trailing_slash_belongs_to_the_rest() {
        let (router, _) = build(&[("plain", &["/a"]), ("versioned", &["/b/{version}"])]);
        assert_eq!(named(&router, "h", "/a/"), Some(("plain", None, "/")));
        assert_eq!(named(&router, "h", "/ab"), None);
        assert_eq!(named(&router, "h", "/A"), None);
        assert_eq!(named(&router, "h", "/b/v1/"), Some(("versioned", Some("v1"), "/")));
        assert_eq!(named(&router, "h", "/b/"), None);
        assert_eq!(named(&router, "h", "/b"), None);
    }

    #[test]
    fn the_root_route_takes_what_no_other_does() {
        let (router, _) = build(&[("root", &["/"]), ("plain", &["/a"])]);
        assert_eq!(named(&router, "h", "/"), Some(("root", None, "/")));
        assert_eq!(named(&router, "h", "/b/c"), Some(("root", None, "/b/c")));
        assert_eq!(named(&router, "h", "/a"), Some(("plain", None, "")));
        assert_eq!(named(&router, "h", ""), None);
    }

    #[test]
    fn a_route_that_two_claim_goes_to_the_first() {
        let (router, conflicts) = build(&[("one", &["h/a/{version}"]), ("two", &["h/a/{version}/", "h/b"])]);
        assert_eq!(named(&router, "h", "/a/v1"), Some(("one", Some("v1"), "")));
        let told: Vec<_> = conflicts.iter().map(ToString::to_string).collect();
        assert_eq!(told, ["the route /a/{version}/ at h belongs to `one` and to `two`"]);
    }
}
