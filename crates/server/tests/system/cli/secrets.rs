//! No secret comes out where it need not: lists, explanations, logs, metrics, files.

use std::path::Path;
use std::process::Command;

use rstest::rstest;

use crate::ask::Ask;
use crate::bed::{ACCOUNT, Bed, Credential, Engine};
use crate::cli::pairs::pair;
use crate::example::{Example, Upstream};

const LIST: &str = "/customers/v1/customers";

/// Everything that somebody could read who is not shown the key.
struct Seen(Vec<(String, Vec<u8>)>);

impl Seen {
    fn add(&mut self, place: &str, what: impl Into<Vec<u8>>) {
        self.0.push((place.to_owned(), what.into()));
    }

    fn cli(&mut self, bed: &Bed, args: &[&str]) {
        for json in [&[][..], &["--json"]] {
            let args = [json, args].concat();
            let output = bed.cli(&args);
            self.add(&args.join(" "), output.stdout + &output.stderr);
        }
    }

    fn files(&mut self, folder: &Path) {
        for entry in std::fs::read_dir(folder).expect("the folder can be read") {
            let path = entry.expect("the folder can be read").path();
            // The socket cannot be read.
            if let Ok(content) = std::fs::read(&path) {
                self.add(&path.display().to_string(), content);
            }
        }
    }

    /// The log so far, and what is left when the server has ended.
    fn what_stays(&mut self, bed: &mut Bed) {
        self.add("log", bed.log());
        bed.stop();
        self.files(&bed.data_dir());
        if let Some(url) = bed.database_url() {
            let dump = Command::new("pg_dump").arg(url).output().expect("pg_dump runs");
            assert!(dump.status.success() && dump.stdout.len() > 1000, "{dump:?}");
            self.add("the database", dump.stdout);
        }
    }

    #[track_caller]
    fn has_none_of(&self, secrets: &[&str]) {
        for (place, content) in &self.0 {
            for secret in secrets {
                let found = content.windows(secret.len()).any(|window| window == secret.as_bytes());
                assert!(!found, "{place} has the secret {secret}");
            }
        }
    }
}

/// A key that was used, presented in wrong ways, and refused; the ids of its refusals.
fn used(bed: &Bed, key: &Credential) -> Vec<String> {
    let url = format!("{}{LIST}", bed.gateway());
    Ask::get(&url).by(key).gets(200);
    Ask::get(&format!("{url}?q={}", key.key)).by(key).gets(200);
    let refused = [
        Ask::get(&url).header("Authorization", &format!("Bearer {}", key.key)),
        Ask::get(&url).by(key).by(key),
        Ask::new("DELETE", &url).by(key),
        Ask::post(&url, &key.key, &key.key).by(key),
        Ask::get(&format!("{}/nowhere?key={}", bed.gateway(), key.key)).by(key),
        Ask::get(&format!("{}/customers/v7/customers", bed.gateway())).by(key),
    ];
    let answers = refused.iter().flat_map(Ask::answers);
    answers
        .map(|(_, answer)| answer.header("x-request-id").expect("each answer has an id").to_owned())
        .collect()
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn no_secret_comes_out(#[case] engine: Engine) {
    let mut bed = Bed::empty(engine);
    // The most talkative that a log can be.
    bed.configure("[log]\nfilter = \"trace\"\n");
    bed.run_serve();
    let upstream = Upstream::start();
    bed.done(&Example::new(&upstream.url).arguments());
    let key = bed.create(ACCOUNT, "customers", &["--allow", "127.0.0.1", "--label", "canary"]);
    let mut seen = Seen(Vec::new());
    for id in used(&bed, &key) {
        seen.cli(&bed, &["explain", &id]);
    }
    seen.cli(&bed, &["key", "list"]);
    seen.cli(&bed, &["key", "show", &key.id]);
    seen.cli(&bed, &["key", "disable", &key.id]);
    seen.add("metrics", bed.metrics());
    assert_eq!(bed.json(&["key", "show", &key.id, "--reveal"])["key"], key.key.as_str());
    seen.what_stays(&mut bed);
    let secret = key.key.rsplit('_').next().expect("a key has parts");
    seen.has_none_of(&[secret, &key.basic()[6..]]);
}

/// Contract row S4.
#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn no_secret_of_a_pair_comes_out(#[case] engine: Engine) {
    let mut bed = Bed::empty(engine);
    bed.configure("[log]\nfilter = \"trace\"\n");
    bed.run_serve();
    let pair = pair(&bed, &[]);
    let id = pair["id"].as_str().expect("an id");
    let mut seen = Seen(Vec::new());
    seen.cli(&bed, &["key", "debug", id, "--for", "5m"]);
    seen.cli(&bed, &["key", "list"]);
    seen.cli(&bed, &["key", "show", id]);
    seen.cli(&bed, &["key", "show", id, "--reveal"]);
    seen.cli(&bed, &["key", "revoke", id]);
    seen.add("metrics", bed.metrics());
    seen.what_stays(&mut bed);
    let secret = pair["secret"].as_str().and_then(|secret| secret.rsplit('_').next()).expect("a secret");
    seen.has_none_of(&[secret]);
}
