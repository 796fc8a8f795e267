//! Lists of credentials: newest first, filtered, in pages.

use claviger_model::{AccountId, ApiId, CredentialRecord, CredentialState, ShownState, Time};
use claviger_store::{CredentialFilter, Store};

use crate::bed::{Bed, on_both_engines};
use crate::samples::{account, credential_id, environment, make, noted, record, uses};

on_both_engines![
    newest_first_in_pages,
    each_filter_alone_and_together,
    found_by_what_is_noted,
    each_is_found_by_the_state_that_is_shown,
    with_their_last_uses,
];

/// Thirty credentials of three accounts and two APIs; every fifth is pending, every seventh without a label.
fn sample(number: u32) -> (CredentialRecord, u32) {
    let mut record = record(number);
    record.credential.account = account(number % 3).id;
    record.credential.environment = environment(number % 4);
    if number.is_multiple_of(5) {
        record.credential.state = CredentialState::Pending;
    }
    if number.is_multiple_of(7) {
        record.label = None;
    }
    (record, number % 2)
}

async fn filled(bed: &Bed) -> Store {
    let store = bed.store().await;
    let mut tx = store.begin().await.unwrap();
    for number in 1..=30 {
        let (record, api) = sample(number);
        make(&mut tx, record, api).await.unwrap();
    }
    tx.commit().await.unwrap();
    store
}

async fn listed(store: &Store, filter: &CredentialFilter) -> Vec<u128> {
    let found = store.credentials(filter).await.unwrap();
    found.into_iter().map(|(record, _)| record.credential.id.as_u128()).collect()
}

fn expected(wanted: impl Fn(u32) -> bool) -> Vec<u128> {
    (1..=30).rev().filter(|number| wanted(*number)).map(u128::from).collect()
}

/// Whether the sample of this number is expected.
type Wanted = fn(u32) -> bool;

async fn newest_first_in_pages(bed: &Bed) {
    let store = filled(bed).await;
    assert_eq!(listed(&store, &CredentialFilter::default()).await, expected(|_| true));
    let mut filter =
        CredentialFilter { account: Some(account(1).id), limit: 4, ..CredentialFilter::default() };
    let mut pages = Vec::new();
    loop {
        let page = store.credentials(&filter).await.unwrap();
        let Some((last, _)) = page.last() else { break };
        filter.after = Some(last.credential.id);
        pages.push(page.len());
    }
    assert_eq!(pages, [4, 4, 2]);
}

async fn each_filter_alone_and_together(bed: &Bed) {
    let store = filled(bed).await;
    let any = CredentialFilter::default;
    let (account, api) = (AccountId::from_u128(2), ApiId::from_u128(0));
    let pending = Some((ShownState::Pending, Time::from_secs(0)));
    let search = |text: &str| Some(text.to_owned());
    let cases: Vec<(CredentialFilter, Wanted)> = vec![
        (CredentialFilter { account: Some(account), ..any() }, |n| n % 3 == 2),
        (CredentialFilter { api: Some(api), ..any() }, |n| n % 2 == 0),
        (CredentialFilter { environment: Some(environment(3)), ..any() }, |n| n % 4 == 3),
        (CredentialFilter { state: pending, ..any() }, |n| n % 5 == 0),
        (CredentialFilter { search: search("EXPORT 1"), ..any() }, |n| {
            n % 7 != 0 && n.to_string().starts_with('1')
        }),
        (CredentialFilter { search: search(""), ..any() }, |_| true),
        (CredentialFilter { search: search("%"), ..any() }, |_| false),
        (CredentialFilter { after: Some(credential_id(6)), ..any() }, |n| n < 6),
        (CredentialFilter { account: Some(account), api: Some(api), ..any() }, |n| n % 3 == 2 && n % 2 == 0),
        (CredentialFilter { api: Some(api), state: pending, ..any() }, |n| n % 2 == 0 && n % 5 == 0),
    ];
    for (filter, wanted) in cases {
        assert_eq!(listed(&store, &filter).await, expected(wanted), "{filter:?}");
    }
}

