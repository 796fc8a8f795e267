//! A signed request with one thing changed is refused, and leaves the real one as good as it was.

use rstest::rstest;

use super::{Draft, Form, Pair, Sent, Stage};
use crate::bed::Engine;

/// What somebody on the way does to a request.
pub(super) struct Change {
    name: &'static str,
    apply: Box<dyn Fn(&mut Sent)>,
    code: &'static str,
}

fn change(name: &'static str, apply: impl Fn(&mut Sent) + 'static) -> Change {
    Change { name, apply: Box::new(apply), code: "bad_signature" }
}

/// Changes of what every request has. `other` is the id of another pair.
pub(super) fn of_any(other: &str) -> Vec<Change> {
    let known = other.to_owned();
    vec![
        change("method", |sent| sent.method = "PUT".into()),
        change("path", |sent| sent.target = sent.target.replace("/items", "/things")),
        change("query", |sent| sent.target = sent.target.replace("a=1", "a=2")),
        change("more query", |sent| sent.target.push_str("&c=3")),
        change("order of the query", |sent| sent.target = sent.target.replace("a=1&b=%2F", "b=%2F&a=1")),
        change("spelling of the query", |sent| sent.target = sent.target.replace("%2F", "%2f")),
        change("no query", |sent| sent.target.truncate(sent.target.find('?').expect("there is a query"))),
        change("another pair", move |sent| replace_id(sent, &known)),
        change("a pair that is none", |sent| replace_id(sent, "key_00000000000000000000000000")),
        change("the date", later),
    ]
}

/// Changes of what has a body.
pub(super) fn of_bodies() -> Vec<Change> {
    vec![
        change("body", |sent| sent.body[0] ^= 1),
        change("longer body", |sent| sent.body.push(b' ')),
        change("no body", |sent| sent.body.clear()),
    ]
}

/// Changes of a header that was signed.
pub(super) fn of_header(name: &'static str) -> Vec<Change> {
    let gone = move |sent: &mut Sent| *sent = sent.clone().without(name);
    vec![
        change("a signed header", move |sent| sent.edit(name, |value| format!("{value}x"))),
        change("a signed header twice", move |sent| *sent = sent.clone().with(name, "more")),
        Change { code: "malformed_credential", ..change("no signed header", gone) },
    ]
}

/// Changes of what a form has of its own.
fn of_form(form: Form) -> Vec<Change> {
    match form {
        Form::Rfc9421 => vec![
            change("nonce", |sent| {
                sent.edit("signature-input", |value| value.replace("nonce=\"", "nonce=\"0"));
            }),
            change("algorithm", |sent| {
                sent.edit("signature-input", |value| format!("{value};alg=\"hmac-sha512\""));
            }),
            change("host", |sent| sent.authority = "127.0.0.1".into()),
            change("signature", |sent| sent.edit("signature", flipped)),
            change("no signature", |sent| sent.edit("signature", |_| "sig1=::".into())),
        ],
        Form::Cavage => vec![
            change("nonce", |sent| sent.edit("x-request-nonce", |value| format!("{value}0"))),
            change("algorithm", |sent| sent.edit("authorization", |value| value.replace("sha512", "sha256"))),
            change("order", |sent| {
                sent.edit("authorization", |value| {
                    value.replace("date @request-target", "@request-target date")
                });
            }),
            change("signature", |sent| sent.edit("authorization", flipped)),
        ],
        Form::Plain => vec![
            change("nonce", |sent| sent.edit("x-nonce", |value| format!("{value}0"))),
            change("signature", |sent| sent.edit("x-signature", flipped)),
            change("half a signature", |sent| sent.edit("x-signature", |value| value[..64].to_owned())),
        ],
    }
}

/// The last letter but some of a signature is another one.
fn flipped(value: &str) -> String {
    let at = value.len() - 8;
    let other = if value.as_bytes()[at] == b'0' { "1" } else { "0" };
    [&value[..at], other, &value[at + 1..]].concat()
}

/// Puts another id where the pair's is.
fn replace_id(sent: &mut Sent, id: &str) {
    for (_, value) in &mut sent.headers {
        if let Some(at) = value.find("key_") {
            value.replace_range(at..at + id.len(), id);
        }
    }
}

/// One second off, in whichever header the time is.
fn later(sent: &mut Sent) {
    for (name, value) in &mut sent.headers {
        match name.to_ascii_lowercase().as_str() {
            "date" | "x-date" => {
                let second = value[23..25].parse::<u8>().map_or(0, |second| (second + 1) % 60);
                value.replace_range(23..25, &format!("{second:02}"));
            }
            "x-timestamp" => *value = later_number(value),
            "signature-input" => {
                let (before, after) = value.split_once("created=").expect("it was created");
                let (number, rest) = after.split_at(10);
                *value = format!("{before}created={}{rest}", later_number(number));
            }
            _ => {}
        }
    }
}

