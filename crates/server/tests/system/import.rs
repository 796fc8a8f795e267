//! Keys that were made elsewhere: from each kind of file, by the command line, to an answer of the gateway.

use claviger_testkit::Curl;
use rstest::rstest;
use serde_json::Value;

use crate::bed::{ACCOUNT, Bed, Engine, basic};

const DEMO: [&str; 4] = ["demo", "--json", "--ports", "auto"];
/// A key, with its SHA-256 as `openssl dgst -sha256` tells it.
const HASHED: (&str, &str) =
    ("theirs-number-2", "60c6135d6d455106672c21831190b6b4efec36ed9f621ece0af39986c2e52c42");
/// Another, with its SHA-256 in base64.
const UNKEYED: (&str, &str) = ("theirs-number-3", "+MUnH69/b7xDkn7ojbrbdZz1KhFRL6qd4rVDZ02RptM=");
/// A password and its digest, from the test vectors of Openwall's `crypt_blowfish`.
const PASSWORD: (&str, &str) = ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW");

/// The status and the code of a call with this password.
fn call(bed: &Bed, password: &str) -> (u16, String) {
    let url = format!("{}/customers/v2/customers", bed.gateway());
    let call = Curl::get(&url).header("Accept", "application/json");
    let answer = call.header("Authorization", &basic(ACCOUNT, password)).run();
    let problem = serde_json::from_str::<Value>(&answer.text()).unwrap_or_default();
    (answer.status, problem["code"].as_str().unwrap_or_default().to_owned())
}

fn refused(bed: &Bed, password: &str) -> String {
    let (status, code) = call(bed, password);
    assert_ne!(status, 200, "{password} is let in");
    code
}

