//! People, their roles and their factors.

use claviger_model::{
    AccountId, Change, ChangeNumber, CredentialRecord, CredentialState, Digest, EnvironmentId, Membership,
    Right, Role, RoleAccess, Scope, Span, Standing, User, UserId, UserState,
};
use claviger_store::{Attempts, CredentialFilter, HasPassword, Once, StoreError, TotpFactor, UserRecord};

use crate::bed::{Bed, on_both_engines};
use crate::samples::{NOW, account, credential_id, make, record, time};

on_both_engines![
    users_come_back,
    case_does_not_tell_users_apart,
    roles_come_back,
    a_snapshot_has_people,
    credentials_of_a_user,
    a_step_is_used_once,
    recovery_codes_are_used_once,
    attempts_are_counted,
    a_session_remembers_the_last_proof,
];

pub(crate) fn user(number: u32) -> UserRecord {
    let user = User {
        id: UserId::from_u128(number.into()),
        username: format!("Mara.{number}").parse().unwrap(),
        email: Some(format!("Mara.{number}@Example.com").parse().unwrap()),
        name: format!("Mara | 'the' {number}th"),
        state: UserState::Active,
        standing: Standing::Member,
        memberships: vec![Membership { account: account(1).id, roles: vec!["admin".parse().unwrap()] }],
        second_factor_since: None,
    };
    UserRecord {
        user,
        change: ChangeNumber(7),
        created_at: NOW,
        updated_at: NOW,
        last_sign_in_at: None,
        password: HasPassword::None,
    }
}

fn role(slug: &str) -> Role {
    Role {
        account: account(1).id,
        slug: slug.parse().unwrap(),
        name: "Auditors".into(),
        rights: vec![Right::ReadAudit, Right::ReadUsers],
        access: RoleAccess::Scope(Scope::ReadOnly),
    }
}

async fn users_come_back(bed: &Bed) {
    let store = bed.store().await;
    let mut tx = store.begin().await.unwrap();
    tx.put_user(&user(2)).await.unwrap();
    tx.put_user(&user(1)).await.unwrap();
    assert_eq!(tx.password_hash(user(1).user.id).await.unwrap(), None);
    tx.put_password_hash(user(1).user.id, Some("$argon2id$")).await.unwrap();
    tx.put_sign_in(user(1).user.id, time(3)).await.unwrap();
    let mut changed = user(1);
    changed.user.state = UserState::Disabled;
    changed.user.standing = Standing::Operator;
    changed.user.email = None;
    changed.updated_at = time(2);
    tx.put_user(&changed).await.unwrap();
    tx.commit().await.unwrap();
    let known = UserRecord { last_sign_in_at: Some(time(3)), password: HasPassword::Set, ..changed };
    assert_eq!(store.users().await.unwrap(), [known.clone(), user(2)]);
    assert_eq!(store.password_hash(known.user.id).await.unwrap().as_deref(), Some("$argon2id$"));

    let mut tx = store.begin().await.unwrap();
    tx.delete_user(known.user.id).await.unwrap();
    let gone = tx.delete_user(known.user.id).await;
    assert!(matches!(gone, Err(StoreError::Missing { what: "user" })), "{gone:?}");
    tx.commit().await.unwrap();
    assert_eq!(store.user(known.user.id).await.unwrap(), None);
}

async fn case_does_not_tell_users_apart(bed: &Bed) {
    let store = bed.store().await;
    let mut tx = store.begin().await.unwrap();
    tx.put_user(&user(1)).await.unwrap();
    tx.commit().await.unwrap();
    for handle in ["MARA.1", "mara.1", "mara.1@example.COM"] {
        assert_eq!(store.user_by_handle(handle).await.unwrap(), Some(user(1)), "{handle}");
    }
    assert_eq!(store.user_by_handle("mara").await.unwrap(), None);
    let mut same_name = user(2);
    same_name.user.username = "mara.1".parse().unwrap();
    let mut same_email = user(2);
    same_email.user.email = Some("MARA.1@example.com".parse().unwrap());
    for (other, noun) in [(same_name, "user name"), (same_email, "e-mail address")] {
        let taken = store.begin().await.unwrap().put_user(&other).await;
        assert!(matches!(taken, Err(StoreError::Conflict { what }) if what == noun), "{taken:?}");
    }
}

async fn roles_come_back(bed: &Bed) {
    let store = bed.store().await;
    let mut tx = store.begin().await.unwrap();
    tx.put_role(&role("b"), ChangeNumber(1)).await.unwrap();
    tx.put_role(&role("a"), ChangeNumber(2)).await.unwrap();
    let only = RoleAccess::Only(vec!["billing:invoices:read".parse().unwrap()]);
    let changed = Role { rights: vec![], access: only, ..role("b") };
    tx.put_role(&changed, ChangeNumber(3)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.roles(account(1).id).await.unwrap(), [role("a"), changed]);
    assert_eq!(store.roles(AccountId::from_u128(9)).await.unwrap(), []);
    let mut tx = store.begin().await.unwrap();
    tx.delete_role(account(1).id, &role("a").slug).await.unwrap();
    let gone = tx.delete_role(account(1).id, &role("a").slug).await;
    assert!(matches!(gone, Err(StoreError::Missing { what: "role" })), "{gone:?}");
}

async fn a_snapshot_has_people(bed: &Bed) {
    let store = bed.store().await;
    let mut tx = store.begin().await.unwrap();
    tx.put_role(&role("a"), ChangeNumber(5)).await.unwrap();
    tx.put_user(&user(1)).await.unwrap();
    tx.commit().await.unwrap();
    let mut seen = Vec::new();
    store.load(|change| seen.push((change.number.0, change.change))).await.unwrap();
    assert_eq!(seen, [(5, Change::Role(role("a"))), (7, Change::User(user(1).user))]);
}

