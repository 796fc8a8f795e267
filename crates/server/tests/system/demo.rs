//! `claviger demo`: what it prints is true, and it leaves nothing behind.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use claviger_testkit::{Claviger, Curl, Response};
use rstest::rstest;
use serde_json::Value;

use crate::ask::Ask;
use crate::bed::{BINARY, Bed, Engine};

/// One of the calls that the demo prints.
struct Printed {
    row: String,
    name: String,
    ask: Ask,
    expect: u16,
}

impl Printed {
    /// It can be sent once.
    fn is_signed(&self) -> bool {
        self.row.starts_with('S')
    }
}

#[track_caller]
fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("`{name}` is no text in {value:#}")).to_owned()
}

fn texts(value: &Value, names: &[&str]) {
    assert!(names.iter().all(|name| !text(value, name).is_empty()), "an empty text in {value:#}");
}

#[track_caller]
fn text_or_null(value: &Value, name: &str) {
    let found = value.get(name).unwrap_or_else(|| panic!("there is no `{name}` in {value:#}"));
    assert!(found.is_null() || found.is_string(), "`{name}` is neither text nor null in {value:#}");
}

fn list<'a>(value: &'a Value, name: &str) -> &'a Vec<Value> {
    value[name].as_array().unwrap_or_else(|| panic!("`{name}` is no list in {value:#}"))
}

fn printed(call: &Value) -> Printed {
    let mut ask = Ask::new(&text(call, "method"), &text(call, "url"));
    for (name, value) in call["headers"].as_object().expect("headers are an object") {
        ask = ask.header(name, value.as_str().expect("a header is text"));
    }
    text_or_null(call, "body");
    if let Some(body) = call["body"].as_str() {
        ask = ask.body(body);
    }
    let expect = call["expect"].as_u64().and_then(|status| u16::try_from(status).ok());
    Printed { row: text(call, "row"), name: text(call, "name"), ask, expect: expect.expect("a status") }
}

/// The examples by name.
fn examples(bed: &Bed) -> Vec<(&str, &Value)> {
    let all = bed.ready()["examples"].as_object().expect("the examples are an object");
    all.iter().map(|(name, example)| (name.as_str(), example)).collect()
}

