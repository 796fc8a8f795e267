//! Passkeys, and the challenges that were answered.

use claviger_model::{PasskeyId, Time, UserId};
use claviger_store::{Once, PasskeyRecord, StoreError, TotpFactor};

use crate::bed::{Bed, on_both_engines};
use crate::people::user;
use crate::samples::{NOW, time};

on_both_engines![
    passkeys_come_back,
    a_passkey_is_one_users,
    the_first_factor_says_since_when,
    a_challenge_is_used_once,
    of_two_that_answer_at_once_one_is_first,
];

fn passkey(number: u32, of: u32, created_at: Time) -> PasskeyRecord {
    PasskeyRecord {
        id: PasskeyId::from_u128(number.into()),
        user: UserId::from_u128(of.into()),
        credential_id: [number.to_be_bytes().as_slice(), &[0, 255]].concat(),
        credential: format!("{{\"counter\":{number}}}"),
        name: format!("The {number}th | 'key'"),
        created_at,
        last_used_at: None,
    }
}

async fn passkeys_come_back(bed: &Bed) {
    let store = bed.store().await;
    let mut tx = store.begin().await.unwrap();
    let [first, second, others] = [passkey(1, 1, NOW), passkey(2, 1, NOW), passkey(3, 2, NOW)];
    for one in [&second, &first, &others] {
        tx.insert_passkey(one).await.unwrap();
    }
    let used = PasskeyRecord {
        credential: "{}".into(),
        name: "Blue".into(),
        last_used_at: Some(time(5)),
        ..first.clone()
    };
    tx.put_passkey(&used).await.unwrap();
    assert_eq!(tx.passkeys(first.user).await.unwrap(), [used.clone(), second.clone()]);
    tx.commit().await.unwrap();
    assert_eq!(store.passkeys(first.user).await.unwrap(), [used.clone(), second.clone()]);
    assert_eq!(store.passkey_by_credential(&first.credential_id).await.unwrap(), Some(used));
    assert_eq!(store.passkey_by_credential(b"").await.unwrap(), None);

    let mut tx = store.begin().await.unwrap();
    tx.delete_passkey(first.id).await.unwrap();
    let gone = [tx.delete_passkey(first.id).await, tx.put_passkey(&first).await];
    for one in gone {
        assert!(matches!(one, Err(StoreError::Missing { what: "passkey" })), "{one:?}");
    }
    tx.put_user(&user(1)).await.unwrap();
    tx.delete_user(first.user).await.unwrap();
    assert_eq!(tx.passkeys(first.user).await.unwrap(), []);
    tx.delete_factors(others.user).await.unwrap();
    assert_eq!(tx.passkeys(others.user).await.unwrap(), []);
}

async fn a_passkey_is_one_users(bed: &Bed) {
    let store = bed.store().await;
    let mut tx = store.begin().await.unwrap();
    let own = passkey(1, 1, NOW);
    tx.insert_passkey(&own).await.unwrap();
    let anothers = PasskeyRecord { credential_id: own.credential_id, ..passkey(2, 2, NOW) };
    let taken = tx.insert_passkey(&anothers).await;
    assert!(matches!(taken, Err(StoreError::Conflict { what: "passkey" })), "{taken:?}");
}

async fn the_first_factor_says_since_when(bed: &Bed) {
    let store = bed.store().await;
    let mut tx = store.begin().await.unwrap();
    let id = UserId::from_u128(1);
    tx.put_user(&user(1)).await.unwrap();
    tx.insert_passkey(&passkey(9, 2, time(1))).await.unwrap();
    let begun = TotpFactor { sealed: vec![1], confirmed_at: None, last_step: 0 };
    tx.put_totp(id, &begun).await.unwrap();
    let mut seen = vec![tx.user(id).await.unwrap().unwrap().user.second_factor_since];
    tx.insert_passkey(&passkey(1, 1, time(4))).await.unwrap();
    seen.push(tx.user(id).await.unwrap().unwrap().user.second_factor_since);
    tx.put_totp(id, &TotpFactor { confirmed_at: Some(time(3)), ..begun }).await.unwrap();
    tx.insert_passkey(&passkey(2, 1, time(6))).await.unwrap();
    seen.push(tx.user(id).await.unwrap().unwrap().user.second_factor_since);
    tx.delete_totp(id).await.unwrap();
    tx.delete_passkey(PasskeyId::from_u128(1)).await.unwrap();
    seen.push(tx.user(id).await.unwrap().unwrap().user.second_factor_since);
    tx.delete_factors(id).await.unwrap();
    seen.push(tx.user(id).await.unwrap().unwrap().user.second_factor_since);
    assert_eq!(seen, [None, Some(time(4)), Some(time(3)), Some(time(6)), None]);
}

async fn a_challenge_is_used_once(bed: &Bed) {
    let store = bed.store().await;
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.use_passkey_challenge(&[1, 0, 255], time(1)).await.unwrap(), Once::Used);
    assert_eq!(tx.use_passkey_challenge(&[1, 0, 255], time(2)).await.unwrap(), Once::Refused);
    assert_eq!(tx.use_passkey_challenge(&[2], time(3)).await.unwrap(), Once::Used);
    tx.commit().await.unwrap();
    assert_eq!(store.prune_passkey_challenges(time(2)).await.unwrap(), 1);
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.use_passkey_challenge(&[2], time(4)).await.unwrap(), Once::Refused);
    assert_eq!(tx.use_passkey_challenge(&[1, 0, 255], time(4)).await.unwrap(), Once::Used);
}

async fn of_two_that_answer_at_once_one_is_first(bed: &Bed) {
    let (first, second) = (bed.store().await, bed.store().await);
    let answer = async |store: &claviger_store::Store| {
        let mut tx = store.begin().await.unwrap();
        let once = tx.use_passkey_challenge(&[7], NOW).await.unwrap();
        tx.commit().await.unwrap();
        once
    };
    let both = tokio::join!(answer(&first), answer(&second));
    assert!(matches!(both, (Once::Used, Once::Refused) | (Once::Refused, Once::Used)), "{both:?}");
}
