use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Open files that are nobody's who calls: the database, listeners, the control socket, idle connections to upstreams.
const OTHERS: u64 = 512;

/// Raises this process's bound on open files as far as the system lets it, and bounds the callers' connections by it.
/// Otherwise strangers who hold connections would leave none for upstreams, and none for an operator with a key to
/// revoke.
///
/// `asking` is how many connections the doors for infrastructure may have.
pub(super) fn make_room(connections: &mut u32, asking: u32) {
    let bound = raised();
    let most = bound.map_or(u32::MAX, |files| most(files, OTHERS + u64::from(asking)));
    if most < *connections {
        tracing::info!(
            connections = *connections,
            most,
            files = bound,
            "too few files may be open for all connections"
        );
        *connections = most;
    }
}

/// How many files may be open; none for as many as memory holds.
fn raised() -> Option<u64> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // Some systems refuse what they said would be allowed; then it stays as it was.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    let now = getrlimit(Resource::Nofile).current;
    tracing::debug!(before = current, files = now, "open files");
    now
}

/// The most connections of callers: each may need one to an upstream.
fn most(files: u64, others: u64) -> u32 {
    let left = files - others.min(files / 2);
    u32::try_from(left / 2).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_what_is_left_is_for_callers() {
        assert_eq!(most(1_048_576, 512), 524_032);
        assert_eq!(most(20_512, 512), 10_000);
        assert_eq!(most(1024, 512), 256);
        assert_eq!(most(256, 512), 64);
        assert_eq!(most(1, 512), 1);
        assert_eq!(most(u64::MAX, 512), u32::MAX);
    }
}
