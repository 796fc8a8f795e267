//! Lists in the orders that they can be asked for in, page by page.

use claviger_model::{
    ChangeNumber, CredentialRecord, EnvironmentId, Membership, Standing, User, UserId, UserState,
};
use claviger_store::{
    CredentialFilter, CredentialOrder, Direction, HasPassword, Store, UserOrder, UserRecord,
};

use crate::bed::{Bed, on_both_engines};
use crate::samples::{NOW, account, make, record, service, time};

on_both_engines![
    credentials_by_when_they_were_made,
    credentials_by_label,
    credentials_by_end,
    users_by_age_and_name,
    accounts_and_services_by_name,
];

use Direction::{Down, Up};

/// Labels and ends, some of them alike or missing; the sixth is another account's.
const SAMPLES: [(Option<&str>, Option<i64>); 6] = [
    (Some("pear"), Some(30)),
    (None, None),
    (Some("fig"), Some(10)),
    (Some("Zebra"), Some(10)),
    (Some("fig"), None),
    (Some("fig"), Some(10)),
];

async fn filled(bed: &Bed) -> Store {
    let store = bed.store().await;
    let mut tx = store.begin().await.unwrap();
    for (number, (label, end)) in (1..).zip(SAMPLES) {
        let mut record = record(number);
        record.label = label.map(str::to_owned);
        record.credential.expires_at = end.map(time);
        record.credential.account = account(if number == 6 { 2 } else { 1 }).id;
        make(&mut tx, record, 1).await.unwrap();
    }
    tx.commit().await.unwrap();
    store
}

/// The numbers of all credentials of account 1 in an order, read two at a time.
async fn all(store: &Store, order: impl Fn(Option<&CredentialRecord>) -> CredentialOrder) -> Vec<u128> {
    let mut seen: Vec<CredentialRecord> = Vec::new();
    loop {
        let filter = CredentialFilter {
            account: Some(account(1).id),
            order: order(seen.last()),
            after: seen.last().map(|last| last.credential.id),
            limit: 2,
            ..CredentialFilter::default()
        };
        let page = store.credentials(&filter).await.unwrap();
        if page.is_empty() {
            return seen.iter().map(|record| record.credential.id.as_u128()).collect();
        }
        seen.extend(page.into_iter().map(|(record, _)| record));
    }
}

async fn credentials_by_when_they_were_made(bed: &Bed) {
    let store = filled(bed).await;
    assert_eq!(all(&store, |_| CredentialOrder::Made(Up)).await, [1, 2, 3, 4, 5]);
    assert_eq!(all(&store, |_| CredentialOrder::Made(Down)).await, [5, 4, 3, 2, 1]);
    for (filter, expected) in [
        (CredentialFilter::default(), 6),
        (CredentialFilter { outside: Some(EnvironmentId::PEOPLE), ..CredentialFilter::default() }, 6),
        (CredentialFilter { user: Some(UserId::from_u128(1)), ..CredentialFilter::default() }, 0),
    ] {
        let oldest = CredentialFilter { order: CredentialOrder::Made(Up), ..filter };
        assert_eq!(store.credentials(&oldest).await.unwrap().len(), expected);
    }
}

async fn credentials_by_label(bed: &Bed) {
    let store = filled(bed).await;
    let by = |direction| {
        move |last: Option<&CredentialRecord>| CredentialOrder::Label {
            direction,
            after: last.map(|last| last.label.clone().unwrap_or_default()),
        }
    };
    // Without a label, then capitals, as bytes are.
    assert_eq!(all(&store, by(Up)).await, [2, 4, 3, 5, 1]);
    assert_eq!(all(&store, by(Down)).await, [1, 5, 3, 4, 2]);
}

