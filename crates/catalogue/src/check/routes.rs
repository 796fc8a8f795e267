//! Which requests belong to which environment, and whether that can be told at all.

use std::collections::HashMap;

use claviger_model::Route;
use claviger_spec::yaml::{Place, shown};

use crate::cursor::Cursor;
use crate::mistake::Found;

const VERSION: &str = "{version}";
const MAX_ROUTES: usize = 5_000;
const MAX_PATH: usize = 512;

/// All routes of a catalogue. Those of one host and length are together, because of two others the more particular
/// one always wins.
#[derive(Default)]
pub(crate) struct Routes {
    groups: HashMap<(Option<String>, usize), Vec<Claim>>,
    count: usize,
}

struct Claim {
    path: String,
    /// Which segment is `{version}`.
    version: Option<usize>,
    place: Place,
}

impl Routes {
    /// Checks a route by itself and against those before it.
    pub(crate) fn claim(&mut self, route: &Route, at: Cursor<'_>, found: &mut Found<'_>) {
        let host_fits = route.host.as_deref().is_none_or(|host| check_host(host, at.field("host"), found));
        let path_fits = check_path(&route.path, at.field("path"), found);
        self.count += 1;
        if self.count == MAX_ROUTES + 1 {
            found.add(at.place(), "a catalogue has at most 5,000 routes");
        }
        if !(host_fits && path_fits) || self.count > MAX_ROUTES {
            return;
        }
        let group = self.groups.entry((route.host.clone(), route.path.split('/').count())).or_default();
        let (path, place) = (route.path.clone(), at.field("path").place());
        let claim = Claim { version: version_at(&path), path, place };
        if let Some(message) = group.iter().find_map(|other| conflict(&claim, other)) {
            found.add(claim.place, &message);
        }
        group.push(claim);
    }
}

fn conflict(claim: &Claim, other: &Claim) -> Option<String> {
    let (path, line) = (&other.path, other.place.line);
    if claim.path == *path {
        return Some(format!("the route `{}` is already given in line {line}", shown(path)));
    }
    let both = claim.version.zip(other.version);
    let ambiguous = both.is_some_and(|(here, there)| here != there)
        && claim.path.split('/').zip(path.split('/')).all(|(a, b)| a == b || a == VERSION || b == VERSION);
    ambiguous.then(|| format!("a request can match this and the route `{}` in line {line}", shown(path)))
}

fn version_at(path: &str) -> Option<usize> {
    path.split('/').position(|segment| segment == VERSION)
}

fn check_path(path: &str, at: Cursor<'_>, found: &mut Found<'_>) -> bool {
    let message = match problem(path) {
        None => return true,
        Some(problem) => format!("the route `{}` cannot be matched: {problem}", shown(path)),
    };
    let right = suggestion(path);
    if problem(&right).is_none() {
        found.add_with_help(at.place(), &message, &format!("write `{right}`"));
    } else {
        found.add_with_help(at.place(), &message, "such as `/billing/{version}`");
    }
    false
}

fn problem(path: &str) -> Option<String> {
    if path == "/" {
        return None;
    }
    let Some(segments) = path.strip_prefix('/') else { return Some("it does not start with `/`".to_owned()) };
    if path.chars().count() > MAX_PATH {
        return Some("it is longer than 512 characters".to_owned());
    }
    if path.ends_with('/') {
        return Some("it ends with `/`".to_owned());
    }
    if segments.split('/').filter(|segment| *segment == VERSION).count() > 1 {
        return Some("it has `{version}` twice".to_owned());
    }
    segments.split('/').filter(|segment| *segment != VERSION).find_map(segment_problem)
}

fn segment_problem(segment: &str) -> Option<String> {
    if segment.contains(['{', '}']) {
        return Some("braces stand in it only as the whole segment `{version}`".to_owned());
    }
    claviger_spec::check_literal(segment).err().map(|error| error.to_string())
}

/// The path with the slashes that were probably meant.
fn suggestion(path: &str) -> String {
    let segments: Vec<_> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    format!("/{}", segments.join("/"))
}

fn check_host(host: &str, at: Cursor<'_>, found: &mut Found<'_>) -> bool {
    let lower = host.to_ascii_lowercase();
    let bare = lower.split_once(':').map_or(lower.as_str(), |(name, _)| name).trim_end_matches('.');
    if is_host(host) {
        return true;
    }
    let message = format!("`{}` is not a host name in lower case without a port", shown(host));
    if is_host(bare) {
        found.add_with_help(at.place(), &message, &format!("write `{bare}`"));
    } else {
        found.add_with_help(at.place(), &message, "such as `api.example.com`");
    }
    false
}

/// A name of RFC 1123 section 2.1, or an IPv4 address.
fn is_host(host: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    host.len() <= 253 && host.split('.').all(label)
}
