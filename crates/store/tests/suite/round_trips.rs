//! What is written comes back as it was.

use claviger_model::{
    Allowlist, ChangeNumber, CredentialRecord, CredentialState, KeyOrigin, Notes, PermissionSet, Revocation,
    Signer, Succession, Time,
};
use claviger_store::{NewCredential, Store, StoreError, WrappedKeyRow};

use crate::bed::{Bed, on_both_engines};
use crate::samples::{
    account, api, credential_id, documents, noted, record, refusal, rotated, service, sign_with, signer,
    time, uses, version,
};

on_both_engines![
    accounts,
    apis_and_documents,
    credentials,
    a_credential_changes,
    late_uses_are_added_up,
    sealed_secrets,
    key_pairs,
    version_uses_keep_the_latest,
    late_reports_of_uses_change_nothing,
    refusals,
    services,
    wrapped_keys,
    the_ends_of_time,
    what_is_not_there,
];

async fn accounts(bed: &Bed) {
    let store = bed.store().await;
    let mut tx = store.begin().await.unwrap();
    tx.put_account(&account(2), ChangeNumber(1)).await.unwrap();
    tx.put_account(&account(1), ChangeNumber(1)).await.unwrap();
    let mut renamed = account(1);
    renamed.name = "Another".into();
    tx.put_account(&renamed, ChangeNumber(2)).await.unwrap();
    assert_eq!(tx.account(renamed.id).await.unwrap(), Some(renamed.clone()));
    assert_eq!(tx.account_by_number(&account(2).number).await.unwrap(), Some(account(2)));
    tx.commit().await.unwrap();
    assert_eq!(store.accounts().await.unwrap(), [renamed.clone(), account(2)]);
    assert_eq!(store.account_by_number(&renamed.number).await.unwrap(), Some(renamed.clone()));

    let mut tx = store.begin().await.unwrap();
    tx.delete_account(renamed.id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.account(renamed.id).await.unwrap(), None);
}

async fn services(bed: &Bed) {
    let store = bed.store().await;
    let mut tx = store.begin().await.unwrap();
    tx.insert_service(&service(2), ChangeNumber(1)).await.unwrap();
    tx.insert_service(&service(1), ChangeNumber(2)).await.unwrap();
    assert_eq!(tx.service(&service(2).name).await.unwrap(), Some(service(2)));
    tx.commit().await.unwrap();
    assert_eq!(store.services().await.unwrap(), [service(1), service(2)]);

    let mut tx = store.begin().await.unwrap();
    tx.delete_service(&service(1).name).await.unwrap();
    assert_eq!(tx.service(&service(1).name).await.unwrap(), None);
    let gone = tx.delete_service(&service(1).name).await;
    assert!(matches!(gone, Err(StoreError::Missing { what: "service" })), "{gone:?}");
}

async fn apis_and_documents(bed: &Bed) {
    let store = bed.store().await;
    let mut tx = store.begin().await.unwrap();
    tx.put_api(&api(1), &documents("openapi: 3.1.0"), ChangeNumber(1)).await.unwrap();
    tx.put_api(&api(2), &documents("other"), ChangeNumber(2)).await.unwrap();
    let mut documents_now = documents("openapi: 3.1.1");
    documents_now.remove(&version("v2"));
    tx.put_api(&api(1), &documents_now, ChangeNumber(3)).await.unwrap();
    assert_eq!(tx.documents(api(1).id).await.unwrap(), documents_now);
    tx.commit().await.unwrap();
    assert_eq!(store.apis().await.unwrap(), [api(1), api(2)]);
    assert_eq!(store.api_by_slug(&api(2).slug).await.unwrap(), Some(api(2)));
    assert_eq!(store.documents(api(2).id).await.unwrap(), documents("other"));

    let mut tx = store.begin().await.unwrap();
    tx.delete_api(api(2).id).await.unwrap();
    assert_eq!(tx.api(api(2).id).await.unwrap(), None);
    tx.commit().await.unwrap();
    assert!(store.documents(api(2).id).await.unwrap().is_empty());
}

