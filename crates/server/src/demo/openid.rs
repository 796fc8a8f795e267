//! The example of contract R: its part with HTTP Basic.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use claviger_app::{App, AppError};

use super::keys::{Wanted, changed, have_all};
use super::report::{Call, Example};

const ACCOUNT: &str = "300300";
/// The API user name: the realm of the account.
const USER: &str = "lantern-hosting";
const OTHER_USER: &str = "pebble-domains";

const WANTED: [Wanted; 1] = [Wanted {
    label: "Demo: reseller",
    account: ACCOUNT,
    api: "reseller",
    environment: "production",
    address: "",
    permissions: &[],
    life: None,
}];

pub(super) async fn example(app: &App, gateway: &str) -> Result<Example, AppError> {
    let (views, secrets) = have_all(app, &WANTED).await?;
    let [key] = secrets.each_ref().map(String::as_str);
    Ok(Example {
        account: ACCOUNT.to_owned(),
        credentials: views.iter().map(Into::into).collect(),
        calls: [who(key, gateway), what(key, gateway)].concat(),
    })
}

fn call(row: &'static str, name: &'static str, url: String, user: &str, key: &str, expect: u16) -> Call {
    let authorization = format!("Basic {}", STANDARD.encode(format!("{user}:{key}")));
    let headers = BTreeMap::from([("Authorization", authorization)]);
    Call { row, name, method: "GET", url, headers, body: None, expect }
}

fn who(key: &str, gateway: &str) -> Vec<Call> {
    let get = |name, user, key: &str, expect| {
        call("R1", name, format!("{gateway}/reseller/v2/domains"), user, key, expect)
    };
    vec![
        get("API user name and key", USER, key, 200),
        get("API user name of another reseller", OTHER_USER, key, 401),
        get("account number for the API user name", ACCOUNT, key, 401),
        get("unknown key", USER, &changed(key), 401),
    ]
}

fn what(key: &str, gateway: &str) -> Vec<Call> {
    let to = |name, method, path: &str, expect| {
        let url = format!("{gateway}/reseller/v2/domains{path}");
        Call { method, ..call("R6", name, url, USER, key, expect) }
    };
    let with = |mut call: Call, media_type: &str, body: &'static str| {
        call.headers.insert("Content-Type", media_type.to_owned());
        Call { body: Some(body.into()), ..call }
    };
    let renewed = r#"{"autoRenew":false}"#;
    vec![
        to("GET", "GET", "", 200),
        with(
            to("POST of JSON", "POST", "", 201),
            "application/json",
            r#"{"name":"quayside-rowing.example"}"#,
        ),
        with(to("PUT of JSON", "PUT", "/alder-street.example", 200), "application/json", renewed),
        to("DELETE", "DELETE", "/alder-street.example", 200),
        with(
            to("PUT of a form", "PUT", "/alder-street.example", 415),
            "application/x-www-form-urlencoded",
            "a=b",
        ),
        to("PATCH", "PATCH", "/alder-street.example", 405),
    ]
}
