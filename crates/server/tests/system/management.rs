//! Management from outside: by a client that a generator made of the document, and by a fuzzer that reads it.

use std::path::PathBuf;
use std::process::Command;

use claviger_testkit::Curl;
use rstest::rstest;
use serde_json::Value;

use crate::bed::{Bed, CliOutput, Engine};

pub(crate) const PASSWORD: &str = "tern gull heron plover";
pub(crate) const CATALOGUE: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/login-token/catalogue.yaml");
/// What would end the fuzzer's own sign-in. Tests of the crate `rest` see to these.
const NOT_FUZZED: [&str; 4] = ["signOut", "signOutEverywhere", "revokeSession", "changePassword"];
/// What it is let at alone: beside others it finds its own id in their answers, and puts it here.
const FUZZED_APART: [&str; 4] = ["disableUser", "removeUser", "setUserPassword", "resetUserFactors"];
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance,negative_data_rejection,\
                      unsupported_method";

/// A program of somebody else, where the tests find those.
fn program(name: &str) -> Command {
    let folder = std::env::var_os("CLAVIGER_TEST_CLIENTS").expect("`cargo xtask test` provides clients");
    Command::new(PathBuf::from(folder).join(name))
}

/// A server with an API, an operator `root` and an administrator `ada`.
pub(crate) fn staffed(engine: Engine) -> Bed {
    staff(Bed::serve(engine))
}

/// The same, told where people's browsers reach it.
pub(crate) fn staffed_with_passkeys(engine: Engine) -> Bed {
    let mut bed = Bed::empty(engine);
    bed.configure("[management]\npublic_url = \"https://keys.example.com\"\n");
    bed.run_serve();
    staff(bed)
}

/// An API, an operator `root` and an administrator `ada` in a running server.
pub(crate) fn staff(bed: Bed) -> Bed {
    bed.done(&["apply", "-f", CATALOGUE]);
    user(&bed, &["--username", "root", "--operator"]);
    user(&bed, &["--username", "ada", "--account", "300200", "--role", "admin"]);
    bed
}

pub(crate) fn user(bed: &Bed, args: &[&str]) {
    let file = bed.file("password", PASSWORD);
    let mut command = bed.command();
    command.args(["user", "create", "--password-stdin"]).args(args);
    command.stdin(std::fs::File::open(file).expect("the password can be read"));
    let output = CliOutput::of(&mut command);
    assert_eq!(output.status, 0, "{output:?}");
}

fn management(bed: &Bed) -> &str {
    bed.ready()["management"].as_str().expect("the server says where it is")
}

pub(crate) fn sign_in(bed: &Bed, login: &str) -> String {
    let body = serde_json::json!({ "login": login, "password": PASSWORD });
    let call = Curl::new("POST", &format!("{}/v1/sessions", management(bed)));
    let answer = call.header("Content-Type", "application/json").body(body.to_string()).run();
    assert_eq!(answer.status, 201, "{}", answer.text());
    let answer: Value = serde_json::from_str(&answer.text()).expect("JSON");
    answer["session"]["token"].as_str().expect("a token").to_owned()
}

/// What somebody is answered with who sends JSON: status and code.
fn send(method: &str, url: &str, token: &str, body: &Value) -> (u16, Value) {
    let call = Curl::new(method, url).header("Authorization", token);
    let answer = call.header("Content-Type", "application/json").body(body.to_string()).run();
    let said: Value = serde_json::from_str(&answer.text()).unwrap_or_default();
    (answer.status, said)
}