async fn found_by_what_is_noted(bed: &Bed) {
    let store = bed.store().await;
    let mut tx = store.begin().await.unwrap();
    for number in 1..=30_u32 {
        make(&mut tx, if number.is_multiple_of(3) { noted(number) } else { record(number) }, 1)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    let any = CredentialFilter::default;
    let search = |text: &str| CredentialFilter { search: Some(text.to_owned()), ..any() };
    let tag = |text: &str| CredentialFilter { tag: Some(text.parse().unwrap()), ..any() };
    let owner = |text: &str| CredentialFilter { owner: Some(text.parse().unwrap()), ..any() };
    let cases: Vec<(CredentialFilter, Wanted)> = vec![
        (search("FÜR JÜRGEN"), |n| n % 3 == 0),
        (search("ops@EXAMPLE"), |n| n % 3 == 0),
        (search("team=core"), |n| n % 3 == 0),
        (search("X7QZ"), |_| true),
        (search(&credential_id(7).to_string().to_uppercase()), |n| n == 7),
        (search("ops@example.com nightly"), |_| false),
        (tag("nightly"), |n| n % 3 == 0),
        (tag("nightly="), |n| n % 3 == 0),
        (tag("night"), |_| false),
        (tag("number"), |n| n % 3 == 0),
        (tag("number=n3"), |n| n == 3),
        (tag("team=Core = core"), |n| n % 3 == 0),
        (tag("team=core = core"), |_| false),
        (owner("OPS@example.com"), |n| n % 3 == 0),
        (owner("owner.30@example.com"), |n| n == 30),
        (owner("30@example.com"), |_| false),
        (CredentialFilter { tag: Some("number".parse().unwrap()), ..search("n1") }, |n| {
            n == 12 || n == 15 || n == 18
        }),
        (CredentialFilter { after: Some(credential_id(9)), ..tag("nightly") }, |n| n == 3 || n == 6),
    ];
    for (filter, wanted) in cases {
        assert_eq!(listed(&store, &filter).await, expected(wanted), "{filter:?}");
    }
}

async fn each_is_found_by_the_state_that_is_shown(bed: &Bed) {
    let store = bed.store().await;
    let (early, now, late) = (Time::from_secs(100), Time::from_secs(200), Time::from_secs(300));
    let mut tx = store.begin().await.unwrap();
    for (number, state, not_before, expires_at) in [
        (1, CredentialState::Active, None, None),
        (2, CredentialState::Active, Some(now), Some(late)),
        (3, CredentialState::Active, Some(early), Some(now)),
        (4, CredentialState::Active, Some(late), None),
        (5, CredentialState::Disabled, None, Some(early)),
        (6, CredentialState::Pending, Some(late), None),
        (7, CredentialState::Revoked, None, Some(early)),
    ] {
        let mut record = record(number);
        record.credential.state = state;
        (record.credential.not_before, record.credential.expires_at) = (not_before, expires_at);
        make(&mut tx, record, 1).await.unwrap();
    }
    tx.commit().await.unwrap();
    for (state, wanted) in [
        (ShownState::Active, &[2, 1][..]),
        (ShownState::Expired, &[3]),
        (ShownState::NotYetValid, &[4]),
        (ShownState::Disabled, &[5]),
        (ShownState::Pending, &[6]),
        (ShownState::Revoked, &[7]),
    ] {
        let filter = CredentialFilter { state: Some((state, now)), ..CredentialFilter::default() };
        let found = store.credentials(&filter).await.unwrap();
        assert!(found.iter().all(|(found, _)| found.credential.shown_state(now) == state), "{state}");
        assert_eq!(listed(&store, &filter).await, wanted, "{state}");
    }
}

async fn with_their_last_uses(bed: &Bed) {
    let store = filled(bed).await;
    let used = uses(30, ("v2", 60), Some(("v1", 0)));
    store.put_uses(std::slice::from_ref(&used)).await.unwrap();
    let found =
        store.credentials(&CredentialFilter { limit: 2, ..CredentialFilter::default() }).await.unwrap();
    let found: Vec<_> = found.into_iter().map(|(_, uses)| uses).collect();
    assert_eq!(found, [Some(used), None]);
}
