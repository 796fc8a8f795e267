//! Neither a signing secret nor a signature comes out anywhere, in whatever spelling.

use rstest::rstest;

use super::{Form, Pair, Sent, Stage};
use crate::bed::Engine;
use crate::canaries::{Canaries, spellings};
use crate::traces::Collector;

/// The headers that carry what must not be repeated.
const CARRIERS: [&str; 5] = ["authorization", "signature", "signature-input", "x-signature", "x-nonce"];

/// The signature and the nonce of a request, as they stand there and as their bytes.
fn marks(sent: &Sent, nonce: &str) -> Vec<String> {
    let mut found = spellings(nonce);
    for name in CARRIERS {
        let value = sent.header(name).unwrap_or_default();
        let long = value.split(['"', ':', ' ']);
        found.extend(long.filter(|word| word.len() > 60).flat_map(spellings));
    }
    found
}

/// A request in each form, and what of it is secret.
fn signed(stage: &Stage, pair: &Pair, canaries: &mut Canaries) -> Vec<Sent> {
    let sign = |form| {
        let draft = stage.draft("POST", "/items?a=1").body("{}");
        let sent = draft.sign(pair, form);
        (marks(&sent, &draft.nonce), sent)
    };
    let signed = Form::ALL.map(sign);
    let mut all = Vec::new();
    for (marks, sent) in signed {
        // The random header of Kong's form is the API's to read.
        let marks = marks.into_iter().filter(|mark| sent.header("x-request-nonce") != Some(mark));
        canaries.add(marks);
        all.push(sent);
    }
    all
}

/// Accepted, sent again, changed, presented twice, and as a key.
fn used(stage: &Stage, pair: &Pair, sent: &Sent) -> Vec<String> {
    let mut changed = sent.clone();
    changed.target.push_str("&b=2");
    let twice = sent.clone().with("Authorization", &format!("hmac username=\"{}\"", pair.secret));
    let as_key = stage.draft("GET", &format!("/items?apiToken={}", pair.secret)).unsigned();
    let as_key = as_key.with("Authorization", &format!("Bearer {}", pair.secret));
    let as_id =
        stage.draft("GET", "/items").sign(&Pair { id: pair.secret.clone(), ..pair.clone() }, Form::Plain);
    assert_eq!(stage.send(sent).status, 200, "{sent:?}");
    let refused = [sent, &changed, &twice, &as_key, &as_id].map(|sent| stage.send(sent));
    let ids =
        refused.iter().map(|answer| answer.header("x-request-id").expect("each answer has an id").to_owned());
    ids.chain(refused.iter().map(crate::raw::Answer::text)).collect()
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn nothing_of_a_signature_comes_out(#[case] engine: Engine) {
    let collector = Collector::start();
    let configuration = format!("[log]\nfilter = \"trace\"\n[telemetry]\notlp = \"{}\"\n", collector.address);
    let mut stage = Stage::configured(engine, &configuration);
    let pair = stage.pair();
    let mut canaries = Canaries::of_key(&pair.secret);
    let mut told = String::new();
    for sent in signed(&stage, &pair, &mut canaries) {
        for said in used(&stage, &pair, &sent) {
            if said.starts_with("req_") {
                told += &stage.bed.done(&["explain", &said]).stdout;
                told += &stage.bed.json(&["explain", &said]).to_string();
            } else {
                told += &said;
            }
        }
    }
    let shown = stage.bed.done(&["key", "list"]).stdout + &stage.bed.done(&["key", "show", &pair.id]).stdout;
    canaries.are_not_in("a refusal or its explanation", told.as_bytes());
    canaries.are_not_in("what the command line shows", shown.as_bytes());
    canaries.are_not_in("the metrics", stage.bed.metrics().as_bytes());
    canaries.are_not_in("the upstream", format!("{:?}", stage.upstream.seen()).as_bytes());
    canaries.are_not_in("the log", stage.bed.log().as_bytes());
    assert!(stage.bed.stop().is_some_and(|status| status.success()));
    assert!(collector.has(&pair.id), "nothing was traced");
    canaries.are_not_in("the traces", &collector.all());
}
