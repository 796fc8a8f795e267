//! Every door gives the same answer to the same request.

mod admission;
mod ask;
mod bodies;
mod listener;
mod paths;
mod presented;
mod rows;
mod verify;

use rstest::rstest;

use crate::bed::{Bed, Engine};
use ask::{Asker, Verdict};
use rows::Row;

/// A demo that believes proxies on this machine, at the gateway too.
fn demo(engine: Engine) -> Bed {
    let mut bed = Bed::empty(engine);
    let trusted = r#"trusted_proxies = ["127.0.0.1/32"]"#;
    bed.configure(&format!("[gateway]\n{trusted}\n[check]\n{trusted}\n"));
    bed.run(&["demo", "--json", "--ports", "auto"]);
    bed
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
#[tokio::test]
async fn every_door_decides_alike(#[case] engine: Engine) {
    let bed = demo(engine);
    let (asker, rows) = (Asker::about(&bed, &["customers", "billing", "cloudstore"]).await, rows::all(&bed));
    assert!(rows.len() >= 150, "{} rows", rows.len());
    let mut wrong = Vec::new();
    for row in &rows {
        let gateway = asker.gateway(row).await;
        let others = [
            ("verify", asker.verify(row).await, gateway.clone()),
            ("ext_authz", asker.ext_authz(row).await, gateway.clone()),
            ("forward-auth", asker.forward_auth(row).await, narrowed(&gateway)),
        ];
        let differing = others.into_iter().filter(|(_, own, wanted)| own != wanted);
        wrong
            .extend(differing.map(|(door, own, wanted)| format!("{door}: {row:?}: {own:?}, not {wanted:?}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a door makes of a verdict that has 200, 401 and 403 alone.
fn narrowed(verdict: &Verdict) -> Verdict {
    let status = if matches!(verdict.status, 200 | 401) { verdict.status } else { 403 };
    Verdict { status, ..verdict.clone() }
}

/// The table is worth something: what it asks is accepted and refused for every kind of reason that there is here.
#[tokio::test]
async fn the_table_has_every_reason() {
    let bed = demo(Engine::Sqlite);
    let asker = Asker::new(&bed).await;
    let mut reasons = std::collections::BTreeSet::new();
    for row in rows::all(&bed) {
        reasons.insert(asker.ext_authz(&row).await.reason);
    }
    let wanted = [
        "address_not_allowed",
        "allowed",
        "ambiguous_credential",
        "disabled",
        "malformed_credential",
        "malformed_request",
        "method_not_allowed",
        "missing_credential",
        "pending_activation",
        "revoked",
        "unknown_credential",
        "unknown_endpoint",
        "unsupported_media_type",
        "wrong_api",
        "wrong_environment",
    ];
    assert_eq!(reasons.iter().map(String::as_str).collect::<Vec<_>>(), wanted);
}

#[tokio::test]
async fn nobody_may_ask_who_was_not_named() {
    let bed = Bed::serve(Engine::Sqlite);
    let asker = Asker::new(&bed).await;
    let row = Row::new("GET", "/customers/v1/customers", Vec::new());
    assert_eq!(asker.forward_auth(&row).await, Verdict { status: 403, reason: "malformed_request".into() });
    assert_eq!(asker.try_ext_authz(&row).await.unwrap_err().code(), tonic::Code::PermissionDenied);
    assert_eq!(asker.verify(&row).await, Verdict { status: 401, reason: "unknown_credential".into() });
}
