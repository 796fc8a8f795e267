//! Every way to present a key, from outside; and what a key may do.

use claviger_testkit::Curl;
use rstest::rstest;
use serde_json::{Value, json};

use crate::ask::Ask;
use crate::bed::{Bed, Credential, Engine, basic};
use crate::canaries::Canaries;
use crate::example::Upstream;
use crate::traces::Collector;

pub(crate) const DOCUMENT: &str = include_str!("../../../../examples/api-token/monitoring-v1.yaml");
const REALM: &str = "meadow-lab";

/// The example of contract A, whose API takes a key in every form.
pub(crate) fn catalogue(upstream: &str) -> String {
    let text = include_str!("../../../../examples/api-token/catalogue.yaml");
    let one = "- { scheme: api_token, word: apiToken }";
    let more = "- { scheme: raw }\n        - { scheme: bearer }\n        - { scheme: header }\n        \
                - { scheme: basic, user: account_realm }\n        ";
    assert!(text.contains(one) && text.contains("http://127.0.0.1:7070"));
    text.replace(one, &format!("{more}{one}")).replace("http://127.0.0.1:7070", upstream)
}

struct Stage {
    bed: Bed,
    upstream: Upstream,
}

impl Stage {
    /// A server that writes down all that it can.
    fn start(engine: Engine) -> Self {
        Self::configured(engine, "")
    }

    fn configured(engine: Engine, more: &str) -> Self {
        let mut bed = Bed::empty(engine);
        bed.configure(&format!("[log]\nfilter = \"trace\"\n{more}"));
        bed.run_serve();
        let upstream = Upstream::start();
        bed.file("monitoring-v1.yaml", DOCUMENT);
        let file = bed.file("catalogue.yaml", &catalogue(&upstream.url));
        bed.done(&["apply", "--file", &file]);
        Self { bed, upstream }
    }

    fn key(&self, args: &[&str]) -> Credential {
        self.bed.create("300100", "monitoring", args)
    }

    fn url(&self, rest: &str) -> String {
        format!("{}/monitoring/v1{rest}", self.bed.gateway())
    }

    /// A request for the problems in each form, by the name of the scheme.
    fn forms(&self, key: &str) -> Vec<(&'static str, Ask)> {
        let get = || Ask::get(&self.url("/problems?status=open"));
        let encoded = format!("%{:02X}{}", key.as_bytes()[0], &key[1..]);
        vec![
            ("api_token", get().header("Authorization", &format!("apiToken {key}"))),
            ("api_token", get().header("authorization", &format!("APITOKEN  {key}"))),
            ("query", Ask::get(&self.url(&format!("/problems?apiToken={key}&status=open")))),
            ("query", Ask::get(&self.url(&format!("/problems?status=open&%61pi%54oken={encoded}")))),
            ("raw", get().header("Authorization", key)),
            ("bearer", get().header("Authorization", &format!("bearer {key}"))),
            ("header", get().header("x-api-KEY", key)),
            ("basic", get().header("Authorization", &basic(REALM, key))),
        ]
    }
}

