//! Opening: again, at the same time, and after a newer version.

use claviger_model::ChangeNumber;
use claviger_store::{Store, StoreError};
use tokio::task::JoinSet;

use crate::bed::{Bed, on_both_engines};
use crate::samples::{account, credential_id, fill, record};

on_both_engines![
    data_survive_reopening,
    two_stores_on_one_database_see_each_other,
    eight_open_an_empty_database_at_once,
    a_database_of_a_newer_version_is_refused,
];

async fn data_survive_reopening(bed: &Bed) {
    let store = bed.store().await;
    fill(&store, [1]).await;
    store.close().await;
    let store = bed.store().await;
    let found = store.credential(credential_id(1)).await.unwrap().unwrap();
    assert_eq!(found.credential, record(1).credential);
    assert_eq!(store.head().await.unwrap(), ChangeNumber(1));
}

async fn put(store: &Store, number: u32) {
    let mut tx = store.begin().await.unwrap();
    tx.put_account(&account(number), ChangeNumber(1)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn two_stores_on_one_database_see_each_other(bed: &Bed) {
    let (first, second) = (bed.store().await, bed.store().await);
    put(&first, 1).await;
    put(&second, 2).await;
    assert_eq!(first.accounts().await.unwrap(), second.accounts().await.unwrap());
    assert_eq!(first.accounts().await.unwrap().len(), 2);
}

async fn eight_open_an_empty_database_at_once(bed: &Bed) {
    let mut openers = JoinSet::new();
    for number in 0..8 {
        let location = bed.location();
        openers.spawn(async move {
            let store = Store::open(&location).await.unwrap();
            put(&store, number).await;
        });
    }
    openers.join_all().await;
    assert_eq!(bed.store().await.accounts().await.unwrap().len(), 8);
}

async fn a_database_of_a_newer_version_is_refused(bed: &Bed) {
    bed.store().await.close().await;
    bed.tamper("UPDATE _sqlx_migrations SET version = 9999 WHERE version = 1").await;
    let error = Store::open(&bed.location()).await.unwrap_err();
    assert!(matches!(error, StoreError::Migration(_)), "{error}");
}
