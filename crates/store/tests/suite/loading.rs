//! What a node loads at its start is what the log would have told it.

use std::collections::BTreeMap;

use claviger_model::{
    Account, AccountId, Api, ApiId, Change, ChangeNumber, Credential, CredentialId, CredentialState,
    KeyOrigin, NumberedChange, Service, Signer, Slug,
};
use claviger_store::Store;

use crate::bed::{Bed, on_both_engines};
use crate::samples::{
    NOW, account, api, credential_id, documents, environment, fill, make, record, service, sign_with, signer,
    uses,
};

on_both_engines![
    an_empty_store,
    loading_equals_replaying,
    pages_neither_lose_nor_repeat,
    key_pairs_fill_pages_too,
    uses_of_many_credentials,
    loading_can_move_between_threads,
];

/// A picture of everything, as a snapshot keeps it.
#[derive(Debug, Default, PartialEq)]
struct Picture {
    accounts: BTreeMap<AccountId, (ChangeNumber, Account)>,
    apis: BTreeMap<ApiId, (ChangeNumber, Api)>,
    credentials: BTreeMap<CredentialId, (ChangeNumber, Credential)>,
    signers: BTreeMap<CredentialId, (ChangeNumber, Signer)>,
    services: BTreeMap<Slug, (ChangeNumber, Service)>,
}

impl Picture {
    fn apply(&mut self, NumberedChange { number, change }: NumberedChange) {
        match change {
            Change::Account(account) => drop(self.accounts.insert(account.id, (number, account))),
            Change::AccountRemoved(id) => drop(self.accounts.remove(&id)),
            Change::Api(api) => drop(self.apis.insert(api.id, (number, *api))),
            Change::ApiRemoved(id) => drop(self.apis.remove(&id)),
            Change::Credential(credential) => {
                self.credentials.insert(credential.id, (number, credential));
            }
            Change::Signer(signer) => drop(self.signers.insert(signer.credential, (number, signer))),
            Change::Service(service) => {
                self.services.insert(service.name.clone(), (number, service));
            }
            Change::User(_) | Change::UserRemoved(_) | Change::Role(_) | Change::RoleRemoved { .. } => {}
            Change::ServiceRemoved(name) => drop(self.services.remove(&name)),
        }
    }
}

async fn loaded(store: &Store) -> (Picture, ChangeNumber) {
    let mut picture = Picture::default();
    let head = store.load(|change| picture.apply(change)).await.unwrap();
    (picture, head)
}

async fn replayed(store: &Store) -> Picture {
    let mut picture = Picture::default();
    for change in store.changes_after(ChangeNumber(0), u32::MAX).await.unwrap() {
        picture.apply(change);
    }
    picture
}

async fn an_empty_store(bed: &Bed) {
    let store = bed.store().await;
    assert_eq!(loaded(&store).await, (Picture::default(), ChangeNumber(0)));
}

async fn put_account(store: &Store, account: &Account) {
    let mut tx = store.begin().await.unwrap();
    let number = tx.record_change(&Change::Account(account.clone()), NOW).await.unwrap();
    tx.put_account(account, number).await.unwrap();
    tx.commit().await.unwrap();
}

async fn put_api(store: &Store, api: &Api) {
    let mut tx = store.begin().await.unwrap();
    let number = tx.record_change(&Change::Api(Box::new(api.clone())), NOW).await.unwrap();
    tx.put_api(api, &documents("x"), number).await.unwrap();
    tx.commit().await.unwrap();
}

async fn remove(store: &Store, account: AccountId, api: ApiId) {
    let mut tx = store.begin().await.unwrap();
    tx.record_change(&Change::AccountRemoved(account), NOW).await.unwrap();
    tx.delete_account(account).await.unwrap();
    tx.record_change(&Change::ApiRemoved(api), NOW).await.unwrap();
    tx.delete_api(api).await.unwrap();
    tx.commit().await.unwrap();
}

async fn put_service(store: &Store, service: &Service) {
    let mut tx = store.begin().await.unwrap();
    let number = tx.record_change(&Change::Service(service.clone()), NOW).await.unwrap();
    tx.insert_service(service, number).await.unwrap();
    tx.commit().await.unwrap();
}

