//! T10: 403 for whatever is wrong with a credential, each with its reason; nothing of it reaches the upstream.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rstest::rstest;

use crate::ask::Ask;
use crate::bed::{ACCOUNT, Bed, Credential, Engine, basic};
use crate::example::Stage;

const OTHER_ACCOUNT: &str = "100043";
const LIST: &str = "/customers/v1/customers";

/// A key of another installation: well formed, and known to nobody here.
fn stranger() -> String {
    Bed::start(Engine::Sqlite).credential_in("customers", "active").key
}

/// The key with another character at this place.
fn changed(key: &str, place: usize) -> String {
    let mut bytes = key.as_bytes().to_vec();
    bytes[place] = if bytes[place] == b'0' { b'1' } else { b'0' };
    String::from_utf8(bytes).expect("keys are ASCII")
}

fn here(stage: &Stage, args: &[&str]) -> Credential {
    stage.bed.create(ACCOUNT, "customers", &[&["--allow", "127.0.0.1"], args].concat())
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn t10_what_is_no_credential(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let key = here(&stage, &[]);
    let ask = || Ask::get(&stage.url(LIST));
    ask().refused(403, "missing_credential");
    ask()
        .header("Authorization", &key.basic())
        .header("Authorization", &key.basic())
        .refused(403, "ambiguous_credential");
    let encoded = |text: &[u8]| format!("Basic {}", BASE64_STANDARD.encode(text));
    let malformed = [
        String::new(),
        "Basic".into(),
        "Basic not-base64!".into(),
        key.basic().replacen("Basic", "Bearer", 1),
        key.basic().replacen("Basic ", "", 1),
        key.basic().replacen("Basic ", "Basic=", 1),
        format!("{}, {}", key.basic(), key.basic()),
        format!("{}!", key.basic()),
        key.key.clone(),
        encoded(key.key.as_bytes()),
        encoded(b":"),
        encoded(format!("{ACCOUNT}:").as_bytes()),
        encoded(format!("{ACCOUNT}\0:{}", key.key).as_bytes()),
        encoded(format!("{ACCOUNT}:{}\0", key.key).as_bytes()),
        encoded(&[format!("{ACCOUNT}:{}", key.key).as_bytes(), b"\xff\xfe"].concat()),
        encoded(format!("{ACCOUNT}: {}", key.key).as_bytes()),
        encoded(format!("{ACCOUNT}:{}\n", key.key).as_bytes()),
        format!("Basic {}", "QUFB".repeat(2000)),
    ];
    for value in malformed {
        ask().header("Authorization", &value).refused(403, "malformed_credential");
    }
    assert_eq!(stage.upstream.reached(), 0);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn t10_keys_that_are_not_known_or_belong_to_another_account(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let key = here(&stage, &[]);
    let foreign = stage.bed.create(OTHER_ACCOUNT, "customers", &["--allow", "127.0.0.1"]);
    let by =
        |account: &str, key: &str| Ask::get(&stage.url(LIST)).header("Authorization", &basic(account, key));
    for (account, key) in [
        (ACCOUNT, stranger().as_str()),
        (ACCOUNT, &foreign.key),
        (OTHER_ACCOUNT, &key.key),
        ("100044", &key.key),
        ("", &key.key),
        (&key.id, &key.key),
    ] {
        by(account, key).refused(403, "unknown_credential");
    }
    let key = &key.key;
    for place in [0, 4, key.len() / 2, key.len() - 1] {
        let [problem, _] = by(ACCOUNT, &changed(key, place)).refused(403, "malformed_credential");
        assert!(!format!("{problem:?}").contains(key.as_str()), "{problem:?}");
    }
    by(ACCOUNT, &key.to_ascii_uppercase()).refused(403, "malformed_credential");
    by(ACCOUNT, &key[..key.len() - 1]).refused(403, "malformed_credential");
    assert_eq!(stage.upstream.reached(), 0);
    by(OTHER_ACCOUNT, &foreign.key).gets(200);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn t10_keys_of_another_api_or_environment_or_address(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let billing = |environment: &str| {
        stage.bed.create(ACCOUNT, "billing", &["--allow", "127.0.0.1", "--environment", environment])
    };
    let (production, sandbox, customers) = (billing("production"), billing("sandbox"), here(&stage, &[]));
    let elsewhere = stage.bed.create(ACCOUNT, "customers", &["--allow", "192.0.2.1"]);
    let by = |key: &Credential, path: &str| Ask::get(&stage.url(path)).by(key);
    by(&production, LIST).refused(403, "wrong_api");
    by(&customers, "/billing/v1/invoices").refused(403, "wrong_api");
    by(&customers, "/cloudstore/v1/products").refused(403, "wrong_api");
    by(&sandbox, "/billing/v1/invoices").refused(403, "wrong_environment");
    by(&production, "/sandbox/billing/v1/invoices").refused(403, "wrong_environment");
    by(&elsewhere, LIST).refused(403, "address_not_allowed");
    for forged in ["X-Forwarded-For", "X-Real-IP", "Forwarded", "True-Client-IP"] {
        let value = if forged == "Forwarded" { "for=192.0.2.1" } else { "192.0.2.1" };
        by(&elsewhere, LIST).header(forged, value).refused(403, "address_not_allowed");
    }
    assert_eq!(stage.upstream.reached(), 0);
    by(&sandbox, "/sandbox/billing/v1/invoices").gets(200);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn t10_keys_that_are_not_active(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let by = |key: &Credential| Ask::get(&stage.url(LIST)).by(key);
    for (event, code) in [("disable", "disabled"), ("revoke", "revoked")] {
        let key = here(&stage, &[]);
        by(&key).gets(200);
        stage.bed.done(&["key", event, &key.id]);
        by(&key).refused(403, code);
    }
    let reached = stage.upstream.reached();
    by(&here(&stage, &["--lifetime", "1ms"])).refused(403, "expired");
    by(&here(&stage, &["--not-before", "2999-01-01T00:00:00Z"])).refused(403, "not_yet_valid");
    assert_eq!(stage.upstream.reached(), reached);
    by(&here(&stage, &["--not-before", "2020-01-01T00:00:00Z", "--lifetime", "1h"])).gets(200);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn strangers_do_not_learn_what_exists(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let stranger = stranger();
    let paths =
        [LIST, "/customers/v9/customers", "/customers/v1/nothing", "/customers/v1", "/customers/latest/x/y"];
    let mut told = Vec::new();
    for (method, path) in paths.iter().flat_map(|path| [("GET", path), ("POST", path), ("DELETE", path)]) {
        let ask = Ask::new(method, &stage.url(path));
        ask.refused(403, "missing_credential");
        let by_stranger = ask.header("Authorization", &basic(ACCOUNT, &stranger));
        let [problem, _] = by_stranger.refused(403, "unknown_credential");
        told.push((problem.title, problem.detail));
    }
    told.dedup();
    assert_eq!(told.len(), 1, "every stranger is told the same: {told:#?}");
    assert_eq!(stage.upstream.reached(), 0);
}
