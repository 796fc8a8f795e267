//! The example of contract T in front of an upstream that the test sees into.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::middleware::map_request;
use claviger_server::demo::sample;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::bed::{Bed, CliOutput, Engine};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/account-basic");

/// A copy of the example that can be edited.
pub(crate) struct Example {
    folder: TempDir,
    /// The path of the catalogue, as the command line is given it.
    pub(crate) file: String,
    upstream: String,
}

/// The sample upstream in this process, and how many requests reached it.
pub(crate) struct Upstream {
    pub(crate) url: String,
    reached: Arc<AtomicUsize>,
    /// Dropping it ends the upstream.
    _runtime: Runtime,
}

/// A server with the example applied.
pub(crate) struct Stage {
    pub(crate) bed: Bed,
    pub(crate) example: Example,
    pub(crate) upstream: Upstream,
}

impl Stage {
    pub(crate) fn start(engine: Engine) -> Self {
        let upstream = Upstream::start();
        let stage = Self { bed: Bed::serve(engine), example: Example::new(&upstream.url), upstream };
        let applied = stage.apply(&[]);
        assert_eq!(applied.status, 0, "the example cannot be applied: {applied:#?}");
        stage
    }

    /// Applies the copy of the example as it is now.
    pub(crate) fn apply(&self, args: &[&str]) -> CliOutput {
        self.bed.cli(&[&self.example.arguments(), args].concat())
    }

    /// A path of the gateway.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.bed.gateway())
    }
}

impl Example {
    /// The example as it is shipped; its environments point to `upstream`.
    pub(crate) fn new(upstream: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        for entry in std::fs::read_dir(FOLDER).expect("the example is there") {
            let file = entry.expect("the example's folder can be read").path();
            let name = file.file_name().expect("an entry of a folder has a name");
            std::fs::copy(&file, folder.path().join(name)).expect("the example can be copied");
        }
        let file = folder.path().join("catalogue.yaml").display().to_string();
        Self { folder, file, upstream: format!("SAMPLE_UPSTREAM={upstream}") }
    }

    /// `apply` with this copy.
    pub(crate) fn arguments(&self) -> Vec<&str> {
        vec!["apply", "--set", &self.upstream, "--file", &self.file]
    }

    /// Points the environments elsewhere at the next `apply`.
    pub(crate) fn set_upstream(&mut self, url: &str) {
        self.upstream = format!("SAMPLE_UPSTREAM={url}");
    }

    /// Replaces the first `from` in the catalogue; it has to be there.
    pub(crate) fn edit(&self, from: &str, to: &str) {
        self.edit_file("catalogue.yaml", from, to);
    }

    /// Replaces the first `from` in a file of the example; it has to be there.
    pub(crate) fn edit_file(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "{name} of the example has no `{from}`");
        self.write(name, &text.replacen(from, to, 1));
    }

    /// A file of the example.
    pub(crate) fn read(&self, name: &str) -> String {
        let file = self.folder.path().join(name);
        std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Replaces a whole file of the example.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let file = self.folder.path().join(name);
        std::fs::write(file, text).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

impl Upstream {
    pub(crate) fn start() -> Self {
        let runtime = Runtime::new().expect("a runtime can be made");
        let reached = Arc::<AtomicUsize>::default();
        let counter = Arc::clone(&reached);
        let count = move |request: axum::extract::Request| {
            counter.fetch_add(1, Ordering::SeqCst);
            std::future::ready(request)
        };
        let router = sample::router().layer(map_request(count));
        let bind = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let listener = runtime.block_on(bind).expect("loopback has a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self { url: format!("http://{address}"), reached, _runtime: runtime }
    }

    /// How many requests reached it so far.
    pub(crate) fn reached(&self) -> usize {
        self.reached.load(Ordering::SeqCst)
    }
}
