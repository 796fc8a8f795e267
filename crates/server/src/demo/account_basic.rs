//! The example of contract T.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use claviger_app::{App, AppError};
use claviger_model::LifeEvent;

use super::keys::{Wanted, changed, have_all};
use super::report::{Call, Example};

const ACCOUNT: &str = "100042";
const OTHER_ACCOUNT: &str = "100043";

const fn wanted(label: &'static str, api: &'static str) -> Wanted {
    Wanted {
        label,
        account: ACCOUNT,
        api,
        environment: "production",
        address: "127.0.0.1",
        permissions: &[],
        life: None,
    }
}

/// The keys, in the order of [`Keys`].
const WANTED: [Wanted; 9] = [
    wanted("Demo: customers", "customers"),
    wanted("Demo: billing", "billing"),
    Wanted { life: Some(LifeEvent::Activate), ..wanted("Demo: cloudstore", "cloudstore") },
    wanted("Demo: cloudstore, pending", "cloudstore"),
    Wanted { address: "192.0.2.1", ..wanted("Demo: customers, other address", "customers") },
    Wanted { life: Some(LifeEvent::Disable), ..wanted("Demo: customers, disabled", "customers") },
    Wanted { life: Some(LifeEvent::Revoke), ..wanted("Demo: customers, revoked", "customers") },
    Wanted { environment: "sandbox", ..wanted("Demo: billing, sandbox", "billing") },
    Wanted { account: OTHER_ACCOUNT, ..wanted("Demo: customers, other account", "customers") },
];

/// The keys of the example.
struct Keys<'k> {
    customers: &'k str,
    billing: &'k str,
    cloudstore: &'k str,
    pending: &'k str,
    elsewhere: &'k str,
    disabled: &'k str,
    revoked: &'k str,
    sandbox: &'k str,
    foreign: &'k str,
}

pub(super) async fn example(app: &App, gateway: &str) -> Result<Example, AppError> {
    let (views, secrets) = have_all(app, &WANTED).await?;
    let [customers, billing, cloudstore, pending, elsewhere, disabled, revoked, sandbox, foreign] =
        secrets.each_ref().map(String::as_str);
    let keys =
        Keys { customers, billing, cloudstore, pending, elsewhere, disabled, revoked, sandbox, foreign };
    let calls =
        [who(&keys, gateway), from_where(&keys, gateway), what(&keys, gateway), formats(&keys, gateway)];
    Ok(Example {
        account: ACCOUNT.to_owned(),
        credentials: views.iter().map(Into::into).collect(),
        calls: calls.into_iter().flatten().collect(),
    })
}

fn basic(account: &str, key: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{account}:{key}")))
}

/// A GET that its key's account makes.
fn get(row: &'static str, name: &'static str, url: String, key: &str, expect: u16) -> Call {
    let headers = BTreeMap::from([("Authorization", basic(ACCOUNT, key))]);
    Call { row, name, method: "GET", url, headers, body: None, expect }
}

fn with(mut call: Call, header: &'static str, value: &str) -> Call {
    call.headers.insert(header, value.to_owned());
    call
}

fn post(call: Call, media_type: &str, body: &'static str) -> Call {
    Call { method: "POST", body: Some(body.into()), ..with(call, "Content-Type", media_type) }
}

const ORDER: &str =
    r#"{"customerId":"C-1001","reference":"PO-7731","lines":[{"productId":"office-suite-m","quantity":25}]}"#;
const PAYMENT: &str = r#"{"invoiceId":"INV-2025-0107","amount":"1284.50","currency":"EUR"}"#;

fn who(keys: &Keys<'_>, gateway: &str) -> Vec<Call> {
    let url = || format!("{gateway}/customers/v1/customers");
    let header = |name, value: Option<String>| {
        let headers = value.map(|value| ("Authorization", value)).into_iter().collect();
        Call { row: "T10", name, method: "GET", url: url(), headers, body: None, expect: 403 }
    };
    let unknown = changed(keys.customers);
    vec![
        get("T7", "list customers", url(), keys.customers, 200),
        get("T7", "list invoices", format!("{gateway}/billing/v1/invoices"), keys.billing, 200),
        header("no Authorization header", None),
        header("malformed Authorization header", Some("Basic not-base64!".into())),
        header("unknown key", Some(basic(ACCOUNT, &unknown))),
        header("right key of another account", Some(basic(ACCOUNT, keys.foreign))),
        header("account number of another account", Some(basic(OTHER_ACCOUNT, keys.customers))),
        get("T10", "right key of this account and API", url(), keys.customers, 200),
        get("T10", "key of another API", url(), keys.billing, 403),
        get("T10", "key of another environment", format!("{gateway}/billing/v1/invoices"), keys.sandbox, 403),
        get("T10", "disabled key", url(), keys.disabled, 403),
        get("T10", "revoked key", url(), keys.revoked, 403),
        Call {
            row: "T7",
            expect: 403,
            ..header("account number of another account", Some(basic(OTHER_ACCOUNT, keys.customers)))
        },
    ]
}

fn from_where(keys: &Keys<'_>, gateway: &str) -> Vec<Call> {
    let customers = || format!("{gateway}/customers/v1/customers");
    let products = || format!("{gateway}/cloudstore/v1/products");
    vec![
        get("T3", "from the key's address", customers(), keys.customers, 200),
        get("T3", "from an address that is not the key's", customers(), keys.elsewhere, 403),
        get("T10", "address that is not the key's", customers(), keys.elsewhere, 403),
        get("T4", "activated Cloudstore key", products(), keys.cloudstore, 200),
        get("T4", "Cloudstore key that waits for activation", products(), keys.pending, 403),
    ]
}

fn what(keys: &Keys<'_>, gateway: &str) -> Vec<Call> {
    let call =
        |row, name, path: &str, expect| get(row, name, format!("{gateway}{path}"), keys.customers, expect);
    let payments =
        |name, expect| get("T11", name, format!("{gateway}/billing/v1/payments"), keys.billing, expect);
    let list = "/customers/v1/customers";
    vec![
        call("T11", "GET", list, 200),
        post(payments("POST of JSON", 201), "application/json", PAYMENT),
        post(payments("POST of XML", 415), "application/xml", "<payment/>"),
        Call { method: "DELETE", ..call("T11", "DELETE", list, 405) },
        call("T13", "the second version", "/customers/v2/customers", 200),
        call("T13", "the latest version", "/customers/latest/customers", 200),
        call("T13", "an unknown version", "/customers/v9/customers", 404),
    ]
}

fn formats(keys: &Keys<'_>, gateway: &str) -> Vec<Call> {
    let customers = |name| get("T12", name, format!("{gateway}/customers/v1/customers"), keys.customers, 200);
    let products = |name| get("T12", name, format!("{gateway}/cloudstore/v1/products"), keys.cloudstore, 200);
    let refused = |name| get("T12", name, format!("{gateway}/customers/v1/customers"), keys.disabled, 403);
    let orders =
        get("T12", "an order, in JSON", format!("{gateway}/cloudstore/v1/orders"), keys.cloudstore, 201);
    vec![
        customers("XML by default"),
        with(customers("JSON where asked for"), "Accept", "application/json"),
        with(products("JSON whatever is asked for"), "Accept", "application/xml"),
        refused("a refusal, in XML by default"),
        with(refused("a refusal, in JSON where asked for"), "Accept", "application/json"),
        post(orders, "application/json", ORDER),
    ]
}
