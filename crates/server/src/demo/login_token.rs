//! The example of contract C, with a key that an operator made.

use std::collections::BTreeMap;

use claviger_app::{App, AppError};
use claviger_model::LifeEvent;

use super::keys::{Wanted, changed, have_all};
use super::report::{Call, Example};

const ACCOUNT: &str = "300200";

const fn wanted(label: &'static str) -> Wanted {
    Wanted {
        label,
        account: ACCOUNT,
        api: "vms",
        environment: "production",
        address: "",
        permissions: &[],
        life: None,
    }
}

const WANTED: [Wanted; 3] = [
    wanted("Demo: vms"),
    Wanted { permissions: &["vms:vm:read"], ..wanted("Demo: vms, read only") },
    Wanted { life: Some(LifeEvent::Revoke), ..wanted("Demo: vms, deleted") },
];

pub(super) async fn example(app: &App, gateway: &str) -> Result<Example, AppError> {
    let (views, secrets) = have_all(app, &WANTED).await?;
    let [key, reader, deleted] = secrets.each_ref().map(String::as_str);
    let post = |name, operation: &str, authorization: &str, expect| {
        let url = format!("{gateway}/v2/api/{operation}");
        let headers = [("Authorization", authorization), ("Content-Type", "application/json")];
        let sent = headers.into_iter().filter(|(_, value)| !value.is_empty());
        let headers: BTreeMap<_, _> = sent.map(|(name, value)| (name, value.to_owned())).collect();
        Call { row: "C4", name, method: "POST", url, headers, body: Some(r#"{"where":{}}"#), expect }
    };
    Ok(Example {
        account: ACCOUNT.to_owned(),
        credentials: views.iter().map(Into::into).collect(),
        calls: vec![
            post("list virtual machines", "get-vms", key, 200),
            post("a key that may read, reading", "get-vms", reader, 200),
            post("a key that may read, deleting", "delete-vm", reader, 403),
            post("no key", "get-vms", "", 401),
            post("unknown key", "get-vms", &changed(key), 401),
            post("deleted key", "get-vms", deleted, 401),
            post("a word before the key", "get-vms", &format!("Bearer {key}"), 401),
        ],
    })
}
