//! T7: `Authorization: Basic base64({accountID}:{ApiKey})` is accepted.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};
use claviger_testkit::Curl;
use rstest::rstest;

use crate::ask::Ask;
use crate::bed::{ACCOUNT, Engine};
use crate::example::Stage;

const CALLS: [(&str, &str); 3] = [
    ("customers", "/customers/v1/customers"),
    ("billing", "/billing/v1/invoices"),
    ("cloudstore", "/cloudstore/v1/products"),
];

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn t7_account_number_and_key_as_basic_are_accepted(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    for (api, path) in CALLS {
        let args = ["--allow", "127.0.0.1", "--environment", "production"];
        let key = stage.bed.create(ACCOUNT, api, &args);
        if api == "cloudstore" {
            stage.bed.done(&["key", "activate", &key.id]);
        }
        Ask::get(&stage.url(path)).by(&key).gets(200);
        // curl encodes what its user types.
        let user = format!("{ACCOUNT}:{}", key.key);
        let answer = Curl::get(&stage.url(path)).arg("--user").arg(&user).run();
        assert_eq!(answer.status, 200, "curl --user for {api}: {}", answer.text());
    }
    assert_eq!(stage.upstream.reached(), 9, "each request reached the upstream once");
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn t7_the_scheme_has_no_case_and_padding_may_be_left_out(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let key = stage.bed.create(ACCOUNT, "customers", &["--allow", "127.0.0.1"]);
    let pair = format!("{ACCOUNT}:{}", key.key);
    let (padded, bare) = (BASE64_STANDARD.encode(&pair), BASE64_STANDARD_NO_PAD.encode(&pair));
    for value in [format!("basic {padded}"), format!("BASIC {padded}"), format!("Basic   {bare}")] {
        let ask = Ask::get(&stage.url(CALLS[0].1)).header("Authorization", &value);
        ask.gets(200);
    }
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn the_upstream_learns_who_called_and_never_the_key(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let key = stage.bed.create(ACCOUNT, "customers", &["--allow", "127.0.0.1"]);
    let ask = Ask::get(&stage.url("/customers/v1/customers/C-1001?page=2&page=3"));
    for answer in ask.by(&key).header("Accept", "application/json").gets(200) {
        let text = answer.text();
        assert!(!text.contains(&key.key) && !text.contains(&key.basic()), "{text}");
        assert!(!text.to_ascii_lowercase().contains("\"authorization\""), "{text}");
        assert!(text.contains(ACCOUNT) && text.contains(&key.id), "{text}");
        assert_eq!(
            answer.json()["received"]["target"],
            "/customers/v1/customers/C-1001?page=2&page=3",
            "{text}"
        );
    }
}
