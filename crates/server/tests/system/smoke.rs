//! The bed itself: what every other test takes for granted.

use claviger_testkit::{Curl, CurlClient};
use rstest::rstest;

use crate::bed::{Bed, Engine};

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn the_demo_runs_on_the_engine_that_it_is_told(#[case] engine: Engine) {
    let bed = Bed::start(engine);
    let key = bed.credential_in("customers", "active");
    let answer = key.get::<CurlClient>(&format!("{}/customers/v1/customers", bed.gateway())).run();
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(Curl::get(&format!("{}/readyz", bed.ops())).run().status, 200);
    assert_eq!(bed.data_dir().join("claviger.db").exists(), engine == Engine::Sqlite);
}