async fn credentials_by_end(bed: &Bed) {
    let store = filled(bed).await;
    let by = |direction| {
        move |last: Option<&CredentialRecord>| CredentialOrder::End {
            direction,
            after: last.map(|last| last.credential.expires_at),
        }
    };
    assert_eq!(all(&store, by(Up)).await, [3, 4, 1, 2, 5]);
    assert_eq!(all(&store, by(Down)).await, [5, 2, 1, 4, 3]);
}

fn user(number: u128, name: &str, of: u32) -> UserRecord {
    let user = User {
        id: UserId::from_u128(number),
        username: name.parse().unwrap(),
        email: None,
        name: name.to_owned(),
        state: UserState::Active,
        standing: Standing::Member,
        memberships: vec![Membership { account: account(of).id, roles: vec![] }],
        second_factor_since: None,
    };
    UserRecord {
        user,
        change: ChangeNumber(1),
        created_at: NOW,
        updated_at: NOW,
        last_sign_in_at: None,
        password: HasPassword::None,
    }
}

async fn users_by_age_and_name(bed: &Bed) {
    let store = bed.store().await;
    let mut tx = store.begin().await.unwrap();
    for (number, name, of) in [(1, "zoe", 1), (2, "Ada", 1), (3, "max", 2), (4, "Bea.b", 1), (5, "bea+a", 1)]
    {
        tx.put_user(&user(number, name, of)).await.unwrap();
    }
    tx.commit().await.unwrap();
    let find = async |order: UserOrder, of: Option<u32>, limit| {
        let of = of.map(|number| account(number).id);
        let found = store.users_in(&order, of, limit).await.unwrap();
        found.into_iter().map(|one| one.user.id.as_u128()).collect::<Vec<_>>()
    };
    let id = |number| Some(UserId::from_u128(number));
    let name = |text: &str| Some(text.to_owned());
    assert_eq!(find(UserOrder::Made(Up, None), None, u32::MAX).await, [1, 2, 3, 4, 5]);
    assert_eq!(find(UserOrder::Made(Up, id(1)), Some(1), 2).await, [2, 4]);
    assert_eq!(find(UserOrder::Made(Down, None), Some(1), 9).await, [5, 4, 2, 1]);
    assert_eq!(find(UserOrder::Made(Down, id(4)), None, 9).await, [3, 2, 1]);
    assert_eq!(find(UserOrder::Named(Up, None), Some(1), 9).await, [2, 5, 4, 1]);
    assert_eq!(find(UserOrder::Named(Up, name("ADA")), None, 2).await, [5, 4]);
    assert_eq!(find(UserOrder::Named(Down, None), None, 9).await, [1, 3, 4, 5, 2]);
    assert_eq!(find(UserOrder::Named(Down, name("max")), Some(1), 9).await, [4, 5, 2]);
}

async fn accounts_and_services_by_name(bed: &Bed) {
    let store = bed.store().await;
    let mut tx = store.begin().await.unwrap();
    for number in [2, 1, 3] {
        tx.put_account(&account(number), ChangeNumber(1)).await.unwrap();
        tx.insert_service(&service(number), ChangeNumber(1)).await.unwrap();
    }
    tx.commit().await.unwrap();
    let numbers = async |after: Option<u32>, only: Option<u32>, limit| {
        let (after, only) = (after.map(|one| account(one).number), only.map(|one| account(one).id));
        let found = store.accounts_after(after.as_ref(), only, limit).await.unwrap();
        found.into_iter().map(|one| one.id.as_u128()).collect::<Vec<_>>()
    };
    let ids = |numbers: &[u32]| numbers.iter().map(|one| account(*one).id.as_u128()).collect::<Vec<_>>();
    assert_eq!(numbers(None, None, 2).await, ids(&[1, 2]));
    assert_eq!(numbers(Some(2), None, 2).await, ids(&[3]));
    assert_eq!(numbers(None, Some(2), 2).await, ids(&[2]));
    let after = service(1).name;
    assert_eq!(store.services_after(Some(&after), 1).await.unwrap(), [service(2)]);
    assert_eq!(store.services_after(None, 9).await.unwrap().len(), 3);
}
