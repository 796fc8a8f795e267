//! Rotation, what is noted, and many keys at once.

use claviger_app::{AppError, BulkLine, Chosen, ErrorKind, KeyFilter};
use claviger_door::Records;
use claviger_model::{Notes, ShownState};

use super::*;

const DAY: Span = Span::from_days(1);

/// An API whose keys work at once, live for 30 days and can be changed in nothing but their owners.
const STRICT: &str = "activation: immediate\n      max_lifetime: 30d\n      owners: { min: 1, max: 2 }\n      \
    editable: [owners]";

fn strict() -> Command {
    let Command::Apply { mut bundle, mode } = catalogue(ApplyMode::Commit) else { unreachable!() };
    bundle.catalogue.text = CATALOGUE.replace("activation: operator", STRICT);
    Command::Apply { bundle, mode }
}

fn noted_key() -> Command {
    let Command::KeyCreate(new) = new_key() else { unreachable!() };
    let owners = vec!["ops@example.com".parse().unwrap()].into();
    let tags = claviger_model::Tags::of(["team=core".parse().unwrap()]).unwrap();
    let notes = Notes { memo: Some("Calls at night".into()), owners, tags };
    Command::KeyCreate(NewKey {
        label: Some("Export".into()),
        addresses: vec!["192.0.2.1".into()],
        notes,
        ..new
    })
}

fn rotate(id: CredentialId, overlap: Span) -> Command {
    Command::KeyRotate { id, overlap }
}

fn cancel(id: CredentialId) -> Command {
    Command::KeyRotateCancel { id, reason: None }
}

fn show(id: CredentialId) -> Command {
    Command::KeyShow { id, reveal: Reveal::Nothing }
}

impl World {
    /// A world with an API of this catalogue, and a key.
    async fn with_key(apply: Command) -> (Self, KeyView) {
        let world = Self::new().await;
        world.run(apply).await;
        world.run(account()).await;
        let key = world.key(noted_key()).await;
        (world, key)
    }

