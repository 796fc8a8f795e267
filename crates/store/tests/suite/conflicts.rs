//! What the database refuses is told in the product's words, without the values.

use claviger_model::{Account, AccountId, ApiId, ChangeNumber, CredentialRecord, Service};
use claviger_store::{Location, NewCredential, Store, StoreError};

use crate::bed::{Bed, on_both_engines};
use crate::samples::{account, api, credential_id, documents, record, service};

on_both_engines![
    a_taken_account_number,
    a_taken_realm,
    a_taken_slug,
    a_taken_digest,
    a_taken_id,
    a_taken_service_name,
    a_nul_character,
    after_a_conflict_the_transaction_can_be_begun_anew,
];

fn conflict<T: std::fmt::Debug>(result: Result<T, StoreError>) -> &'static str {
    match result {
        Err(StoreError::Conflict { what }) => what,
        other => panic!("no conflict but {other:?}"),
    }
}

async fn put_beside_the_first(bed: &Bed, second: Account) -> Result<(), StoreError> {
    let mut tx = bed.store().await.begin().await?;
    tx.put_account(&account(1), ChangeNumber(1)).await?;
    tx.put_account(&second, ChangeNumber(1)).await
}

async fn insert_beside_the_first(bed: &Bed, second: CredentialRecord) -> Result<(), StoreError> {
    let mut tx = bed.store().await.begin().await?;
    tx.insert_credential(NewCredential { record: &record(1), api: api(1).id, sealed: None }).await?;
    tx.insert_credential(NewCredential { record: &second, api: api(1).id, sealed: None }).await
}

async fn a_taken_account_number(bed: &Bed) {
    let result = put_beside_the_first(bed, Account { number: account(1).number, ..account(2) }).await;
    assert_eq!(conflict(result), "account number");
}

async fn a_taken_realm(bed: &Bed) {
    let result = put_beside_the_first(bed, Account { realm: account(1).realm, ..account(2) }).await;
    assert_eq!(conflict(result), "account realm");
}

async fn a_taken_slug(bed: &Bed) {
    let mut tx = bed.store().await.begin().await.unwrap();
    tx.put_api(&api(1), &documents("one"), ChangeNumber(1)).await.unwrap();
    let mut second = api(1);
    second.id = ApiId::from_u128(2);
    assert_eq!(conflict(tx.put_api(&second, &documents("two"), ChangeNumber(1)).await), "API slug");
}

async fn a_taken_digest(bed: &Bed) {
    let mut second = record(1);
    second.credential.id = credential_id(2);
    let result = insert_beside_the_first(bed, second).await;
    let shown = format!("{result:?}").to_lowercase();
    assert!(!shown.contains("a5a5"), "{shown}");
    assert_eq!(conflict(result), "key");
}

async fn a_taken_id(bed: &Bed) {
    let mut second = record(2);
    second.credential.id = credential_id(1);
    assert_eq!(conflict(insert_beside_the_first(bed, second).await), "id");
}

async fn a_taken_service_name(bed: &Bed) {
    let mut tx = bed.store().await.begin().await.unwrap();
    tx.insert_service(&service(1), ChangeNumber(1)).await.unwrap();
    let second = Service { name: service(1).name, ..service(2) };
    assert_eq!(conflict(tx.insert_service(&second, ChangeNumber(1)).await), "service name");
}

async fn a_nul_character(bed: &Bed) {
    let store = bed.store().await;
    let mut tx = store.begin().await.unwrap();
    let account = Account { name: "a\0b".into(), ..account(1) };
    let result = tx.put_account(&account, ChangeNumber(1)).await;
    assert!(matches!(result, Err(StoreError::NulInText)), "{result:?}");
    let mut record = record(1);
    record.label = Some("\0".into());
    let result = tx.insert_credential(NewCredential { record: &record, api: api(1).id, sealed: None }).await;
    assert!(matches!(result, Err(StoreError::NulInText)), "{result:?}");
}

async fn after_a_conflict_the_transaction_can_be_begun_anew(bed: &Bed) {
    let store = bed.store().await;
    let mut tx = store.begin().await.unwrap();
    tx.put_account(&account(1), ChangeNumber(1)).await.unwrap();
    let clash = Account { id: AccountId::from_u128(5), ..account(1) };
    conflict(tx.put_account(&clash, ChangeNumber(1)).await);
    drop(tx);
    let mut tx = store.begin().await.unwrap();
    tx.put_account(&clash, ChangeNumber(1)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.accounts().await.unwrap(), [clash]);
}

async fn refused(location: Location) -> String {
    let error = Store::open(&location).await.unwrap_err();
    assert!(matches!(error, StoreError::Unreachable(_) | StoreError::BadUrl), "{error:?}");
    format!("{error} {error:?} {location:?}")
}

#[tokio::test]
async fn a_password_is_never_shown() {
    // Nothing listens on port 1 of the loopback.
    for url in ["postgres://me:hunter2@127.0.0.1:1/claviger", "hunter2", "postgres://me:hunter2@host:port/x"]
    {
        let shown = refused(Location::Postgres(url.to_owned().into())).await;
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}

#[tokio::test]
async fn a_file_in_no_folder_is_unreachable() {
    let folder = tempfile::tempdir().unwrap();
    refused(Location::Sqlite(folder.path().join("none").join("claviger.db"))).await;
}
