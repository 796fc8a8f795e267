//! C3 to C6: keys that are made and deleted over GraphQL, and do what their user may.

use claviger_app::{NewRole, PeopleCommand, WhichUser};
use claviger_model::{Right, RoleAccess};
use claviger_testkit::Response;
use rstest::rstest;
use serde_json::json;

use super::stage::{ADMIN, CREATE, DELETE, MEMBER, Stage, code_of, paste};
use crate::bed::Engine;

/// The three calls as the published instructions print them, with the gateway as the one endpoint.
const ISSUE: &str = r#"curl -X POST \
-H "Content-Type: application/json" \
-H "Authorization: $TOKEN" \
--data-raw '{"query": "mutation createApiKey($name: String!) { createApiKey(data: { name: $name }) { id key roles { id preset }}}", "variables": {"name": "$NAME"}}' \
"$ENDPOINT/api/""#;
const USE: &str = r#"curl \
-X POST \
-H "Content-Type: application/json" \
-H "Authorization: $KEY" \
--data-raw '{"where":{}}' \
"$ENDPOINT/v2/api/get-vms""#;
const RELEASE: &str = r#"curl -X POST \
-H "Content-Type: application/json" \
-H "Authorization: $TOKEN" \
--data-raw '{"query": "mutation deleteApiKey($key: String!) { deleteApiKey(where: { key: $key }) { id } }", "variables": { "key": "THE KEY" }}' \
"$ENDPOINT/api/""#;

fn ok(answer: &Response) {
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn the_printed_calls_work_as_they_stand(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let (token, endpoint) = (stage.token(ADMIN), stage.gateway());
    let made = paste(ISSUE, &[("TOKEN", &token), ("ENDPOINT", endpoint)]);
    ok(&made);
    let made = &made.json()["data"]["createApiKey"];
    let key = made["key"].as_str().expect("`.data.createApiKey.key` is the key");
    let machines = paste(USE, &[("KEY", key), ("ENDPOINT", endpoint)]);
    ok(&machines);
    assert!(machines.text().contains("ledger-01"), "{}", machines.text());
    let released = paste(&RELEASE.replace("THE KEY", key), &[("TOKEN", &token), ("ENDPOINT", endpoint)]);
    ok(&released);
    assert_eq!(released.json(), json!({ "data": { "deleteApiKey": { "id": made["id"] } } }));
    assert_eq!(paste(USE, &[("KEY", key), ("ENDPOINT", endpoint)]).status, 401);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn c3_a_token_and_a_key_make_keys(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let token = stage.token(ADMIN);
    let first = stage.create(&token, "first");
    assert_eq!(first.roles, json!([{ "id": "admin", "preset": "ADMIN" }]));
    let shown = stage.bed.json(&["key", "show", &first.id]);
    assert_eq!((&shown["user"], &shown["label"]), (&json!(ADMIN), &json!("first")));
    // A key is used in the same way as a token.
    let second = stage.create(&first.key, "second");
    for key in [&first.key, &second.key] {
        stage.vms("get-vms", key).gets(200);
        assert!(stage.is_signed_in(key));
    }
    let keys = stage.graphql(&stage.token(MEMBER), CREATE, &json!({ "name": "not allowed" }));
    for answer in keys.gets(200) {
        assert_eq!(code_of(&answer.json()), "forbidden");
    }
    stage.graphql("none", CREATE, &json!({ "name": "x" })).gets(401);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn c4_a_key_alone_reaches_the_api_and_is_not_passed_on(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let made = stage.create(&stage.token(ADMIN), "inventory");
    for answer in stage.vms("get-vms", &made.key).gets(200) {
        let received = answer.json()["received"].to_string();
        assert!(received.contains("x-claviger-account") && !received.contains(&made.key), "{received}");
    }
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn c5_a_key_has_what_its_user_has_now_and_later(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let token = stage.token(ADMIN);
    let made = stage.create(&token, "of the admin");
    let roles = |role: &str| PeopleCommand::Roles {
        user: WhichUser::Handle(ADMIN.to_owned()),
        account: "300200".parse().expect("a number"),
        roles: Some(vec![role.parse().expect("a slug")]),
    };
    for credential in [&token, &made.key] {
        stage.vms("delete-vm", credential).gets(200);
    }
    for _ in 0..2 {
        stage.people(roles("member"));
        for credential in [&token, &made.key] {
            stage.vms("get-vms", credential).gets(200);
            stage.vms("delete-vm", credential).refused(403, "insufficient_permission");
        }
        stage.people(roles("admin"));
        for credential in [&token, &made.key] {
            stage.vms("delete-vm", credential).gets(200);
        }
    }
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn c5_a_key_is_narrower_when_a_role_is(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let account = || "300200".parse().expect("a number");
    let keeper = || "machine-keeper".parse().expect("a slug");
    let put = |permissions: &[&str]| {
        let only = permissions.iter().map(|text| text.parse().expect("a permission")).collect();
        PeopleCommand::RolePut(NewRole {
            account: Some(account()),
            slug: keeper(),
            name: None,
            rights: vec![Right::ManageKeys],
            access: RoleAccess::Only(only),
        })
    };
    stage.people(put(&["vms:vm:read", "vms:vm:delete"]));
    let user = WhichUser::Handle(MEMBER.to_owned());
    stage.people(PeopleCommand::Roles { user, account: account(), roles: Some(vec![keeper()]) });
    let made = stage.create(&stage.token(MEMBER), "of a keeper");
    assert_eq!(made.roles, json!([{ "id": "machine-keeper", "preset": null }]));
    let operations = |status: [(&str, u16); 3]| {
        for (operation, status) in status {
            stage.vms(operation, &made.key).gets(status);
        }
    };
    operations([("get-vms", 200), ("delete-vm", 200), ("start-vm", 403)]);
    stage.people(put(&["vms:vm:read"]));
    operations([("get-vms", 200), ("delete-vm", 403), ("start-vm", 403)]);
    stage.people(PeopleCommand::RoleRemove { account: Some(account()), slug: keeper() });
    operations([("get-vms", 403), ("delete-vm", 403), ("start-vm", 403)]);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn c6_a_deleted_key_is_dead(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let token = stage.token(ADMIN);
    let made = stage.create(&token, "to delete");
    let foreign = stage.token("meadow-admin");
    let unknown = stage.delete(&foreign, "no such key");
    assert_eq!(code_of(&unknown), "not_found");
    let of_another = stage.delete(&foreign, &made.key);
    assert_eq!(code_of(&of_another), "not_found", "another account's key is like none");
    stage.vms("get-vms", &made.key).gets(200);
    let deleted = stage.delete(&token, &made.key);
    assert_eq!(deleted, json!({ "data": { "deleteApiKey": { "id": made.id } } }));
    stage.vms("get-vms", &made.key).refused(401, "revoked");
    stage.graphql(&made.key, DELETE, &json!({ "key": made.key })).gets(401);
    assert!(stage.is_signed_in(&token));
}
