//! The change log: numbers in the order of commits, without gaps.

use claviger_model::{Change, ChangeNumber, NumberedChange};
use claviger_store::{Store, StoreError};
use tokio::task::JoinSet;

use crate::bed::{Bed, on_both_engines};
use crate::samples::{NOW, account, api, credential, signer, time};

on_both_engines![
    every_kind_of_change_comes_back,
    a_rollback_leaves_no_gap,
    twenty_writers_leave_no_gap,
    a_reader_never_sees_a_number_before_the_one_below_it,
    pruning_keeps_the_last_ones,
];

async fn record(store: &Store, change: &Change) -> ChangeNumber {
    let mut tx = store.begin().await.unwrap();
    let number = tx.record_change(change, NOW).await.unwrap();
    tx.commit().await.unwrap();
    number
}

async fn numbers(store: &Store, after: u64) -> Vec<u64> {
    let changes = store.changes_after(ChangeNumber(after), 10_000).await.unwrap();
    changes.into_iter().map(|change| change.number.0).collect()
}

async fn every_kind_of_change_comes_back(bed: &Bed) {
    let store = bed.store().await;
    assert_eq!(store.head().await.unwrap(), ChangeNumber(0));
    let changes = [
        Change::Account(account(1)),
        Change::Api(Box::new(api(1))),
        Change::Credential(credential(1)),
        Change::Signer(signer(1)),
        Change::ApiRemoved(api(1).id),
        Change::AccountRemoved(account(1).id),
    ];
    let mut expected = Vec::new();
    for change in changes {
        expected.push(NumberedChange { number: record(&store, &change).await, change });
    }
    assert_eq!(store.changes_after(ChangeNumber(0), 100).await.unwrap(), expected);
    assert_eq!(store.changes_after(ChangeNumber(1), 2).await.unwrap(), expected[1..3]);
    assert_eq!(store.head().await.unwrap(), ChangeNumber(6));
}

async fn a_rollback_leaves_no_gap(bed: &Bed) {
    let store = bed.store().await;
    let change = Change::AccountRemoved(account(1).id);
    record(&store, &change).await;
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.record_change(&change, NOW).await.unwrap(), ChangeNumber(2));
    tx.rollback().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.record_change(&change, NOW).await.unwrap(), ChangeNumber(2));
    drop(tx);
    assert_eq!(record(&store, &change).await, ChangeNumber(2));
    assert_eq!(numbers(&store, 0).await, [1, 2]);
}

async fn write_some(store: Store, writer: u32) -> Result<(), StoreError> {
    for round in 0..10 {
        let mut tx = store.begin().await?;
        let change = Change::Account(account(writer * 100 + round));
        let number = tx.record_change(&change, time(round.into())).await?;
        tx.put_account(&account(writer * 100 + round), number).await?;
        match (writer + round) % 3 {
            0 => drop(tx),
            1 => tx.rollback().await?,
            _ => tx.commit().await?,
        }
    }
    Ok(())
}

async fn write_all(store: &Store) {
    let mut writers = JoinSet::new();
    for writer in 0..20 {
        writers.spawn(write_some(store.clone(), writer));
    }
    for done in writers.join_all().await {
        done.unwrap();
    }
}

async fn twenty_writers_leave_no_gap(bed: &Bed) {
    let store = bed.store().await;
    write_all(&store).await;
    let committed = u64::try_from(store.accounts().await.unwrap().len()).unwrap();
    assert_eq!(store.head().await.unwrap(), ChangeNumber(committed));
    assert_eq!(numbers(&store, 0).await, (1..=committed).collect::<Vec<_>>());
}

/// Reads the log as a node does, from where it stands, until it has seen `last`.
async fn follow(store: Store, last: u64) -> Vec<u64> {
    let mut seen = Vec::new();
    while seen.last() != Some(&last) {
        seen.extend(numbers(&store, seen.last().copied().unwrap_or(0)).await);
        tokio::task::yield_now().await;
    }
    seen
}

async fn a_reader_never_sees_a_number_before_the_one_below_it(bed: &Bed) {
    let store = bed.store().await;
    // Of the 200 sums of writer and round, so many leave the remainder 2 when divided by 3.
    let committed =
        (0..20).flat_map(|writer| (0..10).map(move |round| (writer + round) % 3)).filter(|rest| *rest == 2);
    let last = u64::try_from(committed.count()).unwrap();
    let follower = tokio::spawn(follow(store.clone(), last));
    write_all(&store).await;
    assert_eq!(follower.await.unwrap(), (1..=last).collect::<Vec<_>>());
}

async fn pruning_keeps_the_last_ones(bed: &Bed) {
    let store = bed.store().await;
    for number in 0..10 {
        record(&store, &Change::Account(account(number))).await;
    }
    assert_eq!(store.oldest_change().await.unwrap(), Some(ChangeNumber(1)));
    assert_eq!(store.prune_changes(100).await.unwrap(), 0);
    assert_eq!(store.prune_changes(3).await.unwrap(), 7);
    assert_eq!(store.oldest_change().await.unwrap(), Some(ChangeNumber(8)));
    assert_eq!(numbers(&store, 0).await, [8, 9, 10]);
    assert_eq!(store.prune_changes(0).await.unwrap(), 3);
    assert_eq!(store.oldest_change().await.unwrap(), None);
    assert_eq!(record(&store, &Change::Account(account(1))).await, ChangeNumber(11));
}

#[tokio::test]
async fn postgres_tells_other_nodes() {
    let bed = Bed::postgres().await;
    let (here, there) = (bed.store().await, bed.store().await);
    let mut signal = there.change_signal().await.unwrap();
    let woken = tokio::spawn(async move { signal.wait().await });
    record(&here, &Change::Account(account(1))).await;
    woken.await.unwrap().unwrap();
    assert_eq!(there.head().await.unwrap(), ChangeNumber(1));
    bed.drop_database().await;
}