/// The calls of every example.
fn calls(bed: &Bed) -> Vec<Printed> {
    examples(bed).into_iter().flat_map(|(_, example)| list(example, "calls")).map(printed).collect()
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn the_line_has_the_fields_that_are_promised(#[case] engine: Engine) {
    let bed = Bed::start(engine);
    let line = bed.ready();
    for name in ["portal", "gateway", "check", "ops"] {
        let origin = text(line, name);
        assert!(origin.starts_with("http://127.0.0.1:") && !origin.ends_with(":0"), "{name}: {origin}");
    }
    text_or_null(line, "mail_dir");
    assert_eq!(Path::new(&text(line, "data_dir")), bed.data_dir());
    for person in list(line, "people") {
        texts(person, &["account", "username", "password"]);
        text_or_null(person, "totp_secret");
        list(person, "roles");
    }
    let names: Vec<_> = examples(&bed).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["account-basic", "api-token", "login-token", "openid", "signed-pair"]);
    for (_, example) in examples(&bed) {
        text(example, "account");
        for credential in list(example, "credentials") {
            texts(credential, &["id", "api", "environment", "state", "key"]);
            text_or_null(credential, "secret");
        }
        assert!(!list(example, "calls").is_empty());
    }
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn its_credentials_are_those_that_are_promised(#[case] engine: Engine) {
    let bed = Bed::start(engine);
    for api in ["customers", "billing", "cloudstore"] {
        bed.credential_in(api, "active");
    }
    bed.credential_in("cloudstore", "pending");
    let listed = bed.json(&["key", "list"]);
    let listed: BTreeMap<_, _> =
        listed.as_array().expect("a list").iter().map(|key| (text(key, "id"), key)).collect();
    let credentials = list(bed.example(), "credentials");
    for credential in credentials {
        let key = listed[&text(credential, "id")];
        for name in ["api", "environment", "state"] {
            assert_eq!(credential[name], key[name], "{credential:#}");
        }
        assert_eq!(key["allowlist"].as_array().map(Vec::len), Some(1), "T's keys have one address: {key:#}");
    }
    let elsewhere = |one: &&Value| {
        listed[&text(one, "id")]["allowlist"][0].as_str().is_some_and(|a| a.starts_with("192.0.2.1"))
    };
    assert_eq!(credentials.iter().filter(elsewhere).count(), 1, "one is for another address");
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn each_call_gets_the_status_that_is_printed(#[case] engine: Engine) {
    let bed = Bed::start(engine);
    for Printed { row, name, ask, expect } in calls(&bed).into_iter().filter(|call| !call.is_signed()) {
        for (client, answer) in ask.answers() {
            assert_eq!(answer.status, expect, "{row}, {name}: {client}: {ask}: {}", answer.text());
        }
    }
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
fn each_row_has_an_accepted_and_a_refused_call(#[case] engine: Engine) {
    let calls = calls(&Bed::start(engine));
    let t = ["T3", "T4", "T7", "T10", "T11", "T12", "T13"];
    let others = ["A3", "A4", "A5", "A6", "C1", "C3", "C4", "C5", "C6", "R1", "R6", "S5", "S8"];
    for row in t.into_iter().chain(others) {
        let of_row = |taken: fn(u16) -> bool| calls.iter().any(|call| call.row == row && taken(call.expect));
        assert!(of_row(|status| status < 300), "no accepted call for {row}");
        assert!(of_row(|status| status >= 400), "no refused call for {row}");
    }
}

/// Those of an account, by role.
fn with_role<'a>(people: &'a [Value], account: &'a str, role: &'a str) -> Vec<&'a Value> {
    let fits = |person: &&Value| person["account"] == account && person["roles"] == serde_json::json!([role]);
    people.iter().filter(fits).collect()
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn its_people_are_those_that_are_promised(#[case] engine: Engine) {
    let bed = Bed::start(engine);
    let people = list(bed.ready(), "people");
    for (name, example) in examples(&bed) {
        let account = text(example, "account");
        let (admins, members) = (with_role(people, &account, "admin"), with_role(people, &account, "member"));
        assert!(!admins.is_empty() && !members.is_empty(), "{name}: {people:#?}");
        for person in admins.into_iter().chain(members) {
            let shown = bed.json(&["user", "show", &text(person, "username")]);
            let asked_for_codes =
                shown["second_factor_since"].is_number() || shown["second_factor_since"].is_string();
            assert_eq!(person["totp_secret"].is_string(), asked_for_codes, "{shown:#}");
            assert_eq!(shown["memberships"][0]["account"], account.as_str());
            assert_eq!(shown["password"], true);
        }
    }
    let with_codes: Vec<_> = people.iter().filter(|person| person["totp_secret"].is_string()).collect();
    let [guarded] = with_codes.as_slice() else { panic!("one has a second factor: {with_codes:#?}") };
    assert_eq!(guarded["account"], bed.ready()["examples"]["login-token"]["account"]);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn a_signed_call_is_good_for_one_sending(#[case] engine: Engine) {
    let bed = Bed::start(engine);
    let signed: Vec<_> = calls(&bed).into_iter().filter(Printed::is_signed).collect();
    for Printed { row, name, ask, expect } in &signed {
        let answer = ask.once();
        assert_eq!(answer.status, *expect, "{row}, {name}: {ask}: {}", answer.text());
    }
    for Printed { ask, .. } in signed.iter().filter(|call| call.expect < 300) {
        ask.refused(401, "replayed");
    }
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn its_key_pairs_are_those_that_are_promised(#[case] engine: Engine) {
    let bed = Bed::start(engine);
    let pairs = list(&bed.ready()["examples"]["signed-pair"], "credentials");
    let found = |api: &str, allowlist: &str| {
        let fits =
            |pair: &&Value| pair["api"] == api && pair["allowlist"] == allowlist && pair["state"] == "active";
        pairs.iter().find(fits).unwrap_or_else(|| panic!("no pair of {api} for {allowlist}: {pairs:#?}"))
    };
    for api in ["management", "call-data", "call-monitoring"] {
        found(api, "127.0.0.1, ::1");
    }
    found("management", "192.0.2.1");
    for pair in pairs {
        assert_eq!(pair["key"], pair["id"], "the public id of a pair is its id");
        let shown = bed.json(&["key", "show", &text(pair, "id")]);
        assert_eq!(
            (text(&shown, "kind"), text(&shown, "algorithm")),
            ("key_pair".into(), "hmac-sha512".into())
        );
        assert!(text(pair, "secret").ends_with(&text(&shown, "hint")), "{shown:#}");
        assert!(shown.get("secret").is_none() && shown.get("key").is_none(), "{shown:#}");
    }
}

/// A demo whose whole standard output is read, without a data folder of its own.
struct Loose {
    child: Child,
    output: BufReader<ChildStdout>,
    temporary: tempfile::TempDir,
}

impl Loose {
    fn start(args: &[&str]) -> Self {
        let temporary = tempfile::tempdir().expect("a temporary folder can be made");
        let mut command = Command::new(BINARY);
        command.args(["demo", "--ports", "auto"]).args(args).env("TMPDIR", temporary.path());
        command
            .env_remove("CLAVIGER_DATA_DIR")
            .env_remove("CLAVIGER_DATABASE_URL")
            .env_remove("CLAVIGER_CONFIG");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the demo can be started");
        let output = BufReader::new(child.stdout.take().expect("its output is read here"));
        Self { child, output, temporary }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the demo writes text");
        line
    }

    /// Sends a signal and waits for the end; the code, what it still wrote, and what is left in the temporary folder.
    fn end(mut self, signal: &str) -> (Option<i32>, String, usize) {
        let kill = format!("kill -{signal} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().expect("a shell runs").success());
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut self.output, &mut rest).expect("the demo writes text");
        let code = self.child.wait().expect("a child can be waited for").code();
        let left = std::fs::read_dir(self.temporary.path()).expect("the folder is there").count();
        (code, rest, left)
    }
}

impl Drop for Loose {
    fn drop(&mut self) {
        // Both fail only where it has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[rstest]
#[case::interrupted("INT")]
#[case::terminated("TERM")]
fn it_prints_one_line_and_ends_without_a_trace(#[case] signal: &str) {
    let mut demo = Loose::start(&["--json"]);
    let line: Value = serde_json::from_str(&demo.line()).expect("the first line is JSON");
    let folder = text(&line, "data_dir");
    assert!(Path::new(&folder).starts_with(demo.temporary.path()), "{folder}");
    assert!(Path::new(&folder).join("master.key").exists(), "{folder}");
    assert_eq!(demo.end(signal), (Some(0), String::new(), 0), "exit code, further output, what is left");
}

#[test]
fn the_lines_for_people_can_be_pasted() {
    let mut demo = Loose::start(&[]);
    let mut lines = Vec::new();
    while lines.last().is_none_or(|line: &String| !line.contains("Ctrl-C")) {
        lines.push(demo.line());
    }
    let calls: Vec<_> = lines.windows(2).filter(|pair| pair[1].trim().starts_with("curl ")).collect();
    assert!(calls.len() >= 2, "one accepted and one refused call: {lines:#?}");
    let mut statuses = Vec::new();
    for pair in calls {
        let wanted: u16 = pair[0].trim().rsplit(": ").next().and_then(|s| s.parse().ok()).expect("a status");
        let answer = Curl::paste(pair[1].trim()).unwrap_or_else(|error| panic!("{}: {error}", pair[1]));
        assert_eq!(answer.status, wanted, "{}: {}", pair[1], answer.text());
        statuses.push(wanted);
        if wanted >= 400 {
            explained(&lines, &answer);
        }
    }
    assert!(statuses.contains(&200) && statuses.contains(&403), "{statuses:?}");
    assert_eq!(demo.end("INT").0, Some(0));
}

/// The printed `explain` line works too, with the id of the refusal.
fn explained(lines: &[String], answer: &Response) {
    let line = lines.iter().find(|line| line.contains("explain REQUEST_ID")).expect("it says how to ask why");
    let id = answer.header("x-request-id").expect("a refusal has an id");
    let line = line.trim().replacen("claviger", BINARY, 1).replace("REQUEST_ID", id);
    let output = Command::new("sh").args(["-c", &line]).output().expect("a shell runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("FAIL"), "{line}: {output:?}");
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn a_second_start_keeps_what_is_there(#[case] engine: Engine) {
    let mut bed = Bed::start(engine);
    let credentials = |bed: &Bed| {
        examples(bed).into_iter().map(|(_, example)| example["credentials"].clone()).collect::<Vec<_>>()
    };
    let (first, people) = (credentials(&bed), bed.ready()["people"].clone());
    let mine = bed.create("100042", "customers", &["--allow", "127.0.0.1"]);
    let keys = bed.json(&["key", "list"]);
    assert_eq!(bed.server().terminate().code(), Some(0));
    assert!(bed.data_dir().join("master.key").exists(), "a folder of one's own stays");
    bed.run(&["demo", "--json", "--ports", "auto"]);
    assert_eq!(credentials(&bed), first);
    assert_eq!(bed.ready()["people"], people, "they sign in with what was printed first");
    assert_eq!(bed.json(&["key", "list"]), keys);
    for Printed { row, name, ask, expect } in calls(&bed) {
        let answer = ask.once();
        assert_eq!(answer.status, expect, "{row}, {name}: {}", answer.text());
    }
    Ask::get(&format!("{}/customers/v1/customers", bed.gateway())).by(&mine).gets(200);
}

#[test]
fn what_it_can_show_to_nobody_any_more_is_made_anew() {
    let mut bed = Bed::start(Engine::Sqlite);
    let first = bed.ready()["people"].clone();
    bed.stop();
    std::fs::remove_file(bed.data_dir().join("demo-secrets.json")).expect("the demo keeps its secrets");
    bed.run(&["demo", "--json", "--ports", "auto"]);
    let (first, people) = (first.as_array().expect("a list"), list(bed.ready(), "people"));
    for (before, person) in first.iter().zip(people) {
        assert_eq!(person["username"], before["username"]);
        assert_ne!(person["password"], before["password"]);
        assert!(person["totp_secret"].is_null() || person["totp_secret"] != before["totp_secret"]);
    }
    for Printed { row, name, ask, expect } in calls(&bed) {
        let answer = ask.once();
        assert_eq!(answer.status, expect, "{row}, {name}: {}", answer.text());
    }
}

#[test]
fn two_demos_run_side_by_side() {
    let args = ["demo", "--json", "--ports", "auto"];
    let start = || Claviger::start(Path::new(BINARY), args);
    let (one, other) = (start(), start());
    assert_ne!(one.text("/gateway"), other.text("/gateway"));
    assert_ne!(one.text("/data_dir"), other.text("/data_dir"));
    for demo in [&one, &other] {
        assert_eq!(Curl::get(&format!("{}/readyz", demo.text("/ops"))).run().status, 200);
    }
}
