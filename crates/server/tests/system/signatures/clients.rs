//! The ready clients of the documentation.

use std::path::Path;
use std::process::Command;

use rstest::rstest;

use super::{Form, Pair, Sent, Stage};
use crate::bed::{CliOutput, Engine};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/callers");

/// A client, as it is started.
#[derive(Debug, Clone, Copy)]
enum Ready {
    Bash,
    Python,
    Node,
}

impl Ready {
    fn command(self) -> Command {
        let (program, file) = match self {
            Self::Bash => ("bash", "sign-curl.sh"),
            Self::Python => ("python3", "sign.py"),
            Self::Node => ("node", "sign.mjs"),
        };
        let mut command = Command::new(program);
        command.arg(Path::new(FOLDER).join(file)).env("no_proxy", "*").env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }

    const fn forms(self) -> &'static [Form] {
        match self {
            Self::Bash => &[Form::Plain, Form::Rfc9421],
            Self::Python | Self::Node => &Form::ALL,
        }
    }

    fn run(self, pair: &Pair, form: Form, arguments: &[&str]) -> CliOutput {
        let mut command = self.command();
        command.env("CLAVIGER_KEY_ID", &pair.id).env("CLAVIGER_SECRET", &pair.secret);
        if pair.algorithm != "hmac-sha512" {
            command.env("CLAVIGER_ALGORITHM", pair.algorithm);
        }
        CliOutput::of(command.args(["--form", form.word()]).args(arguments))
    }

    /// Runs it with these variables only, where nothing can come of it; what it says.
    fn fails(self, pair: Variables, arguments: &[&str]) -> String {
        let mut command = self.command();
        command.env_remove("CLAVIGER_KEY_ID").env_remove("CLAVIGER_SECRET");
        let output = CliOutput::of(command.envs(pair.iter().copied()).args(arguments));
        assert_eq!((output.status, output.stdout.as_str()), (2, ""), "{self:?} {arguments:?}: {output:?}");
        output.stderr
    }

    /// The request that it would send, with the headers that it prints.
    fn signed(self, stage: &Stage, pair: &Pair, form: Form, (method, rest, body): Row) -> Sent {
        let url = stage.url(rest);
        let body_arguments: &[&str] = if body.is_empty() { &[] } else { &["--body", body] };
        let output = self.run(pair, form, &[body_arguments, &["--print", method, &url]].concat());
        assert_eq!(output.status, 0, "{self:?} {form:?}: {output:?}");
        let mut sent = stage.draft(method, rest).body(body).unsigned();
        sent.headers.extend(output.stdout.lines().map(|line| {
            let (name, value) = line.split_once(": ").unwrap_or_else(|| panic!("{line}"));
            (name.to_owned(), value.to_owned())
        }));
        sent
    }
}

/// Variables of the environment.
type Variables = &'static [(&'static str, &'static str)];

