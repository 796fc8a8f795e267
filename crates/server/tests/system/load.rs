//! Requests without pause while the rules change: a change counts from the next request on.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use claviger_testkit::{Call, Client, CurlClient, PythonClient, Response};

use crate::ask::Problem;
use crate::bed::{Bed, Credential};
use crate::connection::Connection;

/// A command, and how requests that begin after it returned are answered: `200`, or a reason.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step<'a> {
    pub(crate) command: &'a [&'a str],
    pub(crate) then: &'a str,
}

/// Who sends: two connections that stay open, and the two clients.
const WORKERS: usize = 4;
/// So many answers of each worker are waited for after each command.
const ENOUGH: usize = 3;
const PATIENCE: Duration = Duration::from_mins(1);
const OVER: usize = usize::MAX;

/// An answer to a request that began and ended while one rule held.
struct Seen {
    worker: usize,
    phase: usize,
    outcome: String,
}

/// The steps done so far, twice, and one more while a command runs.
struct Phase(AtomicUsize);

impl Phase {
    fn now(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    fn set(&self, phase: usize) {
        self.0.store(phase, Ordering::SeqCst);
    }
}

/// Ends the workers, also when a check fails.
struct EndOnDrop<'a>(&'a Phase);

impl Drop for EndOnDrop<'_> {
    fn drop(&mut self) {
        self.0.set(OVER);
    }
}

/// Runs the steps one after the other, and fails where a request that began after a command had returned, and ended
/// before the next one started, is answered by another rule. Before the first step the requests are accepted.
pub(crate) fn under_load(bed: &Bed, credential: &Credential, path: &str, steps: &[Step<'_>]) {
    let phase = Phase(AtomicUsize::new(0));
    let (sender, seen) = channel();
    thread::scope(|scope| {
        let _end = EndOnDrop(&phase);
        for worker in 0..WORKERS {
            let (sender, phase, mut ask) = (sender.clone(), &phase, asker(worker, bed, credential, path));
            scope.spawn(move || work(worker, phase, &sender, &mut *ask));
        }
        let mut rules = vec![Step { command: &[], then: "200" }];
        settle(&seen, &rules);
        for step in steps {
            phase.set(2 * rules.len() - 1);
            bed.done(step.command);
            phase.set(2 * rules.len());
            rules.push(*step);
            settle(&seen, &rules);
        }
    });
}

type Asker<'a> = Box<dyn FnMut() -> Response + Send + 'a>;

fn asker<'a>(worker: usize, bed: &Bed, credential: &'a Credential, path: &'a str) -> Asker<'a> {
    let url = format!("{}{path}", bed.gateway());
    let mut connection = Connection::open(bed.gateway());
    match worker {
        0 | 1 => Box::new(move || connection.get(path, &credential.basic())),
        2 => through::<CurlClient>(credential.get(&url)),
        _ => through::<PythonClient>(credential.get(&url)),
    }
}

fn through<'a, C: Client + Send + 'a>(call: Call<C>) -> Asker<'a> {
    Box::new(move || call.run())
}

fn work(worker: usize, phase: &Phase, seen: &Sender<Seen>, ask: &mut dyn FnMut() -> Response) {
    loop {
        let before = phase.now();
        if before == OVER {
            return;
        }
        let outcome = outcome(&ask());
        let settled = before.is_multiple_of(2) && before == phase.now();
        if settled && seen.send(Seen { worker, phase: before, outcome }).is_err() {
            return;
        }
    }
}

fn outcome(answer: &Response) -> String {
    if answer.status == 200 { "200".to_owned() } else { Problem::of(answer).code }
}

/// Waits until every worker had enough answers by the last rule; each answer is by the rule of its own time.
fn settle(seen: &Receiver<Seen>, rules: &[Step<'_>]) {
    let mut counts = [0; WORKERS];
    while counts.iter().any(|count| *count < ENOUGH) {
        let one = seen.recv_timeout(PATIENCE).expect("requests are answered");
        let number = one.phase / 2;
        let Step { command, then } = rules[number];
        assert_eq!(one.outcome, then, "after {command:?} (step {number}), worker {}", one.worker);
        counts[one.worker] += usize::from(number + 1 == rules.len());
    }
}
