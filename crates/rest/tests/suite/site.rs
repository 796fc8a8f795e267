//! The routes on an installation in memory, and answers held against the document.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use claviger_door::RequestIds;
use claviger_model::{Clock, Entropy};
use claviger_policy::TrustedProxies;
use claviger_rest::{document, endpoints, router};
use claviger_web::Web;
use claviger_world::{PASSWORD, World};
use http::{HeaderMap, Method, Request, StatusCode};
use jsonschema::Validator;
use serde_json::{Value, json};
use tower::ServiceExt;

const CLIENT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 1);

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| document(&endpoints()));

struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

/// An installation that is answered for over REST.
pub(crate) struct Site {
    pub(crate) world: World,
    router: Router,
}

/// An answer that fits the document.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answered {
    /// The stable code of a problem.
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

impl Site {
    pub(crate) async fn new() -> Self {
        let world = World::new().await;
        let clock = Arc::clone(&world.clock) as Arc<dyn Clock>;
        let web = Web {
            app: Arc::clone(&world.app),
            trusted: TrustedProxies::default(),
            ids: RequestIds::new(&Zeros),
            clock,
        };
        let router = router(&Arc::new(web));
        Self { world, router }
    }

    /// Sends a request and holds what comes back against the document.
    pub(crate) async fn send(&self, token: &str, line: &str, body: Option<Value>) -> Answered {
        let (method, target) = line.split_once(' ').expect("a method and a target");
        let mut request = Request::builder().method(method).uri(target);
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let bytes = body.map(|body| {
            request.headers_mut().unwrap().insert("content-type", "application/json".parse().unwrap());
            body.to_string()
        });
        let answered = self.raw(request.body(Body::from(bytes.unwrap_or_default())).unwrap()).await;
        assert_described(method, target, &answered);
        answered
    }

    /// Sends a request as it is.
    pub(crate) async fn raw(&self, mut request: Request<Body>) -> Answered {
        request.extensions_mut().insert(ConnectInfo(CLIENT));
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes)
                .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into()))
        };
        Answered { status, headers, body }
    }

    /// A user of an account with these roles, signed in: their token.
    pub(crate) async fn member(&self, name: &str, account: &str, roles: &[&str]) -> String {
        self.world.user(name, account, roles).await;
        self.token(name).await
    }

    /// Signs somebody in: their token.
    pub(crate) async fn token(&self, name: &str) -> String {
        let answered =
            self.send("", "POST /v1/sessions", Some(json!({ "login": name, "password": PASSWORD }))).await;
        assert_eq!(answered.status, 201, "{answered:?}");
        answered.body["session"]["token"].as_str().unwrap().to_owned()
    }
}

/// The path of the document that a target is one of.
fn path_of(target: &str) -> Option<String> {
    let path = target.split('?').next().unwrap();
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let fits = |template: &&String| {
        let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
        template.len() == path.len()
            && template.iter().zip(&path).all(|(one, other)| one.starts_with('{') || one == other)
    };
    let mut found: Vec<_> = paths.keys().filter(fits).collect();
    found.sort_by_key(|template| template.contains('{'));
    found.first().map(|template| (*template).clone())
}

fn assert_described(method: &str, target: &str, answered: &Answered) {
    let path = path_of(target).unwrap_or_else(|| panic!("{target} is in no document"));
    let operation = &DOCUMENT["paths"][&path][method.to_ascii_lowercase()];
    let response = &operation["responses"][answered.status.to_string()];
    assert!(response.is_object(), "{method} {path} answers {}: {}", answered.status, answered.body);
    if let Some(code) = answered.body["code"].as_str().filter(|_| answered.status >= 400) {
        let told = response["description"].as_str().unwrap();
        assert!(told.contains(&format!("- `{code}`: ")), "{method} {path} answers {code}: {told}");
    }
    let Some(content) = response["content"].as_object() else {
        assert_eq!(answered.body, Value::Null, "{method} {path}");
        return;
    };
    let kind = answered.headers["content-type"].to_str().unwrap();
    let schema = content.get(kind).unwrap_or_else(|| panic!("{method} {path} answers {kind}"));
    let errors: Vec<_> =
        validator(&schema["schema"]).iter_errors(&answered.body).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{method} {path}: {errors:?}: {}", answered.body);
}

/// The schema with everything that it refers to.
fn validator(schema: &Value) -> Validator {
    // Anything fits `true`, which is no object.
    let mut whole = if schema.is_object() { schema.clone() } else { json!({}) };
    whole["components"] = DOCUMENT["components"].clone();
    jsonschema::draft202012::new(&whole).unwrap()
}

/// A method that a path does not have.
pub(crate) fn other_method() -> Method {
    Method::from_bytes(b"PURGE").unwrap()
}

pub(crate) const NO_CONTENT: u16 = StatusCode::NO_CONTENT.as_u16();
