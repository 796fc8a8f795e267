//! Signed requests (contract row S5), from outside.

mod bodies;
mod changes;
mod clients;
mod clock;
mod coverage;
mod debug;
mod foreign;
mod once;
mod pair;
mod secrets;
mod sent;
mod succession;

pub(crate) use pair::{Draft, Form, Pair, nonce};
pub(crate) use sent::Sent;

use crate::bed::{Bed, Engine};
use crate::counting::Counting;
use crate::gate;
use crate::raw::Answer;

pub(crate) const CATALOGUE: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/system/signatures/catalogue.yaml");
/// The account that the catalogue declares.
const ACCOUNT: &str = "300400";

/// A gateway before an upstream that writes down what reaches it.
struct Stage {
    bed: Bed,
    upstream: Counting,
}

impl Stage {
    fn start(engine: Engine) -> Self {
        Self::configured(engine, "")
    }

    fn configured(engine: Engine, configuration: &str) -> Self {
        let upstream = Counting::start();
        Self { bed: gate::serve(engine, configuration, CATALOGUE, upstream.address), upstream }
    }

    /// A new pair, made on the command line.
    fn pair(&self) -> Pair {
        Pair::create(&self.bed, ACCOUNT, "orders", &[])
    }

    /// A pair that signs with SHA-256.
    fn short_pair(&self) -> Pair {
        Pair::create(&self.bed, ACCOUNT, "orders", &["--algorithm", "hmac-sha256"])
    }

    /// A request for this target of the API.
    fn draft(&self, method: &str, rest: &str) -> Draft {
        Draft::new(method, &gate::address(&self.bed).to_string(), &format!("/orders/v1{rest}"))
    }

    fn send(&self, sent: &Sent) -> Answer {
        sent.send(&self.bed)
    }

    /// Sends it; what it is answered: 200 or the code of the refusal.
    fn code(&self, sent: &Sent) -> String {
        let answer = self.send(sent);
        if answer.status == 200 { "200".to_owned() } else { answer.code() }
    }

    fn url(&self, rest: &str) -> String {
        format!("{}/orders/v1{rest}", self.bed.gateway())
    }
}
