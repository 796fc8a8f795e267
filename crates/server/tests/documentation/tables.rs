//! The tables of the pages leave nothing out.

use claviger_gateway::{Failure, Malformed};
use claviger_model::{Reason, Refused};
use claviger_testkit::Curl;
use claviger_web::Code;
use serde_json::Value;

use crate::document::{Block, Document};
use crate::none;
use crate::running::{Running, written};
use crate::schema;

/// Every failure, with the code that it is answered with. The pattern below makes sure that none is forgotten.
const FAILURES: [Failure; 11] = [
    Failure::Malformed(Malformed::Folding),
    Failure::HeadTooLarge,
    Failure::HeadTimeout,
    Failure::BodyTooLarge,
    Failure::BodyTimeout,
    Failure::BodyBroken,
    Failure::TooManyBodies,
    Failure::UpstreamUnreachable,
    Failure::UpstreamBusy,
    Failure::UpstreamBroken,
    Failure::UpstreamTimeout,
];

const fn code(failure: Failure) -> &'static str {
    match failure {
        Failure::Malformed(_) => "malformed_request",
        Failure::HeadTooLarge => "headers_too_large",
        Failure::HeadTimeout | Failure::BodyTimeout => "request_timeout",
        Failure::BodyTooLarge => "body_too_large",
        Failure::BodyBroken => "body_incomplete",
        Failure::TooManyBodies => "busy",
        Failure::UpstreamUnreachable => "upstream_unreachable",
        Failure::UpstreamBusy => "upstream_busy",
        Failure::UpstreamBroken => "upstream_broken",
        Failure::UpstreamTimeout => "upstream_timeout",
    }
}

fn status(reason: Reason) -> String {
    match reason.refused() {
        Refused::Authentication => "401 or 403".to_owned(),
        Refused::Request(status) => status.to_string(),
    }
}

#[test]
fn every_problem_of_management_has_its_row() {
    let document = Document::named("docs/rest.md");
    let wrong = Code::ALL.map(Code::words).into_iter().filter(|(status, code, _)| {
        document.row(code).is_none_or(|cells| cells.get(1) != Some(&status.to_string().as_str()))
    });
    none(&wrong.map(|(status, code, _)| format!("docs/rest.md: `{code}` is {status}")).collect::<Vec<_>>());
}

#[test]
fn every_refusal_has_its_row() {
    let document = Document::named("docs/refusals.md");
    let reasons = Reason::ALL.map(|reason| (reason.code(), status(reason)));
    let failures = FAILURES.map(|failure| (code(failure), failure.status().as_u16().to_string()));
    let wrong = reasons.into_iter().chain(failures).filter(|(code, status)| {
        document.row(code).is_none_or(|cells| cells.get(1) != Some(&status.as_str()))
    });
    none(&wrong.map(|(code, status)| format!("docs/refusals.md: `{code}` is {status}")).collect::<Vec<_>>());
}

/// What the product prints when it is asked for a schema.
fn schema(of: &str) -> Value {
    let output = std::process::Command::new(crate::running::BINARY)
        .args(["schema", of])
        .env_remove("CLAVIGER_CONFIG")
        .output()
        .expect("the product runs");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", written(&output)))
}

fn missing_fields(page: &str, of: &str) -> Vec<String> {
    let document = Document::named(page);
    let fields = schema::fields(&schema(of)).into_iter();
    fields
        .filter(|field| document.row(field).is_none())
        .map(|field| format!("{page}: no row for `{field}`"))
        .collect()
}

#[test]
fn every_field_of_the_configuration_has_its_row() {
    none(&missing_fields("docs/operators.md", "config"));
}

#[test]
fn every_field_of_a_catalogue_has_its_row() {
    none(&missing_fields("docs/catalogue.md", "catalogue"));
}

/// The families that are there after a request that is accepted, one that is refused and one that fails.
#[test]
fn every_metric_has_its_row() {
    let running = Running::start();
    for call in
        running.demo.ready()["examples"]["account-basic"]["calls"].as_array().expect("calls").iter().take(4)
    {
        let authorization = call["headers"]["Authorization"].as_str().unwrap_or("None");
        let _ = Curl::get(call["url"].as_str().expect("a URL")).header("Authorization", authorization).run();
    }
    let _ = Curl::get(running.demo.text("/gateway")).header("Name before a space ", "").run();
    let metrics = Curl::get(&format!("{}/metrics", running.demo.text("/ops"))).run().text();
    let document = Document::named("docs/operators.md");
    let families = metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    let missing = families.filter(|family| document.row(family).is_none());
    none(&missing.map(|family| format!("docs/operators.md: no row for `{family}`")).collect::<Vec<_>>());
}

#[test]
fn every_command_about_keys_is_shown() {
    let output = std::process::Command::new(crate::running::BINARY).args(["key", "--help"]).output();
    let help = String::from_utf8_lossy(&output.expect("the product runs").stdout).into_owned();
    let commands =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = commands.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
    let document = Document::named("docs/keys.md");
    let shown = document.blocks("sh").iter().map(Block::text).collect::<String>();
    let missing = names.filter(|name| !shown.contains(&format!("claviger key {name} ")));
    none(&missing.map(|name| format!("docs/keys.md: `claviger key {name}` is not run")).collect::<Vec<_>>());
}