    #[track_caller]
    fn check_refused(outcome: Result<Outcome, AppError>, kind: ErrorKind, says: &str) {
        let error = outcome.expect_err("it is refused");
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(says), "wanted `{says}` in `{error}`");
    }

    async fn refuses(&self, command: Command, kind: ErrorKind, says: &str) {
        let before = self.trail().await;
        let outcome = self.app.run(&OPERATOR, command).await;
        Self::check_refused(outcome, kind, says);
        assert_eq!(self.trail().await, before, "what is refused leaves no trace");
    }

    async fn bulk(
        &self,
        chosen: Chosen,
        event: LifeEvent,
        mode: ApplyMode,
    ) -> Result<Vec<BulkLine>, AppError> {
        match self.app.run(&OPERATOR, Command::KeyBulk { chosen, event, reason: None, mode }).await? {
            Outcome::Bulk(lines) => Ok(lines),
            other => panic!("not many keys: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_successor_has_everything_but_the_secret() {
    let (world, old) = World::with_key(strict()).await;
    world.pass(Span::from_days(10));
    let new = world.key(rotate(old.id, DAY)).await;
    assert!(new.key.is_some() && new.key != old.key && new.hint != old.hint);
    assert_eq!((new.predecessor, new.successor, new.state.as_str()), (Some(old.id), None, "active"));
    let same = |view: &KeyView| {
        (view.label.clone(), view.notes.clone(), view.allowlist.clone(), view.permissions.clone())
    };
    assert_eq!(same(&new), same(&old));
    assert_eq!(new.expires_at, Some(new.created_at.after(Span::from_days(30))), "as if it was made now");

    let shown = world.key(show(old.id)).await;
    let rotation = shown.rotation.unwrap();
    assert_eq!((shown.successor, shown.state.as_str()), (Some(new.id), "active"));
    assert_eq!(rotation.ends_at, rotation.started_at.after(DAY));
    assert_eq!(shown.expires_at, Some(rotation.ends_at));
    assert!((86_300..86_400).contains(&rotation.remaining_seconds), "{rotation:?}");
    world.pass(DAY);
    let shown = world.key(show(old.id)).await;
    assert_eq!((shown.state.as_str(), shown.rotation.unwrap().remaining_seconds), ("expired", 0));
    let (actions, _) = world.trail().await;
    assert_eq!(actions[actions.len() - 2..], ["key.rotate", "key.rotate"], "both keys stand in the audit");
}

#[tokio::test]
async fn an_overlap_is_no_longer_than_the_life_of_the_key_and_can_be_none() {
    let (world, old) = World::with_key(strict()).await;
    let new = world.key(rotate(old.id, Span::from_days(90))).await;
    let shown = world.key(show(old.id)).await;
    assert_eq!(shown.expires_at, old.expires_at);
    world.key(rotate(new.id, Span::ZERO)).await;
    assert_eq!(world.key(show(new.id)).await.state, "expired");
    world.refuses(rotate(old.id, "91d".parse().unwrap()), ErrorKind::Invalid, "at most 90d").await;
}

#[tokio::test]
async fn a_rotation_can_be_taken_back_while_both_work() {
    let (world, old) = World::with_key(strict()).await;
    world.refuses(cancel(old.id), ErrorKind::Conflict, "not being rotated").await;
    let new = world.key(rotate(old.id, DAY)).await;
    world.app.recorder().late(old.id);
    let back = world.key(cancel(old.id)).await;
    assert_eq!((back.expires_at, back.successor, back.late_uses), (old.expires_at, None, 0));
    assert_eq!(back.rotation, None);
    let new = world.key(show(new.id)).await;
    assert_eq!(
        (new.state.as_str(), new.revoked_reason.as_deref()),
        ("revoked", Some("the rotation was cancelled"))
    );
    let (actions, _) = world.trail().await;
    assert_eq!(actions[actions.len() - 2..], ["key.rotate.cancel", "key.rotate.cancel"]);

    let third = world.key(rotate(old.id, DAY)).await;
    let fourth = world.key(rotate(third.id, DAY)).await;
    world.refuses(cancel(old.id), ErrorKind::Conflict, &fourth.id.to_string()).await;
    world.run(cancel(third.id)).await;
    world.pass(DAY);
    world.refuses(cancel(old.id), ErrorKind::Conflict, "is over").await;
}

#[tokio::test]
async fn only_an_active_key_without_a_living_successor_is_rotated() {
    let (world, key) = World::with_key(catalogue(ApplyMode::Commit)).await;
    world.refuses(rotate(key.id, DAY), ErrorKind::Conflict, "is pending").await;
    world.run(life(key.id, LifeEvent::Activate)).await;
    let new = world.key(rotate(key.id, DAY)).await;
    assert_eq!((new.state.as_str(), new.expires_at), ("pending", None), "new keys of this API wait");
    world.refuses(rotate(key.id, DAY), ErrorKind::Conflict, &new.id.to_string()).await;
    world.run(life(new.id, LifeEvent::Revoke)).await;
    // The successor is dead, so that there can be another one; what is taken back is still the first life.
    world.run(rotate(key.id, DAY)).await;
    assert_eq!(world.key(cancel(key.id)).await.expires_at, None);
    world.run(life(key.id, LifeEvent::Disable)).await;
    world.refuses(rotate(key.id, DAY), ErrorKind::Conflict, "is disabled").await;
    world.run(life(key.id, LifeEvent::Revoke)).await;
    world.refuses(rotate(key.id, DAY), ErrorKind::Conflict, "is revoked").await;

    let (world, key) = World::with_key(strict()).await;
    world.pass(Span::from_days(31));
    world.refuses(rotate(key.id, DAY), ErrorKind::Conflict, "expired").await;
}

#[tokio::test]
async fn late_uses_add_up_from_many_threads() {
    let (world, key) = World::with_key(strict()).await;
    world.app.recorder().late(key.id);
    assert_eq!(world.key(show(key.id)).await.late_uses, 0, "without a successor nothing is late");
    world.run(rotate(key.id, DAY)).await;
    let recorder = world.app.recorder().clone();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..1000).for_each(|_| recorder.late(key.id)));
        }
    });
    assert_eq!(world.key(show(key.id)).await.late_uses, 8000);
    let Outcome::Keys(listed) = world.run(Command::KeyList(KeyFilter::default())).await else { panic!() };
    assert_eq!(listed.iter().map(|view| view.late_uses).collect::<Vec<_>>(), [0, 8000]);
}

