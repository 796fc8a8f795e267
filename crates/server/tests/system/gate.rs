//! A gateway with the example catalogue, whose upstream is the test's own.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::os::unix::net::UnixStream;
use std::path::Path;

use claviger_app::{Command, Outcome};
use claviger_server::control::{DataFolder, Reply};

use crate::bed::{Bed, Engine};
use crate::raw::Caller;

/// The example of contract T.
pub(crate) const EXAMPLE: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/account-basic/catalogue.yaml");

/// A server with this configuration and catalogue, whose environments point to `upstream`.
pub(crate) fn serve(engine: Engine, configuration: &str, catalogue: &str, upstream: SocketAddr) -> Bed {
    let mut bed = Bed::empty(engine);
    bed.configure(configuration);
    bed.run_serve();
    apply(&bed, catalogue, upstream);
    bed
}

pub(crate) fn apply(bed: &Bed, catalogue: &str, upstream: SocketAddr) {
    bed.done(&["apply", "-f", catalogue, "--set", &format!("SAMPLE_UPSTREAM=http://{upstream}")]);
}

/// Where the gateway listens.
pub(crate) fn address(bed: &Bed) -> SocketAddr {
    let text = bed.gateway().trim_start_matches("http://");
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// A caller at the gateway.
pub(crate) fn caller(bed: &Bed) -> Caller {
    Caller::connect(address(bed))
}

/// Has the running server do something, without the cost of a process. Fails where the server breaks off.
pub(crate) fn ask(data_dir: &Path, command: &Command) -> io::Result<Outcome> {
    let mut stream = UnixStream::connect(DataFolder::socket(data_dir))?;
    stream.write_all(&serde_json::to_vec(command)?)?;
    stream.shutdown(Shutdown::Write)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    match serde_json::from_slice(&answer)? {
        Reply::Done(outcome) => Ok(outcome),
        Reply::Failed(failure) => Err(io::Error::other(failure)),
    }
}
