//! Key pairs on the command line.

use rstest::rstest;
use serde_json::Value;

use crate::bed::{Bed, CliOutput, Engine};

const CATALOGUE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/signed-pair/catalogue.yaml");
const CREATE: [&str; 8] =
    ["key", "create", "--account", "300400", "--api", "management", "--allow", "127.0.0.1,2001:db8::/32"];

/// A pair of the example of contract S, which is applied if it has to be.
pub(super) fn pair(bed: &Bed, args: &[&str]) -> Value {
    bed.done(&["apply", "-f", CATALOGUE]);
    bed.json(&[&CREATE[..], args].concat())
}

fn refused(bed: &Bed, args: &[&str], status: i32, says: &str) {
    let CliOutput { status: got, stderr, .. } = bed.cli(args);
    assert!(got == status && stderr.contains(says), "claviger {args:?}: {got}: {stderr}");
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn a_pair_is_shown_once(#[case] engine: Engine) {
    let bed = Bed::serve(engine);
    let made = pair(&bed, &["--lifetime", "30d"]);
    let id = made["id"].as_str().expect("an id");
    let secret = made["secret"].as_str().expect("a secret");
    assert!(
        secret.starts_with("svm_production_") && secret.ends_with(made["hint"].as_str().expect("a hint"))
    );
    assert_eq!((&made["kind"], &made["algorithm"]), (&"key_pair".into(), &"hmac-sha512".into()));
    assert!(made.get("key").is_none(), "{made:#}");
    refused(&bed, &["key", "show", "--reveal", id], 3, "never shown again");
    let shown = bed.done(&["key", "show", id]).stdout;
    assert!(shown.contains("Algorithm   hmac-sha512") && !shown.contains(secret), "{shown}");
    let said = bed.done(&CREATE).stdout;
    let line =
        said.lines().find_map(|line| line.strip_prefix("Secret      ")).expect("a line with the secret");
    assert!(
        line.len() == secret.len() && said.contains("Keep the secret now: nobody can show it again."),
        "{said}"
    );
    for (args, says) in [
        (["--lifetime", "366d"], "live at most 365d"),
        (["--algorithm", "hmac-sha256"], "takes no signatures by `hmac-sha256`; it takes hmac-sha512"),
    ] {
        refused(&bed, &[&CREATE[..], &args].concat(), 3, says);
    }
    refused(&bed, &CREATE[..6], 3, "address");
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn debugging_ends_within_the_hour(#[case] engine: Engine) {
    let bed = Bed::serve(engine);
    let id = pair(&bed, &[])["id"].as_str().expect("an id").to_owned();
    let until =
        |args: &[&str]| bed.json(&[&["key", "debug", &id], args].concat()).get("debug_until").cloned();
    assert!(until(&["--for", "1h"]).is_some_and(|until| until.is_string()));
    assert!(bed.done(&["key", "show", &id]).stdout.contains("Debug until "));
    assert_eq!(until(&["--off"]), None);
    refused(&bed, &["key", "debug", &id, "--for", "61m"], 3, "at most an hour");
    refused(&bed, &["key", "debug", &id], 2, "--for");
    refused(&bed, &["key", "debug", &id, "--for", "1m", "--off"], 2, "--off");
}
