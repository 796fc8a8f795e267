//! The requests of the table.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::bed::{Bed, basic};

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) method: &'static str,
    pub(crate) target: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    /// From where it comes.
    pub(crate) client: &'static str,
    /// What Envoy sends of the body.
    pub(crate) shown: &'static str,
}

impl Row {
    pub(crate) fn new(
        method: &'static str,
        target: &'static str,
        headers: Vec<(&'static str, String)>,
    ) -> Self {
        Self { method, target, headers, client: "127.0.0.1", shown: "" }
    }
}

/// Method, target and content type.
const CALLS: [(&str, &str, Option<&str>); 12] = [
    ("GET", "/customers/v1/customers", None),
    ("GET", "/customers/v2/customers?page=1&x=%2F", None),
    ("GET", "/customers/latest/%63ustomers", None),
    ("GET", "/customers/v9/customers", None),
    ("GET", "/customers/v1/nothing", None),
    ("GET", "/customers/v1//customers", None),
    ("DELETE", "/customers/v1/customers", None),
    ("GET", "/billing/v1/invoices", None),
    ("POST", "/billing/v1/payments", Some("application/json")),
    ("POST", "/billing/v1/payments", Some("application/xml")),
    ("GET", "/cloudstore/v1/products", None),
    ("GET", "/nothing", None),
];

const CLIENTS: [&str; 2] = ["127.0.0.1", "192.0.2.1"];
const ACCEPTS: [Option<&str>; 2] = [None, Some("application/json")];

/// Every credential, for every call, from every address; formats in turn.
pub(crate) fn all(bed: &Bed) -> Vec<Row> {
    let mut rows = Vec::new();
    for authorization in authorizations(bed) {
        for (method, target, media_type) in CALLS {
            for client in CLIENTS {
                let accept = ACCEPTS[rows.len() % ACCEPTS.len()];
                let mut headers: Vec<_> =
                    authorization.iter().map(|value| ("authorization", value.clone())).collect();
                headers.extend(media_type.map(|value| ("content-type", value.to_owned())));
                headers.extend(accept.map(|value| ("accept", value.to_owned())));
                rows.push(Row { client, ..Row::new(method, target, headers) });
            }
        }
    }
    rows
}

/// The Authorization headers of each caller.
fn authorizations(bed: &Bed) -> Vec<Vec<String>> {
    let labels = [
        "Demo: customers",
        "Demo: billing",
        "Demo: cloudstore",
        "Demo: cloudstore, pending",
        "Demo: customers, other address",
        "Demo: customers, disabled",
        "Demo: customers, revoked",
        "Demo: billing, sandbox",
    ];
    let good = bed.credential("Demo: customers");
    let mut all: Vec<_> = labels.map(|label| vec![bed.credential(label).basic()]).into();
    all.extend([
        vec![],
        vec!["Basic not-base64!".to_owned()],
        vec![format!("Basic {}", BASE64_STANDARD.encode("100042:short"))],
        vec![basic("100043", &good.key)],
        vec![good.basic(), good.basic()],
    ]);
    all
}