async fn credentials(bed: &Bed) {
    let store = bed.store().await;
    let mut bare = record(2);
    bare.label = None;
    bare.change = ChangeNumber(9);
    bare.credential.allowlist = Allowlist::default();
    bare.credential.permissions = PermissionSet::Everything;
    bare.credential.not_before = Some(time(-1));
    bare.credential.expires_at = None;
    bare.credential.state = CredentialState::Pending;
    let mut full = rotated(noted(3), 2);
    full.succession.predecessor = Some(credential_id(1));
    full.succession.late_uses = 7;
    full.credential.origin = KeyOrigin::ImportedSha256;
    let mut tx = store.begin().await.unwrap();
    for record in [&record(1), &bare, &full] {
        tx.insert_credential(NewCredential { record, api: api(1).id, sealed: None }).await.unwrap();
    }
    assert_eq!(tx.credential(credential_id(2)).await.unwrap(), Some(bare.clone()));
    tx.commit().await.unwrap();
    assert_eq!(store.credential(credential_id(1)).await.unwrap(), Some(record(1)));
    assert_eq!(store.credential(credential_id(2)).await.unwrap(), Some(bare));
    assert_eq!(store.credential(credential_id(3)).await.unwrap(), Some(full));
}

async fn a_credential_changes(bed: &Bed) {
    let store = bed.store().await;
    let mut changed = noted(1);
    let mut tx = store.begin().await.unwrap();
    tx.insert_credential(NewCredential { record: &changed, api: api(1).id, sealed: None }).await.unwrap();
    changed.credential.state = CredentialState::Revoked;
    changed.credential.allowlist = Allowlist::default();
    changed.credential.expires_at = None;
    changed.change = ChangeNumber(7);
    changed.label = None;
    changed.updated_at = time(60);
    changed = CredentialRecord { notes: Notes::default(), ..rotated(changed, 2) };
    changed.revocation = Some(Revocation { at: time(60), reason: Some("leaked".into()) });
    tx.update_credential(&changed).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.credential(credential_id(1)).await.unwrap(), Some(changed));
}

async fn update(store: &Store, record: &CredentialRecord) {
    let mut tx = store.begin().await.unwrap();
    tx.update_credential(record).await.unwrap();
    tx.commit().await.unwrap();
}

async fn late_uses_are_added_up(bed: &Bed) {
    let store = bed.store().await;
    let (mut replaced, other) = (rotated(record(1), 2), record(2));
    let mut tx = store.begin().await.unwrap();
    for record in [&replaced, &other] {
        tx.insert_credential(NewCredential { record, api: api(1).id, sealed: None }).await.unwrap();
    }
    tx.commit().await.unwrap();
    let late = async |id| store.credential(credential_id(id)).await.unwrap().unwrap().succession.late_uses;
    for counts in
        [[(credential_id(1), 3), (credential_id(2), 4)], [(credential_id(9), 1), (credential_id(1), 2)]]
    {
        store.add_late_uses(counts).await.unwrap();
    }
    assert_eq!((late(1).await, late(2).await), (5, 0), "only what has a successor is used late");
    update(&store, &replaced).await;
    assert_eq!(late(1).await, 5, "a change of something else leaves the count");
    replaced = rotated(replaced, 3);
    update(&store, &replaced).await;
    assert_eq!(late(1).await, 0, "another successor begins anew");
    store.add_late_uses([(credential_id(1), 6)]).await.unwrap();
    replaced.credential.successor = None;
    replaced.succession = Succession::default();
    update(&store, &replaced).await;
    assert_eq!(late(1).await, 0);
}

async fn sealed_secrets(bed: &Bed) {
    let store = bed.store().await;
    let sealed = [0, 255, 0, 10];
    let mut tx = store.begin().await.unwrap();
    tx.insert_credential(NewCredential { record: &record(1), api: api(1).id, sealed: Some(&sealed) })
        .await
        .unwrap();
    tx.insert_credential(NewCredential { record: &record(2), api: api(1).id, sealed: None }).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.sealed_key(credential_id(1)).await.unwrap(), Some(sealed.to_vec()));
    assert_eq!(store.sealed_key(credential_id(2)).await.unwrap(), None);
}

async fn key_pairs(bed: &Bed) {
    let store = bed.store().await;
    sign_with(&store, &signer(1)).await;
    let changed = Signer { debug_until: Some(time(60)), ..signer(2) };
    for signer in [&signer(2), &changed] {
        sign_with(&store, signer).await;
    }
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.signer(credential_id(1)).await.unwrap(), Some(signer(1)));
    assert_eq!(tx.signer(credential_id(2)).await.unwrap(), Some(changed));
    assert_eq!(tx.signer(credential_id(3)).await.unwrap(), None);
}

