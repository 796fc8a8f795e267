//! A pair gives way to another one while both work (contract row S9).

use rstest::rstest;

use super::{ACCOUNT, Form, Pair, Stage};
use crate::bed::Engine;

/// The pair that takes the place of this one.
fn rotated(stage: &Stage, pair: &Pair, overlap: &str) -> Pair {
    let view = stage.bed.json(&["key", "rotate", &pair.id, "--overlap", overlap]);
    let text = |name: &str| view[name].as_str().unwrap_or_else(|| panic!("{name} is shown")).to_owned();
    Pair { id: text("id"), secret: text("secret"), ..pair.clone() }
}

fn code(stage: &Stage, pair: &Pair) -> String {
    stage.code(&stage.draft("GET", "/items").sign(pair, Form::Rfc9421))
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn a_new_pair_and_the_one_before_work_side_by_side(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let old = Pair::create(&stage.bed, ACCOUNT, "orders", &["--lifetime", "1d"]);
    let new = stage.pair();
    assert_eq!([&old, &new].map(|pair| code(&stage, pair)), ["200", "200"]);
    let successor = rotated(&stage, &new, "7d");
    assert_ne!(successor.secret, new.secret);
    assert_eq!([&old, &new, &successor].map(|pair| code(&stage, pair)), ["200", "200", "200"]);
    assert_eq!(stage.bed.json(&["key", "show", &new.id])["late_uses"], 1);
    stage.bed.done(&["key", "rotate", &new.id, "--cancel"]);
    assert_eq!([&new, &successor].map(|pair| code(&stage, pair)), ["200", "revoked"]);
    // The secret of one signs for no other.
    let mixed = Pair { secret: old.secret.clone(), ..new };
    assert_eq!(code(&stage, &mixed), "bad_signature");
}

#[test]
fn without_an_overlap_the_pair_before_is_dead_when_the_call_returns() {
    let stage = Stage::start(Engine::Sqlite);
    let old = stage.short_pair();
    assert_eq!(code(&stage, &old), "200");
    let new = rotated(&stage, &old, "0s");
    assert_eq!([&old, &new].map(|pair| code(&stage, pair)), ["expired", "200"]);
}
