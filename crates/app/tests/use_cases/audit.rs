//! What stands in an entry, and what is proved of all of them.

use claviger_app::{AuditEvent, AuditFilter, AuditNoted, AuditVerified, AuditView, Keep, Object, Origin};
use claviger_model::{CameFrom, RequestId, Via};

use super::{
    Actor, ApplyMode, Command, LifeEvent, Outcome, Reveal, Span, World, account, catalogue, life, new_key,
};

impl World {
    async fn entries(&self, filter: AuditFilter) -> Vec<AuditView> {
        match self.run(Command::AuditList(filter)).await {
            Outcome::Audit(entries) => entries,
            other => panic!("not the audit: {other:?}"),
        }
    }

    async fn last(&self) -> AuditView {
        self.entries(AuditFilter::default()).await.pop().unwrap()
    }

    async fn verified(&self, noted: Option<AuditNoted>) -> AuditVerified {
        match self.run(Command::AuditVerify { noted }).await {
            Outcome::AuditVerified(report) => report,
            other => panic!("not a report: {other:?}"),
        }
    }

    async fn audited() -> (Self, claviger_app::KeyView) {
        let world = Self::new().await;
        world.run(catalogue(ApplyMode::Commit)).await;
        world.run(account()).await;
        let key = world.key(new_key()).await;
        (world, key)
    }
}

#[tokio::test]
async fn an_entry_says_from_where_with_what_and_whose() {
    let (world, key) = World::audited().await;
    let request = RequestId::from_u128(7);
    let from = CameFrom::Address([192, 0, 2, 1].into());
    let origin = Origin { via: Via::Rest, from: Some(from), request: Some(request) };
    origin.scope(world.run(life(key.id, LifeEvent::Activate))).await;
    let entry = world.last().await;
    assert_eq!((entry.via.as_deref(), entry.from.as_deref()), (Some("rest"), Some("192.0.2.1")));
    assert_eq!(entry.request_id, Some(request.to_string()));
    assert_eq!((entry.object.kind.as_deref(), entry.object.id), (Some("key"), key.id.to_string()));
    assert!(entry.account.is_some_and(|account| account.starts_with("acc_")));
    assert_eq!(entry.after.unwrap()["state"], "active");
    world.run(Command::KeyShow { id: key.id, reveal: Reveal::Secret }).await;
    let entry = world.last().await;
    assert_eq!((entry.via.as_deref(), entry.from), (Some("server"), None));
    assert_eq!((entry.action.as_str(), entry.account.is_some()), ("key.reveal", true));
}

#[tokio::test]
async fn an_account_finds_what_is_its() {
    let (world, key) = World::audited().await;
    let actions = async |filter| -> Vec<String> {
        world.entries(filter).await.into_iter().map(|entry| entry.action).collect()
    };
    let of_account = AuditFilter { account: Some("1".parse().unwrap()), ..AuditFilter::default() };
    assert_eq!(actions(of_account).await, ["account.create", "key.create"]);
    let of_key = AuditFilter { object: Some(key.id.to_string()), ..AuditFilter::default() };
    assert_eq!(actions(of_key).await, ["key.create"]);
    let unknown = AuditFilter { account: Some("2".parse().unwrap()), ..AuditFilter::default() };
    assert!(world.app.run(&super::OPERATOR, Command::AuditList(unknown)).await.is_err());
}

#[tokio::test]
async fn what_changes_nothing_can_be_told_and_what_is_refused_is() {
    let (world, _) = World::audited().await;
    let changes = world.trail().await.1;
    let event = AuditEvent {
        actor: "stranger".into(),
        action: "session.refused",
        object: Object::new("user", "somebody"),
        reason: Some("wrong password".into()),
        details: Some(serde_json::json!({ "factor": "password" })),
    };
    Origin::cli(CameFrom::Folder).scope(world.app.audit_event(event)).await.unwrap();
    let entry = world.last().await;
    assert_eq!((entry.actor.as_str(), entry.from.as_deref()), ("stranger", Some("folder")));
    assert_eq!(entry.after.unwrap()["factor"], "password");
    world.app.run(&Actor::Server, Command::AccountList(claviger_app::Part::default())).await.unwrap_err();
    let entry = world.last().await;
    assert_eq!((entry.action.as_str(), entry.object.id.as_str()), ("forbidden", "account.read"));
    assert_eq!(world.trail().await.1, changes);
    assert_eq!(world.verified(None).await.broken, None);
}

#[tokio::test]
async fn a_noted_head_is_found_again() {
    let (world, key) = World::audited().await;
    let AuditVerified { verified, head, head_hash, .. } = world.verified(None).await;
    assert_eq!((verified, head), (3, 3));
    world.run(life(key.id, LifeEvent::Activate)).await;
    let noted = AuditNoted { seq: head, hash: head_hash };
    assert_eq!(world.verified(Some(noted.clone())).await.broken, None);
    let other = AuditNoted { seq: 2, ..noted.clone() };
    assert_eq!(world.verified(Some(other)).await.broken.unwrap().what, "changed");
    let later = AuditNoted { seq: 90, ..noted };
    let broken = world.verified(Some(later)).await.broken.unwrap();
    assert_eq!((broken.what.as_str(), broken.seq), ("truncated", 90));
}

#[tokio::test]
async fn old_entries_go_and_the_rest_is_proved() {
    let (world, key) = World::audited().await;
    let keep = Keep { changes: 100, audit: Some(Span::from_days(400)) };
    world.pass(Span::from_days(399));
    world.app.prune(keep).await.unwrap();
    assert_eq!(world.verified(None).await.removed_to, 0);
    world.run(life(key.id, LifeEvent::Activate)).await;
    world.pass(Span::from_days(2));
    world.app.prune(keep).await.unwrap();
    let report = world.verified(None).await;
    assert_eq!((report.removed_to, report.verified, report.broken), (3, 2, None));
    let entries = world.entries(AuditFilter::default()).await;
    assert_eq!((entries[0].seq, entries[1].action.as_str()), (4, "audit.prune"));
    assert_eq!(entries[1].after.as_ref().unwrap()["removed_to"], 3);
    world.app.prune(Keep { audit: None, ..keep }).await.unwrap();
    assert_eq!(world.verified(None).await.removed_to, 3);
}
