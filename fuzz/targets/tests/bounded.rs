//! Every target, over its corpus and a fixed number of changed inputs: the same on every run and machine.

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use claviger_fuzz_targets::{TARGETS, Target};

const CHANGED_INPUTS: usize = 20_000;
/// Longer inputs are cut: more would only be slower.
const MAX_INPUT: usize = 8192;
const MAX_CHANGES: usize = 4;

/// Marsaglia's xorshift with 64 bits: enough to choose changes, and the same everywhere.
struct Xorshift(u64);

impl Xorshift {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `end`, which is not 0.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    fn byte(&mut self) -> u8 {
        self.next().to_be_bytes()[0]
    }
}

fn fuzz_folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The inputs of a target's corpus, in the order of their names, so that every run is the same.
fn corpus(target: &Target) -> Vec<Vec<u8>> {
    let folder = fuzz_folder().join("corpus").join(target.name);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

fn changed(corpus: &[Vec<u8>], random: &mut Xorshift) -> Vec<u8> {
    let mut input = corpus[random.below(corpus.len())].clone();
    for _ in 0..=random.below(MAX_CHANGES) {
        change(&mut input, corpus, random);
    }
    input.truncate(MAX_INPUT);
    input
}

fn change(input: &mut Vec<u8>, corpus: &[Vec<u8>], random: &mut Xorshift) {
    let place = random.below(input.len() + 1);
    match random.below(5) {
        0 if place < input.len() => input[place] ^= 1 << random.below(8),
        1 if place < input.len() => input[place] = random.byte(),
        2 if place < input.len() => {
            let end = input.len().min(place + 1 + random.below(8));
            input.drain(place..end);
        }
        3 => splice(input, place, &corpus[random.below(corpus.len())], random),
        _ => input.insert(place, random.byte()),
    }
}

/// Goes on, from some place, with the end of another input.
fn splice(input: &mut Vec<u8>, place: usize, other: &[u8], random: &mut Xorshift) {
    input.truncate(place);
    input.extend_from_slice(&other[random.below(other.len() + 1)..]);
}

fn run(target: &Target, input: &[u8]) {
    let outcome = catch_unwind(|| (target.run)(input));
    assert!(outcome.is_ok(), "target {}, input b\"{}\"", target.name, input.escape_ascii());
}

#[test]
fn every_target_holds_for_its_corpus_and_for_changes_of_it() {
    for target in TARGETS {
        let corpus = corpus(target);
        for input in &corpus {
            run(target, input);
        }
        let mut random = Xorshift(0x9e37_79b9_7f4a_7c15);
        for _ in 0..CHANGED_INPUTS {
            run(target, &changed(&corpus, &mut random));
        }
    }
}

#[test]
fn every_target_has_a_corpus_and_a_program() {
    let manifest = fs::read_to_string(fuzz_folder().join("Cargo.toml")).unwrap();
    for Target { name, .. } in TARGETS {
        assert!(fuzz_folder().join(format!("corpus/{name}")).is_dir(), "no corpus for {name}");
        let program = format!("fuzz_targets/{name}.rs");
        assert!(fuzz_folder().join(&program).is_file(), "no fuzz/{program}");
        assert!(manifest.contains(&format!("path = \"{program}\"")), "no program {name} in fuzz/Cargo.toml");
    }
    assert_eq!(
        manifest.matches("[[bin]]").count(),
        TARGETS.len(),
        "fuzz/Cargo.toml has a program of no target"
    );
}