/// What the upstream says that it received.
fn received(answer: &Value) -> (String, String) {
    (answer["received"]["target"].as_str().unwrap_or_default().to_owned(), answer["received"].to_string())
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn a_key_is_taken_in_every_form_and_none_goes_up(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let key = stage.key(&[]);
    for (name, ask) in stage.forms(&key.key) {
        for answer in ask.gets(200) {
            let (target, all) = received(&answer.json());
            assert_eq!(target, "/monitoring/v1/problems?status=open", "{name}");
            Canaries::of_key(&key.key).are_not_in(name, all.as_bytes());
            assert!(!all.to_lowercase().contains("apitoken") && !all.contains("x-api-key"), "{name}: {all}");
            let kept = answer.header("cache-control");
            assert_eq!(kept, (name == "query").then_some("no-store"), "{name}");
        }
    }
    let alone = Ask::get(&stage.url(&format!("/problems?apiToken={}", key.key)));
    assert_eq!(received(&alone.gets(200)[0].json()).0, "/monitoring/v1/problems");
    // Names that the upstream may read as that of the key's header.
    let alias = Ask::get(&stage.url("/problems")).header("Authorization", &key.key);
    for answer in alias.header("X_API_Key", &key.key).header("X.Api-Key", &key.key).gets(200) {
        Canaries::of_key(&key.key).are_not_in("an alias", answer.text().as_bytes());
    }
}

/// Whoever opened a page by a URL with a key in it sends the URL along as `Referer`.
#[test]
fn a_referer_with_a_key_ends_at_the_gateway() {
    let stage = Stage::start(Engine::Sqlite);
    let key = stage.key(&[]).key;
    let from = |page: &str| {
        Ask::get(&stage.url("/problems"))
            .header("Authorization", &format!("apiToken {key}"))
            .header("Referer", page)
    };
    for answer in from(&format!("https://portal.example/?page=1&api%54oken={key}")).gets(200) {
        Canaries::of_key(&key).are_not_in("Referer", answer.text().as_bytes());
        assert!(!answer.text().contains("portal.example"), "{}", answer.text());
    }
    for answer in from("https://portal.example/?page=1").gets(200) {
        assert!(answer.text().contains("https://portal.example/?page=1"), "{}", answer.text());
    }
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn two_presentations_are_refused_before_the_upstream(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let key = stage.key(&[]).key;
    let get = |rest: &str| Ask::get(&stage.url(rest));
    let query = format!("/problems?apiToken={key}");
    let token = format!("apiToken {key}");
    for ask in [
        get(&query).header("Authorization", &token),
        get(&query).header("X-API-Key", &key),
        get(&query).header("Authorization", "Unknown x"),
        get(&format!("{query}&apiToken={key}")),
        get(&format!("/problems?api%54oken={key}&apiToken=")),
        get("/problems").header("X-API-Key", &key).header("X-API-Key", &key),
        get("/problems").header("X-API-Key", &key).header("Authorization", &key),
        get("/problems").header("Authorization", &token).header("Authorization", &key),
        get("/problems").header("Authorization", &key).header("Authorization", &token),
    ] {
        ask.refused(401, "ambiguous_credential");
    }
    for ask in
        [get("/problems").header("Authorization", &format!("Unknown {key}")), get("/problems?apiToken=%ff")]
    {
        ask.refused(401, "malformed_credential");
    }
    for answer in get("/problems?apitoken=x").gets(401) {
        assert_eq!(answer.all("www-authenticate").count(), 6, "{:?}", answer.headers);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    assert_eq!(stage.upstream.reached(), 0);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn no_form_of_a_key_comes_out(#[case] engine: Engine) {
    let collector = Collector::start();
    let mut stage = Stage::configured(engine, &format!("[telemetry]\notlp = \"{}\"\n", collector.address));
    let (good, disabled) = (stage.key(&[]), stage.key(&["--label", "canary"]));
    stage.bed.done(&["key", "disable", &disabled.id]);
    let mut explained = String::new();
    for (_, ask) in stage.forms(&good.key) {
        ask.gets(200);
        for answer in ask.clone().header("X-API-Key", &good.key).header("Content-Type", &good.key).gets(401) {
            explained.push_str(&explain(&stage.bed, answer.header("x-request-id")));
        }
    }
    for (name, ask) in stage.forms(&disabled.key) {
        for answer in ask.gets(401) {
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{name}");
            explained.push_str(&answer.text());
            explained.push_str(&explain(&stage.bed, answer.header("x-request-id")));
        }
    }
    let http2 = Curl::get(&stage.url(&format!("/problems?apiToken={}", good.key)));
    assert_eq!(http2.arg("--http2-prior-knowledge").run().status, 200);
    let keys = stage.bed.done(&["key", "list"]).stdout + &stage.bed.json(&["key", "list"]).to_string();
    let metrics = stage.bed.metrics();
    for scheme in ["api_token", "query", "raw", "bearer", "header", "basic"] {
        assert!(metrics.contains(&format!("scheme=\"{scheme}\"")), "{scheme} is not counted");
    }
    let log = stage.bed.log();
    assert!(stage.bed.stop().is_some_and(|status| status.success()));
    assert!(collector.has(&good.id), "nothing was traced");
    for canaries in [&good, &disabled].map(|key| Canaries::of_key(&key.key)) {
        canaries.are_not_in("an explanation", explained.as_bytes());
        canaries.are_not_in("the log", log.as_bytes());
        canaries.are_not_in("the metrics", metrics.as_bytes());
        canaries.are_not_in("the list of keys", keys.as_bytes());
        canaries.are_not_in("the traces", &collector.all());
    }
}

fn explain(bed: &Bed, request: Option<&str>) -> String {
    let request = request.expect("each answer has an id");
    bed.done(&["explain", request]).stdout + &bed.json(&["explain", request]).to_string()
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn a_key_may_do_what_it_was_made_for(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let token = |args: &[&str]| format!("apiToken {}", stage.key(args).key);
    let ask = |method: &str, rest: &str, token: &str| {
        Ask::new(method, &stage.url(rest))
            .header("Authorization", token)
            .header("Content-Type", "application/json")
    };
    let reader = token(&["--permission", "monitoring:problems:read"]);
    ask("GET", "/problems", &reader).gets(200);
    for problem in ask("GET", "/metrics", &reader).refused(403, "insufficient_permission") {
        assert_eq!(problem.detail.as_deref(), Some("Missing: monitoring:metrics:read."));
    }
    for problem in ask("POST", "/problems/P-1/close", &reader).refused(403, "insufficient_permission") {
        assert_eq!(problem.detail.as_deref(), Some("Missing: monitoring:problems:update."));
    }
    let both = token(&["--permission", "monitoring:problems:read,monitoring:problems:update"]);
    ask("POST", "/problems/P-1/close", &both).gets(200);
    for (scope, post) in [("admin", 202), ("developer", 202), ("read-only", 403)] {
        let token = token(&["--scope", scope]);
        ask("GET", "/settings", &token).gets(200);
        ask("POST", "/metrics", &token).body("{}").gets(post);
    }
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn the_command_line_knows_the_permissions(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let bed = &stage.bed;
    let needs = bed.json(&["permissions", "--api", "monitoring"]);
    assert_eq!(needs.as_array().map(Vec::len), Some(6));
    assert_eq!(needs[0]["path"], "/metrics");
    assert_eq!(needs[0]["permissions"], json!(["monitoring:metrics:read"]));
    let table = bed.done(&["permissions", "--api", "monitoring"]).stdout;
    assert!(table.contains("monitoring:problems:read, monitoring:problems:update"), "{table}");
    assert_eq!(bed.cli(&["permissions", "--api", "nothing"]).status, 4);
    let create = |args: &[&str]| {
        bed.cli(&[&["key", "create", "--account", "300100", "--api", "monitoring"], args].concat())
    };
    let slip = create(&["--permission", "monitoring:problem:read"]);
    assert_eq!(slip.status, 3, "{slip:?}");
    assert!(slip.stderr.contains("did you mean `monitoring:problems:read`?"), "{slip:?}");
    assert_eq!(create(&["--permission", "nonsense"]).status, 2);
    assert_eq!(create(&["--scope", "owner"]).status, 2);
    assert_eq!(create(&["--scope", "admin", "--permission", "monitoring:problems:read"]).status, 2);
    let made = create(&["--scope", "read-only"]);
    let shown = "Permissions monitoring:metrics:read, monitoring:problems:read, monitoring:settings:read\n";
    assert!(made.status == 0 && made.stdout.contains(shown), "{made:?}");
    let view = bed.json(&["key", "show", &stage.key(&["--permission", "monitoring:metrics:read"]).id]);
    assert_eq!(view["permissions"], json!({ "only": ["monitoring:metrics:read"] }));
    assert_eq!(bed.json(&["key", "show", &stage.key(&[]).id])["permissions"], "everything");
}
