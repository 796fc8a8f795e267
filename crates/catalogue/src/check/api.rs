use std::collections::BTreeMap;

use claviger_model::{ApiVersion, Route, VersionName};

use super::lists::{Unique, check_length, check_some};
use super::policy::check_policy;
use super::routes::Routes;
use super::texts::check_name;
use super::{document, upstream};
use crate::cursor::Cursor;
use crate::entries::{ApiEntry, EnvironmentEntry, RouteEntry};
use crate::mistake::Found;
use crate::{Bundle, DesiredApi, DesiredEnvironment, variables};

const MAX_VERSIONS: usize = 255;

/// The checks of APIs, with what one API must not have in common with another.
pub(crate) struct ApiChecks<'a> {
    bundle: &'a Bundle,
    slugs: Unique,
    prefixes: Unique,
    routes: Routes,
}

impl<'a> ApiChecks<'a> {
    pub(crate) fn new(bundle: &'a Bundle) -> Self {
        let (slugs, prefixes) = (Unique::new("API"), Unique::new("key prefix"));
        Self { bundle, slugs, prefixes, routes: Routes::default() }
    }

    /// What an entry declares; of no use if a mistake was found.
    pub(crate) fn api(&mut self, at: Cursor<'_>, entry: &ApiEntry, found: &mut Found<'_>) -> DesiredApi {
        self.slugs.check(entry.slug.as_str(), at.field("slug"), found);
        check_name(&entry.name, at.field("name"), found);
        let policy = at.field("policy");
        self.prefixes.check(entry.policy.prefix.as_str(), policy.field("prefix"), found);
        check_policy(&entry.policy, policy, found);
        let (versions, documents) = self.versions(at.field("versions"), entry, found);
        let environments = self.environments(at.field("environments"), &entry.environments, found);
        DesiredApi {
            slug: entry.slug.clone(),
            name: entry.name.clone(),
            policy: entry.policy.clone(),
            versions,
            documents,
            environments,
        }
    }

    fn versions(
        &self,
        at: Cursor<'_>,
        entry: &ApiEntry,
        found: &mut Found<'_>,
    ) -> (Vec<ApiVersion>, BTreeMap<VersionName, String>) {
        check_some(&entry.versions, "version", at, found);
        check_length(&entry.versions, MAX_VERSIONS, "versions", at, found);
        let mut names = Unique::new("version");
        let (mut versions, mut documents) = (Vec::new(), BTreeMap::new());
        for (at, version) in at.each(&entry.versions) {
            names.check(version.name.as_str(), at.field("name"), found);
            let (read, text) =
                document::version(self.bundle, &entry.slug, version, at.field("document"), found);
            versions.push(read);
            documents.insert(version.name.clone(), text);
        }
        (versions, documents)
    }

    fn environments(
        &mut self,
        at: Cursor<'_>,
        entries: &[EnvironmentEntry],
        found: &mut Found<'_>,
    ) -> Vec<DesiredEnvironment> {
        check_some(entries, "environment", at, found);
        let mut slugs = Unique::new("environment");
        let environment = |(at, entry): (Cursor<'_>, &EnvironmentEntry)| {
            slugs.check(entry.slug.as_str(), at.field("slug"), found);
            let upstream = self.upstream(&entry.upstream, at.field("upstream"), found);
            check_some(&entry.routes, "route", at.field("routes"), found);
            let routes = at.field("routes").each(&entry.routes);
            let routes = routes.map(|(at, entry)| self.route(entry, at, found)).collect();
            DesiredEnvironment { slug: entry.slug.clone(), upstream, routes }
        };
        at.each(entries).map(environment).collect()
    }

    fn upstream(&self, text: &str, at: Cursor<'_>, found: &mut Found<'_>) -> String {
        let Some(text) = self.filled(text, at, found) else { return String::new() };
        if let Err(problem) = upstream::check_upstream(&text) {
            found.add_with_help(
                at.place(),
                problem.message(),
                "such as `http://127.0.0.1:7070/billing/{version}`",
            );
        }
        text
    }

    fn route(&mut self, entry: &RouteEntry, at: Cursor<'_>, found: &mut Found<'_>) -> Route {
        let host = entry.host.as_deref().map(|host| self.filled(host, at.field("host"), found));
        let route = Route { host: host.clone().flatten(), path: entry.path.clone() };
        if host != Some(None) {
            self.routes.claim(&route, at, found);
        }
        route
    }

    fn filled(&self, text: &str, at: Cursor<'_>, found: &mut Found<'_>) -> Option<String> {
        let filled = variables::filled(text, &self.bundle.variables);
        let report = |error: variables::VariableError| {
            let (message, help) = error.message_and_help();
            found.add_with_help(at.place(), &message, &help);
        };
        filled.map_err(report).ok()
    }
}
