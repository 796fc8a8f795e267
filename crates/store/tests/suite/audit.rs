//! The audit: whatever is done to it behind the store's back is found, and found in its place.

mod retention;
mod tampering;

use std::hash::{DefaultHasher, Hash, Hasher};

use claviger_model::AuditEntry;
use claviger_store::{AuditMac, AuditReport, Breach, HASH_LEN, Store};

use crate::bed::{Bed, on_both_engines};
use crate::samples::{audit_entry, time};

/// Not what the product uses: what is held here is where hashes stand, not how good they are.
pub(crate) struct Mac;

impl AuditMac for Mac {
    fn mac(&self, message: &[u8]) -> [u8; HASH_LEN] {
        let mut mac = [0; HASH_LEN];
        for (index, part) in mac.chunks_mut(8).enumerate() {
            let mut hasher = DefaultHasher::new();
            (index, message).hash(&mut hasher);
            part.copy_from_slice(&hasher.finish().to_be_bytes());
        }
        mac
    }
}

/// An entry that differs from others in every column.
fn entry(number: i64) -> AuditEntry {
    AuditEntry {
        at: time(number),
        actor: format!("actor {number}"),
        request: Some(format!("req_{number}")),
        before: Some(format!("{{\"before\":{number}}}")),
        ..audit_entry("key.allow")
    }
}

pub(crate) async fn append(store: &Store, number: i64) {
    let mut tx = store.begin().await.unwrap();
    tx.audit(&Mac, &entry(number)).await.unwrap();
    tx.commit().await.unwrap();
}

/// Entries of the seconds 1 to `last`.
pub(crate) async fn filled(bed: &Bed, last: i64) -> Store {
    let store = bed.store().await;
    for number in 1..=last {
        append(&store, number).await;
    }
    store
}

pub(crate) async fn report(store: &Store) -> AuditReport {
    store.verify_audit(&Mac).await.unwrap()
}

/// Where the first thing is wrong, and what.
pub(crate) async fn broken(store: &Store) -> Option<(i64, Breach)> {
    report(store).await.broken.map(|broken| (broken.number, broken.what))
}

on_both_engines![
    nothing_is_wrong_with_what_was_only_written,
    many_pages_are_walked,
    entries_are_found_by_what_they_are_about,
    entries_from_before_the_chain_are_told_apart,
    the_database_itself_refuses,
];

async fn nothing_is_wrong_with_what_was_only_written(bed: &Bed) {
    let store = bed.store().await;
    assert_eq!((report(&store).await.verified, broken(&store).await), (0, None));
    let store = filled(bed, 3).await;
    let report = report(&store).await;
    assert_eq!((report.verified, report.unchained, report.removed_to, report.head.number), (3, 0, 0, 3));
    assert_eq!(report.broken, None);
    let entries = store.audit_entries(0, 10).await.unwrap();
    assert_eq!(entries[2].hash.as_ref(), Some(&report.head.hash));
    assert_eq!(entries[1].entry, entry(2));
}

async fn many_pages_are_walked(bed: &Bed) {
    let store = bed.store().await;
    let mut tx = store.begin().await.unwrap();
    for number in 1..=1201 {
        tx.audit(&Mac, &entry(number)).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!((report(&store).await.verified, broken(&store).await), (1201, None));
    tampering::unlock(bed).await;
    bed.tamper("DELETE FROM audit WHERE seq = 1100").await;
    assert_eq!(broken(&store).await, Some((1100, Breach::Missing)));
    bed.tamper("UPDATE audit SET reason = 'x' WHERE seq = 1000").await;
    assert_eq!(broken(&store).await, Some((1000, Breach::Changed)));
}

async fn entries_are_found_by_what_they_are_about(bed: &Bed) {
    use claviger_store::AuditFilter;
    let store = filled(bed, 5).await;
    let all = AuditFilter { limit: 10, ..AuditFilter::default() };
    let numbers = async |filter: AuditFilter| -> Vec<u64> {
        store.audit(&filter).await.unwrap().into_iter().map(|found| found.number).collect()
    };
    let AuditEntry { account, object, .. } = entry(1);
    assert_eq!(numbers(AuditFilter { limit: 2, after: 2, ..all.clone() }).await, [3, 4]);
    assert_eq!(numbers(AuditFilter { since: Some(time(4)), ..all.clone() }).await, [4, 5]);
    assert_eq!(numbers(AuditFilter { account, after: 3, ..all.clone() }).await, [4, 5]);
    assert_eq!(numbers(AuditFilter { account: Some("acc_other".into()), ..all.clone() }).await, [0; 0]);
    assert_eq!(numbers(AuditFilter { object: Some(object), after: 4, ..all.clone() }).await, [5]);
    assert_eq!(numbers(AuditFilter { action: Some("key.create".into()), ..all }).await, [0; 0]);
}

/// What an older version wrote has no hash.
async fn entries_from_before_the_chain_are_told_apart(bed: &Bed) {
    let store = filled(bed, 2).await;
    tampering::unlock(bed).await;
    bed.tamper("UPDATE audit SET hash = NULL").await;
    match bed {
        Bed::Sqlite(_) => {
            bed.tamper("UPDATE audit_head SET hash = zeroblob(32), chained_after = 2, mac = x''").await;
        }
        Bed::Postgres { .. } => {
            bed.tamper(
                "UPDATE audit_head SET hash = decode(repeat('00', 32), 'hex'), chained_after = 2, mac = ''",
            )
            .await;
        }
    }
    append(&store, 3).await;
    let found = report(&store).await;
    assert_eq!((found.verified, found.unchained, found.broken), (1, 2, None));
    bed.tamper("DELETE FROM audit WHERE seq = 1").await;
    assert_eq!(broken(&store).await, Some((1, Breach::Missing)));
}

async fn the_database_itself_refuses(bed: &Bed) {
    let _store = filled(bed, 2).await;
    for statement in [
        "UPDATE audit SET reason = 'none' WHERE seq = 1",
        "DELETE FROM audit WHERE seq = 2",
        "INSERT INTO audit (seq, at, actor, action, object) VALUES (1, 0, 'a', 'b', 'c')",
    ] {
        assert!(bed.try_tamper(statement).await.is_err(), "{statement}");
    }
    let wholesale = match bed {
        Bed::Sqlite(_) => "REPLACE INTO audit (seq, at, actor, action, object) VALUES (1, 0, 'a', 'b', 'c')",
        Bed::Postgres { .. } => "TRUNCATE audit",
    };
    assert!(bed.try_tamper(wholesale).await.is_err(), "{wholesale}");
}
