//! What administrators do to keys, users and roles.

use serde_json::{Value, json};

use crate::world::World;

const CREATE: &str = "mutation($data: NewApiKey!) { createApiKey(data: $data) { id key state name memo permissions { everything only } \
     addresses owners tags { name value } expiresAt user api environment keyType kind hint roles { id preset } } }";

#[tokio::test]
async fn a_key_is_made_as_it_is_asked_for() {
    let world = World::new().await;
    let ada = world.token("ada").await;
    let data = json!({
        "name": "Nightly", "api": "things", "environment": "live", "permissions": ["things:things:read"],
        "addresses": ["192.0.2.1", "2001:db8::/32"], "lifetime": "90d", "memo": "for reports",
        "owners": ["ops@example.com"], "tags": [{ "name": "team", "value": "core" }, { "name": "nightly" }],
    });
    let made = world.ask(&ada, CREATE, json!({ "data": data })).await;
    let made = &made.data()["createApiKey"];
    let key = made["key"].as_str().unwrap();
    assert_eq!(
        *made,
        json!({
            "id": made["id"], "key": key, "state": "ACTIVE", "name": "Nightly", "memo": "for reports",
            "permissions": { "everything": false, "only": ["things:things:read"] },
            "addresses": ["192.0.2.1/32", "2001:db8::/32"], "owners": ["ops@example.com"],
            "tags": [{ "name": "nightly", "value": "" }, { "name": "team", "value": "core" }],
            "expiresAt": "2027-04-15T08:00:00Z", "user": "ada", "api": "things", "environment": "live",
            "keyType": "standard", "kind": "API_KEY", "hint": made["hint"],
            "roles": [{ "id": "admin", "preset": "ADMIN" }],
        })
    );
    for (member, wrong) in [
        ("api", json!("nothing")),
        ("permissions", json!(["things:things:rede"])),
        ("permissions", json!([])),
        ("scope", json!("DEVELOPER")),
        ("addresses", json!(["192.0.2.1.2"])),
        ("lifetime", json!("a while")),
        ("owners", json!(["nobody"])),
        ("tags", json!([{ "name": "Not A Tag" }])),
        ("account", json!("2")),
    ] {
        let mut data = data.clone();
        data[member] = wrong;
        let answer = world.ask(&ada, CREATE, json!({ "data": data })).await;
        assert!(["invalid", "not_found"].contains(&answer.code()), "{member}: {answer:?}");
    }
}

#[tokio::test]
async fn keys_are_listed_page_by_page() {
    let world = World::new().await;
    let ada = world.token("ada").await;
    for name in ["first one", "second one", "third one"] {
        world.ask(&ada, CREATE, json!({ "data": { "name": name } })).await.data();
        world.pass(1);
    }
    let list = "query($where: KeysWhere, $after: ID) { keys(where: $where, after: $after, limit: 2) { keys { name } next } }";
    let (mut seen, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = world.ask(&ada, list, json!({ "after": after })).await;
        let page = page.data()["keys"].clone();
        seen.extend(page["keys"].as_array().unwrap().iter().map(|key| key["name"].to_string()));
        after = page["next"].clone();
        if after.is_null() {
            break;
        }
    }
    assert_eq!(seen, ["\"third one\"", "\"second one\"", "\"first one\""]);
    for (filter, count) in [
        (json!({ "search": "SECOND" }), 1),
        (json!({ "state": "REVOKED" }), 0),
        (json!({ "api": "things", "user": "ada" }), 2),
        (json!({ "tag": "team=core" }), 0),
    ] {
        let page = world.ask(&ada, list, json!({ "where": filter })).await;
        assert_eq!(page.data()["keys"]["keys"].as_array().unwrap().len(), count, "{filter}");
    }
    let limit = world.query(&ada, "{ keys(limit: 1001) { next } }").await;
    assert_eq!(limit.code(), "invalid");
}

/// Does each in turn to one key, and gives what it answers.
async fn each(world: &World, token: &str, id: &Value, fields: &[(&str, &str, Value)]) {
    for (call, select, expected) in fields {
        let query = format!("mutation($id: ID!) {{ it: {call} {{ {select} }} }}");
        let answer = world.ask(token, &query, json!({ "id": id })).await;
        assert_eq!(answer.data()["it"], *expected, "{call}");
    }
}