async fn credentials_of_a_user(bed: &Bed) {
    let store = bed.store().await;
    let mut tx = store.begin().await.unwrap();
    for (number, owner, people) in [(1, None, false), (2, Some(4), false), (3, Some(4), true)] {
        let mut record = record(number);
        record.credential.user = owner.map(UserId::from_u128);
        if people {
            record.credential.environment = EnvironmentId::PEOPLE;
        }
        make(&mut tx, record, 1).await.unwrap();
    }
    tx.commit().await.unwrap();
    let find = async |filter: CredentialFilter| {
        let found = store.credentials(&filter).await.unwrap();
        found.into_iter().map(|(record, _)| record.credential.id).collect::<Vec<_>>()
    };
    let user = Some(UserId::from_u128(4));
    assert_eq!(
        find(CredentialFilter { user, ..CredentialFilter::default() }).await,
        [3, 2].map(credential_id)
    );
    let outside = Some(EnvironmentId::PEOPLE);
    let keys = CredentialFilter { outside, ..CredentialFilter::default() };
    assert_eq!(find(keys.clone()).await, [2, 1].map(credential_id));
    assert_eq!(find(CredentialFilter { user, ..keys }).await, [credential_id(2)]);
    let mut owners = Vec::new();
    let note = |change: claviger_model::NumberedChange| {
        if let Change::Credential(credential) = change.change {
            owners.push(credential.user);
        }
    };
    store.load(note).await.unwrap();
    assert_eq!(owners, [None, user, user]);
}

async fn a_step_is_used_once(bed: &Bed) {
    let store = bed.store().await;
    let mut tx = store.begin().await.unwrap();
    let id = UserId::from_u128(1);
    let factor = TotpFactor { sealed: vec![0, 1, 255], confirmed_at: Some(NOW), last_step: 10 };
    tx.put_totp(id, &factor).await.unwrap();
    assert_eq!(tx.totp(id).await.unwrap(), Some(factor));
    let steps = [(10, Once::Refused), (9, Once::Refused), (11, Once::Used), (11, Once::Refused)];
    for (step, expected) in steps {
        assert_eq!(tx.use_totp_step(id, step).await.unwrap(), expected, "{step}");
    }
    assert_eq!(tx.use_totp_step(UserId::from_u128(2), 99).await.unwrap(), Once::Refused);
    tx.put_user(&user(1)).await.unwrap();
    assert_eq!(tx.user(id).await.unwrap().unwrap().user.second_factor_since, Some(NOW));
    tx.delete_factors(id).await.unwrap();
    assert_eq!(tx.totp(id).await.unwrap(), None);
}

async fn recovery_codes_are_used_once(bed: &Bed) {
    let store = bed.store().await;
    let mut tx = store.begin().await.unwrap();
    let (id, code) = (UserId::from_u128(1), |byte: u8| Digest([byte; 32]));
    tx.put_recovery_codes(id, &[code(1), code(2)]).await.unwrap();
    assert_eq!(tx.use_recovery_code(id, &code(1), NOW).await.unwrap(), Once::Used);
    assert_eq!(tx.use_recovery_code(id, &code(1), NOW).await.unwrap(), Once::Refused);
    assert_eq!(tx.use_recovery_code(UserId::from_u128(2), &code(2), NOW).await.unwrap(), Once::Refused);
    tx.put_recovery_codes(id, &[code(3)]).await.unwrap();
    assert_eq!(tx.use_recovery_code(id, &code(2), NOW).await.unwrap(), Once::Refused);
}

async fn attempts_are_counted(bed: &Bed) {
    let store = bed.store().await;
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.attempts("user:usr_1").await.unwrap(), None);
    let failed = Attempts { failures: 3, last_failed_at: NOW, blocked_until: time(4), succeeded_at: None };
    tx.put_attempts("user:usr_1", &failed).await.unwrap();
    let succeeded = Attempts { failures: 0, succeeded_at: Some(time(9)), ..failed };
    tx.put_attempts("user:usr_2", &succeeded).await.unwrap();
    assert_eq!(tx.attempts("user:usr_1").await.unwrap(), Some(failed));
    tx.commit().await.unwrap();
    assert_eq!(store.prune_attempts(time(5), time(5)).await.unwrap(), 1);
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.attempts("user:usr_2").await.unwrap(), Some(succeeded));
}

async fn a_session_remembers_the_last_proof(bed: &Bed) {
    let store = bed.store().await;
    let token = |number| {
        let mut made = record(number);
        made.credential.environment = EnvironmentId::PEOPLE;
        made
    };
    let [session, other] = [token(1), token(2)];
    let id = |made: &CredentialRecord| made.credential.id;
    let mut tx = store.begin().await.unwrap();
    for made in [session.clone(), other.clone(), record(3)] {
        make(&mut tx, made, 1).await.unwrap();
    }
    assert_eq!(tx.proved_at(id(&session)).await.unwrap(), Some(session.created_at));
    let later = session.created_at.after(Span::from_secs(60));
    tx.put_proof(id(&session), later).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.proved_at(id(&session)).await.unwrap(), Some(later));
    assert_eq!(tx.proved_at(id(&other)).await.unwrap(), Some(other.created_at));
    // A key is no session, and what is ended is none any more.
    let mut ended = session.clone();
    ended.credential.state = CredentialState::Revoked;
    tx.update_credential(&ended).await.unwrap();
    for none in [id(&ended), credential_id(3), credential_id(4)] {
        assert_eq!(tx.proved_at(none).await.unwrap(), None, "{none}");
        let put = tx.put_proof(none, later).await;
        assert!(matches!(put, Err(StoreError::Missing { what: "session" })), "{put:?}");
    }
}
