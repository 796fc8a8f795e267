//! Invitations, and the link of the first start.

use claviger_model::{Digest, Invitation, InvitationId, UserId};
use claviger_store::{InvitationFilter, SetupLink, StoreError};

use crate::bed::{Bed, on_both_engines};
use crate::samples::{NOW, account, time};

on_both_engines![invitations_come_back, invitations_are_listed, one_link_is_there_at_the_most];

fn invitation(number: u128, of: u32) -> Invitation {
    Invitation {
        id: InvitationId::from_u128(number),
        account: account(of).id,
        email: "Mara@Example.com".parse().unwrap(),
        roles: vec!["admin".parse().unwrap(), "clerk".parse().unwrap()],
        invited_by: Some(UserId::from_u128(7)),
        created_at: NOW,
        expires_at: time(10),
    }
}

async fn invitations_come_back(bed: &Bed) {
    let store = bed.store().await;
    let mut tx = store.begin().await.unwrap();
    let other = Invitation { invited_by: None, roles: vec![], ..invitation(2, 1) };
    tx.insert_invitation(&invitation(1, 1), &Digest([1; 32])).await.unwrap();
    tx.insert_invitation(&other, &Digest([2; 32])).await.unwrap();
    assert_eq!(tx.invitation(other.id).await.unwrap(), Some(other.clone()));
    assert_eq!(tx.invitation_by_digest(&Digest([1; 32])).await.unwrap(), Some(invitation(1, 1)));
    tx.commit().await.unwrap();
    assert_eq!(store.invitation_by_digest(&Digest([2; 32])).await.unwrap(), Some(other.clone()));
    assert_eq!(store.invitation_by_digest(&Digest([3; 32])).await.unwrap(), None);
    let mut tx = store.begin().await.unwrap();
    tx.delete_invitation(other.id).await.unwrap();
    let gone = tx.delete_invitation(other.id).await;
    assert!(matches!(gone, Err(StoreError::Missing { what: "invitation" })), "{gone:?}");
    let same = tx.insert_invitation(&invitation(3, 1), &Digest([1; 32])).await;
    assert!(matches!(same, Err(StoreError::Conflict { what: "invitation" })), "{same:?}");
}

async fn invitations_are_listed(bed: &Bed) {
    let store = bed.store().await;
    let mut tx = store.begin().await.unwrap();
    for (number, of) in [(4, 1), (1, 1), (2, 2), (3, 1)] {
        let byte = u8::try_from(number).unwrap();
        tx.insert_invitation(&invitation(number, of), &Digest([byte; 32])).await.unwrap();
    }
    tx.commit().await.unwrap();
    let all = InvitationFilter { account: None, at: NOW, after: None, limit: 10 };
    let find = async |filter: InvitationFilter| {
        let found = store.invitations(&filter).await.unwrap();
        found.into_iter().map(|one| one.id.as_u128()).collect::<Vec<_>>()
    };
    let (of_one, after) = (Some(account(1).id), Some(InvitationId::from_u128(1)));
    assert_eq!(find(all.clone()).await, [1, 2, 3, 4]);
    assert_eq!(find(InvitationFilter { account: of_one, ..all.clone() }).await, [1, 3, 4]);
    assert_eq!(find(InvitationFilter { account: of_one, after, limit: 1, ..all.clone() }).await, [3]);
    assert_eq!(find(InvitationFilter { after, ..all.clone() }).await, [2, 3, 4]);
    assert_eq!(find(InvitationFilter { at: time(10), ..all.clone() }).await, Vec::<u128>::new());
    assert_eq!(store.prune_invitations(time(9)).await.unwrap(), 0);
    assert_eq!(store.prune_invitations(time(10)).await.unwrap(), 4);
}

async fn one_link_is_there_at_the_most(bed: &Bed) {
    let store = bed.store().await;
    assert_eq!(store.setup_link().await.unwrap(), None);
    let link = |byte| SetupLink { digest: Digest([byte; 32]), expires_at: time(5) };
    let mut tx = store.begin().await.unwrap();
    tx.put_setup_link(&link(1)).await.unwrap();
    tx.put_setup_link(&link(2)).await.unwrap();
    assert_eq!(tx.setup_link().await.unwrap(), Some(link(2)));
    tx.commit().await.unwrap();
    assert_eq!(store.setup_link().await.unwrap(), Some(link(2)));
    let mut tx = store.begin().await.unwrap();
    for _ in 0..2 {
        tx.delete_setup_link().await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(store.setup_link().await.unwrap(), None);
}
