//! Every way to present a credential, at every door, with what is expected of it.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rstest::rstest;
use serde_json::Value;

use super::ask::{Asker, Verdict, question};
use super::rows::Row;
use super::{demo, narrowed};
use crate::bed::{Bed, Credential, Engine, basic};
use crate::counting::Counting;
use crate::signatures::{self, Draft, Form, Pair};

/// The host of requests that come to the other doors.
pub(super) const HOST: &str = "api.example";
const REALM: &str = "meadow-lab";
const PROBLEMS: &str = "/monitoring/v1/problems";

/// A request, as it is put to a door that names the host like this, and the reason that it is answered with.
struct Case {
    name: String,
    row: Box<dyn Fn(&str) -> Row>,
    reason: &'static str,
}

impl Case {
    fn new(name: impl Into<String>, row: Row, reason: &'static str) -> Self {
        Self { name: name.into(), row: Box::new(move |_| row.clone()), reason }
    }
}

/// The demo, whose API of contract A takes a key in every form, and an API whose requests are signed.
pub(super) fn stage(engine: Engine) -> (Bed, Counting) {
    let (bed, upstream) = (demo(engine), Counting::start());
    bed.file("monitoring-v1.yaml", crate::schemes::DOCUMENT);
    let url = format!("http://{}", upstream.address);
    let file = bed.file("catalogue.yaml", &crate::schemes::catalogue(&url));
    bed.done(&["apply", "--file", &file]);
    bed.done(&["apply", "--file", signatures::CATALOGUE, "--set", &format!("SAMPLE_UPSTREAM={url}")]);
    (bed, upstream)
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
#[tokio::test]
async fn every_presentation_is_judged_alike(#[case] engine: Engine) {
    let (bed, _upstream) = stage(engine);
    let asker = Asker::about(&bed, &["monitoring", "orders"]).await;
    let (keys, signed) = (of_keys(&bed), of_pairs(&bed));
    assert!(keys.len() >= 100 && signed.len() >= 30, "{} and {} cases", keys.len(), signed.len());
    let mut wrong = Vec::new();
    for case in keys.iter().chain(&signed) {
        wrong.extend(check(&bed, &asker, case).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a door says otherwise.
async fn check(bed: &Bed, asker: &Asker, case: &Case) -> Vec<String> {
    let own = crate::gate::address(bed).to_string();
    let gateway = asker.gateway(&(case.row)(&own)).await;
    let elsewhere = || (case.row)(HOST);
    let answers = [
        ("verify", asker.verify(&elsewhere()).await, gateway.clone()),
        ("ext_authz", asker.ext_authz(&elsewhere()).await, gateway.clone()),
        ("forward-auth", asker.forward_auth(&elsewhere()).await, narrowed(&gateway)),
        ("gateway", gateway.clone(), Verdict { reason: case.reason.into(), ..gateway }),
    ];
    let differing = answers.into_iter().filter(|(_, own, wanted)| own != wanted);
    differing.map(|(door, own, wanted)| format!("{door}: {}: {own:?}, not {wanted:?}", case.name)).collect()
}

/// A form of a key: its name, what follows the path, and the headers.
type Presented = (&'static str, String, Vec<(&'static str, String)>);

/// The forms of a key.
fn forms(key: &str) -> Vec<Presented> {
    let authorization = |value: String| vec![("authorization", value)];
    let encoded = format!("%{:02X}{}", key.as_bytes()[0], &key[1..]);
    vec![
        ("api_token", String::new(), authorization(format!("apiToken {key}"))),
        ("api_token in capitals", String::new(), authorization(format!("APITOKEN  {key}"))),
        ("query", format!("?apiToken={key}&status=open"), Vec::new()),
        ("query, encoded", format!("?status=open&%61pi%54oken={encoded}"), Vec::new()),
        ("raw", String::new(), authorization(key.to_owned())),
        ("bearer", String::new(), authorization(format!("bearer {key}"))),
        ("header", String::new(), vec![("x-api-key", key.to_owned())]),
        ("basic", String::new(), authorization(basic(REALM, key))),
    ]
}

/// Target without its query, method and address; key; and the reason.
struct Call<'k> {
    line: (&'static str, &'static str, &'static str),
    key: &'k str,
    reason: &'static str,
}

fn of_keys(bed: &Bed) -> Vec<Case> {
    let make = |more: &[&str]| bed.create("300100", "monitoring", more);
    let with = |event: &str, key: Credential| {
        bed.done(&["key", event, &key.id]);
        key
    };
    let good = make(&["--allow", "127.0.0.1"]).key;
    let keys = [
        (make(&["--permission", "monitoring:metrics:read"]).key, "insufficient_permission"),
        (with("disable", make(&[])).key, "disabled"),
        (with("revoke", make(&[])).key, "revoked"),
        (make(&["--not-before", "2100-01-01T00:00:00Z"]).key, "not_yet_valid"),
        (changed(&good), "malformed_credential"),
        (never_made(), "unknown_credential"),
    ];
    let list = ("GET", PROBLEMS, "127.0.0.1");
    let mut calls = vec![
        Call { line: list, key: &good, reason: "allowed" },
        Call { line: ("GET", PROBLEMS, "192.0.2.1"), key: &good, reason: "address_not_allowed" },
        Call { line: ("GET", "/monitoring/latest/problems", "127.0.0.1"), key: &good, reason: "allowed" },
        Call { line: ("GET", "/monitoring/v1/nothing", "127.0.0.1"), key: &good, reason: "unknown_endpoint" },
        Call {
            line: ("GET", "/monitoring/v9/problems", "127.0.0.1"),
            key: &good,
            reason: "unknown_endpoint",
        },
        Call { line: ("DELETE", PROBLEMS, "127.0.0.1"), key: &good, reason: "method_not_allowed" },
        Call {
            line: ("GET", "/monitoring/v1//problems", "127.0.0.1"),
            key: &good,
            reason: "malformed_request",
        },
    ];
    calls.extend(keys.iter().map(|(key, reason)| Call { line: list, key, reason }));
    let mut cases: Vec<_> = calls.iter().flat_map(each_form).collect();
    cases.extend(in_doubt(&good));
    cases
}

fn each_form(call: &Call<'_>) -> Vec<Case> {
    let Call { line: (method, path, client), key, reason } = call;
    let case = |(form, query, headers): (&str, String, _)| {
        let target = format!("{path}{query}").leak();
        let row = Row { client, ..Row::new(method, target, headers) };
        Case::new(format!("{form}, {method} {path} from {client}: {reason}"), row, reason)
    };
    forms(key).into_iter().map(case).collect()
}

/// None, two at once, and what is none of these.
fn in_doubt(key: &str) -> Vec<Case> {
    let all = forms(key);
    let mut cases = vec![Case::new("nothing", Row::new("GET", PROBLEMS, Vec::new()), "missing_credential")];
    for (first, query, headers) in &all {
        for (second, other, more) in &all {
            let (query, other) =
                (query.clone(), other.replacen('?', if query.is_empty() { "?" } else { "&" }, 1));
            let target = format!("{PROBLEMS}{query}{other}").leak();
            let row = Row::new("GET", target, [headers.clone(), more.clone()].concat());
            cases.push(Case::new(format!("{first} and {second}"), row, "ambiguous_credential"));
        }
    }
    let odd = |value: &str| Row::new("GET", PROBLEMS, vec![("authorization", value.to_owned())]);
    for value in ["Unknown x", "apiToken", "Bearer", "Basic e", "bearer a b"] {
        cases.push(Case::new(value, odd(value), "malformed_credential"));
    }
    cases
}

/// A key of the right form that nobody made.
fn never_made() -> String {
    let digits = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut key = format!("amt_production_{}", "7".repeat(43));
    let sum = crc32fast::hash(key.as_bytes());
    let places = (0..6).rev().map(|place| sum / 62_u32.pow(place) % 62);
    key.extend(places.map(|digit| char::from(digits[digit as usize])));
    key
}

/// The same with its last character changed.
fn changed(key: &str) -> String {
    let (start, last) = key.split_at(key.len() - 1);
    format!("{start}{}", if last == "0" { '1' } else { '0' })
}

const ITEMS: &str = "/orders/v1/items?a=1";

fn of_pairs(bed: &Bed) -> Vec<Case> {
    let make = |more: &[&str]| Pair::create(bed, "300400", "orders", more);
    let (good, disabled) = (make(&["--allow", "127.0.0.1"]), make(&[]));
    bed.done(&["key", "disable", &disabled.id]);
    let reader = make(&["--scope", "read-only"]);
    let guess = |id: &str| Pair { id: id.into(), secret: "guess".into(), ..good.clone() };
    let (wrong, nobody) = (guess(&good.id), guess("key_00000000000000000000000000"));
    let get = |method: &str, target: &str| Draft::new(method, "", target);
    let late = |draft: Draft| Draft { at: draft.at - 1000, ..draft };
    let mut cases = Vec::new();
    for form in Form::ALL {
        for (name, draft, pair, reason) in [
            ("good", get("GET", ITEMS), &good, "allowed"),
            ("good HEAD", get("HEAD", ITEMS), &good, "allowed"),
            ("good DELETE", get("DELETE", ITEMS), &good, "allowed"),
            ("disabled", get("GET", ITEMS), &disabled, "disabled"),
            ("reader", get("DELETE", ITEMS), &reader, "insufficient_permission"),
            ("wrong secret", get("GET", ITEMS), &wrong, "bad_signature"),
            ("nobody's", get("GET", ITEMS), &nobody, "bad_signature"),
            ("late", late(get("GET", ITEMS)), &good, "clock_skew"),
            ("nowhere", get("GET", "/orders/v1/nothing"), &good, "unknown_endpoint"),
            ("another method", get("DELETE", "/orders/v1/things"), &good, "method_not_allowed"),
        ] {
            cases.push(signed(format!("{form:?}: {name}"), &draft, pair, form, reason));
        }
        cases.push(elsewhere(form, &good));
        cases.push(again(bed, form, &good));
    }
    let bearer = vec![("authorization", format!("Bearer {}", good.secret))];
    cases.push(Case::new("the secret itself", Row::new("GET", ITEMS, bearer), "malformed_credential"));
    cases.push(Case::new("unsigned", Row::new("GET", ITEMS, Vec::new()), "missing_credential"));
    cases
}

/// Signed anew for each door, with its host.
fn signed(name: String, draft: &Draft, pair: &Pair, form: Form, reason: &'static str) -> Case {
    let (draft, pair) = (draft.clone(), pair.clone());
    let row = move |authority: &str| {
        let nonce = signatures::nonce();
        to_row(&Draft { nonce, ..draft.clone() }, authority, &pair, form)
    };
    Case { name, row: Box::new(row), reason }
}

/// Elsewhere than at the gateway TLS has ended in front.
pub(super) fn to_row(draft: &Draft, authority: &str, pair: &Pair, form: Form) -> Row {
    let protocol = if authority == HOST { "https" } else { "http" };
    let draft = Draft { protocol, authority: authority.into(), ..draft.clone() };
    let headers = draft.sign(pair, form).headers.into_iter();
    // Else doors that are not shown a body could not tell that there is none.
    let none = (draft.method == "DELETE").then(|| ("content-length", "0".to_owned()));
    let headers = headers.map(|(name, value)| (&*name.to_lowercase().leak(), value)).chain(none).collect();
    Row::new(draft.method.clone().leak(), draft.target.clone().leak(), headers)
}

/// From an address that is not the pair's.
fn elsewhere(form: Form, pair: &Pair) -> Case {
    let case = signed(
        format!("{form:?}: elsewhere"),
        &Draft::new("GET", "", ITEMS),
        pair,
        form,
        "address_not_allowed",
    );
    let row = case.row;
    Case { row: Box::new(move |authority| Row { client: "192.0.2.1", ..row(authority) }), ..case }
}

/// Accepted by the gateway before.
fn again(bed: &Bed, form: Form, pair: &Pair) -> Case {
    let draft = Draft::new("GET", &crate::gate::address(bed).to_string(), ITEMS);
    assert_eq!(draft.sign(pair, form).with("X-Forwarded-For", "127.0.0.1").send(bed).status, 200, "{form:?}");
    let pair = pair.clone();
    let row = move |authority: &str| to_row(&draft, authority, &pair, form);
    Case { name: format!("{form:?}: again"), row: Box::new(row), reason: "replayed" }
}

/// A door that is shown the body judges it; one that is not refuses what is signed with one.
#[tokio::test]
async fn a_signed_body_has_to_be_shown() {
    let (bed, _upstream) = stage(Engine::Sqlite);
    let asker = Asker::about(&bed, &["orders"]).await;
    let pair = Pair::create(&bed, "300400", "orders", &[]);
    let draft = || Draft::new("POST", HOST, "/orders/v1/items").body("{}");
    for form in Form::ALL {
        let mut row = to_row(&draft(), HOST, &pair, form);
        assert_eq!(asker.forward_auth(&row).await.reason, "bad_signature", "{form:?}");
        row.headers.push(("content-length", "2".into()));
        assert_eq!(asker.verify(&row).await.reason, "bad_signature", "{form:?}");
        for (shown, reason) in
            [("", "bad_signature"), ("[]", "bad_signature"), ("{}", "allowed"), ("{}", "replayed")]
        {
            let verdict = asker.ext_authz(&Row { shown, ..row.clone() }).await;
            assert_eq!(verdict.reason, reason, "{form:?}: {shown}");
        }
        let row = to_row(&draft(), HOST, &pair, form);
        for (body, reason) in [("[]", "bad_signature"), ("{}", "allowed"), ("{}", "replayed")] {
            assert_eq!(with_body(&asker, &row, body).await, reason, "{form:?}: {body}");
        }
    }
}

/// What verify says where it is given the body.
async fn with_body(asker: &Asker, row: &Row, body: &str) -> String {
    let mut question = question(row);
    question["body"] = BASE64_STANDARD.encode(body).into();
    let answer = asker.post("/v1/verify", &question).await;
    let said: Value = serde_json::from_slice(answer.body()).expect("verify answers with JSON");
    said["reason"].as_str().unwrap_or_default().to_owned()
}

/// A proxy may leave the body's length out: what was signed without a body is not given one there.
#[tokio::test]
async fn a_body_of_unknown_length_is_not_taken_for_none() {
    let (bed, _upstream) = stage(Engine::Sqlite);
    let asker = Asker::about(&bed, &["orders"]).await;
    let pair = Pair::create(&bed, "300400", "orders", &[]);
    for form in Form::ALL {
        let mut row = to_row(&Draft::new("POST", HOST, "/orders/v1/items"), HOST, &pair, form);
        for verdict in [asker.forward_auth(&row).await, asker.ext_authz(&row).await, asker.verify(&row).await]
        {
            assert_ne!(verdict.reason, "allowed", "{form:?}");
        }
        row.headers.push(("content-length", "0".into()));
        assert_eq!(asker.forward_auth(&row).await.reason, "allowed", "{form:?}");
    }
}
