//! A row that this version did not write is named, and nothing is guessed.

use claviger_model::{Account, ChangeNumber};
use claviger_store::{CredentialFilter, StoreError};

use crate::bed::{Bed, on_both_engines};
use crate::samples::{account, api, credential_id, documents, fill};

on_both_engines![an_account, an_api, a_credential, a_credential_in_a_load];

fn corrupt<T: std::fmt::Debug>(result: Result<T, StoreError>) -> (&'static str, String) {
    match result {
        Err(StoreError::Corrupt { table, id, .. }) => (table, id),
        other => panic!("not corrupt but {other:?}"),
    }
}

async fn an_account(bed: &Bed) {
    let store = bed.store().await;
    let Account { id, .. } = account(1);
    let mut tx = store.begin().await.unwrap();
    tx.put_account(&account(1), ChangeNumber(1)).await.unwrap();
    tx.commit().await.unwrap();
    bed.tamper("UPDATE account SET realm = 'No Slug'").await;
    assert_eq!(corrupt(store.account(id).await), ("account", id.to_string()));
}

async fn an_api(bed: &Bed) {
    let store = bed.store().await;
    let mut tx = store.begin().await.unwrap();
    tx.put_api(&api(1), &documents("x"), ChangeNumber(1)).await.unwrap();
    tx.commit().await.unwrap();
    bed.tamper("UPDATE api SET definition = '{}'").await;
    assert_eq!(corrupt(store.apis().await), ("api", api(1).id.to_string()));
}

async fn a_credential(bed: &Bed) {
    let store = bed.store().await;
    fill(&store, [1]).await;
    bed.tamper("UPDATE credential SET state = 'dead'").await;
    let expected = ("credential", credential_id(1).to_string());
    assert_eq!(corrupt(store.credential(credential_id(1)).await), expected);
    assert_eq!(corrupt(store.credentials(&CredentialFilter::default()).await), expected);
}

async fn a_credential_in_a_load(bed: &Bed) {
    let store = bed.store().await;
    fill(&store, 1..=3).await;
    bed.tamper("UPDATE credential SET allowlist = '[7]' WHERE change_number = 2").await;
    let expected = ("credential", credential_id(2).to_string());
    assert_eq!(corrupt(store.load(|_| ()).await), expected);
}
