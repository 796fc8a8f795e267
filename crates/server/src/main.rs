//! The `claviger` binary.

/// Allocation is on the path of every request, and this allocator spends less time there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    claviger_server::cli::main()
}
