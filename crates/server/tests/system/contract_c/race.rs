//! C5: whatever is tried while a user is disabled or removed, nothing of theirs is accepted after the answer.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use claviger_app::{LoginKind, PeopleCommand, SignIn, WhichUser};
use claviger_model::UserState;
use rstest::rstest;

use super::stage::{ADMIN, DELETE, Stage};
use crate::bed::Engine;
use crate::raw::Caller;

/// So many requests of each kind are made before it and after it.
const ENOUGH: usize = 20;

/// A request that is made over and over.
struct Tried {
    what: &'static str,
    bytes: String,
}

fn tried(what: &'static str, path: &str, authorization: &str, body: &str) -> Tried {
    let length = body.len();
    let bytes = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: {authorization}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    Tried { what, bytes }
}

/// A session as the portal has one.
fn session(stage: &Stage) -> String {
    let person = stage.person(ADMIN);
    let (login, password) = (person.username.clone(), person.password.clone());
    let with = SignIn { login, password, second: None, account: None, kind: LoginKind::Session };
    let signed_in = stage.wait(stage.demo().app().sign_in(with, Ipv4Addr::LOCALHOST.into()));
    let token = signed_in.expect("the password is right").session.token.expect("a new session is shown");
    token.expose().to_owned()
}

fn everything(stage: &Stage) -> Vec<Tried> {
    let (token, session) = (stage.token(ADMIN), session(stage));
    let keys = [stage.create(&token, "one").key, stage.create(&token, "two").key];
    let machines = |what, credential: &str| tried(what, "/v2/api/get-vms", credential, r#"{"where":{}}"#);
    let ask = serde_json::json!({ "query": DELETE, "variables": { "key": "none" } }).to_string();
    let graphql = |what, credential: &str| tried(what, "/api/", credential, &ask);
    vec![
        machines("a token at the API", &token),
        machines("a key at the API", &keys[0]),
        machines("another key at the API", &keys[1]),
        graphql("a token at management", &token),
        graphql("a session at management", &session),
        graphql("a key at management", &keys[0]),
    ]
}

/// What is going on, as those who try see it.
#[derive(Default)]
struct Progress {
    begun: AtomicBool,
    answered: AtomicBool,
}

/// Lets those who try come to an end, also when the command fails.
struct AnsweredOnDrop<'a>(&'a Progress);

impl Drop for AnsweredOnDrop<'_> {
    fn drop(&mut self) {
        self.0.answered.store(true, Ordering::SeqCst);
    }
}

/// Makes the request until it was refused often enough. Tells `warm` once it was accepted often enough.
fn try_over_and_over(
    Tried { what, bytes }: &Tried,
    address: SocketAddr,
    progress: &Progress,
    warm: &AtomicUsize,
) {
    let (mut before, mut after) = (0, 0);
    while after < ENOUGH {
        let late = progress.answered.load(Ordering::SeqCst);
        let mut caller = Caller::connect(address);
        caller.send(bytes);
        let status = caller.answer().status;
        if late {
            assert_eq!(status, 401, "{what} after the answer");
            after += 1;
        } else if progress.begun.load(Ordering::SeqCst) {
            assert!(matches!(status, 200 | 401), "{what} meanwhile: {status}");
        } else {
            assert_eq!(status, 200, "{what} before it");
            before += 1;
            warm.fetch_add(usize::from(before == ENOUGH), Ordering::SeqCst);
        }
    }
}

/// Every answer is good before `command` begins, and none that is asked for after it was answered.
fn none_gets_in_after(engine: Engine, command: fn(WhichUser) -> PeopleCommand) {
    let stage = Stage::start(engine);
    let all = everything(&stage);
    let address = stage.gateway().trim_start_matches("http://").parse().expect("an address");
    let (progress, warm) = (Progress::default(), AtomicUsize::new(0));
    thread::scope(|scope| {
        let started = all.iter().map(|tried| {
            let (progress, warm) = (&progress, &warm);
            scope.spawn(move || try_over_and_over(tried, address, progress, warm))
        });
        let workers: Vec<_> = started.collect();
        let _end = AnsweredOnDrop(&progress);
        while warm.load(Ordering::SeqCst) < workers.len() {
            assert!(!workers.iter().any(thread::ScopedJoinHandle::is_finished), "one was refused before it");
            thread::yield_now();
        }
        progress.begun.store(true, Ordering::SeqCst);
        stage.people(command(WhichUser::Handle(ADMIN.to_owned())));
    });
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn c5_nothing_of_a_disabled_user_is_accepted_after_the_answer(#[case] engine: Engine) {
    none_gets_in_after(engine, |user| PeopleCommand::State {
        user,
        state: UserState::Disabled,
        reason: None,
    });
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn c5_nothing_of_a_removed_user_is_accepted_after_the_answer(#[case] engine: Engine) {
    none_gets_in_after(engine, |user| PeopleCommand::Remove { user, reason: None });
}
