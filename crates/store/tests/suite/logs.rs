//! The numbers of the audit, and the refusals.

use claviger_model::RequestId;

use crate::audit::Mac;
use crate::bed::{Bed, on_both_engines};
use crate::samples::{audit_entry, refusal, time};

on_both_engines![
    the_audit_is_numbered_without_gaps,
    old_refusals_are_forgotten,
    surplus_refusals_are_forgotten_oldest_first,
];

async fn the_audit_is_numbered_without_gaps(bed: &Bed) {
    let store = bed.store().await;
    for (action, committed) in [("key.create", true), ("key.lost", false), ("key.revoke", true)] {
        let mut tx = store.begin().await.unwrap();
        tx.audit(&Mac, &audit_entry(action)).await.unwrap();
        if committed {
            tx.commit().await.unwrap();
        }
    }
    let entries = store.audit_entries(0, 10).await.unwrap();
    let numbers: Vec<_> = entries.iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, [1, 2]);
    assert_eq!(entries[1].entry, audit_entry("key.revoke"));
    assert_eq!(store.audit_entries(1, 10).await.unwrap(), entries[1..]);
    assert_eq!(store.audit_entries(0, 1).await.unwrap(), entries[..1]);
}

async fn kept(bed: &Bed, before: i64, keep: u64) -> (u64, Vec<u32>) {
    let store = bed.store().await;
    // Two share a second, so that the order among equals counts.
    let all: Vec<_> = (0..10).map(|number| refusal(number, i64::from(number / 2))).collect();
    store.record_refusals(&all).await.unwrap();
    let pruned = store.prune_refusals(time(before), keep).await.unwrap();
    let mut kept = Vec::new();
    for number in 0..10 {
        if store.refusal(RequestId::from_u128(number.into())).await.unwrap().is_some() {
            kept.push(number);
        }
    }
    (pruned, kept)
}

async fn old_refusals_are_forgotten(bed: &Bed) {
    assert_eq!(kept(bed, 3, 100).await, (6, vec![6, 7, 8, 9]));
}

async fn surplus_refusals_are_forgotten_oldest_first(bed: &Bed) {
    assert_eq!(kept(bed, -1, 3).await, (7, vec![7, 8, 9]));
}
