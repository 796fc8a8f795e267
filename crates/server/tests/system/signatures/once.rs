//! A signed request is accepted once.

use std::sync::Barrier;

use rstest::rstest;

use super::{Form, Stage};
use crate::bed::Engine;
use crate::gate;
use crate::raw::Caller;

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn of_a_hundred_sendings_at_once_one_is_accepted(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let (pair, address) = (stage.pair(), gate::address(&stage.bed));
    for form in Form::ALL {
        let before = stage.upstream.seen().len();
        let sent = stage.draft("POST", "/items").body("{}").sign(&pair, form);
        let start = Barrier::new(100);
        let codes = std::thread::scope(|scope| {
            let send = || {
                let mut caller = Caller::connect(address);
                start.wait();
                caller.send(sent.bytes());
                let answer = caller.answer();
                if answer.status == 200 { "200".to_owned() } else { answer.code() }
            };
            let threads: Vec<_> = (0..100).map(|_| scope.spawn(send)).collect();
            threads.into_iter().map(|thread| thread.join().expect("a sender ends")).collect::<Vec<_>>()
        });
        let count = |code: &str| codes.iter().filter(|found| *found == code).count();
        assert_eq!((count("200"), count("replayed")), (1, 99), "{form:?}: {codes:?}");
        assert_eq!(stage.upstream.seen().len(), before + 1);
    }
}

/// The nonce is the mark, whatever else is in the request; without one the signature is.
#[test]
fn a_nonce_is_good_once_for_each_pair() {
    let stage = Stage::start(Engine::Sqlite);
    let (pair, other) = (stage.pair(), stage.pair());
    for form in [Form::Rfc9421, Form::Plain] {
        let nonce = format!("the-same-for-all-{}", form.word());
        let draft = |rest: &str| stage.draft("GET", rest).nonce(&nonce);
        assert_eq!(stage.code(&draft("/items").sign(&pair, form)), "200", "{form:?}");
        assert_eq!(stage.code(&draft("/things").sign(&pair, form)), "replayed", "{form:?}");
        assert_eq!(stage.code(&draft("/items").sign(&other, form)), "200", "{form:?}");
        // Another one's nonces are not used up by who cannot sign.
        let again = stage.draft("GET", "/items");
        let guess = super::Pair { secret: "guess".into(), ..pair.clone() };
        assert_eq!(stage.code(&again.sign(&guess, form)), "bad_signature", "{form:?}");
        assert_eq!(stage.code(&again.sign(&pair, form)), "200", "{form:?}");
    }
}

#[test]
fn without_a_nonce_the_signature_is_the_mark() {
    let stage = Stage::start(Engine::Sqlite);
    let pair = stage.pair();
    let at = super::pair::now();
    let draft = stage.draft("GET", "/items").at(at);
    let parameters = format!(";created={at};keyid=\"{}\"", pair.id);
    let standard = |draft: &super::Draft| draft.rfc9421(&pair, &["@method", "@target-uri"], &parameters);
    let kong = |draft: &super::Draft| draft.cavage(&pair, &["date", "request-line"], "hmac-sha512");
    let elsewhere = stage.draft("GET", "/things").at(at);
    for (first, second) in [(standard(&draft), standard(&elsewhere)), (kong(&draft), kong(&elsewhere))] {
        assert_eq!(stage.code(&first), "200");
        assert_eq!(stage.code(&first), "replayed");
        assert_eq!(stage.code(&second), "200");
    }
}
