//! The demo in this process, on a clock that tests set, and callers who sign in and speak GraphQL to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use claviger_app::{Command, Outcome, PeopleCommand};
use claviger_model::{Clock, Time};
use claviger_server::ambient::SystemEntropy;
use claviger_server::config::{Overrides, load};
use claviger_server::demo::{self, Demo, Person};
use claviger_server::serve::Ambient;
use claviger_testkit::{Curl, Response};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use totp_rs::{Builder, Secret};

use crate::ask::Ask;
use crate::bed::{Bed, Engine};
use crate::gate;

pub(super) const CREATE: &str = "mutation createApiKey($name: String!) \
                                 { createApiKey(data: { name: $name }) { id key roles { id preset }}}";
pub(super) const DELETE: &str =
    "mutation deleteApiKey($key: String!) { deleteApiKey(where: { key: $key }) { id } }";
pub(super) const ADMIN: &str = "tower-admin";
pub(super) const MEMBER: &str = "tower-member";
pub(super) const GUARDED: &str = "tower-two-factor";

/// A clock that stands until it is told to go on.
struct Stopped(AtomicI64);

impl Clock for Stopped {
    fn now(&self) -> Time {
        Time::from_secs(self.0.load(Ordering::SeqCst))
    }
}

/// A running demo. The fields are dropped in this order.
pub(super) struct Stage {
    demo: Demo,
    runtime: Runtime,
    clock: Arc<Stopped>,
    /// The data, and the command line beside them.
    pub(super) bed: Bed,
}

/// A key that was made over GraphQL.
pub(super) struct Made {
    pub(super) id: String,
    pub(super) key: String,
    pub(super) roles: Value,
}

impl Stage {
    pub(super) fn start(engine: Engine) -> Self {
        let bed = Bed::empty(engine);
        let database_url = bed.database_url().map(Into::into);
        let overrides = Overrides { database_url, free_ports: true, ..Overrides::default() };
        let config = load(None, overrides).expect("there is no file to be wrong");
        let clock = Arc::new(Stopped(AtomicI64::new(1_800_000_000)));
        let ambient = Ambient { clock: Arc::clone(&clock) as _, entropy: Arc::new(SystemEntropy) };
        let runtime = Runtime::new().expect("a runtime can be made");
        let starting = demo::start(config, Some(bed.data_dir()), ambient);
        let demo = runtime.block_on(starting).unwrap_or_else(|error| panic!("the demo: {error}"));
        Self { demo, runtime, clock, bed }
    }

    /// Lets the clock go on.
    pub(super) fn pass(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(super) fn gateway(&self) -> &str {
        &self.demo.report().gateway
    }

    pub(super) fn management(&self) -> &str {
        &self.demo.report().portal
    }

    pub(super) fn demo(&self) -> &Demo {
        &self.demo
    }

    pub(super) fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    pub(super) fn person(&self, username: &str) -> &Person {
        let found = self.demo.report().people.iter().find(|person| person.username == username);
        found.unwrap_or_else(|| panic!("nobody is {username}"))
    }

    /// The one-time code of this moment.
    pub(super) fn code(&self, username: &str) -> String {
        let secret = self.person(username).totp_secret.as_ref().expect("a second factor");
        let secret = Secret::try_from_base32(secret.expose()).expect("base 32");
        let maker = Builder::new().with_secret(secret).build().expect("a secret of this length");
        maker.generate(self.clock.now().as_micros().cast_unsigned() / 1_000_000).to_string()
    }

    /// What somebody signs in with.
    pub(super) fn input(&self, username: &str) -> Value {
        let password = self.person(username).password.expose();
        json!({ "username": username, "password": password, "source": "LOCAL" })
    }

    pub(super) fn login(&self, input: &Value) -> Ask {
        let url = format!("{}/v2/api/login", self.gateway());
        Ask::post(&url, "application/json", &input.to_string())
    }

    /// Somebody's new login token.
    pub(super) fn token(&self, username: &str) -> String {
        let answer = self.login(&self.input(username)).once();
        assert_eq!(answer.status, 200, "{username}: {}", answer.text());
        answer.json()["data"]["token"].as_str().expect("a token").to_owned()
    }

    /// A request of GraphQL, as the seed's calls are made.
    pub(super) fn graphql(&self, authorization: &str, query: &str, variables: &Value) -> Ask {
        let url = format!("{}/api/", self.gateway());
        let body = json!({ "query": query, "variables": variables }).to_string();
        Ask::post(&url, "application/json", &body).header("Authorization", authorization)
    }

    pub(super) fn create(&self, authorization: &str, name: &str) -> Made {
        let answer = self.graphql(authorization, CREATE, &json!({ "name": name })).once();
        assert_eq!(answer.status, 200, "{}", answer.text());
        let made = answer.json()["data"]["createApiKey"].clone();
        let text = |member: &str| {
            made[member].as_str().unwrap_or_else(|| panic!("no {member}: {}", answer.text())).to_owned()
        };
        Made { id: text("id"), key: text("key"), roles: made["roles"].clone() }
    }

    pub(super) fn delete(&self, authorization: &str, key: &str) -> Value {
        let answer = self.graphql(authorization, DELETE, &json!({ "key": key })).once();
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// A call of the guarded API.
    pub(super) fn vms(&self, operation: &str, authorization: &str) -> Ask {
        let url = format!("{}/v2/api/{operation}", self.gateway());
        Ask::post(&url, "application/json", r#"{"where":{}}"#).header("Authorization", authorization)
    }

    /// Whether management takes this for somebody who signed in: whoever did is told that there is no such key.
    #[track_caller]
    pub(super) fn is_signed_in(&self, credential: &str) -> bool {
        let answer = self.graphql(credential, DELETE, &json!({ "key": "none" })).once();
        match answer.status {
            200 => {
                assert_eq!(code_of(&answer.json()), "not_found");
                true
            }
            401 => false,
            other => panic!("{other}: {}", answer.text()),
        }
    }

    /// Has an operator do something about people.
    pub(super) fn people(&self, command: PeopleCommand) {
        let done = gate::ask(&self.bed.data_dir(), &Command::People(command));
        assert!(matches!(done, Ok(Outcome::People(_))), "{done:?}");
    }
}

/// The stable code of the only error of a request of GraphQL.
#[track_caller]
pub(super) fn code_of(answer: &Value) -> &str {
    let errors = answer["errors"].as_array().unwrap_or_else(|| panic!("no errors: {answer:#}"));
    let [error] = errors.as_slice() else { panic!("not one error: {answer:#}") };
    assert!(error["extensions"]["request_id"].is_string(), "{answer:#}");
    error["extensions"]["code"].as_str().unwrap_or_else(|| panic!("no code: {answer:#}"))
}

/// Runs a line of a shell with these variables, as a person does who follows the instructions.
pub(super) fn paste(line: &str, variables: &[(&str, &str)]) -> Response {
    let set: Vec<_> = variables.iter().map(|(name, value)| format!("{name}='{value}';")).collect();
    Curl::paste(&format!("{} {line}", set.join(" "))).unwrap_or_else(|error| panic!("{line}: {error}"))
}
