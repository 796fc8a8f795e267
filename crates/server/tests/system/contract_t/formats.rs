//! T12: Customers and Billing answer XML by default and JSON where asked for, refusals included; Cloudstore always JSON.

use claviger_testkit::Response;
use rstest::rstest;
use serde_json::Value;

use crate::ask::Ask;
use crate::bed::{Bed, Credential, Engine};

/// Accept, and what Customers and Billing make of it.
const ACCEPTS: [(Option<&str>, &str); 12] = [
    (None, "xml"),
    (Some("*/*"), "xml"),
    (Some("application/*"), "xml"),
    (Some("text/html"), "xml"),
    (Some("application/xml"), "xml"),
    (Some("application/json"), "json"),
    (Some("APPLICATION/JSON"), "json"),
    (Some("application/json; charset=utf-8"), "json"),
    (Some("application/json, text/plain, */*"), "json"),
    (Some("application/xml;q=0.4, application/json;q=0.5"), "json"),
    (Some("application/xml;q=0.5, application/json;q=0.4"), "xml"),
    (Some("application/json;q=0"), "xml"),
];

/// The label of an accepted and of a refused key of the demo, and what they call.
const APIS: [(&str, &str); 3] = [
    ("customers", "/customers/v1/customers"),
    ("billing", "/billing/v1/invoices"),
    ("cloudstore", "/cloudstore/v1/products"),
];

fn accepting(ask: Ask, accept: Option<&str>) -> Ask {
    match accept {
        Some(accept) => ask.header("Accept", accept),
        None => ask,
    }
}

/// The format that a body is in, and that its media type says: both have to be the same.
fn format(answer: &Response) -> &'static str {
    let media_type = answer.header("content-type").unwrap_or_default();
    let (xml, json) = (answer.text().starts_with('<'), serde_json::from_slice::<Value>(&answer.body).is_ok());
    let named = |name: &str| media_type.contains(name);
    match (xml, json) {
        (true, false) if named("xml") => "xml",
        (false, true) if named("json") => "json",
        _ => panic!("neither XML nor JSON as its media type {media_type} says: {}", answer.text()),
    }
}

#[track_caller]
fn each_is(ask: &Ask, status: u16, wanted: &str) {
    for answer in ask.gets(status) {
        assert_eq!(format(&answer), wanted, "{ask}: {:?}: {}", answer.headers, answer.text());
    }
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn t12_each_api_answers_in_its_default_or_in_what_is_asked_for(#[case] engine: Engine) {
    let bed = Bed::start(engine);
    for (api, path) in APIS {
        let (url, key) = (format!("{}{path}", bed.gateway()), bed.credential_in(api, "active"));
        for (accept, wanted) in ACCEPTS {
            let wanted = if api == "cloudstore" { "json" } else { wanted };
            each_is(&accepting(Ask::get(&url).by(&key), accept), 200, wanted);
        }
    }
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn t12_refusals_are_in_the_same_format(#[case] engine: Engine) {
    let bed = Bed::start(engine);
    for (api, path) in APIS {
        let (url, key) = (format!("{}{path}", bed.gateway()), bed.credential_in(api, "active"));
        for (accept, wanted) in ACCEPTS {
            let wanted = if api == "cloudstore" { "json" } else { wanted };
            each_is(&accepting(Ask::get(&url), accept), 403, wanted);
            each_is(&accepting(Ask::new("DELETE", &url).by(&key), accept), 405, wanted);
        }
    }
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn t12_every_kind_of_refusal_keeps_the_format(#[case] engine: Engine) {
    let bed = Bed::start(engine);
    let labelled = |label: &str| bed.credential(&format!("Demo: {label}"));
    let get = |path: &str, key: &Credential| Ask::get(&format!("{}{path}", bed.gateway())).by(key);
    let (customers, list) = (labelled("customers"), "/customers/v1/customers");
    let (xml, refused) =
        (list.to_owned(), ["customers, disabled", "customers, revoked", "customers, other address"]);
    for label in refused {
        both_formats(|| get(&xml, &labelled(label)), 403);
    }
    both_formats(|| get(list, &labelled("billing")), 403);
    both_formats(|| get("/customers/v9/customers", &customers), 404);
    both_formats(|| get("/customers/v1/nothing", &customers), 404);
    let post = || Ask::post(&format!("{}{list}", bed.gateway()), "text/plain", "x").by(&customers);
    both_formats(post, 415);
    let pending = get("/cloudstore/v1/products", &labelled("cloudstore, pending"));
    each_is(&pending.header("Accept", "application/xml"), 403, "json");
}

fn both_formats(ask: impl Fn() -> Ask, status: u16) {
    each_is(&ask(), status, "xml");
    each_is(&ask().header("Accept", "application/json"), status, "json");
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn t12_the_upstream_is_told_what_the_caller_left_open(#[case] engine: Engine) {
    let bed = Bed::start(engine);
    let received = |api: &str, path: &str, accept: &str| {
        let url = format!("{}{path}", bed.gateway());
        let ask = Ask::get(&url).by(&bed.credential_in(api, "active"));
        ask.header("Accept", accept).gets(200).map(|answer| answer.json()["received"]["headers"].to_string())
    };
    for told in received("cloudstore", "/cloudstore/v1/products", "application/xml") {
        assert!(told.contains(r#"{"name":"accept","value":"application/json"}"#), "{told}");
        assert!(!told.contains("application/xml"), "{told}");
    }
    for told in received("billing", "/billing/v1/invoices", "application/json") {
        assert!(told.contains(r#"{"name":"accept","value":"application/json"}"#), "{told}");
    }
}
