//! The text that should have been signed, for an owner who asks for it.

use super::{Form, Pair, Sent, Stage};
use crate::bed::Engine;

/// What a refusal says of the text.
fn told(stage: &Stage, sent: &Sent) -> Option<String> {
    let answer = stage.send(sent);
    assert_eq!(answer.code(), "bad_signature");
    let problem: serde_json::Value = serde_json::from_str(&answer.text()).expect("a problem");
    problem["string_to_sign"].as_str().map(str::to_owned)
}

#[test]
fn a_refusal_shows_the_text_while_the_pair_is_debugged() {
    let stage = Stage::start(Engine::Sqlite);
    let (pair, other) = (stage.pair(), stage.pair());
    let wrong = |pair: &Pair, form| {
        let guess = Pair { secret: "guess".into(), ..pair.clone() };
        stage.draft("POST", "/items?a=1").body("{}").sign(&guess, form)
    };
    stage.bed.done(&["key", "debug", &pair.id, "--for", "30m"]);
    for form in Form::ALL {
        let sent = wrong(&pair, form);
        let text = told(&stage, &sent).unwrap_or_else(|| panic!("{form:?} shows no text"));
        // Whoever signs the text that is shown is let in.
        let signature = match form {
            Form::Plain => super::pair::hex(&pair.mac(&text)),
            Form::Rfc9421 | Form::Cavage => super::pair::base64(&pair.mac(&text)),
        };
        let mut signed = sent.clone();
        match form {
            Form::Rfc9421 => signed.edit("signature", |_| format!("sig1=:{signature}:")),
            Form::Plain => signed.edit("x-signature", |_| signature.clone()),
            Form::Cavage => signed.edit("authorization", |value| {
                let (before, _) = value.split_once("signature=").expect("it is signed");
                format!("{before}signature=\"{signature}\"")
            }),
        }
        assert_eq!(stage.code(&signed), "200", "{form:?}: {text}");
        assert_eq!(told(&stage, &wrong(&other, form)), None, "another pair is none of it");
    }
    stage.bed.done(&["key", "debug", &pair.id, "--off"]);
    for form in Form::ALL {
        assert_eq!(told(&stage, &wrong(&pair, form)), None);
    }
    assert_ne!(stage.bed.cli(&["key", "debug", &pair.id, "--for", "2h"]).status, 0);
}