#[tokio::test]
async fn a_key_lives_and_is_described() {
    let world = World::new().await;
    let ada = world.token("ada").await;
    let made = world.ask(&ada, CREATE, json!({ "data": { "name": "CI" } })).await;
    let made = made.data()["createApiKey"].clone();
    let fields = [
        ("disableKey(id: $id, reason: \"leaked?\")", "state", json!({ "state": "DISABLED" })),
        ("enableKey(id: $id)", "state", json!({ "state": "ACTIVE" })),
        (
            "describeKey(id: $id, name: \"new\", memo: \"a memo\")",
            "name memo",
            json!({ "name": "new", "memo": "a memo" }),
        ),
        ("describeKey(id: $id, memo: \"\")", "name memo", json!({ "name": "new", "memo": null })),
        (
            "tagKey(id: $id, set: [{ name: \"a\" }, { name: \"b\", value: \"c\" }])",
            "tags { name }",
            json!({ "tags": [{ "name": "a" }, { "name": "b" }] }),
        ),
        (
            "tagKey(id: $id, remove: [\"a\"])",
            "tags { name value }",
            json!({ "tags": [{ "name": "b", "value": "c" }] }),
        ),
        (
            "setKeyOwners(id: $id, owners: [\"a@example.com\"])",
            "owners",
            json!({ "owners": ["a@example.com"] }),
        ),
        (
            "allowKey(id: $id, addresses: [\"10.0.0.0/8\"])",
            "addresses",
            json!({ "addresses": ["10.0.0.0/8"] }),
        ),
        (
            "editKey(id: $id, data: { name: \"again\", setTags: [{ name: \"x\" }], removeTags: [\"b\"] })",
            "name tags { name }",
            json!({ "name": "again", "tags": [{ "name": "x" }] }),
        ),
        ("revealKey(id: $id)", "key", json!({ "key": made["key"] })),
    ];
    each(&world, &ada, &made["id"], &fields).await;
}

#[tokio::test]
async fn a_key_is_replaced_and_ends() {
    let world = World::new().await;
    let ada = world.token("ada").await;
    let made = world.ask(&ada, CREATE, json!({ "data": { "name": "CI" } })).await;
    let id = made.data()["createApiKey"]["id"].clone();
    let rotate = "mutation($id: ID!) { rotateKey(id: $id, overlap: \"1h\") { id key predecessor } }";
    let rotated = world.ask(&ada, rotate, json!({ "id": id })).await;
    let successor = rotated.data()["rotateKey"].clone();
    assert!(successor["key"].is_string() && successor["predecessor"] == id);
    let gone = json!({ "successor": null, "rotation": null });
    let revoked = json!({ "state": "REVOKED", "revokedReason": "done" });
    let fields = [
        ("cancelRotation(id: $id)", "successor rotation { endsAt }", gone),
        ("revokeKey(id: $id, reason: \"done\")", "state revokedReason", revoked),
    ];
    each(&world, &ada, &id, &fields).await;
    for (call, id, code) in [
        ("enableKey(id: $id)", &id, "conflict"),
        ("activateKey(id: $id)", &successor["id"], "forbidden"),
        ("debugKey(id: $id, for: \"5m\")", &successor["id"], "invalid"),
        ("editKey(id: $id, data: {}, unchangedSince: \"2020-01-01T00:00:00Z\")", &id, "changed_meanwhile"),
    ] {
        let query = format!("mutation($id: ID!) {{ {call} {{ id }} }}");
        assert_eq!(world.ask(&ada, &query, json!({ "id": id })).await.code(), code, "{call}");
    }
}

