//! The example of contract C: signing in, GraphQL and the guarded API on one origin, with login tokens and keys.

use std::borrow::Cow;
use std::collections::BTreeMap;

use claviger_app::AppError;
use claviger_model::LifeEvent;
use serde_json::json;

use super::keys::{Wanted, changed, have_all};
use super::people::People;
use super::report::{Call, Example, Person};

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

const WANTED: [Wanted; 4] = [
    wanted("Demo: vms"),
    Wanted { permissions: &["vms:vm:read"], ..wanted("Demo: vms, read only") },
    Wanted { life: Some(LifeEvent::Revoke), ..wanted("Demo: vms, deleted") },
    wanted("Demo: vms, to delete"),
];

struct Keys<'k> {
    key: &'k str,
    reader: &'k str,
    deleted: &'k str,
    to_delete: &'k str,
}

/// Those of the account, with the tokens of the first two.
struct SignIns<'s> {
    admin: &'s Person,
    member: &'s Person,
    /// Whom codes are asked of.
    guarded: &'s Person,
    token: String,
    members_token: String,
}

pub(super) async fn example(
    people: &mut People<'_>,
    everybody: &[Person],
    gateway: &str,
) -> Result<Example, AppError> {
    let (views, secrets) = have_all(people.app, &WANTED).await?;
    let [key, reader, deleted, to_delete] = secrets.each_ref().map(String::as_str);
    let keys = Keys { key, reader, deleted, to_delete };
    let own: Vec<_> = everybody.iter().filter(|person| person.account == ACCOUNT).collect();
    let [admin, member, guarded] = own.as_slice() else {
        return Err(AppError::Invalid("three people belong to the example's account".into()));
    };
    let (token, members_token) = (people.token(admin).await?, people.token(member).await?);
    let sign_ins = SignIns { admin, member, guarded, token, members_token };
    Ok(Example {
        account: ACCOUNT.to_owned(),
        credentials: views.iter().map(Into::into).collect(),
        calls: [
            machines(&sign_ins, &keys, gateway),
            login(&sign_ins, gateway),
            graphql(&sign_ins, &keys, gateway),
        ]
        .concat(),
    })
}

/// A POST of JSON with this `Authorization`, without if it is empty.
fn post(
    (row, name): (&'static str, &'static str),
    url: String,
    authorization: &str,
    body: impl Into<Cow<'static, str>>,
    expect: u16,
) -> Call {
    let headers = [("Authorization", authorization), ("Content-Type", "application/json")];
    let sent = headers.into_iter().filter(|(_, value)| !value.is_empty());
    let headers: BTreeMap<_, _> = sent.map(|(name, value)| (name, value.to_owned())).collect();
    Call { row, name, method: "POST", url, headers, body: Some(body.into()), expect }
}

fn login(sign_ins: &SignIns<'_>, gateway: &str) -> Vec<Call> {
    let call = |what, person: &Person, password: &str, expect| {
        let body = json!({ "username": person.username, "password": password, "source": "LOCAL" });
        post(what, format!("{gateway}/v2/api/login"), "", body.to_string(), expect)
    };
    let SignIns { admin, member, guarded, .. } = sign_ins;
    vec![
        call(("C1", "sign in"), admin, admin.password.expose(), 200),
        call(("C1", "a wrong password"), member, &changed(member.password.expose()), 401),
        call(("C2", "a password alone where a code is asked for"), guarded, guarded.password.expose(), 401),
    ]
}

const CREATE: &str = "mutation createApiKey($name: String!) \
                      { createApiKey(data: { name: $name }) { id key roles { id preset }}}";
const DELETE: &str = "mutation deleteApiKey($key: String!) { deleteApiKey(where: { key: $key }) { id } }";

fn graphql(sign_ins: &SignIns<'_>, keys: &Keys<'_>, gateway: &str) -> Vec<Call> {
    let url = || format!("{gateway}/api/");
    let create =
        json!({ "query": CREATE, "variables": { "name": "Made by a call of the demo" } }).to_string();
    let delete = json!({ "query": DELETE, "variables": { "key": keys.to_delete } }).to_string();
    let (token, wrong) = (sign_ins.token.as_str(), changed(&sign_ins.token));
    vec![
        post(("C3", "make a key with a token"), url(), token, create.clone(), 200),
        post(("C3", "make a key with an unknown token"), url(), &wrong, create, 401),
        post(("C6", "delete a key with a token"), url(), token, delete.clone(), 200),
        post(("C6", "delete a key with an unknown token"), url(), &wrong, delete, 401),
    ]
}

fn machines(sign_ins: &SignIns<'_>, keys: &Keys<'_>, gateway: &str) -> Vec<Call> {
    let call = |what, operation: &str, authorization: &str, expect| {
        post(what, format!("{gateway}/v2/api/{operation}"), authorization, r#"{"where":{}}"#, expect)
    };
    let Keys { key, reader, deleted, .. } = *keys;
    let member = sign_ins.members_token.as_str();
    vec![
        call(("C4", "list virtual machines"), "get-vms", key, 200),
        call(("C4", "list virtual machines with a token"), "get-vms", &sign_ins.token, 200),
        call(("C4", "a key that may read, reading"), "get-vms", reader, 200),
        call(("C4", "a key that may read, deleting"), "delete-vm", reader, 403),
        call(("C4", "no key"), "get-vms", "", 401),
        call(("C4", "unknown key"), "get-vms", &changed(key), 401),
        call(("C4", "a word before the key"), "get-vms", &format!("Bearer {key}"), 401),
        call(("C5", "a token of somebody who may read, reading"), "get-vms", member, 200),
        call(("C5", "a token of somebody who may read, deleting"), "delete-vm", member, 403),
        call(("C6", "deleted key"), "get-vms", deleted, 401),
    ]
}