async fn version_uses_keep_the_latest(bed: &Bed) {
    let store = bed.store().await;
    let steps = [
        (uses(1, ("v1", 10), None), uses(1, ("v1", 10), None)),
        (uses(1, ("v2", 20), None), uses(1, ("v2", 20), Some(("v1", 10)))),
        (uses(1, ("v2", 30), None), uses(1, ("v2", 30), Some(("v1", 10)))),
        (uses(1, ("v2", 40), Some(("v1", 35))), uses(1, ("v2", 40), Some(("v1", 35)))),
        (uses(1, ("v3", 50), Some(("v1", 45))), uses(1, ("v3", 50), Some(("v1", 45)))),
        (uses(1, ("v1", 60), Some(("v2", 41))), uses(1, ("v1", 60), Some(("v3", 50)))),
    ];
    for (report, expected) in steps {
        store.put_uses(&[report]).await.unwrap();
        let mut all = Vec::new();
        store.version_uses(|uses| all.push(uses)).await.unwrap();
        assert_eq!(all, [expected]);
    }
}

async fn late_reports_of_uses_change_nothing(bed: &Bed) {
    let store = bed.store().await;
    let now = uses(1, ("v2", 20), Some(("v1", 10)));
    store.put_uses(&[now.clone(), uses(1, ("v1", 19), None), uses(2, ("v1", 1), None)]).await.unwrap();
    let mut all = Vec::new();
    store.version_uses(|uses| all.push(uses)).await.unwrap();
    assert_eq!(all, [now, uses(2, ("v1", 1), None)]);
}

async fn refusals(bed: &Bed) {
    let store = bed.store().await;
    let mut bare = refusal(2, 5);
    (bare.api, bare.credential, bare.checks) = (None, None, vec![]);
    store.record_refusals(&[refusal(1, 0), bare.clone(), refusal(1, 99)]).await.unwrap();
    assert_eq!(store.refusal(bare.request).await.unwrap(), Some(bare));
    assert_eq!(store.refusal(refusal(1, 0).request).await.unwrap(), Some(refusal(1, 0)));
}

async fn wrapped_keys(bed: &Bed) {
    let store = bed.store().await;
    let row = |purpose: &str, generation, byte| WrappedKeyRow {
        purpose: purpose.into(),
        generation,
        wrapped: vec![byte; 60],
    };
    let mut tx = store.begin().await.unwrap();
    tx.put_wrapped_keys(&[row("seal", 2, 3), row("seal", 1, 2), row("digest", 1, 1)]).await.unwrap();
    tx.put_wrapped_keys(&[row("seal", 1, 9)]).await.unwrap();
    assert_eq!(tx.wrapped_keys().await.unwrap().len(), 3);
    tx.commit().await.unwrap();
    let expected = [row("digest", 1, 1), row("seal", 1, 9), row("seal", 2, 3)];
    assert_eq!(store.wrapped_keys().await.unwrap(), expected);
}

async fn the_ends_of_time(bed: &Bed) {
    let store = bed.store().await;
    let mut record = record(1);
    record.credential.not_before = Some(Time::from_micros(i64::MIN));
    record.credential.expires_at = Some(Time::from_micros(i64::MAX));
    let mut tx = store.begin().await.unwrap();
    tx.insert_credential(NewCredential { record: &record, api: api(1).id, sealed: None }).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.credential(credential_id(1)).await.unwrap(), Some(record));
}

async fn what_is_not_there(bed: &Bed) {
    let store = bed.store().await;
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.account(account(1).id).await.unwrap(), None);
    assert_eq!(tx.api_by_slug(&api(1).slug).await.unwrap(), None);
    assert_eq!(tx.credential(credential_id(1)).await.unwrap(), None);
    for missing in [
        tx.delete_account(account(1).id).await,
        tx.delete_api(api(1).id).await,
        tx.update_credential(&record(1)).await,
    ] {
        assert!(matches!(missing, Err(StoreError::Missing { .. })), "{missing:?}");
    }
    assert_eq!(store.sealed_key(credential_id(1)).await.unwrap(), None);
    assert_eq!(store.refusal(refusal(1, 0).request).await.unwrap(), None);
    assert_eq!(store.oldest_change().await.unwrap(), None);
}
