//! By somebody who can write to the database and has not the key.

use claviger_store::Breach;

use super::{append, broken, filled};
use crate::bed::{Bed, on_both_engines};

on_both_engines![
    every_column_of_every_entry_counts,
    a_removed_entry_is_missing,
    the_end_cannot_be_cut_off,
    two_entries_cannot_change_places,
    nothing_can_be_put_in,
    the_head_cannot_be_changed,
    a_break_stays_where_it_was_whatever_is_written_later,
    what_cannot_be_read_is_named,
];

/// Takes the triggers away, as somebody does who owns the tables.
pub(super) async fn unlock(bed: &Bed) {
    let statements = match bed {
        Bed::Sqlite(_) => {
            "DROP TRIGGER audit_keeps_entries; DROP TRIGGER audit_replaces_nothing;
            DROP TRIGGER audit_removes_old_entries_only"
        }
        Bed::Postgres { .. } => "ALTER TABLE audit DISABLE TRIGGER ALL",
    };
    for statement in statements.split(';') {
        bed.tamper_with(statement.to_owned()).await;
    }
}

const TEXTS: [&str; 11] = [
    "actor",
    "via",
    "came_from",
    "action",
    "object_kind",
    "object",
    "account_id",
    "request_id",
    "reason",
    "object_before",
    "object_after",
];

async fn every_column_of_every_entry_counts(bed: &Bed) {
    const LAST: i64 = 3;
    let store = filled(bed, LAST).await;
    unlock(bed).await;
    bed.tamper("CREATE TABLE kept AS SELECT * FROM audit").await;
    let mut changes: Vec<_> = TEXTS.iter().map(|column| format!("{column} = {column} || ' '")).collect();
    changes.extend(["via", "reason", "hash"].map(|column| format!("{column} = NULL")));
    changes.extend(["at = at + 1", "hash = (SELECT mac FROM audit_head)"].map(str::to_owned));
    for number in 1..=LAST {
        for change in &changes {
            bed.tamper_with(format!("UPDATE audit SET {change} WHERE seq = {number}")).await;
            assert_eq!(broken(&store).await, Some((number, Breach::Changed)), "{number}: {change}");
            bed.tamper("DELETE FROM audit").await;
            bed.tamper("INSERT INTO audit SELECT * FROM kept").await;
        }
    }
    assert_eq!(broken(&store).await, None);
}

async fn a_removed_entry_is_missing(bed: &Bed) {
    let store = filled(bed, 4).await;
    unlock(bed).await;
    for number in [3, 2, 1] {
        bed.tamper_with(format!("DELETE FROM audit WHERE seq = {number}")).await;
        assert_eq!(broken(&store).await, Some((number, Breach::Missing)));
    }
}

async fn the_end_cannot_be_cut_off(bed: &Bed) {
    let store = filled(bed, 4).await;
    unlock(bed).await;
    for number in [4, 3, 2, 1] {
        bed.tamper_with(format!("DELETE FROM audit WHERE seq = {number}")).await;
        assert_eq!(broken(&store).await, Some((number, Breach::CutOff)));
    }
}

async fn two_entries_cannot_change_places(bed: &Bed) {
    let store = filled(bed, 5).await;
    unlock(bed).await;
    for step in ["-1 WHERE seq = 2", "2 WHERE seq = 4", "4 WHERE seq = -1"] {
        bed.tamper_with(format!("UPDATE audit SET seq = {step}")).await;
    }
    assert_eq!(broken(&store).await, Some((2, Breach::Moved { to: 4 })));
}

const ROW: &str = "at, actor, via, came_from, action, object_kind, object, account_id, request_id, reason,
    object_before, object_after, hash";

async fn nothing_can_be_put_in(bed: &Bed) {
    let store = filled(bed, 3).await;
    unlock(bed).await;
    for (number, expected) in [(0, 0), (-7, -7), (4, 4), (900, 900)] {
        bed.tamper_with(format!(
            "INSERT INTO audit (seq, {ROW}) SELECT {number}, {ROW} FROM audit WHERE seq = 3"
        ))
        .await;
        assert_eq!(broken(&store).await, Some((expected, Breach::Added)));
        bed.tamper_with(format!("DELETE FROM audit WHERE seq = {number}")).await;
    }
    // In the middle there is no place but that of another.
    for step in ["4 WHERE seq = 3", "3 WHERE seq = 2"] {
        bed.tamper_with(format!("UPDATE audit SET seq = {step}")).await;
    }
    bed.tamper_with(format!("INSERT INTO audit (seq, {ROW}) SELECT 2, {ROW} FROM audit WHERE seq = 1")).await;
    assert_eq!(broken(&store).await, Some((2, Breach::Moved { to: 3 })));
}

async fn the_head_cannot_be_changed(bed: &Bed) {
    let store = filled(bed, 3).await;
    bed.tamper("CREATE TABLE kept AS SELECT * FROM audit_head").await;
    for change in [
        "seq = 2",
        "seq = 2, hash = (SELECT hash FROM audit WHERE seq = 2)",
        "hash = (SELECT hash FROM audit WHERE seq = 2)",
        "chained_after = 1",
        "chained_after = 1, chained_hash = (SELECT hash FROM audit WHERE seq = 1), removed_to = 1",
        "removed_to = 1",
        "mac = hash",
    ] {
        bed.tamper_with(format!("UPDATE audit_head SET {change}")).await;
        let found = broken(&store).await.map(|(_, what)| what);
        assert_eq!(found, Some(Breach::Head), "{change}");
        bed.tamper("DELETE FROM audit_head").await;
        bed.tamper("INSERT INTO audit_head SELECT * FROM kept").await;
    }
    assert_eq!(broken(&store).await, None);
}

async fn a_break_stays_where_it_was_whatever_is_written_later(bed: &Bed) {
    let store = filled(bed, 3).await;
    unlock(bed).await;
    bed.tamper("DELETE FROM audit WHERE seq = 3").await;
    bed.tamper("UPDATE audit_head SET seq = 2, hash = (SELECT hash FROM audit WHERE seq = 2)").await;
    bed.tamper("UPDATE change_counter SET audits = 2").await;
    append(&store, 4).await;
    append(&store, 5).await;
    assert_eq!(broken(&store).await, Some((3, Breach::Rejoined)));
}

async fn what_cannot_be_read_is_named(bed: &Bed) {
    let store = filled(bed, 3).await;
    unlock(bed).await;
    let statement = match bed {
        // Bytes that are no text.
        Bed::Sqlite(_) => "UPDATE audit SET actor = CAST(x'ff' AS TEXT) WHERE seq = 2",
        Bed::Postgres { .. } => "ALTER TABLE audit ALTER COLUMN actor DROP NOT NULL",
    };
    bed.tamper(statement).await;
    if let Bed::Postgres { .. } = bed {
        bed.tamper("UPDATE audit SET actor = NULL WHERE seq = 2").await;
    }
    assert_eq!(broken(&store).await, Some((2, Breach::Changed)));
}
