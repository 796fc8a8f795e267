//! Signing in and out, and what is kept of it.

use std::fs::{Permissions, metadata, set_permissions};
use std::os::unix::fs::PermissionsExt;

use rstest::rstest;

use super::{Away, ended};
use crate::bed::{Bed, CliOutput, Engine};
use crate::management::{PASSWORD, me};

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn one_signs_in_works_and_signs_out(#[case] engine: Engine) {
    let away = Away::from(engine);
    let login = ["login", "--server", away.server(), "--username", "ada", "--password-stdin"];
    let output = away.given(PASSWORD, &login);
    assert_eq!(output.status, 0, "{output:#?}");
    let listed = away.json(&["profiles"]);
    let name = away.server().trim_start_matches("http://");
    assert_eq!(listed, serde_json::json!([{ "profile": name, "server": away.server(), "username": "ada" }]));
    let tokens = away.tokens();
    let [token] = tokens.as_slice() else { panic!("one token is kept: {}", tokens.len()) };
    assert!(token.starts_with("login_user_"));
    assert_eq!(me(&away.bed, token), 200);
    assert_eq!(away.json(&["--server", away.server(), "key", "list"]), serde_json::json!([]));
    away.done(&["logout"]);
    assert_eq!(me(&away.bed, token), 401, "the server forgot it");
    assert!(away.tokens().is_empty(), "and so did this side");
    ended(&away.run(&["--server", away.server(), "key", "list"]), 7, "claviger login");
    ended(&away.run(&["--profile", name, "key", "list"]), 7, "claviger login");
    ended(&away.run(&["logout"]), 7, "not signed in");
}

#[test]
fn a_wrong_password_signs_nobody_in() {
    let away = Away::from(Engine::Sqlite);
    let login = |username, password| {
        away.given(
            password,
            &["login", "--server", away.server(), "--username", username, "--password-stdin"],
        )
    };
    let known = login("ada", "sandpiper and plover");
    ended(&known, 7, "(wrong_password, req_");
    ended(&login("nobody", PASSWORD), 7, "(wrong_password, req_");
    assert!(!known.stderr.contains("sandpiper"), "{}", known.stderr);
    assert!(!away.bed.profiles().exists(), "nothing is kept");
}

#[test]
fn what_is_kept_is_for_its_owner_alone() {
    let away = Away::from(Engine::Sqlite);
    away.login("ada");
    let mode = |path: &std::path::Path| metadata(path).expect("it is there").permissions().mode() & 0o777;
    let file = away.bed.profiles();
    assert_eq!((mode(&file), mode(file.parent().expect("a folder"))), (0o600, 0o700));
    set_permissions(&file, Permissions::from_mode(0o644)).expect("the owner can");
    ended(&away.run(&["--profile", "ada", "key", "list"]), 3, "chmod 600");
}

#[test]
fn who_signs_in_again_has_one_token_that_works() {
    let away = Away::from(Engine::Sqlite);
    away.login("ada");
    let before = away.tokens();
    away.login("ada");
    let after = away.tokens();
    assert_eq!((before.len(), after.len()), (1, 1));
    assert_eq!(before.iter().map(|token| me(&away.bed, token)).collect::<Vec<_>>(), [401]);
    assert_eq!(after.iter().map(|token| me(&away.bed, token)).collect::<Vec<_>>(), [200]);
    // Signed in here as somebody else: only whoever names the profile takes it from them.
    let root = ["login", "--server", away.server(), "--username", "root", "--password-stdin"];
    ended(&away.given(PASSWORD, &root), 3, "is of ada");
    assert_eq!(away.tokens(), after);
}

#[test]
fn a_token_goes_to_its_server_alone() {
    let (away, other) = (Away::from(Engine::Sqlite), Bed::serve(Engine::Sqlite));
    away.login("ada");
    away.login("root");
    let elsewhere = ["--server", other.management(), "--profile", "ada", "key", "list"];
    ended(&away.run(&elsewhere), 3, away.server());
    ended(&away.run(&["--server", other.management(), "key", "list"]), 7, other.management());
    ended(&away.run(&["--server", away.server(), "key", "list"]), 3, "ada, root");
    ended(&away.run(&["logout"]), 3, "ada, root");
    assert_eq!(away.tokens().len(), 2);
}