#[tokio::test]
async fn users_and_roles_are_managed() {
    let world = World::new().await;
    let ada = world.token("ada").await;
    let put = "mutation($data: RoleInput!) { putRole(data: $data) { id name account rights access { scope only } } }";
    let role = json!({ "id": "clerk", "name": "Clerk", "rights": ["MANAGE_KEYS"], "access": { "only": ["things:things:read"] } });
    let made = world.ask(&ada, put, json!({ "data": role })).await;
    let mut expected = role.clone();
    expected["account"] = json!("1");
    expected["access"]["scope"] = json!(null);
    assert_eq!(made.data()["putRole"], expected);
    let both = json!({ "id": "clerk", "access": { "scope": "ADMIN", "only": [] } });
    assert_eq!(world.ask(&ada, put, json!({ "data": both })).await.code(), "invalid");
    let listed = world.query(&ada, "{ roles { id } }").await;
    assert_eq!(listed.data()["roles"].as_array().map(Vec::len), Some(5));

    let create = "mutation($data: NewUserInput!) { createUser(data: $data) { username state standing memberships { account roles } password } }";
    let clerk = json!({ "username": "cleo", "roles": ["clerk"], "password": crate::world::PASSWORD });
    let made = world.ask(&ada, create, json!({ "data": clerk })).await;
    let expected = json!({ "username": "cleo", "state": "ACTIVE", "standing": "MEMBER", "password": true,
        "memberships": [{ "account": "1", "roles": ["clerk"] }] });
    assert_eq!(made.data()["createUser"], expected);
    let cleo = world.token("cleo").await;
    // A role of an account's own is no preset, and who may not see users sees their own roles all the same.
    let key = world
        .query(&cleo, "mutation { createApiKey(data: { name: \"c\" }) { id roles { id preset } } }")
        .await;
    assert_eq!(key.data()["createApiKey"]["roles"], json!([{ "id": "clerk", "preset": null }]));
    let roles = world.query(&ada, "{ keys { keys { user roles { id } } } }").await;
    assert_eq!(roles.data()["keys"]["keys"], json!([{ "user": "cleo", "roles": [{ "id": "clerk" }] }]));

    for (call, expected) in [
        (
            "setUserRoles(user: \"cleo\", account: \"1\", roles: [\"member\"]) { memberships { roles } }",
            json!({ "memberships": [{ "roles": ["member"] }] }),
        ),
        ("disableUser(user: \"cleo\", reason: \"on leave\") { state }", json!({ "state": "DISABLED" })),
        ("enableUser(user: \"cleo\") { state }", json!({ "state": "ACTIVE" })),
        ("removeRole(id: \"clerk\") { id }", json!({ "id": "clerk" })),
        ("removeUser(user: \"cleo\") { username }", json!({ "username": "cleo" })),
    ] {
        let answer = world.query(&ada, &format!("mutation {{ it: {call} }}")).await;
        assert_eq!(answer.data()["it"], expected, "{call}");
    }
    assert_eq!(world.query(&ada, "{ user(user: \"cleo\") { id } }").await.code(), "not_found");
    let users = world.query(&ada, "{ users { username } }").await;
    assert_eq!(users.data()["users"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn those_above_accounts_see_the_audit_and_say_for_which_account_a_key_is() {
    let world = World::new().await;
    world.operator("olga").await;
    let olga = world.token("olga").await;
    let create =
        "mutation { createAccount(number: \"3\", realm: \"three\", name: \"Three\") { number realm name } }";
    let made = world.query(&olga, create).await;
    assert_eq!(made.data()["createAccount"], json!({ "number": "3", "realm": "three", "name": "Three" }));
    let key = world
        .query(
            &olga,
            "mutation { createApiKey(data: { name: \"x\", account: \"1\" }) { user roles { id } } }",
        )
        .await;
    assert_eq!(key.data()["createApiKey"], json!({ "user": null, "roles": [] }));
    let request = key.headers["x-request-id"].to_str().unwrap();
    let audit = "{ audit(where: { action: \"key.create\" }) { entries { action via from requestId objectKind before after } next } }";
    let audit = world.query(&olga, audit).await;
    let entry = &audit.data()["audit"]["entries"][0];
    let seen = ["action", "via", "from", "requestId", "objectKind"].map(|name| entry[name].as_str().unwrap());
    assert_eq!(seen, ["key.create", "graphql", "127.0.0.1", request, "key"]);
    assert!(entry["before"].is_null() && entry["after"].is_object());
    let after = json!({ "after": audit.data()["audit"]["next"] });
    let rest = world
        .ask(&olga, "query($after: Int) { audit(after: $after, limit: 5) { entries { seq } next } }", after)
        .await;
    assert_eq!(rest.data()["audit"], json!({ "entries": [], "next": null }));
    assert_eq!(
        world.query(&olga, "{ accounts { number } }").await.data()["accounts"].as_array().map(Vec::len),
        Some(3)
    );
    let endpoints =
        world.query(&olga, "{ endpoints(api: \"things\") { version method path permissions } }").await;
    assert_eq!(endpoints.data()["endpoints"][0]["permissions"], json!(["things:things:read"]));
}

#[tokio::test]
async fn the_audit_of_an_account_ends_with_it() {
    let world = World::new().await;
    let (ada, bea) = (world.token("ada").await, world.token("bea").await);
    world.ask(&ada, CREATE, json!({ "data": { "name": "CI" } })).await.data();
    let made = "{ audit(where: { action: \"key.create\" }) { entries { actor } } }";
    let count = |answer: &crate::world::Answer| answer.data()["audit"]["entries"].as_array().map(Vec::len);
    assert_eq!(count(&world.query(&ada, made).await), Some(1));
    assert_eq!(count(&world.query(&bea, made).await), Some(0));
}
