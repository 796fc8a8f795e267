use http::{Method, StatusCode};
use serde_json::{Map, Value};

use super::format::Format;

/// One operation of the sample upstream.
pub(super) struct Endpoint {
    /// GET, POST, PUT or DELETE.
    pub(super) method: Method,
    /// The path as the upstream sees it, with `{parameters}`.
    pub(super) path: String,
    /// The name of its XML root element.
    pub(super) root: String,
    /// The status of its answer.
    pub(super) status: StatusCode,
    /// What it answers; a text that is `{parameter}` as a whole stands for that part of the path.
    pub(super) answer: Value,
    /// The formats of its answers, the default first.
    pub(super) formats: &'static [Format],
}

/// One version of an API: where it is served, in which formats, with which answers.
struct Collection {
    mounts: &'static [&'static str],
    formats: &'static [Format],
    /// JSON: `METHOD path` to `root`, `answer` and, where it is not 201 for POST and 200 else, `status`.
    answers: &'static str,
}

const BOTH: &[Format] = &[Format::Xml, Format::Json];
const JSON: &[Format] = &[Format::Json];

const COLLECTIONS: [Collection; 12] = [
    Collection { mounts: &["/customers/v1"], formats: BOTH, answers: include_str!("data/customers-v1.json") },
    Collection { mounts: &["/customers/v2"], formats: BOTH, answers: include_str!("data/customers-v2.json") },
    Collection {
        mounts: &["/billing/v1", "/sandbox/billing/v1"],
        formats: BOTH,
        answers: include_str!("data/billing-v1.json"),
    },
    Collection {
        mounts: &["/billing/v2", "/sandbox/billing/v2"],
        formats: BOTH,
        answers: include_str!("data/billing-v2.json"),
    },
    Collection {
        mounts: &["/cloudstore/v1"],
        formats: JSON,
        answers: include_str!("data/cloudstore-v1.json"),
    },
    Collection {
        mounts: &["/cloudstore/v2"],
        formats: JSON,
        answers: include_str!("data/cloudstore-v2.json"),
    },
    Collection {
        mounts: &["/monitoring/v1"],
        formats: JSON,
        answers: include_str!("data/monitoring-v1.json"),
    },
    Collection { mounts: &["/v2/api"], formats: JSON, answers: include_str!("data/vms-v2.json") },
    Collection { mounts: &["/reseller/v2"], formats: JSON, answers: include_str!("data/reseller-v2.json") },
    Collection {
        mounts: &["/signed/management/v1"],
        formats: JSON,
        answers: include_str!("data/signed-management-v1.json"),
    },
    Collection {
        mounts: &["/signed/call-data/v1"],
        formats: JSON,
        answers: include_str!("data/signed-call-data-v1.json"),
    },
    Collection {
        mounts: &["/signed/monitoring/v1"],
        formats: JSON,
        answers: include_str!("data/signed-monitoring-v1.json"),
    },
];

/// Every operation of every API, version and environment.
///
/// # Panics
/// If an embedded file is not of the form above, which a test rules out.
pub(super) fn endpoints() -> Vec<Endpoint> {
    COLLECTIONS.iter().flat_map(Collection::endpoints).collect()
}

impl Collection {
    fn endpoints(&self) -> Vec<Endpoint> {
        let answers: Map<String, Value> =
            serde_json::from_str(self.answers).expect("embedded answers are JSON");
        let at = |mount| answers.iter().map(move |(operation, entry)| self.endpoint(mount, operation, entry));
        self.mounts.iter().flat_map(|mount| at(*mount)).collect()
    }

    fn endpoint(&self, mount: &str, operation: &str, entry: &Value) -> Endpoint {
        let (method, path) = operation.split_once(' ').expect("an operation is a method and a path");
        let usual = if method == "POST" { 201 } else { 200 };
        let status = entry["status"].as_u64().and_then(|status| u16::try_from(status).ok());
        Endpoint {
            status: StatusCode::from_u16(status.unwrap_or(usual)).expect("a status has three digits"),
            method: method.parse().expect("a method is a token"),
            path: format!("{mount}{path}"),
            root: entry["root"].as_str().expect("each answer names its root").to_owned(),
            answer: entry["answer"].clone(),
            formats: self.formats,
        }
    }
}
