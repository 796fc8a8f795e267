//! Applying a catalogue: twice, on trial, with mistakes, and under connections that stay open.

use rstest::rstest;
use serde_json::{Value, json};

use crate::ask::Ask;
use crate::bed::{ACCOUNT, Bed, Credential, Engine};
use crate::connection::Connection;
use crate::example::{Example, Stage, Upstream};

const LIST: &str = "/customers/v1/customers";

fn key(stage: &Stage, api: &str, environment: &str) -> Credential {
    stage.bed.create(ACCOUNT, api, &["--allow", "127.0.0.1", "--environment", environment])
}

/// What a catalogue could change: accounts, keys, what keys look like, and what the example differs in.
fn state(stage: &Stage) -> Value {
    let bed = &stage.bed;
    json!([bed.json(&["account", "list"]), bed.json(&["key", "list"]), bed.json(&["keyformat"])])
}

fn applied(stage: &Stage, args: &[&str]) -> Value {
    let output = stage.apply(&[&["--json"], args].concat());
    assert_eq!(output.status, 0, "{output:#?}");
    serde_json::from_str(&output.stdout).expect("--json prints JSON")
}

fn names(differences: &Value) -> Vec<String> {
    let list = differences.as_array().expect("differences are a list");
    let field = |one: &Value, name: &str| one[name].as_str().unwrap_or_default().to_owned();
    list.iter().map(|one| ["kind", "what", "name"].map(|name| field(one, name)).join(" ")).collect()
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn applying_the_example_twice_reports_no_change(#[case] engine: Engine) {
    let upstream = Upstream::start();
    let stage = Stage { bed: Bed::serve(engine), example: Example::new(&upstream.url), upstream };
    let made = [
        "create account 100042",
        "create account 100043",
        "create api customers",
        "create api billing",
        "create api cloudstore",
    ];
    assert_eq!(names(&applied(&stage, &["--dry-run"])), made);
    assert_eq!(stage.bed.json(&["account", "list"]), json!([]));
    assert_eq!(names(&applied(&stage, &[])), made);
    assert_eq!(applied(&stage, &[]), json!([]));
    assert_eq!(applied(&stage, &["--dry-run"]), json!([]));
    assert_eq!(stage.apply(&[]).stdout, "No change.\n");
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn a_dry_run_shows_the_difference_and_changes_nothing(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let key = key(&stage, "customers", "production");
    let before = state(&stage);
    stage.example.edit("action: warn", "action: refuse");
    stage.example.edit("name: Northwind Traders", "name: Northwind");
    let difference = applied(&stage, &["--dry-run"]);
    assert_eq!(names(&difference), ["change account 100042", "change api customers"]);
    let lines = json!([{ "path": "policy.version_mixing.action", "before": "warn", "after": "refuse" }]);
    assert_eq!(difference[1]["lines"], lines);
    let text = stage.apply(&["--dry-run"]).stdout;
    assert!(
        text.contains("~ api customers\n    policy.version_mixing.action: \"warn\" -> \"refuse\"\n"),
        "{text}"
    );
    assert_eq!(state(&stage), before);
    for version in ["v1", "v2"] {
        Ask::get(&stage.url(&format!("/customers/{version}/customers"))).by(&key).gets(200);
    }
    assert_eq!(applied(&stage, &[]), difference, "what was announced is what is done");
    Ask::get(&stage.url(LIST)).by(&key).refused(409, "version_mixed");
}

/// A mistake: a text of a file, what takes its place, and the place that is named afterwards.
struct Mistake {
    file: &'static str,
    from: &'static str,
    to: &'static str,
    /// The mistake is where this text begins; anywhere, if empty.
    at: &'static str,
    says: &'static str,
}

const MISTAKES: [Mistake; 10] = [
    Mistake {
        file: "catalogue.yaml",
        from: "key_types: [{ slug: standard, name: Standard }]",
        to: "key_types: [{ slug: standard, name: Standard }",
        at: "",
        says: "",
    },
    Mistake {
        file: "catalogue.yaml",
        from: "activation: operator",
        to: "activated: operator",
        at: "activated: operator",
        says: "activated",
    },
    Mistake {
        file: "catalogue.yaml",
        from: "activation: operator",
        to: "activation: somebody",
        at: "somebody",
        says: "somebody",
    },
    Mistake {
        file: "catalogue.yaml",
        from: "document: cloudstore-v2.yaml",
        to: "document: nothing.yaml",
        at: "nothing.yaml",
        says: "nothing.yaml",
    },
    Mistake {
        file: "catalogue.yaml",
        from: "routes: [{ path: \"/billing/{version}\" }]",
        to: "routes: [{ path: \"/customers/{version}\" }]\n        # here\n",
        at: "\"/customers/{version}\" }]\n        # here",
        says: "already given",
    },
    Mistake {
        file: "catalogue.yaml",
        from: "prefix: ncs",
        to: "prefix: ncu # again",
        at: "ncu # again",
        says: "already given",
    },
    Mistake {
        file: "catalogue.yaml",
        from: "upstream: \"${SAMPLE_UPSTREAM:-http://127.0.0.1:7070}/cloudstore/{version}\"",
        to: "upstream: \"ftp://127.0.0.1/\"",
        at: "\"ftp:",
        says: "http://",
    },
    Mistake {
        file: "catalogue.yaml",
        from: "max: 1, kind: address }\n      version_mixing: { action: warn, window: 1d }",
        to: "max: 1, kind: address }\n      version_mixing: { action: warn, window: 1w }",
        at: "1w",
        says: "length of time",
    },
    Mistake {
        file: "customers-v1.yaml",
        from: "openapi: 3.0.3",
        to: "openapi: 2.0.0",
        at: "2.0.0",
        says: "3.0",
    },
    Mistake {
        file: "billing-v2.yaml",
        from: "  /invoices:",
        to: "  invoices:",
        at: "invoices:",
        says: "invoices",
    },
];

/// Line and column of a text, each from 1.
fn place(text: &str, of: &str) -> String {
    let at = text.find(of).expect("the mistake is there");
    let line = text[..at].matches('\n').count() + 1;
    let column = text[..at].chars().rev().take_while(|c| *c != '\n').count() + 1;
    format!("{line}:{column}: ")
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn a_mistake_names_its_place_and_changes_nothing(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let key = key(&stage, "customers", "production");
    let (before, catalogue) = (state(&stage), stage.example.read("catalogue.yaml"));
    for Mistake { file, from, to, at, says } in MISTAKES {
        let good = stage.example.read(file);
        stage.example.edit_file(file, from, to);
        // Something good comes before the mistake; it is not applied either.
        stage.example.edit("name: Northwind Traders", "name: Somebody");
        let output = stage.apply(&[]);
        assert_eq!((output.status, output.stdout.as_str()), (3, ""), "{to}: {output:#?}");
        let place = if at.is_empty() { String::new() } else { place(&stage.example.read(file), at) };
        let named = output
            .stderr
            .lines()
            .any(|line| line.contains(&format!("{file}:{place}")) && line.contains(says));
        assert!(named, "{to}: wanted {file}:{place} and `{says}` in {}", output.stderr);
        stage.example.write(file, &good);
        stage.example.write("catalogue.yaml", &catalogue);
    }
    assert_eq!(state(&stage), before);
    Ask::get(&stage.url(LIST)).by(&key).gets(200);
    assert_eq!(applied(&stage, &[]), json!([]));
}

/// A catalogue of its own, good by itself, that adds an account and an API.
fn other(slug: &str, prefix: &str, path: &str, realm: &str) -> String {
    format!(
        r#"catalogue: 1
accounts:
  - {{ number: "1", realm: first, name: First }}
  - {{ number: "2", realm: {realm}, name: Second }}
apis:
  - slug: {slug}
    name: Other
    policy: {{ prefix: {prefix}, schemes: [{{ scheme: basic }}], key_types: [{{ slug: standard, name: Standard }}] }}
    versions: [{{ name: v1, document: customers-v1.yaml }}]
    environments: [{{ slug: production, upstream: "http://127.0.0.1:9", routes: [{{ path: "{path}" }}] }}]
"#
    )
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn what_clashes_with_what_is_there_changes_nothing(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let key = key(&stage, "customers", "production");
    let before = state(&stage);
    for (catalogue, status, says) in [
        (other("other", "oth", "/customers/{version}", "second"), 5, "/customers/{version}"),
        (other("other", "ncu", "/other", "second"), 5, "belongs to the API `customers`"),
        (other("other", "oth", "/other", "northwind"), 5, "realm"),
    ] {
        stage.example.write("catalogue.yaml", &catalogue);
        for args in [&["--dry-run"][..], &[]] {
            let output = stage.apply(args);
            assert_eq!((output.status, output.stdout.as_str()), (status, ""), "{output:#?}\n{catalogue}");
            assert!(output.stderr.contains(says), "wanted `{says}` in {}", output.stderr);
        }
        assert_eq!(state(&stage), before);
    }
    Ask::get(&stage.url("/other/customers")).by(&key).refused(404, "unknown_endpoint");
    Ask::get(&stage.url(LIST)).by(&key).gets(200);
    stage.example.write("catalogue.yaml", &other("other", "oth", "/other", "second"));
    assert_eq!(names(&applied(&stage, &[])).len(), 3, "without the clash it is good");
    Ask::get(&stage.url(LIST)).by(&key).gets(200);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn routes_and_policies_change_without_dropping_a_connection(#[case] engine: Engine) {
    let mut stage = Stage::start(engine);
    let key = key(&stage, "customers", "production");
    let mut connection = Connection::open(stage.bed.gateway());
    let mut get = |path: &str, authorization: &str| {
        let answer = connection.get(path, authorization);
        (answer.status, answer.header("content-type").unwrap_or_default().to_owned())
    };
    let of = |status: u16, media_type: &str| (status, media_type.to_owned());
    assert_eq!(get(LIST, &key.basic()), of(200, "application/xml"));

    stage.example.edit("path: \"/customers/{version}\"", "path: \"/clients/{version}\"");
    applied(&stage, &[]);
    assert_eq!(get(LIST, &key.basic()), of(404, "application/problem+json"));
    assert_eq!(get("/clients/v1/customers", &key.basic()), of(200, "application/xml"));

    stage.example.edit("formats: [xml, json]          # the first is the default", "formats: [json]");
    stage.example.edit("unauthenticated: 403", "unauthenticated: 401");
    applied(&stage, &[]);
    assert_eq!(get("/clients/v1/customers", &key.basic()), of(200, "application/json"));
    assert_eq!(get("/clients/v1/customers", "Basic x"), of(401, "application/problem+json"));

    stage.example.edit("      - name: v1\n        document: customers-v1.yaml\n", "");
    applied(&stage, &[]);
    assert_eq!(get("/clients/v1/customers", &key.basic()), of(404, "application/problem+json"));
    assert_eq!(get("/clients/v2/customers", &key.basic()), of(200, "application/json"));

    let second = Upstream::start();
    let reached = stage.upstream.reached();
    stage.example.set_upstream(&second.url);
    applied(&stage, &[]);
    assert_eq!(get("/clients/v2/customers", &key.basic()), of(200, "application/json"));
    assert_eq!((stage.upstream.reached(), second.reached()), (reached, 1), "the new upstream is asked");
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn a_version_put_before_the_others_mixes_nothing(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let key = key(&stage, "customers", "production");
    let list = Ask::get(&stage.url(LIST)).by(&key);
    list.gets(200);
    stage.example.edit(
        "      - name: v1\n        document: customers-v1.yaml\n",
        "      - name: v0\n        document: customers-v1.yaml\n      - name: v1\n        document: customers-v1.yaml\n",
    );
    applied(&stage, &[]);
    for answer in list.gets(200) {
        assert_eq!(answer.header("x-claviger-version-mixed"), None, "only v1 was ever called");
    }
    assert_eq!(stage.bed.json(&["key", "show", &key.id])["version_mixed"], false);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn an_environment_that_has_keys_cannot_be_left_out(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let sandboxed = key(&stage, "billing", "sandbox");
    let ask = Ask::get(&stage.url("/sandbox/billing/v1/invoices")).by(&sandboxed);
    let good = stage.example.read("catalogue.yaml");
    let start = good.find("      - slug: sandbox").expect("Billing has a sandbox");
    let end = good.find("  - slug: cloudstore").expect("Cloudstore comes after Billing");
    stage.example.write("catalogue.yaml", &format!("{}\n{}", &good[..start], &good[end..]));
    let output = stage.apply(&[]);
    assert_eq!((output.status, output.stdout.as_str()), (3, ""), "{output:#?}");
    assert!(output.stderr.contains("sandbox") && output.stderr.contains("billing"), "{}", output.stderr);
    ask.gets(200);
    let fresh = Stage { bed: Bed::serve(engine), example: stage.example, upstream: stage.upstream };
    assert_eq!(applied(&fresh, &[]).as_array().map(Vec::len), Some(5));
    fresh.example.write("catalogue.yaml", &good);
    assert_eq!(names(&applied(&fresh, &[])), ["change api billing"]);
    let unused = good.replacen("  - slug: sandbox", "  - slug: trial", 1);
    fresh.example.write("catalogue.yaml", &unused);
    assert_eq!(names(&applied(&fresh, &[])), ["change api billing"], "without keys it can be left out");
}
