//! Health, metrics, last use, and records that do not grow without end.

use claviger_model::Time;
use claviger_testkit::Curl;
use rstest::rstest;
use serde_json::{Value, json};

use crate::ask::Ask;
use crate::bed::{ACCOUNT, Bed, Engine};
use crate::example::Stage;
use crate::management::{PASSWORD, staffed_with_passkeys};

const LIST: &str = "/customers/v1/customers";

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn health_and_readiness_are_told(#[case] engine: Engine) {
    let bed = Bed::serve(engine);
    for path in ["/healthz", "/readyz"] {
        Ask::get(&format!("{}{path}", bed.ops())).gets(200);
    }
    Ask::get(&format!("{}/nothing", bed.ops())).gets(404);
    // They are not the business of callers.
    for path in ["/healthz", "/readyz", "/metrics"] {
        Ask::get(&format!("{}{path}", bed.gateway())).refused(404, "unknown_endpoint");
    }
}

/// The value of the line of a metric that has all of these labels; 0 if there is none.
fn metric(text: &str, name: &str, labels: &[&str]) -> f64 {
    let lines =
        text.lines().filter(|line| line.starts_with(name) && labels.iter().all(|label| line.contains(label)));
    lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn metrics_count_decisions_and_measure_the_snapshot(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let key = stage.bed.create(ACCOUNT, "customers", &["--allow", "127.0.0.1"]);
    Ask::get(&stage.url(LIST)).by(&key).gets(200);
    Ask::get(&stage.url(LIST)).refused(403, "missing_credential");
    Ask::get(&stage.url("/customers/v1/nowhere")).by(&key).refused(404, "unknown_endpoint");
    Ask::get(&stage.url("/nowhere")).refused(404, "unknown_endpoint");
    let text = stage.bed.metrics();
    for (labels, count) in [
        (&[r#"api="customers""#, r#"scheme="basic""#, r#"reason="allowed""#][..], 2.0),
        (&[r#"api="customers""#, r#"reason="missing_credential""#], 2.0),
        (&[r#"api="customers""#, r#"scheme="basic""#, r#"reason="unknown_endpoint""#], 2.0),
        (&[r#"api="""#, r#"reason="unknown_endpoint""#], 2.0),
    ] {
        let found = metric(&text, "claviger_decisions_total{", labels);
        assert!((found - count).abs() < 0.5, "{labels:?}: {found} and not {count} in\n{text}");
    }
    for (name, least) in [
        ("claviger_snapshot_credentials ", 1.0),
        ("claviger_snapshot_change_number ", 6.0),
        ("claviger_gateway_request_seconds_count", 2.0),
        ("claviger_gateway_responses_total{class=\"2xx\"}", 2.0),
    ] {
        assert!(metric(&text, name, &[]) >= least, "{name} is not at least {least} in\n{text}");
    }
    for family in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        assert!(family.starts_with("claviger_"), "{family}");
    }
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn the_last_use_is_told_to_the_minute(#[case] engine: Engine) {
    let mut stage = Stage::start(engine);
    let key = stage.bed.create(ACCOUNT, "customers", &["--allow", "127.0.0.1"]);
    let unused = stage.bed.create(ACCOUNT, "customers", &["--allow", "127.0.0.1"]);
    let shown = |stage: &Stage, id: &str| stage.bed.json(&["key", "show", id]);
    assert_eq!(shown(&stage, &key.id)["last_used_at"], Value::Null);
    Ask::get(&stage.url(LIST)).by(&key).gets(200);
    let view = shown(&stage, &key.id);
    let used = moment(&view["last_used_at"]);
    // A use is kept as its minute's beginning, which may be before the key was made.
    let later = used.as_micros() - moment(&view["created_at"]).as_micros();
    assert!((-60_000_000..=60_000_000).contains(&later), "{later} microseconds after it was made: {view:#}");
    assert_eq!(shown(&stage, &unused.id)["last_used_at"], Value::Null);
    stage.bed.stop();
    assert_eq!(moment(&shown(&stage, &key.id)["last_used_at"]), used, "it is kept");
}

fn moment(value: &Value) -> Time {
    value.as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no moment: {value}"))
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn no_more_refusals_are_kept_than_configured(#[case] engine: Engine) {
    let mut bed = Bed::empty(engine);
    bed.configure("[refusals]\nkeep = 3\n");
    bed.run_serve();
    let url = format!("{}/nowhere", bed.gateway());
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.extend(Ask::get(&url).refused(404, "unknown_endpoint").map(|problem| problem.request_id));
    }
    // At its start, and from time to time, the server throws away what is too much.
    bed.stop();
    bed.run_serve();
    let kept = |id: &String| bed.cli(&["explain", id]).status == 0;
    let mut tries = 0..100;
    while kept(&ids[4]) {
        tries.next().expect("the surplus is thrown away soon after the start");
    }
    assert_eq!(
        ids.iter().map(kept).collect::<Vec<_>>(),
        [false, false, false, false, false, true, true, true]
    );
}

#[test]
fn sign_ins_are_counted_by_way_and_by_what_came_of_them() {
    let bed = staffed_with_passkeys(Engine::Sqlite);
    let sign_in = |path: &str, body: Value| {
        let url = format!("{}/v1/sessions{path}", bed.management());
        Curl::post_json(&url, &body).run().status
    };
    assert_eq!(sign_in("", json!({ "login": "ada", "password": PASSWORD })), 201);
    assert_eq!(sign_in("", json!({ "login": "ada", "password": "wrong" })), 401);
    assert_eq!(sign_in("", json!({ "login": "nobody", "password": "wrong" })), 401);
    let nothing = json!({ "authenticatorData": "", "clientDataJSON": "", "signature": "", "userHandle": "" });
    let answer = json!({ "id": "AA", "rawId": "AA", "type": "public-key", "response": nothing });
    assert_eq!(sign_in("/passkey", json!({ "credential": answer })), 401);
    let text = bed.metrics();
    for (way, result, count) in
        [("password", "entered", 1), ("password", "wrong", 2), ("passkey", "passkey_wrong", 1)]
    {
        let line = format!("claviger_sign_ins_total{{way=\"{way}\",result=\"{result}\"}} {count}");
        assert!(text.contains(&line), "no {line} in\n{text}");
    }
    assert!(!text.contains("ada"), "nothing of who");
}
