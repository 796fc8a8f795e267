//! Key pairs on the command line.

use rstest::rstest;
use serde_json::{Value, json};

use crate::bed::{Bed, CliOutput, Engine};

const CATALOGUE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/signed-pair/catalogue.yaml");
const BARE: [&str; 6] = ["key", "create", "--account", "300400", "--api", "management"];
const OWNER: [&str; 2] = ["--owner", "ops@harbor-voice.example"];
const ALLOW: [&str; 2] = ["--allow", "127.0.0.1,2001:db8::/32"];

/// Makes a pair, with these arguments besides.
fn create<'a>(args: &[&'a str]) -> Vec<&'a str> {
    [&BARE[..], &OWNER, &ALLOW, args].concat()
}

/// A pair of the example of contract S, which is applied if it has to be.
pub(super) fn pair(bed: &Bed, args: &[&str]) -> Value {
    bed.done(&["apply", "-f", CATALOGUE]);
    bed.json(&create(args))
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
    let said = bed.done(&create(&[])).stdout;
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
        refused(&bed, &create(&args), 3, says);
    }
}

/// The form asks for addresses and for owners (S3), and nothing else is changed later (S7).
#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn addresses_and_owners_are_wanted_and_nothing_else_is_changed(#[case] engine: Engine) {
    let bed = Bed::serve(engine);
    let made = pair(&bed, &["--label", "Provisioning", "--memo", "Night shift", "--scope", "developer"]);
    let id = made["id"].as_str().expect("an id");
    assert_eq!(made["owners"], json!(["ops@harbor-voice.example"]));
    for api in ["management", "call-data", "call-monitoring"] {
        let bare = ["key", "create", "--account", "300400", "--api", api];
        refused(&bed, &[&bare[..], &OWNER].concat(), 3, "address");
        refused(&bed, &[&bare[..], &ALLOW].concat(), 3, "owner");
    }
    let allowed = bed.json(&["key", "allow", id, "198.51.100.7", "2001:db8::/48"]);
    assert_eq!(allowed["allowlist"], json!(["198.51.100.7/32", "2001:db8::/48"]));
    let owned = bed.json(&["key", "owners", id, "ada@harbor-voice.example,ops@harbor-voice.example"]);
    assert_eq!(owned["owners"], json!(["ada@harbor-voice.example", "ops@harbor-voice.example"]));
    refused(&bed, &["key", "owners", id], 3, "owner");
    refused(&bed, &["key", "allow", id], 3, "address");
    for (what, args) in [
        ("label", &["describe", id, "--label", "Other"][..]),
        ("memo", &["describe", id, "--memo", ""]),
        ("tags", &["tag", id, "+nightly"]),
    ] {
        let says = format!("does not let the {what} of a key be changed");
        refused(&bed, &[&["key"], args].concat(), 3, &says);
    }
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
