//! The OpenAPI 3.1 document, made of the same table as the routes.

use std::collections::BTreeMap;

use claviger_web::Code;
use http::Method;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::endpoint::{Access, Describe, Endpoint};
use crate::sentences;

/// Problem details (RFC 9457) of a request that was not answered.
#[derive(JsonSchema)]
#[schemars(rename = "Problem")]
#[expect(dead_code, reason = "it is described here and written elsewhere")]
struct ProblemDetails {
    /// `urn:claviger:problem:` and the code.
    r#type: String,
    /// One sentence, the same for every occurrence.
    title: String,
    /// The HTTP status.
    status: u16,
    /// One sentence about this occurrence.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The stable code.
    code: String,
    /// The id of the request.
    request_id: String,
}

/// Schemas of what is sent, and of what is answered: a field can be optional in the one and not in the other.
struct Schemas {
    sent: SchemaGenerator,
    answered: SchemaGenerator,
}

impl Schemas {
    fn new() -> Self {
        let settings = |settings: SchemaSettings| {
            settings.with(|settings| settings.definitions_path = "/components/schemas".into())
        };
        Self {
            sent: settings(SchemaSettings::draft2020_12().for_deserialize()).into_generator(),
            answered: settings(SchemaSettings::draft2020_12().for_serialize()).into_generator(),
        }
    }

    fn sent(&mut self, describe: Describe) -> Schema {
        describe(&mut self.sent)
    }

    fn answered(&mut self, describe: Describe) -> Schema {
        describe(&mut self.answered)
    }

    fn into_components(mut self) -> Map<String, Value> {
        let mut all = self.sent.take_definitions(true);
        all.extend(self.answered.take_definitions(true));
        all
    }
}

/// The document of these endpoints.
#[must_use]
pub fn document(endpoints: &[Endpoint]) -> Value {
    let mut schemas = Schemas::new();
    let mut paths = Map::<String, Value>::new();
    for endpoint in endpoints {
        let operation = operation(endpoint, &mut schemas);
        let path = paths.entry(endpoint.path).or_insert_with(|| json!({}));
        if let Some(methods) = path.as_object_mut() {
            methods.insert(endpoint.method.as_str().to_ascii_lowercase(), operation);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Claviger management",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Sign in with `POST /v1/sessions` and send the token as `Authorization: Bearer`. Operators may \
                            do everything, in every account.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": schemas.into_components(),
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
        },
    })
}

fn operation(endpoint: &Endpoint, schemas: &mut Schemas) -> Value {
    let mut operation = json!({
        "operationId": endpoint.operation,
        "summary": endpoint.summary,
        "description": sentences::needs(endpoint),
        "tags": [endpoint.tag],
        "responses": responses(endpoint, schemas),
    });
    let Some(members) = operation.as_object_mut() else { return operation };
    let parameters = parameters(endpoint, schemas);
    if !parameters.is_empty() {
        members.insert("parameters".into(), parameters.into());
    }
    if let Some(body) = endpoint.body {
        let schema = schemas.sent(body);
        members.insert(
            "requestBody".into(),
            json!({ "required": endpoint.body_required, "content": { "application/json": { "schema": schema } } }),
        );
    }
    if endpoint.access == Access::SignedIn {
        members.insert("security".into(), json!([{ "token": [] }]));
    }
    operation
}

fn responses(endpoint: &Endpoint, schemas: &mut Schemas) -> Map<String, Value> {
    let mut answer = json!({ "description": sentences::done(endpoint) });
    if let Some(describe) = endpoint.answer {
        answer["content"] = json!({ "application/json": { "schema": schemas.answered(describe) } });
    }
    let problem = schemas.answered(SchemaGenerator::subschema_for::<ProblemDetails>);
    let mut by_status = BTreeMap::<u16, Vec<Code>>::new();
    for code in &endpoint.problems {
        by_status.entry(code.words().0).or_default().push(*code);
    }
    let problems = by_status.into_iter().map(|(status, codes)| {
        let told = json!({
            "description": sentences::not_done(&codes),
            "content": { "application/problem+json": { "schema": problem } },
        });
        (status.to_string(), told)
    });
    [(endpoint.status.to_string(), answer)].into_iter().chain(problems).collect()
}

fn parameters(endpoint: &Endpoint, schemas: &mut Schemas) -> Vec<Value> {
    let in_path = endpoint.parameters().map(|name| {
        json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string", "minLength": 1 } })
    });
    let mut parameters: Vec<_> = in_path.collect();
    if endpoint.guarded {
        parameters.push(json!({
            "name": "If-Match", "in": "header", "required": false, "schema": { "type": "string" },
            "description": "The ETag of what is to be changed, as it was shown.",
        }));
    }
    if endpoint.method == Method::POST {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" },
            "description": "A key of your own for this request. What is asked for is done once for it within a day; \
                            sent again, it has the same answer.",
        }));
    }
    let Some(query) = endpoint.query else { return parameters };
    let schema = schemas.sent(query);
    let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let properties = schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    parameters.extend(properties.into_iter().map(|(name, mut schema)| {
        let description = schema.get("description").cloned().unwrap_or_default();
        let required = required.iter().any(|one| one == name.as_str());
        drop_null(&mut schema);
        json!({ "name": name, "in": "query", "required": required, "schema": schema, "description": description })
    }));
    parameters
}

/// A parameter is left out, and never null.
fn drop_null(schema: &mut Value) {
    if let Some(Value::Array(kinds)) = schema.get_mut("type") {
        kinds.retain(|kind| kind != "null");
    }
    let Some(Value::Array(ways)) = schema.get_mut("anyOf") else { return };
    ways.retain(|way| way.get("type").is_none_or(|kind| kind != "null"));
    if let [only] = ways.as_slice() {
        *schema = only.clone();
    }
}
