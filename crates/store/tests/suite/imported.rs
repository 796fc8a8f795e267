//! Keys that were made elsewhere.

use claviger_model::{Change, ChangeNumber, Credential, CredentialRecord, Digest, KeyOrigin};
use claviger_store::{OtherDigest, Store, StoreError};

use crate::bed::{Bed, on_both_engines};
use crate::samples::{credential_id, fill, make, record, time};

on_both_engines![
    an_origin_goes_with_its_credential,
    a_slow_digest_is_replaced_once,
    what_a_slow_digest_was_found_by_is_remembered,
];

const SLOW: &str = "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

fn of(number: u32, origin: KeyOrigin) -> CredentialRecord {
    let mut record = record(number);
    record.credential.origin = origin;
    record
}

async fn import(store: &Store, record: &CredentialRecord, slow: Option<&str>) -> Result<(), StoreError> {
    let mut tx = store.begin().await.unwrap();
    make(&mut tx, record.clone(), 1).await?;
    if let Some(text) = slow {
        let Credential { id, digest, .. } = record.credential;
        tx.put_other_digest(OtherDigest { credential: id, found_by: digest, slow: Some(text) }).await?;
    }
    tx.commit().await
}

/// The credentials as a snapshot would load them.
async fn loaded(store: &Store) -> Vec<Credential> {
    let mut credentials = Vec::new();
    let keep = |change: claviger_model::NumberedChange| {
        if let Change::Credential(credential) = change.change {
            credentials.push(credential);
        }
    };
    store.load(keep).await.unwrap();
    credentials
}

async fn an_origin_goes_with_its_credential(bed: &Bed) {
    let store = bed.store().await;
    let origins = [KeyOrigin::Imported, KeyOrigin::ImportedSha256, KeyOrigin::ImportedSlow];
    for (number, origin) in (1..).zip(origins) {
        import(&store, &of(number, origin), (number == 3).then_some(SLOW)).await.unwrap();
    }
    fill(&store, [4]).await;
    let expected = [origins.as_slice(), &[KeyOrigin::Own]].concat();
    assert_eq!(loaded(&store).await.iter().map(|found| found.origin).collect::<Vec<_>>(), expected);
    for (number, origin) in (1..).zip(expected) {
        let found = store.credential(credential_id(number)).await.unwrap().unwrap();
        assert_eq!(found.credential.origin, origin);
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.credential(credential_id(number)).await.unwrap(), Some(found));
        tx.rollback().await.unwrap();
    }
}

async fn a_slow_digest_is_replaced_once(bed: &Bed) {
    let store = bed.store().await;
    let mut record = of(1, KeyOrigin::ImportedSlow);
    import(&store, &record, Some(SLOW)).await.unwrap();
    let id = record.credential.id;
    assert_eq!(store.slow_digest(id).await.unwrap().as_deref(), Some(SLOW));
    record.credential.digest = Digest([7; 32]);
    record.credential.origin = KeyOrigin::Imported;
    (record.change, record.updated_at) = (ChangeNumber(2), time(99));
    let mut tx = store.begin().await.unwrap();
    tx.replace_slow_digest(&record).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.slow_digest(id).await.unwrap(), None);
    assert_eq!(store.credential(id).await.unwrap(), Some(record.clone()));
    assert_eq!(loaded(&store).await, [record.credential]);

    let mut tx = store.begin().await.unwrap();
    let missing = tx.replace_slow_digest(&of(9, KeyOrigin::Imported)).await;
    assert!(matches!(missing, Err(StoreError::Missing { .. })), "{missing:?}");
}

async fn what_a_slow_digest_was_found_by_is_remembered(bed: &Bed) {
    let store = bed.store().await;
    let mut record = of(1, KeyOrigin::ImportedSlow);
    let found_by = record.credential.digest;
    import(&store, &record, Some(SLOW)).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.credential_by_digest(&found_by).await.unwrap(), Some(record.credential.id));
    record.credential.digest = Digest([7; 32]);
    tx.replace_slow_digest(&record).await.unwrap();
    for digest in [found_by, Digest([7; 32])] {
        assert_eq!(tx.credential_by_digest(&digest).await.unwrap(), Some(record.credential.id));
    }
    assert_eq!(tx.credential_by_digest(&Digest([8; 32])).await.unwrap(), None);
    tx.commit().await.unwrap();
}
