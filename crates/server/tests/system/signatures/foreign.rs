//! Requests that are signed by libraries of others, and by the commands of Kong's documentation.

use std::process::Command;

use super::changes::{of_any, of_bodies, of_header, refuses};
use super::{Pair, Sent, Stage};
use crate::bed::{CliOutput, Engine};

/// What a program prints about a request that it is told to sign: one header a line.
fn signed(stage: &Stage, mut program: Command, pair: &Pair, body: &str) -> Sent {
    let target = "/items?a=1&b=%2F";
    let mut sent = stage.draft("POST", target).body(body).unsigned();
    let output = CliOutput::of(
        program
            .env("KEY_ID", &pair.id)
            .env("SECRET", &pair.secret)
            .env("URL", stage.url(target))
            .env("TARGET", &sent.target)
            .env("BODY", body),
    );
    assert_eq!(output.status, 0, "{output:#?}");
    sent.headers.extend(output.stdout.lines().map(|line| {
        let (name, value) = line.split_once(": ").unwrap_or_else(|| panic!("{line}"));
        (name.to_owned(), value.to_owned())
    }));
    sent
}

/// The Python in which `cargo xtask test` has installed the libraries.
fn python(script: &str) -> Command {
    let python = std::env::var_os("CLAVIGER_TEST_SIGNERS");
    let mut command = Command::new(python.expect("`cargo xtask test` says where the libraries are"));
    command.args(["-W", "ignore", "-c", script]);
    command
}

#[test]
fn http_message_signatures_is_understood() {
    let stage = Stage::start(Engine::Sqlite);
    // The library has no HMAC with SHA-512.
    let (pair, other) = (stage.short_pair(), stage.short_pair());
    for body in ["", "{\"name\":\"Wren\"}"] {
        let sent = signed(&stage, python(include_str!("foreign/rfc9421.py")), &pair, body);
        let mut changes = of_any(&other.id);
        changes.extend(of_header("x-tenant"));
        if !body.is_empty() {
            changes.extend(of_bodies());
        }
        refuses(&stage, &sent, changes);
    }
}

#[test]
fn httpsig_is_understood() {
    let stage = Stage::start(Engine::Sqlite);
    let (pair, other) = (stage.pair(), stage.pair());
    for body in ["", "{\"name\":\"Wren\"}"] {
        let sent = signed(&stage, python(include_str!("foreign/cavage.py")), &pair, body);
        let mut changes = of_any(&other.id);
        changes.extend(of_header("x-tenant"));
        if !body.is_empty() {
            changes.extend(of_bodies());
        }
        refuses(&stage, &sent, changes);
    }
}

#[test]
fn a_client_written_for_kong_is_understood() {
    let stage = Stage::start(Engine::Sqlite);
    let (pair, other) = (stage.short_pair(), stage.short_pair());
    let mut bash = Command::new("bash");
    bash.args(["-c", include_str!("foreign/kong.sh")]);
    let sent = signed(&stage, bash, &pair, "A small body");
    let mut changes = of_any(&other.id);
    changes.extend(of_bodies());
    refuses(&stage, &sent, changes);
}