/// Method, target below the API, and body.
type Row = (&'static str, &'static str, &'static str);

const ROWS: [Row; 8] = [
    ("GET", "/items", ""),
    ("GET", "/items?state=open&name=J%C3%BCrgen+x&empty=&a=%2f[1]", ""),
    ("POST", "/items?notify=true", "{\"name\":\"Jürgen \\\"x\\\"\"}"),
    ("DELETE", "/items", ""),
    ("HEAD", "/items", ""),
    // As people type it.
    ("get", "/items", ""),
    ("delete", "/items?", ""),
    ("GET", "/items?a=ü b", ""),
];

#[rstest]
#[case::bash(Ready::Bash)]
#[case::python(Ready::Python)]
#[case::node(Ready::Node)]
fn what_a_client_signs_is_accepted_once(#[case] client: Ready) {
    let stage = Stage::start(Engine::Sqlite);
    for pair in [stage.pair(), stage.short_pair()] {
        for form in client.forms() {
            for row in ROWS.into_iter().take(5) {
                let sent = client.signed(&stage, &pair, *form, row);
                let mut changed = sent.clone();
                changed.target.push_str(if sent.target.contains('?') { "&x" } else { "?x" });
                let name = format!("{client:?} {form:?} {row:?}");
                let answers = [&changed, &sent, &sent].map(|sent| stage.send(sent).status);
                assert_eq!(answers, [401, 200, 401], "{name}: {sent:?}");
            }
        }
    }
}

#[rstest]
#[case::bash(Ready::Bash)]
#[case::python(Ready::Python)]
#[case::node(Ready::Node)]
fn a_client_sends_what_it_signed(#[case] client: Ready) {
    let stage = Stage::start(Engine::Sqlite);
    let pair = stage.pair();
    let body = stage.bed.file("body", "line\nand {more}\n");
    let file = format!("@{body}");
    for form in client.forms() {
        for (method, rest, _) in ROWS.iter().filter(|(method, ..)| *method != "HEAD") {
            let url = stage.url(rest);
            let output = client.run(&pair, *form, &[method, &url]);
            assert_eq!(output.status, 0, "{client:?} {form:?} {method} {rest}: {output:?}");
            assert!(output.stdout.contains("{\"ok\":true}"), "{output:?}");
        }
        let url = stage.url("/items?notify=true");
        let output =
            client.run(&pair, *form, &["--body", &file, "POST", &url, "-H", "Content-Type: text/plain"]);
        assert!(output.status == 0 && output.stdout.contains("{\"ok\":true}"), "{form:?}: {output:?}");
        let seen = stage.upstream.seen().pop().expect("it went on");
        assert_eq!(
            (seen.body.as_slice(), seen.all("content-type")),
            (&b"line\nand {more}\n"[..], vec!["text/plain"])
        );
        assert!(!output.stderr.contains(&pair.secret));
    }
    let refused =
        client.run(&Pair { secret: "wrong".into(), ..pair }, Form::Plain, &["GET", &stage.url("/items")]);
    assert!(refused.status == 1 && refused.stdout.contains("bad_signature"), "{refused:?}");
}

#[rstest]
#[case::bash(Ready::Bash)]
#[case::python(Ready::Python)]
#[case::node(Ready::Node)]
fn a_client_signs_the_address_as_it_is_sent(#[case] client: Ready) {
    let stage = Stage::start(Engine::Sqlite);
    let pair = stage.pair();
    let url = stage.url("/items?a=b").replace("127.0.0.1", "LocalHost").replace("http:", "HTTP:");
    for form in client.forms() {
        // Options may stand behind the URL.
        let output = client.run(&pair, *form, &["POST", &url, "--body", "x"]);
        assert_eq!(output.status, 0, "{client:?} {form:?}: {output:?}");
    }
    let seen = stage.upstream.seen().pop().expect("it went on");
    assert_eq!(seen.body.as_slice(), b"x");
}

#[rstest]
#[case::bash(Ready::Bash)]
#[case::python(Ready::Python)]
#[case::node(Ready::Node)]
fn a_client_says_in_a_sentence_what_is_wrong(#[case] client: Ready) {
    const PAIR: Variables = &[("CLAVIGER_KEY_ID", "key_x"), ("CLAVIGER_SECRET", "theirs")];
    // A port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
    let url = format!("http://{}/", free.expect("loopback has a free port"));
    let cases: [(Variables, &[&str], &str); 10] = [
        (&[], &["GET", &url], "CLAVIGER_KEY_ID is not set"),
        (&PAIR[..1], &["GET", &url], "CLAVIGER_SECRET is not set"),
        (PAIR, &["--form", "colour", "GET", &url], "colour"),
        (PAIR, &["GET", "nonsense"], "has to begin with http:// or https://"),
        (PAIR, &["GET", "ftp://127.0.0.1/"], "has to begin with http:// or https://"),
        (PAIR, &["GET", "http://luka@127.0.0.1/"], "no host that can be signed"),
        (PAIR, &["GET", &url, "-H", "colour"], "takes 'Name: value'"),
        (PAIR, &["POST", &url, "--body", "@/nowhere/at/all"], "/nowhere/at/all"),
        (PAIR, &["GET"], "sign"),
        (PAIR, &["GET", &url], ""),
    ];
    for (pair, arguments, part) in cases {
        let told = client.fails(pair, arguments);
        assert!(told.contains(part), "{client:?} {arguments:?}: {told}");
        let trace = ["Traceback", "    at ", "unbound variable", "theirs"];
        assert!(!trace.iter().any(|mark| told.contains(mark)), "{client:?} {arguments:?}: {told}");
    }
}
