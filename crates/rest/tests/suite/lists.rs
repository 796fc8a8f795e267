//! Lists go on where they ended, in the order that was asked for.

use claviger_app::{Command, NewRole, NewService, PeopleCommand};
use claviger_model::{RoleAccess, Scope, Standing};
use claviger_world::{OPERATOR, new_user};
use serde_json::{Value, json};

use crate::site::Site;

/// What a list has, read two at a time.
async fn all(site: &Site, token: &str, target: &str, field: &str) -> Vec<String> {
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let sign = if target.contains('?') { '&' } else { '?' };
        let answered = site.send(token, &format!("GET {target}{sign}limit=2{after}"), None).await;
        assert_eq!(answered.status, 200, "{target}: {answered:?}");
        let items = answered.body["items"].as_array().unwrap();
        assert!(items.len() <= 2, "{target}");
        seen.extend(items.iter().map(|one| one[field].as_str().unwrap_or("none").to_owned()));
        let Some(next) = answered.body["next"].as_str() else { return seen };
        after = format!("&after={next}");
    }
}

async fn operator(site: &Site) -> String {
    let new =
        claviger_app::NewUser { standing: Standing::Operator, account: None, ..new_user("Root", "1", &[]) };
    site.world.people(&OPERATOR, PeopleCommand::Create(new)).await.unwrap();
    site.token("Root").await
}

#[tokio::test]
async fn users_are_listed_in_pages_in_the_order_that_is_asked_for() {
    let site = Site::new().await;
    for (name, account) in [("zoe", "1"), ("Ada", "1"), ("max", "2"), ("bea", "1"), ("Kim", "1")] {
        site.world.user(name, account, &["admin"]).await;
        site.world.pass(1);
    }
    let root = operator(&site).await;
    let ada = site.token("Ada").await;
    for (sort, expected) in [
        ("", ["zoe", "Ada", "bea", "Kim"]),
        ("?sort=created_at", ["zoe", "Ada", "bea", "Kim"]),
        ("?sort=-created_at", ["Kim", "bea", "Ada", "zoe"]),
        ("?sort=username", ["Ada", "bea", "Kim", "zoe"]),
        ("?sort=-username", ["zoe", "Kim", "bea", "Ada"]),
    ] {
        assert_eq!(all(&site, &ada, &format!("/v1/users{sort}"), "username").await, expected, "{sort}");
    }
    assert_eq!(all(&site, &root, "/v1/users?sort=username", "username").await.len(), 6);
    for wrong in ["sort=name", "limit=0", "limit=1001", "after=nonsense"] {
        let answered = site.send(&ada, &format!("GET /v1/users?{wrong}"), None).await;
        assert_eq!((answered.status, answered.code()), (422, "invalid"), "{wrong}");
    }
}

#[tokio::test]
async fn accounts_roles_services_and_sessions_are_listed_in_pages() {
    let site = Site::new().await;
    let root = operator(&site).await;
    for number in ["9", "10", "x"] {
        let body = json!({ "number": number, "realm": format!("r{number}"), "name": number });
        assert_eq!(site.send(&root, "POST /v1/accounts", Some(body)).await.status, 201);
    }
    assert_eq!(all(&site, &root, "/v1/accounts", "number").await, ["1", "10", "2", "9", "x"]);
    for slug in ["b", "a", "c"] {
        let role = NewRole {
            account: Some("1".parse().unwrap()),
            slug: slug.parse().unwrap(),
            name: None,
            rights: vec![],
            access: RoleAccess::Scope(Scope::ReadOnly),
        };
        site.world.people(&OPERATOR, PeopleCommand::RolePut(role)).await.unwrap();
        let apis = vec!["things".parse().unwrap()];
        let service = NewService { name: slug.parse().unwrap(), apis };
        site.world.run(&OPERATOR, Command::ServiceCreate(service)).await.unwrap();
    }
    let roles = ["admin", "api-administrator", "member", "firm-admin", "a", "b", "c"];
    assert_eq!(all(&site, &root, "/v1/roles?account=1", "slug").await, roles);
    assert_eq!(all(&site, &root, "/v1/services", "name").await, ["a", "b", "c"]);
    let ada = site.member("ada", "1", &["member"]).await;
    assert_eq!(all(&site, &ada, "/v1/accounts", "number").await, ["1"]);
    for _ in 0..4 {
        site.world.pass(1);
        site.token("ada").await;
    }
    let newest = all(&site, &ada, "/v1/sessions", "id").await;
    let mut oldest = all(&site, &ada, "/v1/sessions?sort=created_at", "id").await;
    oldest.reverse();
    assert_eq!((newest.len(), newest), (5, oldest));
}

#[tokio::test]
async fn keys_are_listed_by_label_and_by_end_and_the_cursor_holds_while_they_change() {
    let site = Site::new().await;
    let ada = site.member("ada", "1", &["admin"]).await;
    let mut ids = Vec::new();
    for (label, days) in [("pear", Some(3)), ("apple", None), ("fig", Some(1)), ("fig", Some(2)), ("", None)]
    {
        let label = (!label.is_empty()).then_some(label);
        let lifetime = days.map(|days| format!("{days}d"));
        let body = json!({ "api": "things", "label": label, "lifetime": lifetime });
        let made = site.send(&ada, "POST /v1/keys", Some(body)).await;
        ids.push(made.body["id"].as_str().unwrap().to_owned());
        site.world.pass(1);
    }
    let at = |places: [usize; 5]| places.map(|place| ids[place].clone()).to_vec();
    for (sort, expected) in [
        ("created_at", [0, 1, 2, 3, 4]),
        ("-created_at", [4, 3, 2, 1, 0]),
        ("label", [4, 1, 2, 3, 0]),
        ("-label", [0, 3, 2, 1, 4]),
        ("expires_at", [2, 3, 0, 1, 4]),
        ("-expires_at", [4, 1, 0, 3, 2]),
    ] {
        assert_eq!(all(&site, &ada, &format!("/v1/keys?sort={sort}"), "id").await, at(expected), "{sort}");
    }
    // What a page ended with is called otherwise by now: the list goes on where it ended.
    let page = site.send(&ada, "GET /v1/keys?sort=label&limit=2", None).await;
    let line = format!("PATCH /v1/keys/{}", ids[1]);
    site.send(&ada, &line, Some(json!({ "label": "zebra" }))).await;
    let rest = format!("GET /v1/keys?sort=label&limit=1&after={}", page.body["next"].as_str().unwrap());
    assert_eq!(site.send(&ada, &rest, None).await.body["items"][0]["id"], Value::String(ids[2].clone()));
    for wrong in
        [format!("sort=label&after={}", ids[0]), format!("after={}.Zm9v", ids[0]), "sort=memo".to_owned()]
    {
        let answered = site.send(&ada, &format!("GET /v1/keys?{wrong}"), None).await;
        assert_eq!((answered.status, answered.code()), (422, "invalid"), "{wrong}");
    }
    let root = operator(&site).await;
    assert_eq!(site.send(&root, "GET /v1/keys?sort=label", None).await.status, 422);
    assert_eq!(all(&site, &root, "/v1/keys?sort=label&account=1", "id").await.len(), 5);
}
