//! The answers are held against the documents of the examples.

use std::collections::BTreeSet;

use axum::body::Body;
use http::Request;
use http::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Map, Value};

use super::{Answer, get, send};
use crate::demo::sample::table;

macro_rules! document {
    ($file:literal) => {
        include_str!(concat!("../../../../../../examples/", $file))
    };
}

const DOCUMENTS: [&str; 12] = [
    document!("account-basic/customers-v1.yaml"),
    document!("account-basic/customers-v2.yaml"),
    document!("account-basic/billing-v1.yaml"),
    document!("account-basic/billing-v2.yaml"),
    document!("account-basic/cloudstore-v1.yaml"),
    document!("account-basic/cloudstore-v2.yaml"),
    document!("api-token/monitoring-v1.yaml"),
    document!("login-token/vms-v2.yaml"),
    document!("openid/reseller-v2.yaml"),
    document!("signed-pair/management-v1.yaml"),
    document!("signed-pair/call-data-v1.yaml"),
    document!("signed-pair/monitoring-v1.yaml"),
];

/// One operation at one of its document's servers.
struct Operation {
    document: Value,
    method: String,
    target: String,
    detail: Value,
}

fn operations() -> Vec<Operation> {
    DOCUMENTS.iter().flat_map(|text| operations_of(&serde_saphyr::from_str(text).unwrap())).collect()
}

fn operations_of(document: &Value) -> Vec<Operation> {
    let mut all = Vec::new();
    for server in document["servers"].as_array().unwrap() {
        for (path, item) in document["paths"].as_object().unwrap() {
            for method in
                ["get", "post", "put", "delete"].into_iter().filter(|method| item.get(method).is_some())
            {
                let target =
                    format!("{}{}", server["url"].as_str().unwrap(), with_examples(document, path, item));
                let (document, detail) = (document.clone(), item[method].clone());
                all.push(Operation { document, method: method.to_uppercase(), target, detail });
            }
        }
    }
    all
}

fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let reference = value.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix('#'));
    reference.map_or(value, |pointer| document.pointer(pointer).unwrap())
}

/// `path` with the examples of its parameters.
fn with_examples(document: &Value, path: &str, item: &Value) -> String {
    let lists = [&item["parameters"], &item["get"]["parameters"], &item["post"]["parameters"]];
    let parameters =
        lists.into_iter().filter_map(Value::as_array).flatten().map(|one| resolve(document, one));
    parameters.filter(|one| one["in"] == "path").fold(path.to_owned(), |path, one| {
        path.replace(&format!("{{{}}}", one["name"].as_str().unwrap()), one["example"].as_str().unwrap())
    })
}

fn names(members: &Map<String, Value>) -> BTreeSet<&String> {
    members.keys().collect()
}

/// Holds that `value` has the members that `schema` describes and no others, all the way down.
fn assert_fits(document: &Value, schema: &Value, value: &Value) {
    let schema = resolve(document, schema);
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        let members = value.as_object().unwrap();
        assert_eq!(names(members), names(properties), "{value} has not the members of {schema}");
        properties.iter().for_each(|(name, schema)| assert_fits(document, schema, &members[name]));
    } else if let Some(items) = schema.get("items") {
        value.as_array().unwrap().iter().for_each(|item| assert_fits(document, items, item));
    } else {
        assert!(!value.is_object() && !value.is_array(), "{value}");
    }
}

impl Operation {
    async fn call(&self, accept: &str) -> Answer {
        if self.method == "GET" {
            return get(&self.target, accept).await;
        }
        let content = &resolve(&self.document, &self.detail["requestBody"])["content"]["application/json"];
        let first =
            content["examples"].as_object().and_then(|all| all.values().next()).map(|one| &one["value"]);
        let body = first.unwrap_or(&content["example"]).to_string();
        let request = Request::post(&self.target)
            .method(self.method.as_str())
            .header(ACCEPT, accept)
            .header(CONTENT_TYPE, "application/json");
        send(request.body(Body::from(body)).unwrap()).await
    }

    fn success(&self) -> (&str, &Value) {
        let responses = self.detail["responses"].as_object().unwrap();
        let (status, response) = responses.iter().find(|(status, _)| status.starts_with('2')).unwrap();
        (status, &response["content"])
    }
}

#[tokio::test]
async fn every_operation_answers_as_documented() {
    for operation in operations() {
        let (status, content) = operation.success();
        let answer = operation.call("application/json").await;
        assert_eq!(answer.status.as_str(), status, "{}", operation.target);
        let mut value = answer.json();
        assert!(value.as_object_mut().unwrap().remove("received").unwrap()["headers"].is_array());
        assert_ne!(value.get("id").and_then(Value::as_str), Some(""), "{}", operation.target);
        assert_fits(&operation.document, &content["application/json"]["schema"], &value);
    }
}

#[tokio::test]
async fn the_xml_root_is_the_one_documented() {
    for operation in operations() {
        let Some(xml) = operation.success().1.get("application/xml") else { continue };
        let root = resolve(&operation.document, &xml["schema"])["xml"]["name"].as_str().unwrap();
        let answer = operation.call("application/xml").await;
        assert!(answer.xml().contains(&format!("?><{root}>")), "{}", operation.target);
    }
}

#[test]
fn the_upstream_serves_what_is_documented_and_no_more() {
    assert_eq!(operations().len(), table::endpoints().len());
}