pub(crate) fn me(bed: &Bed, token: &str) -> u16 {
    let call = Curl::get(&format!("{}/v1/me", management(bed)));
    call.header("Authorization", &format!("Bearer {token}")).run().status
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
fn a_fuzzer_that_reads_the_document_finds_nothing(#[case] engine: Engine) {
    let bed = staffed_with_passkeys(engine);
    let token = sign_in(&bed, "root");
    fuzz(&bed, &token, "--exclude-operation-id", &[&NOT_FUZZED[..], &FUZZED_APART].concat());
    fuzz(&bed, &token, "--include-operation-id", &FUZZED_APART);
    assert!(!bed.log().contains(&token), "a token is in the log");
}

/// Lets the fuzzer at some operations: all but these, or these alone.
fn fuzz(bed: &Bed, token: &str, which: &str, operations: &[&str]) {
    let mut fuzzer = program("schemathesis");
    fuzzer.arg("run").arg(format!("{}/v1/openapi.json", management(bed)));
    fuzzer.args(["--header", &format!("Authorization: Bearer {token}"), "--checks", CHECKS]);
    for operation in operations {
        fuzzer.args([which, operation]);
    }
    fuzzer.args(["--max-examples", "15", "--seed", "1", "--generation-database", "none", "--no-color"]);
    fuzzer.current_dir(bed.folder());
    let output = CliOutput::of(&mut fuzzer);
    assert_eq!(output.status, 0, "{}", output.stdout);
    assert_eq!(me(bed, token), 200, "the fuzzer was signed out, and has seen little");
}

const GENERATED: &str = r#"
import sys
from claviger_client import AuthenticatedClient, Client
from claviger_client.api.keys import create_key, list_keys, revoke_key
from claviger_client.api.me import who_am_i
from claviger_client.api.sessions import sign_in
from claviger_client.models import KeyBody, SignInBody, Why

url, login, password = sys.argv[1:]
entered = sign_in.sync(client=Client(base_url=url), body=SignInBody(login=login, password=password))
client = AuthenticatedClient(base_url=url, token=entered.session.token)
assert who_am_i.sync(client=client).username == login
key = create_key.sync(client=client, body=KeyBody(api="vms", label="Generated"))
assert key.key and key.user == login
assert [one.id for one in list_keys.sync(client=client, search="generated").items] == [key.id]
assert revoke_key.sync(key.id, client=client, body=Why(reason="done")).state == "revoked"
"#;

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
fn a_generated_client_signs_in_and_calls(#[case] engine: Engine) {
    let bed = staffed(engine);
    let document = Curl::get(&format!("{}/v1/openapi.json", management(&bed))).run().text();
    let file = bed.file("openapi.json", &document);
    let client = bed.folder().join("claviger_client");
    let mut generator = program("openapi-python-client");
    generator.args(["generate", "--meta", "none", "--fail-on-warning", "--path", &file, "--output-path"]);
    // It tidies what it made with a program that lies beside it.
    let path = std::env::var("PATH").unwrap_or_default();
    let beside = std::env::var("CLAVIGER_TEST_CLIENTS").expect("`cargo xtask test` provides clients");
    let output = CliOutput::of(generator.arg(&client).env("PATH", format!("{beside}:{path}")));
    assert_eq!(output.status, 0, "{output:?}");
    let script = bed.file("generated.py", GENERATED);
    let mut python = program("python");
    python.args([&script, management(&bed), "ada", PASSWORD]).env("PYTHONPATH", bed.folder());
    let output = CliOutput::of(&mut python);
    assert_eq!(output.status, 0, "{output:?}");
}

/// An API that takes login tokens.
const TAKES_TOKENS: &str = r#"
catalogue: 1
apis:
  - slug: things
    name: Things
    policy:
      prefix: thg
      schemes: [{ scheme: raw }]
      key_types: [{ slug: standard, name: Standard }]
      login_tokens: accept
    versions: [{ name: v1, document: v1.yaml }]
    environments:
      - slug: live
        upstream: "http://127.0.0.1:9"
        routes: [{ path: "/things" }]
"#;
const THINGS: &str = r#"
openapi: 3.1.0
info: { title: Things, version: "1" }
paths: { /list: { get: { responses: { "200": { description: Things. } } } } }
"#;

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
fn an_account_that_asks_for_a_second_factor_holds_login_tokens_back(#[case] engine: Engine) {
    let bed = staffed(engine);
    bed.file("v1.yaml", THINGS);
    bed.done(&["apply", "-f", &bed.file("things.yaml", TAKES_TOKENS)]);
    let (root, ada) = (sign_in(&bed, "root"), sign_in(&bed, "ada"));
    let gateway = bed.ready()["gateway"].as_str().expect("the server says where it is");
    let call = || send("GET", &format!("{gateway}/things/list"), &ada, &Value::Null);
    assert_eq!(call().0, 502, "it goes on to an upstream that is not there");
    let asked = serde_json::json!({ "second_factor": "required" });
    let account = format!("{}/v1/accounts/300200", management(&bed));
    assert_eq!(send("PATCH", &account, &root, &asked).0, 200);
    let (status, refused) = call();
    assert_eq!((status, &refused["code"]), (403, &"second_factor_required".into()));
    let id = refused["request_id"].as_str().expect("a refusal has an id");
    let explained = bed.json(&["explain", id]);
    let checks = explained["checks"].as_array().expect("checks are a list");
    assert_eq!(checks.last().expect("something was checked")["check"], "second factor");
    let (status, refused) = send("PATCH", &account, &ada, &asked);
    assert_eq!((status, &refused["code"]), (403, &"second_factor_required".into()));
    assert_eq!([me(&bed, &ada), me(&bed, &root)], [200, 200]);
}
