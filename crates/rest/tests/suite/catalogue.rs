use claviger_app::{Command, Outcome};
use claviger_world::OPERATOR;
use serde_json::{Value, json};

use crate::site::Site;

const DOCUMENT: &str = "openapi: 3.1.0\ninfo: { title: Birds, version: '1' }\n\
                        paths: { /birds: { get: { responses: { '200': { description: Birds. } } } } }\n";
const CATALOGUE: &str = "
catalogue: 1
accounts: [{ number: '7', realm: seven, name: Seven }]
apis:
  - slug: birds
    name: 'Birds: \"all\" of them'
    policy:
      prefix: brd
      schemes: [{ scheme: basic, user: key_id }, { scheme: query }]
      key_types: [{ slug: standard, name: Standard }]
      max_lifetime: 365d
      allowlist: { max: 3 }
    versions: [{ name: v1, document: a/v1.yaml }, { name: v2, document: a/v2.yaml }]
    environments:
      - slug: live
        upstream: '${UPSTREAM}/{version}'
        routes: [{ host: birds.example, path: '/{version}' }, { path: '/birds/{version}' }]
";

fn apply(catalogue: &str, documents: &Value, mode: &str) -> Value {
    let variables = json!({ "UPSTREAM": "http://127.0.0.1:9" });
    json!({ "catalogue": catalogue, "documents": documents, "variables": variables, "mode": mode })
}

async fn operator(site: &Site) -> String {
    let mut root = claviger_world::new_user("root", "1", &[]);
    (root.standing, root.account) = (claviger_model::Standing::Operator, None);
    let command = Command::People(claviger_app::PeopleCommand::Create(root));
    assert!(matches!(site.world.run(&OPERATOR, command).await, Ok(Outcome::People(_))));
    site.token("root").await
}

#[tokio::test]
async fn what_is_exported_changes_nothing_here_and_makes_the_same_elsewhere() {
    let site = Site::new().await;
    let token = operator(&site).await;
    let documents = json!({ "a/v1.yaml": DOCUMENT, "a/v2.yaml": DOCUMENT });
    let body = apply(CATALOGUE, &documents, "commit");
    let applied = site.send(&token, "POST /v1/catalogue/apply", Some(body)).await;
    assert_eq!((applied.status, applied.body["items"].as_array().unwrap().len()), (200, 2), "{applied:?}");

    let exported = site.send(&token, "GET /v1/catalogue", None).await.body;
    let text = exported["catalogue"]["text"].as_str().unwrap();
    assert_eq!(exported["documents"]["birds/v2.yaml"].as_str(), Some(DOCUMENT));
    let again = apply(text, &exported["documents"], "commit");
    let nothing = site.send(&token, "POST /v1/catalogue/apply", Some(again.clone())).await;
    assert_eq!((nothing.status, &nothing.body["items"]), (200, &json!([])), "{text}");

    let elsewhere = Site::new().await;
    let token = operator(&elsewhere).await;
    let made = elsewhere.send(&token, "POST /v1/catalogue/apply", Some(again)).await;
    assert_eq!(made.body["items"].as_array().map(Vec::len), Some(2), "{made:?}");
    let there = elsewhere.send(&token, "GET /v1/catalogue", None).await.body;
    assert_eq!(there["catalogue"]["text"].as_str(), Some(text));
}

#[tokio::test]
async fn where_requests_go_is_told_to_operators_alone() {
    let site = Site::new().await;
    let (above, member) = (operator(&site).await, site.member("mia", "1", &["member"]).await);
    let route = json!({ "host": null, "path": "/things/{version}" });
    for (token, upstream) in [(above, json!("http://127.0.0.1:9/{version}")), (member, Value::Null)] {
        let listed = site.send(&token, "GET /v1/apis/things/environments", None).await;
        let one = &listed.body["items"][0];
        assert_eq!((&one["slug"], &one["routes"][0]), (&json!("live"), &route), "{listed:?}");
        assert_eq!(one["upstream"], upstream);
    }
}

#[tokio::test]
async fn a_trial_changes_nothing_and_mistakes_are_named_with_their_place() {
    let site = Site::new().await;
    let token = operator(&site).await;
    let documents = json!({ "a/v1.yaml": DOCUMENT, "a/v2.yaml": DOCUMENT });
    let body = apply(CATALOGUE, &documents, "dry_run");
    let trial = site.send(&token, "POST /v1/catalogue/apply", Some(body)).await;
    assert_eq!(trial.body["items"][1]["name"].as_str(), Some("birds"), "{trial:?}");
    let listed = site.send(&token, "GET /v1/apis", None).await;
    assert_eq!(listed.body["items"].as_array().map(Vec::len), Some(1));
    let wrong = apply(&CATALOGUE.replace("brd", "Brd"), &json!({}), "commit");
    let refused = site.send(&token, "POST /v1/catalogue/apply", Some(wrong)).await;
    assert_eq!((refused.status, refused.code()), (422, "invalid"));
    assert!(refused.body["detail"].as_str().unwrap().contains("catalogue:8:15"), "{refused:?}");
}
