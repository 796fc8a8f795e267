//! The router on an installation with two accounts, and a clock that tests set.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use claviger_app::{
    Actor, App, ApplyMode, Command, LoginKind, NewAccount, NewUser, PeopleCommand, RecorderConfig, Shown,
    SignIn, open_vault,
};
use claviger_catalogue::{Bundle, SourceFile};
use claviger_door::RequestIds;
use claviger_model::{Clock, Entropy, Span, Standing, Time};
use claviger_policy::TrustedProxies;
use claviger_store::{Location, Store};
use claviger_vault::{LocalMasterKey, MasterKey};
use claviger_web::Web;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};
use tower::ServiceExt;

pub(crate) const OPERATOR: Actor = Actor::Operator { via: "test" };
pub(crate) const PASSWORD: &str = "tern gull heron";
const HOME: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 40_000);

const DOCUMENT: &str = r"
openapi: 3.1.0
info: { title: Things, version: '1' }
paths:
  /things:
    get: { responses: { '200': { description: Things. } } }
    delete: { responses: { '200': { description: No things. } } }
";

/// The catalogue of APIs with these slugs, all of which take login tokens.
fn catalogue(slugs: &[&str]) -> Bundle {
    let apis = slugs.iter().enumerate().map(|(number, slug)| {
        format!(
            r#"
  - slug: {slug}
    name: Things
    policy:
      prefix: thg{number}
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

/// A clock that stands until it is told to go on.
struct Stopped(AtomicI64);

impl Clock for Stopped {
    fn now(&self) -> Time {
        Time::from_secs(self.0.load(Ordering::Relaxed))
    }
}

/// Bytes that never repeat within a test.
struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let next = self.0.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            chunk.copy_from_slice(&next.to_le_bytes()[..chunk.len()]);
        }
    }
}

pub(crate) struct World {
    pub(crate) app: Arc<App>,
    router: Router,
    clock: Arc<Stopped>,
    _folder: tempfile::TempDir,
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
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(Stopped(AtomicI64::new(1_800_000_000)));
        let entropy: Arc<dyn Entropy> = Arc::new(Counting(AtomicU64::new(1)));
        let store = Store::open(&Location::Sqlite(folder.path().join("test.db"))).await.unwrap();
        let master = LocalMasterKey::from(MasterKey::generate([7; 32]));
        let vault = open_vault(&store, &master, &*entropy).await.unwrap();
        let records = RecorderConfig { keep_for: Span::from_days(1), keep: 100 };
        let time: Arc<dyn Clock> = Arc::<Stopped>::clone(&clock);
        let app = App::start(store, vault, Arc::clone(&time), Arc::clone(&entropy), records).await.unwrap();
        let app = Arc::new(app);
        let trusted = TrustedProxies::new(Vec::new());
        let web = Web { app: Arc::clone(&app), trusted, ids: RequestIds::new(&*entropy), clock: time };
        let router = claviger_graphql::router(&Arc::new(web));
        let world = Self { app, router, clock, _folder: folder };
        world.fill().await;
        world
    }

    async fn fill(&self) {
        self.offer(&["things"]).await;
        for (number, realm) in [("1", "one"), ("2", "two")] {
            let (number, realm, name) = (number.parse().unwrap(), realm.parse().unwrap(), realm.to_owned());
            let new = NewAccount { number, realm, name };
            self.app.run(&OPERATOR, Command::AccountCreate(new)).await.unwrap();
        }
        self.user("ada", "1", &["admin"]).await;
        self.user("max", "1", &["member"]).await;
        self.user("bea", "2", &["admin"]).await;
    }

    /// Makes these the APIs.
    pub(crate) async fn offer(&self, slugs: &[&str]) {
        let command = Command::Apply { bundle: catalogue(slugs), mode: ApplyMode::Commit };
        self.app.run(&OPERATOR, command).await.unwrap();
    }

    /// Makes a user with [`PASSWORD`].
    pub(crate) async fn user(&self, name: &str, account: &str, roles: &[&str]) {
        self.make(name, Some(account), roles, Standing::Member).await;
    }

    /// Makes somebody who stands above accounts.
    pub(crate) async fn operator(&self, name: &str) {
        self.make(name, None, &[], Standing::Operator).await;
    }

    async fn make(&self, name: &str, account: Option<&str>, roles: &[&str], standing: Standing) {
        let new = NewUser {
            username: name.parse().unwrap(),
            email: Some(format!("{name}@example.com").parse().unwrap()),
            name: None,
            standing,
            account: account.map(|number| number.parse().unwrap()),
            roles: roles.iter().map(|role| role.parse().unwrap()).collect(),
            password: Some(Shown::new(PASSWORD)),
        };
        self.app.run(&OPERATOR, Command::People(PeopleCommand::Create(new))).await.unwrap();
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::Relaxed);
    }

    /// The one-time code of this moment.
    pub(crate) fn code(&self, secret: &str) -> String {
        let maker = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).build().unwrap();
        maker.generate(self.clock.0.load(Ordering::Relaxed).cast_unsigned()).to_string()
    }

    /// A login token.
    pub(crate) async fn token(&self, name: &str) -> String {
        let password = Shown::new(PASSWORD);
        let (second, account, kind) = (None, None, LoginKind::LoginToken);
        let with = SignIn { login: name.to_owned(), password, second, account, kind };
        let signed_in = self.app.sign_in(with, HOME.ip()).await.unwrap();
        signed_in.session.token.unwrap().expose().to_owned()
    }

    /// Sends any request.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let mut request = request;
        request.extensions_mut().insert(ConnectInfo(HOME));
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