fn later_number(text: &str) -> String {
    (text.parse::<u64>().expect("seconds") + 1).to_string()
}

/// Sends the request with each change, and then as it is: nothing before that reaches the upstream.
#[track_caller]
pub(super) fn refuses(stage: &Stage, sent: &Sent, changes: Vec<Change>) {
    let before = stage.upstream.seen().len();
    let mut wrong = Vec::new();
    for Change { name, apply, code } in changes {
        let mut other = sent.clone();
        apply(&mut other);
        let answer = stage.send(&other);
        if (answer.status, answer.code().as_str()) != (401, code) {
            wrong.push(format!("{name}: {} {} {}", answer.status, answer.code(), answer.text()));
        }
    }
    assert!(wrong.is_empty(), "{sent:?}:\n{}", wrong.join("\n"));
    assert_eq!(stage.upstream.seen().len(), before, "something refused went on");
    assert_eq!(stage.code(sent), "200", "the real one is still good: {sent:?}");
    let seen = stage.upstream.seen();
    assert_eq!((seen.len(), &seen[before].body), (before + 1, &sent.body));
    assert_eq!(stage.code(sent), "replayed");
}

fn draft(stage: &Stage) -> Draft {
    stage.draft("POST", "/items?a=1&b=%2F").header("x-tenant", "north").body("{\"name\":\"Wren\"}")
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn any_change_is_noticed(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let (pair, other) = (stage.pair(), stage.pair());
    for form in Form::ALL {
        let mut changes = of_any(&other.id);
        changes.extend(of_bodies());
        changes.extend(of_form(form));
        if form != Form::Plain {
            changes.extend(of_header("x-tenant"));
        }
        refuses(&stage, &draft(&stage).sign(&pair, form), changes);
    }
}

#[test]
fn another_secret_or_algorithm_is_no_signature() {
    let stage = Stage::start(Engine::Sqlite);
    let (pair, other, short) = (stage.pair(), stage.pair(), stage.short_pair());
    let with =
        |secret: &Pair, algorithm| Pair { id: pair.id.clone(), secret: secret.secret.clone(), algorithm };
    for form in Form::ALL {
        for wrong in [with(&other, "hmac-sha512"), with(&pair, "hmac-sha256")] {
            assert_eq!(stage.code(&draft(&stage).sign(&wrong, form)), "bad_signature", "{form:?}");
        }
        assert_eq!(stage.code(&draft(&stage).sign(&short, form)), "200", "{form:?}");
        let long = Pair { algorithm: "hmac-sha512", ..short.clone() };
        assert_eq!(stage.code(&draft(&stage).sign(&long, form)), "bad_signature", "{form:?}");
    }
    // Signed well, and naming another algorithm than the pair's.
    let named = |word: &str| draft(&stage).parameters(&format!(";alg=\"{word}\"")).sign(&pair, Form::Rfc9421);
    assert_eq!(stage.code(&named("hmac-sha256")), "bad_signature");
    assert_eq!(stage.code(&named("hmac-sha512")), "200");
    for (word, code) in [("hmac-sha256", "bad_signature"), ("hmac-sha1", "bad_signature"), ("hs2019", "200")]
    {
        assert_eq!(
            stage.code(&draft(&stage).cavage(&pair, &["date", "request-line", "digest"], word)),
            code,
            "{word}"
        );
    }
}

/// Whoever guesses ids learns nothing: neither from the answer nor from its headers.
#[test]
fn an_unknown_pair_is_answered_like_a_wrong_signature() {
    let stage = Stage::start(Engine::Sqlite);
    let pair = stage.pair();
    let disabled = stage.pair();
    stage.bed.done(&["key", "disable", &disabled.id]);
    for form in Form::ALL {
        let answers = [&pair.id, &disabled.id, "key_00000000000000000000000000", "nobody"].map(|id| {
            let guess = Pair { id: id.to_owned(), secret: "guess".into(), algorithm: "hmac-sha512" };
            let answer = stage.send(&draft(&stage).sign(&guess, form));
            let request = answer.header("x-request-id").expect("each answer has an id").to_owned();
            let headers = answer.headers.iter().filter(|(name, _)| name != "date");
            (
                answer.status,
                format!("{:?}{}", headers.collect::<Vec<_>>(), answer.text()).replace(&request, ""),
            )
        });
        assert!(answers[0].1.contains("bad_signature"), "{answers:?}");
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{form:?}: {answers:#?}");
        assert_eq!(stage.code(&draft(&stage).sign(&disabled, form)), "disabled");
    }
}