async fn remove_service(store: &Store, name: &Slug) {
    let mut tx = store.begin().await.unwrap();
    tx.record_change(&Change::ServiceRemoved(name.clone()), NOW).await.unwrap();
    tx.delete_service(name).await.unwrap();
    tx.commit().await.unwrap();
}

async fn revoke(store: &Store, id: CredentialId) {
    let mut tx = store.begin().await.unwrap();
    let mut record = tx.credential(id).await.unwrap().unwrap();
    record.credential.state = CredentialState::Revoked;
    record.change = tx.record_change(&Change::Credential(record.credential.clone()), NOW).await.unwrap();
    tx.update_credential(&record).await.unwrap();
    tx.commit().await.unwrap();
}

async fn loading_equals_replaying(bed: &Bed) {
    let store = bed.store().await;
    for number in 1..=3 {
        put_account(&store, &account(number)).await;
        put_api(&store, &api(number)).await;
        put_service(&store, &service(number)).await;
    }
    fill(&store, 1..=20).await;
    let mut odd = record(21);
    odd.credential.environment = environment(2);
    odd.credential.allowlist = claviger_model::Allowlist::default();
    odd.credential.permissions = claviger_model::PermissionSet::Everything;
    (odd.credential.not_before, odd.credential.expires_at) = (Some(NOW), None);
    (odd.credential.origin, odd.credential.successor) = (KeyOrigin::ImportedSlow, Some(credential_id(1)));
    let mut tx = store.begin().await.unwrap();
    make(&mut tx, odd, 2).await.unwrap();
    tx.commit().await.unwrap();
    put_account(&store, &Account { name: "New".into(), ..account(2) }).await;
    revoke(&store, credential_id(7)).await;
    for number in [3, 4] {
        sign_with(&store, &signer(number)).await;
    }
    sign_with(&store, &Signer { debug_until: Some(NOW), ..signer(4) }).await;
    remove(&store, account(3).id, api(3).id).await;
    remove_service(&store, &service(3).name).await;

    let (picture, head) = loaded(&store).await;
    assert_eq!(picture, replayed(&store).await);
    assert_eq!(head, store.head().await.unwrap());
    assert_eq!((picture.credentials.len(), picture.signers.len(), picture.services.len()), (21, 2, 2));
}

async fn pages_neither_lose_nor_repeat(bed: &Bed) {
    let store = bed.store().await;
    // More than two pages of a thousand.
    let numbers: Vec<_> = (1..=2_345).collect();
    fill(&store, numbers.iter().copied()).await;
    let mut ids = Vec::new();
    let head = store
        .load(|loaded| match loaded.change {
            Change::Credential(credential) => ids.push(credential.id),
            other => panic!("{other:?}"),
        })
        .await
        .unwrap();
    assert_eq!(ids, numbers.iter().map(|number| credential_id(*number)).collect::<Vec<_>>());
    assert_eq!(head, ChangeNumber(2_345));
}

async fn key_pairs_fill_pages_too(bed: &Bed) {
    let store = bed.store().await;
    let signers: Vec<_> = (1..=1_234).map(signer).collect();
    let mut tx = store.begin().await.unwrap();
    for signer in &signers {
        tx.put_signer(signer, ChangeNumber(1)).await.unwrap();
    }
    tx.commit().await.unwrap();
    let (picture, _) = loaded(&store).await;
    assert!(picture.signers.into_values().map(|(_, signer)| signer).eq(signers));
}

async fn uses_of_many_credentials(bed: &Bed) {
    let store = bed.store().await;
    let all: Vec<_> =
        (0..1_001u32).map(|number| uses(number, ("v2", number.into()), Some(("v1", -9)))).collect();
    store.put_uses(&all).await.unwrap();
    let mut read = Vec::new();
    store.version_uses(|uses| read.push(uses)).await.unwrap();
    assert_eq!(read, all);
}

async fn loading_can_move_between_threads(bed: &Bed) {
    let store = bed.store().await;
    fill(&store, [1]).await;
    let head = tokio::spawn(async move {
        let head = store.load(|_| ()).await.unwrap();
        store.version_uses(|_| ()).await.unwrap();
        head
    });
    assert_eq!(head.await.unwrap(), ChangeNumber(1));
}