fn import(bed: &Bed, format: &str, text: &str, args: &[&str]) -> Value {
    let file = bed.file("keys", text);
    let command = ["key", "import", "--api", "customers", "--allow", "127.0.0.1", "--format", format, &file];
    let output = bed.cli(&[&["--json"], command.as_slice(), args].concat());
    let report: Value = serde_json::from_str(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    let whole = report["refused"] == 0 && report["rows"] != Value::Array(Vec::new());
    assert_eq!(output.status, if whole { 0 } else { 3 }, "{output:?}");
    report
}

fn sums(report: &Value) -> [u64; 3] {
    ["imported", "present", "refused"].map(|name| report[name].as_u64().expect("a number"))
}

/// Dry, for real, and once more.
fn import_thrice(bed: &Bed, format: &str, text: &str, args: &[&str], sum: [u64; 3]) {
    let [imported, present, refused] = sum;
    assert_eq!(sums(&import(bed, format, text, &[args, &["--dry-run"]].concat())), sum, "{format}, dry");
    assert_eq!(sums(&import(bed, format, text, args)), sum, "{format}");
    let again = sums(&import(bed, format, text, args));
    assert_eq!(again, [0, imported + present, refused], "{format}, again");
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn each_format_from_the_file_to_the_gateway(#[case] engine: Engine) {
    let mut bed = Bed::start(engine);
    assert_eq!(refused(&bed, "theirs-number-1"), "malformed_credential");

    let table =
        format!("key,account\ntheirs-number-1,{ACCOUNT}\ntheirs-number-1,{ACCOUNT}\nshort,{ACCOUNT}\n");
    import_thrice(&bed, "plain", &table, &[], [1, 1, 1]);
    assert_eq!(call(&bed, "theirs-number-1").0, 200);
    assert_eq!(refused(&bed, "theirs-number-9"), "unknown_credential");

    assert_eq!(refused(&bed, HASHED.0), "unknown_credential");
    import_thrice(&bed, "sha256", HASHED.1, &["--account", ACCOUNT], [1, 0, 0]);
    assert_eq!(call(&bed, HASHED.0).0, 200);
    assert_ne!(call(&bed, HASHED.1).0, 200);

    let unkey = format!(
        r#"{{"keys":[{{"hash":"{}","externalId":"{ACCOUNT}","enabled":true}},{{"start":"x"}}]}}"#,
        UNKEYED.1
    );
    import_thrice(&bed, "unkey", &unkey, &[], [1, 0, 1]);
    assert_eq!(call(&bed, UNKEYED.0).0, 200);

    let kong = format!(
        "consumers:\n- custom_id: \"{ACCOUNT}\"\n  keyauth_credentials:\n  - key: theirs-number-4\n  \
         basicauth_credentials:\n  - username: luka\n    password: 0beec7b5ea3f0fdbc95d0dd47f3c5bc275da8a33\n"
    );
    import_thrice(&bed, "kong", &kong, &[], [1, 0, 1]);
    assert_eq!(call(&bed, "theirs-number-4").0, 200);

    let users = format!("{ACCOUNT}:{}\nluka:{{SHA}}VBPuJHI7uixaa6LQGWx4s+5GKNE=\n", PASSWORD.1);
    import_thrice(&bed, "htpasswd", &users, &[], [1, 0, 1]);
    // The second time it is known to be wrong.
    assert_eq!(refused(&bed, "u*U"), "unknown_credential");
    assert_eq!(refused(&bed, "u*U"), "unknown_credential");
    assert_eq!(call(&bed, PASSWORD.0).0, 200);
    assert_eq!(sums(&import(&bed, "htpasswd", &users, &[])), [0, 1, 1]);

    let metrics = bed.metrics();
    for result in ["right", "wrong", "known_wrong"] {
        let line = format!("claviger_slow_digests_total{{result=\"{result}\"}} 1");
        assert!(metrics.contains(&line), "{line}: {metrics}");
    }

    // All of it is there after a start too, and the other password is not.
    bed.run(&DEMO);
    for key in ["theirs-number-1", HASHED.0, UNKEYED.0, "theirs-number-4", PASSWORD.0] {
        assert_eq!(call(&bed, key).0, 200, "{key}");
    }
    assert_eq!(refused(&bed, "u*U"), "unknown_credential");
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn an_imported_password_lives_like_any_key(#[case] engine: Engine) {
    let mut bed = Bed::start(engine);
    let report = import(&bed, "htpasswd", &format!("{ACCOUNT}:{}\n", PASSWORD.1), &[]);
    let id = report["rows"][0]["key"].as_str().expect("an id").to_owned();
    bed.done(&["key", "disable", &id]);
    // It is still a slow digest after a start, and still disabled.
    bed.run(&DEMO);
    assert_eq!(refused(&bed, PASSWORD.0), "disabled");
    bed.done(&["key", "enable", &id]);
    assert_eq!(call(&bed, PASSWORD.0).0, 200);
    bed.done(&["key", "revoke", &id]);
    assert_eq!(refused(&bed, PASSWORD.0), "revoked");
    bed.run(&DEMO);
    assert_eq!(refused(&bed, PASSWORD.0), "revoked");
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn the_report_has_a_line_for_each_row_and_no_secret(#[case] engine: Engine) {
    let mut bed = Bed::empty(engine);
    bed.configure("[log]\nfilter = \"trace\"\n");
    bed.run(&DEMO);
    let file = bed.file("keys", "theirs-number-1\ntheirs-number-2,x\n");
    let args = ["key", "import", "--format", "plain", "--api", "customers", "--account", ACCOUNT, &file];
    let output = bed.cli(&[args.as_slice(), &["--allow", "127.0.0.1"]].concat());
    assert_eq!((output.status, output.stderr.as_str()), (3, "claviger: one row was refused\n"));
    let lines: Vec<_> = output.stdout.lines().collect();
    assert!(
        lines[0].starts_with("line 1: imported as key_") && lines[0].ends_with(" for 100042"),
        "{output:?}"
    );
    assert!(lines[1].starts_with("line 2: refused: "), "{output:?}");
    assert_eq!(lines[2..], ["1 imported, 0 already there, 1 refused."]);
    assert_eq!(call(&bed, "theirs-number-1").0, 200);
    assert!(!output.stdout.contains("theirs") && !output.stderr.contains("theirs"));
    bed.stop();
    let told = bed.cli(&[args.as_slice(), &["--allow", "127.0.0.1"]].concat());
    assert_eq!(told.status, 3, "{told:?}");
    assert!(told.stdout.ends_with("0 imported, 1 already there, 1 refused.\n"), "{told:?}");
}

#[test]
fn what_cannot_be_read_ends_with_code_3() {
    let bed = Bed::start(Engine::Sqlite);
    let file = bed.file("keys", "consumers: [");
    let args = ["key", "import", "--api", "customers", "--format"];
    let code = |rest: &[&str]| bed.cli(&[args.as_slice(), rest].concat()).status;
    assert_eq!(code(&["kong", &file]), 3);
    assert_eq!(code(&["kong", "/nowhere/at/all"]), 3);
    assert_eq!(code(&["colour", &file]), 2);
    assert_eq!(code(&["plain", &file, "--account", "9"]), 4);
}

#[test]
fn a_file_of_another_kind_becomes_no_keys() {
    let bed = Bed::start(Engine::Sqlite);
    let file = |text: &str| bed.file("keys", text);
    let run = |format: &str, text: &str, more: &[&str]| {
        let args = ["key", "import", "--api", "customers", "--account", ACCOUNT, "--allow", "127.0.0.1"];
        bed.cli(&[&args, ["--format", format, &file(text)].as_slice(), more].concat())
    };
    let kong = "consumers:\n- username: luka\n  keyauth_credentials:\n  - key: theirs-number-1\n";
    let users = format!("luka:{}\n", PASSWORD.1);
    for (text, format) in [(HASHED.1, "sha256"), (UNKEYED.1, "sha256"), (&users, "htpasswd"), (kong, "kong")]
    {
        let told = run("plain", text, &[]);
        let hint = format!("--format {format}");
        assert!(told.status == 3 && told.stdout.is_empty() && told.stderr.contains(&hint), "{told:?}");
        assert!(!told.stderr.contains(text.trim()));
    }
    assert_eq!(refused(&bed, HASHED.1), "malformed_credential");
    assert_eq!(run("plain", HASHED.1, &["--as-is"]).status, 0);
    assert_eq!(call(&bed, HASHED.1).0, 200);

    for (format, text) in [("kong", "services: []\n"), ("plain", "\n"), ("unkey", "{\"keys\":[]}")] {
        let told = run(format, text, &[]);
        assert!(told.status == 3 && told.stderr.contains("no keys were found"), "{told:?}");
        assert_eq!(told.stdout, "0 imported, 0 already there, 0 refused.\n");
    }
}

#[test]
fn owners_and_permissions_can_be_given_for_all() {
    let bed = Bed::start(Engine::Sqlite);
    let more =
        ["--account", ACCOUNT, "--owner", "ops@example.com", "--permission", "customers:customers:read"];
    let report = import(&bed, "plain", "theirs-number-1\n", &more);
    let id = report["rows"][0]["key"].as_str().expect("an id");
    let key = bed.json(&["key", "show", id]);
    assert_eq!(key["owners"][0], "ops@example.com", "{key}");
    assert!(key["permissions"].to_string().contains("customers:customers:read"), "{key}");
}
