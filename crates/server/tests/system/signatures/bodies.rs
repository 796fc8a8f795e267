//! Bodies of signed requests, and the ways in which a request may arrive.

use rstest::rstest;

use super::pair::now;
use super::{Form, Pair, Sent, Stage};
use crate::bed::Engine;
use crate::gate;

/// `body_bytes` of the catalogue.
const LIMIT: usize = 65536;

fn of_length(stage: &Stage, pair: &Pair, form: Form, length: usize) -> Sent {
    let body: Vec<u8> = (0..=250).cycle().take(length).collect();
    stage.draft("POST", "/items").body(body).sign(pair, form)
}

/// The body of the last request that reached the upstream.
#[track_caller]
fn went_on(stage: &Stage, sent: &Sent) {
    let seen = stage.upstream.seen();
    let last = seen.last().expect("something reached the upstream");
    assert!(last.method == sent.method && last.body == sent.body, "{} bytes went on", last.body.len());
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn a_body_may_be_as_long_as_the_policy_says(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let pair = stage.pair();
    for form in Form::ALL {
        let whole = of_length(&stage, &pair, form, LIMIT);
        assert_eq!(stage.code(&whole), "200", "{form:?}");
        went_on(&stage, &whole);
        let before = stage.upstream.seen().len();
        let long = of_length(&stage, &pair, form, LIMIT + 1);
        for bytes in [long.bytes(), long.chunked()] {
            let answer = long.exchange(&stage.bed, &bytes);
            assert_eq!((answer.status, answer.code().as_str()), (413, "body_too_large"), "{form:?}");
        }
        assert_eq!(stage.upstream.seen().len(), before, "{form:?}");
    }
}

#[test]
fn chunks_are_signed_by_their_content() {
    let stage = Stage::start(Engine::Sqlite);
    let pair = stage.pair();
    for form in Form::ALL {
        let sent = of_length(&stage, &pair, form, 5000);
        let mut changed = sent.clone();
        changed.body[4999] ^= 1;
        assert_eq!(changed.exchange(&stage.bed, &changed.chunked()).code(), "bad_signature", "{form:?}");
        assert_eq!(sent.exchange(&stage.bed, &sent.chunked()).status, 200, "{form:?}");
        went_on(&stage, &sent);
    }
    assert_eq!(stage.upstream.seen().len(), Form::ALL.len());
}

/// What comes in chunks is a body, also where there is nothing in them.
#[test]
fn no_body_need_not_be_signed_and_an_empty_one_in_chunks_does() {
    let stage = Stage::start(Engine::Sqlite);
    let pair = stage.pair();
    for form in Form::ALL {
        let none = stage.draft("POST", "/items").sign(&pair, form);
        let zero = none.head("Content-Length: 0\r\n");
        assert_eq!(none.exchange(&stage.bed, zero.as_bytes()).status, 200, "{form:?}");
        let none = stage.draft("POST", "/items").sign(&pair, form);
        let answer = none.exchange(&stage.bed, &none.chunked());
        let code = if answer.status == 200 { "200".to_owned() } else { answer.code() };
        assert_eq!(code, if form == Form::Plain { "200" } else { "malformed_credential" }, "{form:?}");
    }
}

#[test]
fn a_body_is_asked_for_where_the_client_waits() {
    let stage = Stage::start(Engine::Sqlite);
    let pair = stage.pair();
    for form in Form::ALL {
        let sent = of_length(&stage, &pair, form, 500);
        let head = sent.head("Expect: 100-continue\r\nContent-Length: 500\r\n");
        let mut caller = gate::caller(&stage.bed);
        caller.send(&head);
        assert_eq!(caller.next("POST").map(|answer| answer.status), Some(100), "{form:?}");
        caller.send(&sent.body);
        assert_eq!(caller.answer().status, 200, "{form:?}");
        went_on(&stage, &sent);
        // The same again, and one that is too long: neither is asked for its body in vain, nor let through.
        let again = sent.exchange(&stage.bed, &[head.as_bytes(), &sent.body].concat());
        assert_eq!(again.code(), "replayed", "{form:?}");
        let long = of_length(&stage, &pair, form, LIMIT + 1);
        let head = long.head("Expect: 100-continue\r\nContent-Length: 65537\r\n");
        assert_eq!(long.exchange(&stage.bed, head.as_bytes()).status, 413, "{form:?}");
    }
}

/// Whoever guesses ids is asked for a body as the holder of a pair is, and answered alike.
#[test]
fn a_body_is_asked_for_whether_there_is_such_a_pair_or_not() {
    let stage = Stage::start(Engine::Sqlite);
    let (pair, disabled) = (stage.pair(), stage.pair());
    stage.bed.done(&["key", "disable", &disabled.id]);
    for form in Form::ALL {
        let answers = [&pair.id, &disabled.id, "key_00000000000000000000000000", "nobody"].map(|id| {
            let guess = Pair { id: id.to_owned(), secret: "guess".into(), algorithm: "hmac-sha512" };
            let sent = of_length(&stage, &guess, form, 500);
            let mut caller = gate::caller(&stage.bed);
            caller.send(sent.head("Expect: 100-continue\r\nContent-Length: 500\r\n"));
            let first = caller.next("POST").map(|answer| answer.status);
            caller.send(&sent.body);
            let answer = caller.answer();
            let request = answer.header("x-request-id").expect("each answer has an id").to_owned();
            let headers: Vec<_> = answer.headers.iter().filter(|(name, _)| name != "date").collect();
            let rest = format!("{headers:?}{}", answer.text()).replace(&request, "");
            (first, answer.status, answer.code(), rest)
        });
        let (first, status, code, _) = &answers[0];
        assert_eq!((*first, *status, code.as_str()), (Some(100), 401, "bad_signature"), "{form:?}");
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{form:?}: {answers:#?}");
    }
    assert!(stage.upstream.seen().is_empty());
}

#[test]
fn a_head_request_is_signed_like_any_other() {
    let stage = Stage::start(Engine::Sqlite);
    let pair = stage.pair();
    for form in Form::ALL {
        let sent = stage.draft("HEAD", "/items?a=b").sign(&pair, form);
        let mut get = sent.clone();
        get.method = "GET".into();
        assert_eq!(stage.code(&get), "bad_signature", "{form:?}");
        assert_eq!([stage.send(&sent).status, stage.send(&sent).status], [200, 401], "{form:?}");
    }
}

#[test]
fn http_2_carries_signatures_too() {
    let stage = Stage::start(Engine::Sqlite);
    let pair = stage.pair();
    let http2 = ["--http2-prior-knowledge"];
    for form in Form::ALL {
        for method in ["GET", "POST"] {
            let body = if method == "POST" { "{\"a\":1}" } else { "" };
            let sent = stage.draft(method, "/items?a=b").body(body).sign(&pair, form);
            let mut changed = sent.clone();
            changed.target.push('c');
            assert_eq!(changed.curl(&http2).json()["code"], "bad_signature", "{form:?} {method}");
            assert_eq!(sent.curl(&http2).status, 200, "{form:?} {method}");
            went_on(&stage, &sent);
            assert_eq!(sent.curl(&http2).json()["code"], "replayed", "{form:?} {method}");
        }
    }
    // The first line of a request that had none on the wire, as such clients write it.
    let draft = stage.draft("GET", "/items").at(now());
    assert_eq!(draft.cavage(&pair, &["date", "request-line"], "hmac-sha512").curl(&http2).status, 200);
}

#[test]
fn a_body_that_breaks_off_is_no_request() {
    let stage = Stage::start(Engine::Sqlite);
    let pair = stage.pair();
    for form in Form::ALL {
        let sent = of_length(&stage, &pair, form, 500);
        let mut caller = gate::caller(&stage.bed);
        caller.send(&sent.bytes()[..sent.bytes().len() - 1]);
        caller.half_close();
        let answer = caller.final_answer("POST");
        assert!(answer.is_none_or(|answer| answer.status == 400), "{form:?}");
        assert!(stage.upstream.seen().is_empty(), "{form:?}");
    }
}
