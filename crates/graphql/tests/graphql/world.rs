//! The router on an installation with two accounts, and a clock that tests set.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use claviger_app::{ApplyMode, Command, NewUser, Outcome, PeopleCommand};
use claviger_catalogue::{Bundle, SourceFile};
use claviger_door::RequestIds;
use claviger_model::{Clock, Entropy, Standing};
use claviger_policy::TrustedProxies;
use claviger_web::Web;
use claviger_world::{HOME, OPERATOR, new_user};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};
use tower::ServiceExt;

pub(crate) use claviger_world::PASSWORD;

const DOCUMENT: &str = r"
openapi: 3.1.0
info: { title: Things, version: '1' }
paths:
  /things:
    get: { responses: { '200': { description: Things. } } }
    delete: { responses: { '200': { description: No things. } } }
";

/// The catalogue of APIs with these slugs and prefixes, all of which take login tokens.
fn catalogue(apis: &[(&str, &str)]) -> Bundle {
    let apis = apis.iter().map(|(slug, prefix)| {
        format!(
            r#"
  - slug: {slug}
    name: Things
    policy:
      prefix: {prefix}
      schemes: [{{ scheme: raw }}]
      key_types: [{{ slug: standard, name: Standard }}]
      recoverable: true
      editable: [owners, label, memo, tags, allowlist]
      login_tokens: accept
    versions: [{{ name: v1, document: v1.yaml }}]
    environments:
      - slug: live
        upstream: "http://127.0.0.1:9/{{version}}"
        routes: [{{ path: "/{slug}/{{version}}" }}]"#
        )
    });
    let text = format!("catalogue: 1\napis:{}\n", apis.collect::<String>());
    let catalogue = SourceFile { name: "catalogue.yaml".into(), text };
    Bundle {
        catalogue,
        documents: [("v1.yaml".to_owned(), DOCUMENT.to_owned())].into(),
        variables: [].into(),
    }
}

/// Requests are told apart without chance.
struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

pub(crate) struct World {
    inner: claviger_world::World,
    router: Router,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    /// What was asked for, without an error.
    pub(crate) fn data(&self) -> &Value {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        assert_eq!(self.body.get("errors"), None, "{self:?}");
        &self.body["data"]
    }

    /// The code of the first error.
    pub(crate) fn code(&self) -> &str {
        self.body.pointer("/errors/0/extensions/code").and_then(Value::as_str).unwrap_or("none")
    }

    /// The words of the first error.
    pub(crate) fn message(&self) -> &str {
        self.body.pointer("/errors/0/message").and_then(Value::as_str).unwrap_or_default()
    }
}

impl World {
    /// An installation with an API, two accounts, an administrator `ada` and a member `max` in the first, and an
    /// administrator `bea` in the second.
    pub(crate) async fn new() -> Self {
        let inner = claviger_world::World::new().await;
        for (name, account, role) in [("ada", "1", "admin"), ("max", "1", "member"), ("bea", "2", "admin")] {
            inner.user(name, account, &[role]).await;
        }
        let clock = Arc::clone(&inner.clock) as Arc<dyn Clock>;
        let (app, trusted) = (Arc::clone(&inner.app), TrustedProxies::default());
        let web = Web { app, trusted, ids: RequestIds::new(&Zeros), clock };
        Self { inner, router: claviger_graphql::router(&Arc::new(web)) }
    }

    /// Does what an operator says.
    pub(crate) async fn operate(&self, command: Command) -> Outcome {
        self.inner.run(&OPERATOR, command).await.unwrap()
    }

    /// The installation itself.
    pub(crate) const fn inside(&self) -> &claviger_world::World {
        &self.inner
    }

    /// Makes these the APIs.
    pub(crate) async fn offer(&self, apis: &[(&str, &str)]) {
        self.operate(Command::Apply { bundle: catalogue(apis), mode: ApplyMode::Commit }).await;
    }

    /// Makes somebody who stands above accounts.
    pub(crate) async fn operator(&self, name: &str) {
        let new = NewUser { standing: Standing::Operator, account: None, ..new_user(name, "1", &[]) };
        self.operate(Command::People(PeopleCommand::Create(new))).await;
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.inner.pass(seconds);
    }

    /// The one-time code of this moment.
    pub(crate) fn code(&self, secret: &str) -> String {
        let maker = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).build().unwrap();
        let seconds = self.inner.clock.now().as_micros() / 1_000_000;
        maker.generate(seconds.cast_unsigned()).to_string()
    }

    /// A login token.
    pub(crate) async fn token(&self, name: &str) -> String {
        self.inner.actor(name).await.1
    }

    /// Sends any request.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let mut request = request;
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(HOME, 40_000)));
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// Sends a body in JSON, with a credential or without.
    pub(crate) async fn post(&self, path: &str, credential: Option<&str>, body: &Value) -> Answer {
        let mut request = Request::builder().method(Method::POST).uri(path);
        request = request.header(CONTENT_TYPE, "application/json");
        if let Some(credential) = credential {
            request = request.header(AUTHORIZATION, credential);
        }
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// Asks somebody's query with variables.
    pub(crate) async fn ask(&self, credential: &str, query: &str, variables: Value) -> Answer {
        let body = json!({ "query": query, "variables": variables });
        self.post("/api/", Some(credential), &body).await
    }

    /// Asks somebody's query.
    pub(crate) async fn query(&self, credential: &str, query: &str) -> Answer {
        self.ask(credential, query, json!({})).await
    }

    /// Asks a query of nobody.
    pub(crate) async fn stranger(&self, query: &str) -> Answer {
        self.post("/api/", None, &json!({ "query": query })).await
    }

    /// Sets one-time codes up, and gives their secret.
    pub(crate) async fn enrol(&self, token: &str) -> String {
        let begin = "mutation($p: String!) { beginTotp(current: $p) { secret url } }";
        let started = self.ask(token, begin, json!({ "p": PASSWORD })).await;
        let secret = started.data()["beginTotp"]["secret"].as_str().unwrap().to_owned();
        let confirm = "mutation($c: String!) { confirmTotp(code: $c) }";
        let confirmed = self.ask(token, confirm, json!({ "c": self.code(&secret) })).await;
        assert_eq!(confirmed.data()["confirmTotp"].as_array().map(Vec::len), Some(10));
        secret
    }
}
