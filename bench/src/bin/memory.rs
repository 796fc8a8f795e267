//! Says how much memory a snapshot takes for each credential.
//!
//! `cargo run --release -p claviger-bench --bin memory [NUMBER]`; ten million without a number.

use std::time::Duration;

use claviger_bench::{Population, World};

/// As in the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome {
    let number = std::env::args().nth(1).map_or(Ok(10_000_000), |number| number.parse())?;
    let population = Population::new(number);
    let before = resident()?;
    let snapshot = World::snapshot(&population, |_| {});
    settle();
    let loaded = resident()?;
    // What is noted of uses is made when it is first asked for.
    let used = snapshot.slots().filter(|(_, slot, _)| snapshot.uses().of(*slot).is_some()).count();
    settle();
    let asked = resident()?;
    let (allowlists, permission_sets) = snapshot.shared_values();
    println!("credentials     {}", snapshot.credentials());
    println!("accounts        {}", snapshot.accounts().count());
    println!("allowlists      {allowlists}");
    println!("permission sets {permission_sets}");
    println!("uses noted      {used}");
    println!("loaded          {} bytes a credential", per(loaded - before, number));
    println!("with uses       {} bytes a credential", per(asked - before, number));
    Ok(())
}

/// Gives the allocator the time and the calls that it takes before it returns what it does not need. Only large calls
/// make it look for that; a server makes them as its traffic grows.
fn settle() {
    for _ in 0..50 {
        std::thread::sleep(Duration::from_millis(100));
        drop(std::hint::black_box(vec![0u8; 1 << 24]));
    }
}

fn per(bytes: u64, number: u64) -> String {
    let tenths = (bytes * 10).checked_div(number).unwrap_or(0);
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Resident memory of this process, in bytes.
fn resident() -> Outcome<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: u64 = line.and_then(|line| line.trim().strip_suffix(" kB")).ok_or("no VmRSS")?.parse()?;
    Ok(kib * 1024)
}
