//! A demo, and an upstream behind the proxy.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use claviger_testkit::Claviger;
use serde_json::Value;
use tempfile::TempDir;

use crate::upstream;

/// The example whose keys most requests have.
const BASIC: &str = "account-basic";

/// Everything but the proxy.
pub(crate) struct World {
    claviger: Claviger,
    pub(crate) upstream: SocketAddr,
    folder: TempDir,
}

impl World {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let data = folder.path().join("data");
        let data = data.to_str().expect("a folder's name is UTF-8");
        let args = ["demo", "--json", "--ports", "auto", "--data-dir", data];
        let claviger = Claviger::start(Path::new(env!("CARGO_BIN_EXE_claviger")), args);
        Self { claviger, upstream: upstream::start(), folder }
    }

    /// Ends the demo and leaves its data, which are in this folder.
    pub(crate) fn stopped(&mut self) -> PathBuf {
        self.claviger.terminate();
        self.folder.path().join("data")
    }

    pub(crate) fn check_port(&self) -> u16 {
        let port = self.claviger.text("/check").rsplit(':').next().and_then(|port| port.parse().ok());
        port.expect("the address of the doors has a port")
    }

    /// Writes a file.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("a file can be written");
        path.to_str().expect("a file's name is UTF-8").to_owned()
    }

    /// Imports a password that nobody has used yet; its Authorization.
    pub(crate) fn imported_password(&self) -> String {
        // From the test vectors of Openwall's `crypt_blowfish`.
        let file =
            self.file("users", "100042:$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW\n");
        let mut command = Command::new(env!("CARGO_BIN_EXE_claviger"));
        command.arg("--data-dir").arg(self.folder.path().join("data"));
        command.args(["key", "import", "--api", "customers", "--format", "htpasswd", "--allow", "127.0.0.1"]);
        let output = command.arg(file).output().expect("the command line can be run");
        assert!(output.status.success(), "{output:?}");
        format!("Basic {}", BASE64_STANDARD.encode("100042:U*U"))
    }

    /// The demo's pair with this label.
    pub(crate) fn pair(&self, label: &str) -> &Value {
        let all = self.claviger.ready()["examples"]["signed-pair"]["credentials"].as_array();
        let found = all.into_iter().flatten().find(|found| found["label"] == label);
        found.unwrap_or_else(|| panic!("the demo has no pair labelled {label}"))
    }

    /// The Authorization of the demo's key with this label.
    pub(crate) fn basic(&self, label: &str) -> String {
        let key = self.found(BASIC, label)["key"].as_str().expect("a key is a text");
        let account = self.claviger.ready()["examples"][BASIC]["account"].as_str().unwrap_or_default();
        format!("Basic {}", BASE64_STANDARD.encode(format!("{account}:{key}")))
    }

    /// The id of the demo's key with this label.
    pub(crate) fn id(&self, label: &str) -> &Value {
        &self.found(BASIC, label)["id"]
    }

    /// What the demo says of the credential with this label in one of its examples.
    pub(crate) fn found(&self, example: &str, label: &str) -> &Value {
        let all = self.claviger.ready()["examples"][example]["credentials"].as_array();
        let found = all.into_iter().flatten().find(|found| found["label"] == label);
        found.unwrap_or_else(|| panic!("the demo has no key labelled {label}"))
    }

    /// Id and secret of the demo's pair for this API that may be used from here.
    pub(crate) fn pair_for(&self, api: &str) -> (String, String) {
        let all = self.claviger.ready()["examples"]["signed-pair"]["credentials"].as_array();
        let here = |pair: &&Value| {
            pair["api"] == api && pair["allowlist"].as_str().is_some_and(|list| list.contains("127.0.0.1"))
        };
        let found = all.into_iter().flatten().find(here);
        let text = |name: &str| found.and_then(|pair| pair[name].as_str()).map(ToOwned::to_owned);
        text("id").zip(text("secret")).unwrap_or_else(|| panic!("the demo has no pair for {api}"))
    }
}
