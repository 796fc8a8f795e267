//! The time of signing.

use super::pair::now;
use super::{Form, Pair, Stage};
use crate::bed::Engine;

#[test]
fn a_request_is_good_for_five_minutes_in_either_direction() {
    let stage = Stage::start(Engine::Sqlite);
    let pair = stage.pair();
    for form in Form::ALL {
        let signed = |at: u64| stage.draft("GET", "/items").at(at).sign(&pair, form);
        for (at, code) in [
            (now() - 250, "200"),
            (now() + 250, "200"),
            (now() - 330, "clock_skew"),
            (now() + 330, "clock_skew"),
            (1_000_000_000, "clock_skew"),
            (4_000_000_000, "clock_skew"),
        ] {
            assert_eq!(stage.code(&signed(at)), code, "{form:?} at {at}");
        }
    }
}

/// Who cannot sign is told the same of the clock, whether there is such a pair or not.
#[test]
fn the_time_tells_a_stranger_nothing() {
    let stage = Stage::start(Engine::Sqlite);
    let pair = stage.pair();
    for form in Form::ALL {
        let codes = [&pair.id, "key_00000000000000000000000000"].map(|id| {
            let guess = Pair { id: id.to_owned(), secret: "guess".into(), algorithm: "hmac-sha512" };
            stage.code(&stage.draft("GET", "/items").at(now() - 1000).sign(&guess, form))
        });
        assert_eq!(codes[0], codes[1], "{form:?}");
    }
}

#[test]
fn an_expiry_ends_it_before_the_window_does() {
    let stage = Stage::start(Engine::Sqlite);
    let pair = stage.pair();
    let until = |at: u64| format!(";expires={at}");
    let signed = |at: u64, expires: u64| {
        stage.draft("GET", "/items").at(at).parameters(&until(expires)).sign(&pair, Form::Rfc9421)
    };
    assert_eq!(stage.code(&signed(now(), now() + 60)), "200");
    assert_eq!(stage.code(&signed(now() - 20, now() - 10)), "clock_skew");
    // It does not prolong it either.
    assert_eq!(stage.code(&signed(now() - 1000, now() + 60)), "clock_skew");
}
