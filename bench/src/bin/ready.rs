//! Says how long `claviger serve` takes from its start until `/readyz` answers 200, on SQLite.
//!
//! `ready CLAVIGER [NUMBER]`: the path of the program, and how many credentials; a million without a number.

#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use claviger_app::open_vault;
use claviger_bench::{Population, Prepared};
use claviger_credential::DigestKey;
use claviger_model::{Change, ChangeNumber, Clock, CredentialRecord, Entropy, Notes, Succession, Time};
use claviger_server::ambient::{SystemClock, SystemEntropy};
use claviger_store::{Location, NewCredential, Store, Tx};
use claviger_vault::{LocalMasterKey, MasterKey};
use http::header::AUTHORIZATION;
use serde_json::Value;

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

const RUNS: usize = 3;
/// Credentials in one transaction.
const BATCH: u64 = 10_000;
/// Nobody listens there: an accepted request is answered with 502.
const UPSTREAM: &str = "http://127.0.0.1:9";

fn main() -> Outcome {
    let mut args = std::env::args().skip(1);
    let program = args.next().ok_or("ready CLAVIGER [NUMBER]")?;
    let number = args.next().map_or(Ok(1_000_000), |number| number.parse())?;
    let folder = tempfile::tempdir()?;
    let population = Population::new(number);
    let start = Instant::now();
    let asked = tokio::runtime::Runtime::new()?.block_on(fill(folder.path(), &population))?;
    println!("{number} credentials written in {:.1} s", start.elapsed().as_secs_f64());
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let took = time_to_ready(Path::new(&program), folder.path(), &asked)?;
        println!("ready after {:.3} s", took.as_secs_f64());
        times.push(took);
    }
    times.sort_unstable();
    let median = times.get(RUNS / 2).copied().unwrap_or_default();
    println!("median {:.3} s", median.as_secs_f64());
    Ok(())
}

/// Fills a data folder, and gives a request that its last credential may make.
async fn fill(folder: &Path, population: &Population) -> Outcome<Prepared> {
    let store = Store::open(&Location::Sqlite(folder.join("claviger.db"))).await?;
    let entropy: &dyn Entropy = &SystemEntropy;
    let master = MasterKey::generate(entropy.array());
    claviger_vault::create_file(&folder.join("master.key"), &master)?;
    let vault = open_vault(&store, &LocalMasterKey::from(master), entropy).await?;
    let now = SystemClock.now();
    put_accounts_and_apis(&store, population, now).await?;
    let mut last = None;
    for first in (0..population.size()).step_by(usize::try_from(BATCH)?) {
        let batch = first..population.size().min(first + BATCH);
        last = put_credentials(&store, population, batch, vault.digest_key(), now).await?;
    }
    store.close().await;
    last.ok_or_else(|| "no credentials were asked for".into())
}

async fn put_accounts_and_apis(store: &Store, population: &Population, now: Time) -> Outcome {
    let mut tx = store.begin().await?;
    for account in population.accounts() {
        let number = tx.record_change(&Change::Account(account.clone()), now).await?;
        tx.put_account(&account, number).await?;
    }
    for api in population.apis(UPSTREAM) {
        let number = tx.record_change(&Change::Api(Box::new(api.clone())), now).await?;
        tx.put_api(&api, &BTreeMap::new(), number).await?;
    }
    Ok(tx.commit().await?)
}

/// One transaction. Its credentials share the number of one change: a log that was pruned has no more of them either.
async fn put_credentials(
    store: &Store,
    population: &Population,
    batch: std::ops::Range<u64>,
    digest_key: &DigestKey,
    now: Time,
) -> Outcome<Option<Prepared>> {
    let mut tx = store.begin().await?;
    let mut change = None;
    let mut last = None;
    for place in batch {
        let issued = population.issue(place, digest_key);
        let number = match change {
            Some(number) => number,
            None => tx.record_change(&Change::Credential(issued.credential.clone()), now).await?,
        };
        change = Some(number);
        put_credential(&mut tx, population, &issued, number, now).await?;
        last = Some(Prepared::of(&issued));
    }
    tx.commit().await?;
    Ok(last)
}

async fn put_credential(
    tx: &mut Tx,
    population: &Population,
    issued: &claviger_bench::Issued,
    change: ChangeNumber,
    now: Time,
) -> Outcome {
    let record = CredentialRecord {
        credential: issued.credential.clone(),
        change,
        label: Some("Nightly export".to_owned()),
        hint: issued.key.hint(),
        created_at: now,
        updated_at: now,
        revocation: None,
        notes: Notes::default(),
        succession: Succession::default(),
    };
    let api = population.api_of(issued);
    Ok(tx.insert_credential(NewCredential { record: &record, api, sealed: None }).await?)
}

/// A server that is killed when it is dropped.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only where it has ended already.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn time_to_ready(program: &Path, folder: &Path, asked: &Prepared) -> Outcome<Duration> {
    let mut command = Command::new(program);
    command.args(["serve", "--json", "--ports", "auto", "--data-dir"]).arg(folder);
    let start = Instant::now();
    let mut server = Server(command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?);
    let mut line = String::new();
    BufReader::new(server.0.stdout.take().ok_or("no standard output")?).read_line(&mut line)?;
    let addresses: Value = serde_json::from_str(&line)?;
    let status = status(text(&addresses, "ops")?, "GET /readyz HTTP/1.1\r\n", "")?;
    let took = start.elapsed();
    let through = gateway_status(text(&addresses, "gateway")?, asked)?;
    if (status, through) == (200, 502) {
        return Ok(took);
    }
    Err(format!("/readyz said {status}, and a request with a good key was answered {through}, not 502")
        .into())
}

fn text<'a>(addresses: &'a Value, name: &str) -> Outcome<&'a str> {
    let text = addresses.get(name).and_then(Value::as_str).and_then(|url| url.strip_prefix("http://"));
    Ok(text.ok_or("no address")?)
}

fn gateway_status(address: &str, asked: &Prepared) -> Outcome<u16> {
    let mut headers = String::new();
    if let Some(value) = asked.headers.get(AUTHORIZATION) {
        write!(headers, "authorization: {}\r\n", value.to_str()?)?;
    }
    Ok(status(address, &format!("GET {} HTTP/1.1\r\n", asked.target), &headers)?)
}

/// The status of an answer.
fn status(address: &str, line: &str, headers: &str) -> io::Result<u16> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    write!(stream, "{line}host: bench.test\r\n{headers}connection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let code = answer.split(' ').nth(1).and_then(|code| code.parse().ok());
    code.ok_or_else(|| io::ErrorKind::InvalidData.into())
}