#[tokio::test]
async fn nothing_but_what_the_policy_names_can_be_changed() {
    let (world, key) = World::with_key(strict()).await;
    let owners = |list: &[&str]| Command::KeyOwners {
        id: key.id,
        owners: list.iter().map(|owner| owner.parse().unwrap()).collect::<Vec<_>>().into(),
    };
    let describe = |label: Option<&str>, memo: Option<&str>| Command::KeyDescribe {
        id: key.id,
        label: label.map(Into::into),
        memo: memo.map(Into::into),
    };
    let tag = Command::KeyTag { id: key.id, edits: vec!["-team".parse().unwrap()] };
    let allow = Command::KeyAllow { id: key.id, addresses: vec![] };
    assert_eq!(world.key(owners(&["a@b", "c@d", "A@B"])).await.notes.owners.addresses().len(), 2);
    world.refuses(owners(&[]), ErrorKind::Invalid, "1 to 2 owners").await;
    world.refuses(describe(Some("x"), None), ErrorKind::Invalid, "the label of a key").await;
    world.refuses(describe(None, Some("")), ErrorKind::Invalid, "the memo of a key").await;
    world.refuses(tag, ErrorKind::Invalid, "the tags of a key").await;
    world.refuses(allow, ErrorKind::Invalid, "the allowlist of a key").await;
    let before = world.trail().await;
    world.run(describe(Some("Export"), Some("Calls at night"))).await;
    assert_eq!(world.trail().await, before, "what changes nothing is no change");

    let (world, key) = World::with_key(catalogue(ApplyMode::Commit)).await;
    let describe =
        |memo: String| Command::KeyDescribe { id: key.id, label: Some(String::new()), memo: Some(memo) };
    world.refuses(describe("x".repeat(501)), ErrorKind::Invalid, "500 characters").await;
    let changed = world.key(describe("ä".repeat(500))).await;
    assert_eq!((changed.label, changed.notes.memo.unwrap().chars().count()), (None, 500));
}

#[tokio::test]
async fn many_keys_change_together_or_not_at_all() {
    let (world, first) = World::with_key(strict()).await;
    let mut ids = vec![first.id];
    for _ in 0..3 {
        ids.push(world.key(noted_key()).await.id);
    }
    world.run(life(ids[3], LifeEvent::Revoke)).await;
    let before = world.trail().await;
    let all = Chosen::Ids(ids.clone());
    let refused = world.bulk(all.clone(), LifeEvent::Disable, ApplyMode::Commit).await.unwrap_err();
    assert!(refused.to_string().contains(&ids[3].to_string()), "{refused}");
    let live = KeyFilter { state: Some(ShownState::Active), ..KeyFilter::default() };
    let told = world.bulk(Chosen::Where(live.clone()), LifeEvent::Disable, ApplyMode::DryRun).await.unwrap();
    assert_eq!(world.trail().await, before, "neither has changed anything");

    let live = KeyFilter { tag: Some("team=core".parse().unwrap()), ..live };
    let did = world.bulk(Chosen::Where(live), LifeEvent::Disable, ApplyMode::Commit).await.unwrap();
    assert_eq!(did, told);
    assert_eq!(did.iter().map(|line| line.id).collect::<Vec<_>>(), ids[..3]);
    assert!(did.iter().all(|line| line.after == ShownState::Disabled));
    let (actions, head) = world.trail().await;
    assert_eq!((actions[before.0.len()..].to_vec(), head), (vec!["key.disable".to_owned(); 3], before.1 + 3));

    let revoked = world.bulk(all, LifeEvent::Revoke, ApplyMode::Commit).await.unwrap();
    let states: Vec<_> = revoked.iter().map(|line| line.before).collect();
    assert_eq!(states[..3], [ShownState::Disabled; 3]);
    assert_eq!(
        (states[3], world.trail().await.1),
        (ShownState::Revoked, head + 3),
        "one was revoked already"
    );
    let unknown = Chosen::Ids(vec![ids[0], CredentialId::from_u128(7)]);
    assert!(world.bulk(unknown, LifeEvent::Revoke, ApplyMode::Commit).await.is_err());
    let many = Chosen::Ids((0..1001).map(CredentialId::from_u128).collect());
    assert!(
        world
            .bulk(many, LifeEvent::Revoke, ApplyMode::Commit)
            .await
            .unwrap_err()
            .to_string()
            .contains("1000")
    );
}
