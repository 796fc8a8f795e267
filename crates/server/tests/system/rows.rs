//! Rows of contracts T, A and S that are about who may do what, over REST and GraphQL on the demo.

use claviger_testkit::Curl;
use rstest::rstest;
use serde_json::{Value, json};

use crate::bed::{Bed, Engine};

/// Somebody of the demo, signed in.
struct Somebody<'b> {
    bed: &'b Bed,
    token: String,
}

impl<'b> Somebody<'b> {
    /// A person whom the demo names.
    fn named(bed: &'b Bed, username: &str) -> Self {
        let people = bed.ready()["people"].as_array().expect("the demo names people");
        let person = people.iter().find(|one| one["username"] == username).expect("somebody of this name");
        Self::signed_in(bed, username, person["password"].as_str().expect("a password"))
    }

    fn signed_in(bed: &'b Bed, username: &str, password: &str) -> Self {
        let mut nobody = Self { bed, token: String::new() };
        let (status, said) =
            nobody.send("POST", "/v1/sessions", &json!({ "login": username, "password": password }));
        assert_eq!(status, 201, "{said}");
        said["session"]["token"].as_str().expect("a token").clone_into(&mut nobody.token);
        nobody
    }

    /// Somebody whom this administrator makes, with these roles.
    fn colleague(&self, account: &str, username: &str, roles: &[&str]) -> Self {
        let password = "tern gull heron plover";
        let body = json!({ "username": username, "account": account, "roles": roles, "password": password });
        assert_eq!(self.send("POST", "/v1/users", &body).0, 201);
        Self::signed_in(self.bed, username, password)
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}{path}", self.bed.ready()["portal"].as_str().expect("an address"));
        let mut call = Curl::new(method, &url);
        if !self.token.is_empty() {
            call = call.header("Authorization", &format!("Bearer {}", self.token));
        }
        if method != "GET" {
            call = call.header("Content-Type", "application/json").body(body.to_string());
        }
        let answer = call.run();
        (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default())
    }

    fn get(&self, path: &str) -> (u16, Value) {
        self.send("GET", path, &Value::Null)
    }

    /// The code of the first error of a GraphQL request; none if there is none.
    fn graphql(&self, query: &str) -> Option<String> {
        let (_, said) = self.send("POST", "/api/", &json!({ "query": query }));
        said["errors"][0]["extensions"]["code"].as_str().map(ToOwned::to_owned)
    }

    fn key(&self, body: &Value) -> Value {
        let (status, said) = self.send("POST", "/v1/keys", body);
        assert_eq!(status, 201, "{said}");
        said
    }

    /// What becomes of an attempt on a key.
    fn attempt(&self, id: &Value, event: &str) -> u16 {
        let id = id.as_str().expect("an id");
        self.send("POST", &format!("/v1/keys/{id}/{event}"), &json!({})).0
    }
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn t1_only_admins_make_keys_and_the_others_are_told_who_these_are(#[case] engine: Engine) {
    let bed = Bed::start(engine);
    let wanted = json!({ "api": "customers", "addresses": ["127.0.0.1"] });
    let admin = Somebody::named(&bed, "northwind-admin");
    admin.key(&wanted);
    let administrator = admin.colleague("100042", "northwind-keys", &["api-administrator"]);
    administrator.key(&wanted);
    let member = Somebody::named(&bed, "northwind-member");
    let (status, refused) = member.send("POST", "/v1/keys", &wanted);
    assert_eq!((status, &refused["code"]), (403, &json!("forbidden")));
    let mutation = r#"mutation { createApiKey(data: { name: "x", api: "customers", addresses: ["127.0.0.1"] }) { id } }"#;
    assert_eq!(member.graphql(mutation).as_deref(), Some("forbidden"));
    let (status, admins) = member.get("/v1/admins");
    let names: Vec<_> = admins["items"].as_array().expect("a list").iter().map(|one| &one["email"]).collect();
    assert_eq!((status, names.contains(&&json!("northwind-admin@example.com"))), (200, true), "{admins}");
    assert!(!admins.to_string().contains("meadow"), "those of others are nobody's business");
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn a1_a_token_has_a_name_and_the_chosen_permissions(#[case] engine: Engine) {
    let bed = Bed::start(engine);
    let admin = Somebody::named(&bed, "meadow-admin");
    let (_, endpoints) = admin.get("/v1/apis/monitoring/endpoints");
    let permission = endpoints["items"][0]["permissions"][0].clone();
    let access = json!({ "only": [permission] });
    let token = admin.key(&json!({ "api": "monitoring", "label": "Nightly report", "access": access }));
    assert_eq!(token["label"], json!("Nightly report"));
    assert_eq!(token["permissions"], json!({ "only": [permission] }));
    let (_, listed) = admin.get("/v1/keys?search=nightly");
    assert_eq!(listed["items"][0]["id"], token["id"]);
    let (status, shown) =
        admin.send("POST", &format!("/v1/keys/{}/reveal", token["id"].as_str().expect("an id")), &json!({}));
    assert_eq!((status, &shown["key"]), (200, &token["key"]), "A2: it can be opened again");
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn a6_everybody_ends_their_own_tokens_and_who_is_authorized_those_of_all(#[case] engine: Engine) {
    let bed = Bed::start(engine);
    let admin = Somebody::named(&bed, "meadow-admin");
    let role = json!({ "rights": ["manage_keys"], "access": { "scope": "admin" } });
    assert_eq!(admin.send("PUT", "/v1/roles/token-maker", &role).0, 200);
    let one = admin.colleague("300100", "meadow-one", &["token-maker"]);
    let other = admin.colleague("300100", "meadow-other", &["token-maker"]);
    let [own, others] = [&one, &other].map(|who| who.key(&json!({ "api": "monitoring" }))["id"].clone());
    for event in ["disable", "enable", "revoke"] {
        assert_eq!(one.attempt(&others, event), 403, "{event}");
        assert_eq!(one.attempt(&own, event), 200, "{event}");
        assert_eq!(admin.attempt(&others, event), 200, "{event}");
    }
    let stranger = Somebody::named(&bed, "tower-admin");
    assert_eq!(stranger.attempt(&others, "revoke"), 404);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn s1_a_firm_admin_or_a_role_that_manages_keys_gets_in(#[case] engine: Engine) {
    let bed = Bed::start(engine);
    let admin = Somebody::named(&bed, "harbor-admin");
    let role = json!({ "rights": ["manage_keys"], "access": { "scope": "admin" } });
    assert_eq!(admin.send("PUT", "/v1/roles/key-keeper", &role).0, 200);
    for (username, roles, status) in [
        ("harbor-firm", &["firm-admin"][..], 200),
        ("harbor-keeper", &["key-keeper"], 200),
        ("harbor-none", &["member"], 403),
    ] {
        let somebody = admin.colleague("300400", username, roles);
        assert_eq!(somebody.get("/v1/keys").0, status, "{username}");
    }
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn s7_addresses_and_owners_can_be_edited_and_nothing_else(#[case] engine: Engine) {
    let bed = Bed::start(engine);
    let admin = Somebody::named(&bed, "harbor-admin");
    let pair = admin.key(&json!({
        "api": "management", "addresses": ["127.0.0.1"], "owners": ["keys@example.com"], "memo": "Nightly",
    }));
    let path = format!("/v1/keys/{}", pair["id"].as_str().expect("an id"));
    let change = json!({ "addresses": ["192.0.2.0/24", "2001:db8::/32"], "owners": ["others@example.com"] });
    let (status, changed) = admin.send("PATCH", &path, &change);
    assert_eq!((status, &changed["owners"]), (200, &json!(["others@example.com"])), "{changed}");
    assert_eq!(changed["allowlist"], json!(["192.0.2.0/24", "2001:db8::/32"]));
    for change in
        [json!({ "memo": "Other" }), json!({ "label": "Other" }), json!({ "set_tags": { "a": "b" } })]
    {
        assert_eq!(admin.send("PATCH", &path, &change).0, 422, "{change}");
    }
    assert_eq!(admin.send("PATCH", &path, &json!({ "owners": [] })).0, 422, "at least one");
}
