//! What a decision costs, and its parts. See `README.md`.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use claviger_bench::{Form, NOW, Prepared, SignedWorld, World};
use claviger_credential::{DigestKey, key, present};
use claviger_model::{BasicUser, Scheme};
use claviger_policy::{Target, decide};
use divan::Bencher;
use divan::counter::ItemsCount;
use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderMap, HeaderName};

/// As in the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SIZES: [u64; 3] = [1_000, 1_000_000, 10_000_000];
static SCHEMES: [Scheme; 1] = [Scheme::Basic { user: BasicUser::AccountNumber }];

fn main() {
    divan::main();
}

/// The world of this size, made at its first use.
fn world(size: u64) -> &'static World {
    static WORLDS: [OnceLock<World>; 3] = [const { OnceLock::new() }; 3];
    let place = SIZES.iter().position(|known| *known == size).unwrap_or(0);
    WORLDS[place].get_or_init(|| World::build(SIZES[place]))
}

/// One request after the other, each a fresh copy: a server has just read the request that it decides about, so that
/// the request is in the processor's caches and the credential is not.
fn each(world: &'static World) -> impl Fn() -> Prepared + Sync {
    let next = AtomicUsize::new(0);
    move || world.requests[next.fetch_add(1, Ordering::Relaxed) % world.requests.len()].afresh()
}

/// From the headers to the grant, digest and look-up included.
#[divan::bench(args = SIZES, threads = [1, 2], sample_size = 32, sample_count = 4000)]
fn decision(bencher: Bencher<'_, '_>, size: u64) {
    let world = world(size);
    bencher
        .counter(ItemsCount::new(1u32))
        .with_inputs(each(world))
        .bench_refs(|asked| decide(&world.snapshot, &asked.request(&world.snapshot), NOW));
}

/// Target, route, format and headers up to the refusal for want of a credential.
#[divan::bench(threads = [1, 2], sample_size = 32, sample_count = 2000)]
fn refusal_without_credential(bencher: Bencher<'_, '_>) {
    let (world, each) = (world(SIZES[0]), each(world(SIZES[0])));
    bencher
        .with_inputs(move || each().without_credential())
        .bench_refs(|asked| decide(&world.snapshot, &asked.request(&world.snapshot), NOW));
}

/// Reading the target in its one form.
#[divan::bench(sample_size = 32, sample_count = 2000)]
fn target(bencher: Bencher<'_, '_>) {
    bencher.with_inputs(each(world(SIZES[0]))).bench_refs(|asked| Target::read(&asked.target).is_ok());
}

/// Finding the credential, decoding it, and checking the format of the key with its checksum.
#[divan::bench(threads = [1, 2], sample_size = 32, sample_count = 2000)]
fn presentation(bencher: Bencher<'_, '_>) {
    bencher.with_inputs(each(world(SIZES[0]))).bench_refs(|asked| {
        present(&asked.headers, None, &SCHEMES).is_ok_and(|presented| key::check(presented.secret()).is_ok())
    });
}

/// What a request with a key in one form says: the header's name and value, and the query.
fn form(scheme: &Scheme, key: &str) -> (HeaderName, String, Option<String>) {
    match scheme {
        Scheme::Basic { .. } => {
            (AUTHORIZATION, format!("Basic {}", BASE64_STANDARD.encode(format!("1:{key}"))), None)
        }
        Scheme::ApiToken { word } => (AUTHORIZATION, format!("{word} {key}"), None),
        Scheme::Bearer {} => (AUTHORIZATION, format!("Bearer {key}"), None),
        Scheme::Raw {} => (AUTHORIZATION, key.to_owned(), None),
        Scheme::Header { .. } => (HeaderName::from_static("x-api-key"), key.to_owned(), None),
        Scheme::Signature(_) => (ACCEPT, "*/*".to_owned(), None),
        Scheme::Query { name } => (ACCEPT, "*/*".to_owned(), Some(format!("a=1&{name}={key}&b=2"))),
    }
}

fn every_scheme() -> Vec<Scheme> {
    let names = r#"[{"scheme":"basic"},{"scheme":"api_token"},{"scheme":"query"},{"scheme":"raw"},
        {"scheme":"bearer"},{"scheme":"header"}]"#;
    serde_json::from_str(names).unwrap_or_default()
}

/// Finding a key in each form, where the API accepts all of them, and checking its format with its checksum.
#[divan::bench(args = ["basic", "api_token", "query", "raw", "bearer", "header"], sample_size = 32, sample_count = 2000)]
fn presentation_by_scheme(bencher: Bencher<'_, '_>, name: &str) {
    let schemes = every_scheme();
    let asked = each(world(SIZES[0]))();
    let key =
        present(&asked.headers, None, &SCHEMES).map(|found| found.secret().to_owned()).unwrap_or_default();
    let Some(scheme) = schemes.iter().find(|scheme| scheme.name() == name) else { return };
    let (header, value, query) = form(scheme, &key);
    let Ok(value) = value.parse() else { return };
    let headers = HeaderMap::from_iter([(header, value)]);
    bencher.bench_local(|| {
        let found = present(divan::black_box(&headers), query.as_deref(), &schemes);
        found.is_ok_and(|found| found.scheme.name() == name && key::check(found.secret()).is_ok())
    });
}

/// The keyed digest of a key.
#[divan::bench(threads = [1, 2], sample_size = 32, sample_count = 2000)]
fn digest(bencher: Bencher<'_, '_>) {
    let digest_key = DigestKey::new([7; 32]);
    let secret = |asked: Prepared| {
        let presented = present(&asked.headers, None, &SCHEMES).ok();
        presented.map(|presented| presented.secret().to_owned()).unwrap_or_default()
    };
    let each = each(world(SIZES[0]));
    bencher.with_inputs(move || secret(each())).bench_refs(|secret| digest_key.digest(secret.as_bytes()));
}

/// A request with a body of 1 KiB: the question for the body and the decision, by the form in which it proves whose it
/// is. No two are alike, as a signature is accepted once.
#[divan::bench(args = Form::ALL, sample_size = 32, sample_count = 2000)]
fn with_a_body(bencher: Bencher<'_, '_>, form: Form) {
    let world = SignedWorld::build(1024);
    let number = AtomicU64::new(0);
    bencher
        .with_inputs(|| world.request(form, number.fetch_add(1, Ordering::Relaxed)))
        .bench_refs(|sent| world.decide(sent));
}
