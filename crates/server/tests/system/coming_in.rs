//! How people come in from outside: the first operator by what the server prints, others by an invitation.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use claviger_testkit::Curl;
use rstest::rstest;
use serde_json::{Value, json};

use crate::bed::{Bed, Engine};
use crate::management::{PASSWORD, me, sign_in};

fn post(url: &str, body: &Value) -> (u16, Value) {
    let answer =
        Curl::new("POST", url).header("Content-Type", "application/json").body(body.to_string()).run();
    (answer.status, serde_json::from_str(&answer.text()).unwrap_or_default())
}

fn set_up(url: &str, token: &str, username: &str) -> (u16, Value) {
    post(url, &json!({ "token": token, "username": username, "password": PASSWORD }))
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no {pointer} in {value}"))
}

/// Everything in the data folder that can be read, and the log.
fn kept(bed: &Bed) -> Vec<u8> {
    let mut all = bed.log().into_bytes();
    for entry in std::fs::read_dir(bed.data_dir()).expect("the folder can be read") {
        all.extend(std::fs::read(entry.expect("an entry").path()).unwrap_or_default());
    }
    all
}

fn has(all: &[u8], secret: &str) -> bool {
    all.windows(secret.len()).any(|part| part == secret.as_bytes())
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn the_first_operator_sets_themselves_up_once(#[case] engine: Engine) {
    let mut bed = Bed::serve(engine);
    let earlier = text(bed.ready(), "/setup/token").to_owned();
    bed.run_serve();
    let (url, token) =
        (text(bed.ready(), "/setup/url").to_owned(), text(bed.ready(), "/setup/token").to_owned());
    assert!(url.starts_with(bed.management()) && text(bed.ready(), "/setup/until").ends_with('Z'));
    let (status, refused) = set_up(&url, &earlier, "root");
    assert_eq!((status, &refused["code"]), (404, &"not_found".into()), "another start, another link");
    assert_eq!(set_up(&url, "nonsense", "root").1["detail"], refused["detail"]);
    let (status, made) = set_up(&url, &token, "root");
    assert_eq!((status, &made["standing"]), (201, &"operator".into()), "{made}");
    assert_eq!(set_up(&url, &token, "toor").0, 404);
    assert_eq!(me(&bed, &sign_in(&bed, "root")), 200);
    let made = bed.json(&["audit", "list", "--action", "setup"]);
    assert!(text(&made[0], "/actor").starts_with("user:"), "{made}");
    assert!(!has(&kept(&bed), &token));
    bed.run_serve();
    assert_eq!(bed.ready().get("setup"), None, "there is an operator");
    bed.done(&["user", "disable", "root"]);
    bed.run_serve();
    assert!(bed.ready().get("setup").is_some(), "nobody could sign in as an operator");
}

#[test]
fn whoever_does_not_want_it_says_so() {
    let mut bed = Bed::empty(Engine::Sqlite);
    bed.configure("[sign_in]\nsetup_link = false\n");
    bed.run_serve();
    assert_eq!(bed.ready().get("setup"), None);
    let mut bed = Bed::empty(Engine::Sqlite);
    bed.configure("[sign_in]\nstep_up = \"0s\"\n");
    let refused = bed.cli(&["serve", "--ports", "auto"]);
    assert_eq!(refused.status, 3, "{refused:?}");
    assert!(refused.stderr.contains("sign_in.step_up"), "{refused:?}");
}

/// A server that is killed with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn people_read_it_on_the_console_and_no_log_record_has_it() {
    let bed = Bed::empty(Engine::Sqlite);
    let mut command = bed.command();
    command.args(["serve", "--ports", "auto"]).stderr(Stdio::piped()).stdout(Stdio::null());
    let mut server = Server(command.spawn().expect("the product runs"));
    let lines = BufReader::new(server.0.stderr.take().expect("its standard error")).lines();
    let (mut token, mut url) = (None, None);
    for line in lines.map_while(Result::ok) {
        let word =
            |start: &str| line.split_whitespace().find(|word| word.starts_with(start)).map(str::to_owned);
        let is_record = serde_json::from_str::<Value>(&line).is_ok();
        if let Some(found) = word("setup_operator_") {
            assert!(!is_record, "{line}");
            token = Some(found);
        }
        url = url.or_else(|| word("http://").filter(|_| !is_record));
        if token.is_some() && url.is_some() {
            break;
        }
    }
    let (url, token) = (url.expect("an address"), token.expect("a token"));
    assert_eq!(set_up(&url, &token, "root").0, 201);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn whoever_is_invited_comes_in_once(#[case] engine: Engine) {
    let bed = Bed::serve(engine);
    bed.done(&["account", "create", "--number", "7", "--realm", "seven", "--name", "Seven"]);
    let invite = ["user", "invite", "eve@example.com", "--account", "7", "--role", "member"];
    let invited = bed.json(&invite);
    let token = text(&invited, "/token");
    assert_eq!(bed.cli(&invite).status, 5, "they are invited");
    let url = format!("{}/v1/invitations/accept", bed.management());
    let accept = |token: &str, name: &str| {
        post(&url, &json!({ "token": token, "username": name, "password": PASSWORD }))
    };
    let (one, two) = std::thread::scope(|scope| {
        let both = ["eve", "eva"].map(|name| scope.spawn(move || accept(token, name).0));
        let [one, two] = both.map(|answer| answer.join().expect("an answer"));
        (one, two)
    });
    assert_eq!([one.min(two), one.max(two)], [201, 404]);
    let name = if one == 201 { "eve" } else { "eva" };
    assert_eq!(me(&bed, &sign_in(&bed, name)), 200);
    assert_eq!(
        bed.json(&["user", "show", name])["memberships"],
        json!([{ "account": "7", "roles": ["member"] }])
    );
    assert!(!has(&kept(&bed), token));
    let other = bed.json(&["user", "invite", "max@example.com", "--account", "7"]);
    let listed = bed.json(&["user", "invitations"]);
    assert_eq!((listed.as_array().map(Vec::len), &listed[0]["id"]), (Some(1), &other["id"]));
    assert_eq!(listed[0].get("token"), None);
    bed.done(&["user", "withdraw", text(&other, "/id"), "--reason", "a slip"]);
    assert_eq!(accept(text(&other, "/token"), "max").0, 404);
    assert_eq!(bed.json(&["user", "invitations"]), json!([]));
}
