//! What the gateway does besides deciding, with the whole product around it.

mod bodies;
mod failing;
mod stopping;
mod turning;

use std::net::SocketAddr;
use std::sync::mpsc::channel;

use claviger_server::demo::sample;
use tokio::net::TcpListener;

use crate::bed::{ACCOUNT, Bed, Engine};
use crate::gate;
use crate::raw::Caller;

const HELPERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/system/helpers/catalogue.yaml");

/// A gateway before the helper endpoints, and a key for them.
struct World {
    bed: Bed,
    /// The Authorization line of a good key.
    key: String,
}

impl World {
    /// Before the sample upstream, which runs in this process, so that the server's memory is its own.
    fn start(configuration: &str) -> Self {
        Self::before(sample_upstream(), configuration)
    }

    fn before(upstream: SocketAddr, configuration: &str) -> Self {
        let bed = gate::serve(Engine::Sqlite, configuration, HELPERS, upstream);
        let key = format!("Authorization: {}\r\n", bed.create(ACCOUNT, "helpers", &[]).basic());
        Self { bed, key }
    }

    /// A connection on which the head of this request was sent, with the key and these further lines.
    fn ask(&self, line: &str, more: &str) -> Caller {
        let mut caller = gate::caller(&self.bed);
        caller.send(self.head(line, more));
        caller
    }

    fn head(&self, line: &str, more: &str) -> String {
        format!("{line} HTTP/1.1\r\nHost: a\r\n{}{more}\r\n", self.key)
    }
}

fn sample_upstream() -> SocketAddr {
    let (tell, told) = channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime can be made").block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
            let _ = tell.send(listener.local_addr().expect("a bound socket has an address"));
            drop(axum::serve(listener, sample::router()).await);
        });
    });
    told.recv().expect("the sample upstream starts")
}