#[test]
fn a_password_is_not_sent_where_others_read_along() {
    let away = Away::from(Engine::Sqlite);
    // Nobody has this name: it would take an error of another kind to try it.
    let login = ["login", "--server", "http://keys.invalid", "--username", "ada", "--password-stdin"];
    ended(&away.given(PASSWORD, &login), 3, "--insecure");
    ended(&away.given(PASSWORD, &[&login[..], &["--insecure"]].concat()), 6, "cannot be reached");
    for wrong in ["keys.example.com", "ftp://a", "http://ada:secret@127.0.0.1", ""] {
        let output = away.run(&["login", "--server", wrong, "--username", "ada"]);
        assert_eq!(output.status, 2, "{wrong}: {output:#?}");
    }
}

/// Whoever names the data by an option means them, whatever a variable says.
#[test]
fn options_go_before_variables() {
    let away = Away::from(Engine::Sqlite);
    let mut here = away.bed.command();
    here.env("CLAVIGER_SERVER", "http://127.0.0.1:9").args(["account", "list"]);
    assert_eq!(CliOutput::of(&mut here).status, 0);
    let mut both = away.bed.command();
    both.args(["account", "list", "--server", away.server()]);
    assert_eq!(CliOutput::of(&mut both).status, 2);
    away.login("ada");
    for (name, value) in [("CLAVIGER_SERVER", away.server()), ("CLAVIGER_PROFILE", "ada")] {
        let mut by_variable = away.command(&["account", "list"]);
        by_variable.env(name, value).env("CLAVIGER_DATA_DIR", "/nonexistent");
        assert_eq!(CliOutput::of(&mut by_variable).status, 0, "{name}");
    }
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn no_token_and_no_password_comes_out(#[case] engine: Engine) {
    let mut away = Away::from(engine);
    away.bed.stop();
    // The most talkative that a log can be.
    away.bed.configure("[log]\nfilter = \"trace\"\n");
    away.bed.run_serve();
    let login =
        ["login", "--server", away.server(), "--profile", "ada", "--username", "ada", "--password-stdin"];
    let mut seen = Vec::new();
    for json in [&[][..], &["--json"]] {
        seen.push(away.given(PASSWORD, &[json, &login].concat()));
        let token = away.tokens();
        for args in [
            &["profiles"][..],
            &["--profile", "ada", "key", "list"],
            &["--profile", "ada", "apply", "-f", "x"],
        ] {
            seen.push(away.run(&[json, args].concat()));
        }
        seen.push(away.run(&[json, &["--profile", "ada", "logout"]].concat()));
        let written = format!("{seen:?}");
        for secret in token.iter().map(String::as_str).chain([PASSWORD]) {
            assert!(!written.contains(secret) && !away.bed.log().contains(secret), "{written}");
        }
    }
}

#[test]
fn an_address_that_is_none_is_not_repeated() {
    let bed = Bed::empty(Engine::Sqlite);
    for address in ["http://ada:geheim@127.0.0.1:1", "http://127.0.0.1:1/?key=geheim", "geheim"] {
        for given in [true, false] {
            let mut command = bed.elsewhere();
            if given {
                command.args(["--server", address])
            } else {
                command.env("CLAVIGER_SERVER", address)
            };
            let output = CliOutput::of(command.args(["account", "list"]));
            assert_eq!(output.status, 2, "{output:#?}");
            assert!(output.stderr.contains("--server: ") && !output.stderr.contains("geheim"), "{output:#?}");
            let help = CliOutput::of(command.arg("--help"));
            assert!(!help.stdout.contains("geheim"), "{help:#?}");
        }
    }
}
