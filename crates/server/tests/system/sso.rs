//! Signing in by a provider of others, the library `oidc-provider`, with the configuration of the guide.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use claviger_testkit::{Curl, Response};
use rstest::rstest;
use serde_json::{Value, json};

use crate::bed::{Bed, CliOutput, Engine};
use crate::management::{CATALOGUE, me, sign_in, user};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/system/sso/provider.mjs");
const GUIDE: &str = include_str!("../../../../docs/sso.md");
const REDIRECT: &str = "https://keys.example.com/sso";
const SECRET: &str = "a+secret/with: signs";

/// A provider that runs. Dropping it ends it.
struct Provider {
    child: Child,
    issuer: String,
    /// Open as long as it runs: it writes more, and would end where nobody could read it.
    _output: BufReader<ChildStdout>,
}

impl Provider {
    fn start() -> Self {
        let folder =
            std::env::var_os("CLAVIGER_TEST_PROVIDERS").expect("`cargo xtask test` gives a provider");
        let mut node = Command::new("node");
        node.arg(SCRIPT).arg(folder).arg(REDIRECT);
        let mut child = node.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("node starts");
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().expect("its output is piped"));
        output.read_line(&mut line).expect("it says where it is");
        let said: Value = serde_json::from_str(&line).expect("it says so in JSON");
        let issuer = said["issuer"].as_str().expect("an issuer").to_owned();
        Self { child, issuer, _output: output }
    }

    /// Where a browser ends that goes to this address and signs in as this person. Every redirect at the provider is
    /// followed, and none elsewhere.
    fn browse(&self, bed: &Bed, address: &str, person: &str) -> String {
        let jar = bed.file("cookies", "");
        let mut address = format!("{address}&login_hint={person}");
        for _ in 0..10 {
            let answer = Curl::get(&address).arg("-c").arg(&jar).arg("-b").arg(&jar).run();
            let to = answer.header("location").unwrap_or_else(|| panic!("{address}: {}", answer.text()));
            address = if to.starts_with('/') { format!("{}{to}", self.issuer) } else { to.to_owned() };
            if !address.starts_with(&self.issuer) {
                return address;
            }
        }
        panic!("the provider never ends")
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // Both fail only where it has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A server with the guide's configuration, and the provider that it means.
fn set_up(engine: Engine) -> (Bed, Provider) {
    let provider = Provider::start();
    let mut bed = Bed::empty(engine);
    let secret = bed.file("client-secret", &format!("{SECRET}\n"));
    let example = GUIDE.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    let example = example.expect("the guide has an example");
    assert!(example.contains("\"https://sso.example.com\"") && example.contains(REDIRECT));
    let there = example.replace("https://sso.example.com", &provider.issuer);
    bed.configure(&there.replace("/etc/claviger/sso-company", &secret));
    bed.run_serve();
    bed.done(&["apply", "-f", CATALOGUE]);
    (bed, provider)
}

fn post(bed: &Bed, step: &str, body: &Value) -> Response {
    let call = Curl::new("POST", &format!("{}/v1/sso/company/{step}", bed.management()));
    call.header("Content-Type", "application/json").body(body.to_string()).run()
}

fn read(answer: &Response) -> Value {
    serde_json::from_str(&answer.text()).expect("JSON")
}

/// What somebody finishes with who signed in at the provider.
fn answer_of(bed: &Bed, provider: &Provider, person: &str) -> Value {
    let begun = read(&post(bed, "begin", &json!({})));
    let address = begun["address"].as_str().unwrap_or_else(|| panic!("{begun}"));
    let came = provider.browse(bed, address, person);
    assert!(came.starts_with(&format!("{REDIRECT}?")), "{came}");
    let value = |name: &str| {
        let pairs = came.split(['?', '&']).filter_map(|pair| pair.split_once('='));
        let found = pairs.into_iter().find(|(found, _)| *found == name).expect("it is in the address").1;
        found.replace("%3A", ":").replace("%2F", "/")
    };
    json!({ "handle": begun["handle"], "code": value("code"), "state": value("state"), "iss": value("iss") })
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
fn people_sign_in_by_a_provider_as_the_guide_says(#[case] engine: Engine) {
    let (bed, provider) = set_up(engine);
    let listed = read(&Curl::get(&format!("{}/v1/sso", bed.management())).run());
    assert_eq!(listed, json!({ "items": [{ "slug": "company", "name": "Example Company" }] }));
    let answer = answer_of(&bed, &provider, "ada");
    let entered = post(&bed, "finish", &answer);
    assert_eq!(entered.status, 201, "{}", entered.text());
    let entered = read(&entered);
    let roles = json!([{ "account": "300200", "roles": ["api-administrator", "member"] }]);
    assert_eq!(entered["user"]["memberships"], roles);
    assert_eq!(entered["user"]["email"], "ada@example.com");
    let token = entered["session"]["token"].as_str().expect("a token");
    assert_eq!(me(&bed, token), 200);
    let again = post(&bed, "finish", &answer);
    assert_eq!((again.status, &read(&again)["code"]), (401, &json!("sso_refused")));
    let second = read(&post(&bed, "finish", &answer_of(&bed, &provider, "ada")));
    assert_eq!(second["user"]["id"], entered["user"]["id"]);
    let ben = read(&post(&bed, "finish", &answer_of(&bed, &provider, "ben")));
    assert_eq!((&ben["user"]["username"], &ben["user"]["email"]), (&json!("ben"), &Value::Null));
    let cleo = post(&bed, "finish", &answer_of(&bed, &provider, "cleo"));
    assert_eq!((cleo.status, &read(&cleo)["code"]), (401, &json!("sso_refused")));
    bed.done(&["user", "disable", "ada", "--reason", "left"]);
    assert_eq!(me(&bed, token), 401);
    assert_eq!(post(&bed, "finish", &answer_of(&bed, &provider, "ada")).status, 401);
    let secrets = ["code", "handle"].map(|name| answer[name].as_str().expect("a text").to_owned());
    for secret in secrets.iter().map(String::as_str).chain([token, SECRET]) {
        assert!(!bed.log().contains(secret), "{secret} is in the log");
    }
    let audit = bed.json(&["audit", "list"]).to_string();
    for word in ["\"user.create\"", "\"user.link\"", "by `company`", "the claims name no role", "is disabled"]
    {
        assert!(audit.contains(word), "{word}: {audit}");
    }
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
fn a_code_is_for_whoever_began(#[case] engine: Engine) {
    let (bed, provider) = set_up(engine);
    user(&bed, &["--username", "root", "--operator"]);
    let awaited =
        json!({ "username": "ada", "email": "ada@example.com", "account": "300200", "roles": ["admin"] });
    let made = Curl::new("POST", &format!("{}/v1/users", bed.management()))
        .header("Authorization", &sign_in(&bed, "root"))
        .header("Content-Type", "application/json")
        .body(awaited.to_string())
        .run();
    assert_eq!(made.status, 201, "{}", made.text());
    let (mine, theirs) = (answer_of(&bed, &provider, "ada"), answer_of(&bed, &provider, "ben"));
    // A link with somebody else's code, and one with their state as well.
    for names in [&["code"][..], &["code", "state"]] {
        let mut swapped = mine.clone();
        for name in names {
            swapped[*name] = theirs[*name].clone();
        }
        let refused = post(&bed, "finish", &swapped);
        assert_eq!((refused.status, &read(&refused)["code"]), (401, &json!("sso_refused")), "{names:?}");
    }
    let mut other = mine.clone();
    other["iss"] = json!("https://sso.example.com");
    assert_eq!(post(&bed, "finish", &other).status, 401);
    let entered = read(&post(&bed, "finish", &mine));
    assert_eq!(entered["user"]["username"], "ada", "{entered}");
    assert_eq!(entered["user"]["email"], "ada@example.com", "the one who was made for it");
}

#[test]
fn a_provider_that_does_not_answer_is_said_so() {
    let (bed, provider) = set_up(Engine::Sqlite);
    drop(provider);
    let begun = post(&bed, "begin", &json!({}));
    assert_eq!((begun.status, &read(&begun)["code"]), (502, &json!("provider_unavailable")));
}

#[test]
fn the_command_line_signs_in_with_a_browser() {
    let (bed, provider) = set_up(Engine::Sqlite);
    let mut login = bed.elsewhere();
    login.args(["login", "--server", bed.management(), "--sso", "company"]).stdin(Stdio::null());
    let mut login = login.stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut told = BufReader::new(login.stderr.take().expect("it is piped")).lines();
    let address = told.find_map(|line| line.ok().filter(|line| line.starts_with("http://")));
    let came = provider.browse(&bed, &address.expect("an address is printed"), "ada");
    let page = Curl::get(&came).run();
    assert_eq!((page.status, page.text().contains("goes on")), (200, true));
    let status = login.wait().expect("it ends");
    assert!(status.success(), "{:?}", told.map_while(Result::ok).collect::<Vec<_>>());
    let listed =
        CliOutput::of(bed.elsewhere().args(["--json", "--server", bed.management(), "user", "list"]));
    assert_eq!((listed.status, listed.stdout.contains("\"ada\"")), (0, true), "{listed:?}");
}

#[test]
fn a_mistake_in_the_configuration_is_said_with_its_key() {
    let mut bed = Bed::empty(Engine::Sqlite);
    let example = GUIDE.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    bed.configure(&example.expect("the guide has an example").replace("https://sso", "http://sso"));
    let output = bed.cli(&["serve", "--ports", "auto"]);
    assert_eq!(output.status, 3, "{output:?}");
    assert!(output.stderr.contains("`sso.company.issuer`"), "{output:?}");
}
