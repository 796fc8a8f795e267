//! Old entries go, and what is left can still be verified.

use claviger_store::{AuditPruned, Breach, Store};

use super::{Mac, append, broken, filled, report, tampering};
use crate::bed::{Bed, on_both_engines};
use crate::samples::time;

on_both_engines![
    the_chain_holds_without_its_beginning,
    at_most_so_many_go_at_once_and_the_last_stays,
    what_is_not_what_was_written_stays,
    nothing_more_can_be_removed_at_the_beginning,
];

async fn prune(store: &Store, before: i64, most: u32) -> AuditPruned {
    let mut tx = store.begin().await.unwrap();
    let pruned = tx.prune_audit(&Mac, time(before), most).await.unwrap();
    tx.commit().await.unwrap();
    pruned
}

async fn removed_to(store: &Store, before: i64, most: u32) -> Option<u64> {
    match prune(store, before, most).await {
        AuditPruned::To(point) => Some(point.number),
        _ => None,
    }
}

async fn the_chain_holds_without_its_beginning(bed: &Bed) {
    let store = filled(bed, 5).await;
    assert_eq!(removed_to(&store, 4, 100).await, Some(3));
    assert_eq!(prune(&store, 4, 100).await, AuditPruned::Nothing);
    append(&store, 6).await;
    let found = report(&store).await;
    assert_eq!((found.verified, found.removed_to, found.head.number, found.broken), (3, 3, 6, None));
    tampering::unlock(bed).await;
    bed.tamper("UPDATE audit SET reason = 'none' WHERE seq = 4").await;
    assert_eq!(broken(&store).await, Some((4, Breach::Changed)));
}

async fn at_most_so_many_go_at_once_and_the_last_stays(bed: &Bed) {
    let store = filled(bed, 5).await;
    assert_eq!(removed_to(&store, 100, 3).await, Some(3));
    assert_eq!(removed_to(&store, 100, 3).await, Some(4));
    assert_eq!(prune(&store, 100, 3).await, AuditPruned::Nothing);
    assert_eq!((report(&store).await.verified, broken(&store).await), (1, None));
}

async fn what_is_not_what_was_written_stays(bed: &Bed) {
    let store = filled(bed, 5).await;
    tampering::unlock(bed).await;
    bed.tamper("UPDATE audit SET reason = 'none' WHERE seq = 2").await;
    assert!(matches!(prune(&store, 4, 100).await, AuditPruned::Kept(broken) if broken.number == 2));
    assert_eq!(store.audit_entries(0, 10).await.unwrap().len(), 5);
    assert_eq!(broken(&store).await, Some((2, Breach::Changed)));
}

async fn nothing_more_can_be_removed_at_the_beginning(bed: &Bed) {
    let store = filled(bed, 5).await;
    prune(&store, 3, 100).await;
    tampering::unlock(bed).await;
    bed.tamper("DELETE FROM audit WHERE seq = 3").await;
    assert_eq!(broken(&store).await, Some((3, Breach::Missing)));
    bed.tamper(
        "UPDATE audit_head SET removed_to = 3, chained_after = 3,
            chained_hash = (SELECT hash FROM audit WHERE seq = 4)",
    )
    .await;
    assert_eq!(broken(&store).await, Some((5, Breach::Head)));
}
