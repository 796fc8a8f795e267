//! A row becomes a key, or says why not; and a file is imported once.

use claviger_app::{
    ApplyMode, Command, ImportFormat, ImportOutcome, ImportReport, KeyFilter, KeyView, Outcome, Reveal,
};

use crate::world::{World, import};

const FIRST: &str = "a-first-key-made-elsewhere";
/// Its SHA-256, as `sha256sum` tells it.
const FIRST_SHA256: &str = "fd2b03e855eec984a9f6d802324b6d279ba2cb33776dfe97ac9d5f1fb0ca744f";
const DIGEST: &str = "$2y$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

async fn keys(world: &World) -> Vec<KeyView> {
    match world.run(Command::KeyList(KeyFilter::default())).await {
        Outcome::Keys(keys) => keys,
        other => panic!("no keys: {other:?}"),
    }
}

fn outcomes(report: &ImportReport) -> Vec<(u32, ImportOutcome)> {
    report.rows.iter().map(|row| (row.line, row.outcome)).collect()
}

#[tokio::test]
async fn a_file_is_imported_once_and_a_dry_run_imports_nothing() {
    use ImportOutcome::{Imported, Present, Refused};
    let world = World::with_accounts(2).await;
    let file = format!(
        "key,account,label\n{FIRST},1,One\na-second-key-of-theirs,realm-2,\n{FIRST},1,\nshort,1,\nfor-nobody,9,\n"
    );
    let dry = world.import(ImportFormat::Plain, &file, ApplyMode::DryRun).await;
    assert!(keys(&world).await.is_empty());
    assert_eq!(world.app.snapshots().load().credentials(), 0);

    let first = world.import(ImportFormat::Plain, &file, ApplyMode::Commit).await;
    let expected = [(2, Imported), (3, Imported), (4, Present), (5, Refused), (6, Refused)];
    assert_eq!(outcomes(&first), expected);
    assert_eq!(outcomes(&dry), expected);
    assert_eq!((first.imported, first.present, first.refused), (2, 1, 2));
    assert_eq!(world.reason("1", FIRST), None);
    assert_eq!(world.reason("2", "a-second-key-of-theirs"), None);

    let head = world.store.head().await.unwrap();
    let second = world.import(ImportFormat::Plain, &file, ApplyMode::Commit).await;
    assert_eq!((second.imported, second.present, second.refused), (0, 3, 2));
    assert_eq!(second.rows[0].key, first.rows[0].key);
    assert_eq!(world.store.head().await.unwrap(), head);
}

#[tokio::test]
async fn no_part_of_a_key_is_told() {
    let world = World::with_accounts(1).await;
    let file = format!(
        "key,account,label,permissions,addresses\n{FIRST},{FIRST},,,\n{FIRST},1,,{FIRST},\n{FIRST},1,,,{FIRST}\n"
    );
    let report = world.import(ImportFormat::Plain, &file, ApplyMode::Commit).await;
    assert_eq!(report.refused, 3);
    let line = format!("key,account\n{FIRST},1\n");
    let taken = world.import(ImportFormat::Plain, &line, ApplyMode::Commit).await;
    let command = Command::KeyImport(import(ImportFormat::Plain, &line, ApplyMode::Commit));
    let told = format!("{report:?}{taken:?}{command:?}{}", world.trail().await);
    assert!(told.contains("key.import") && !told.contains("made-elsewhere"));
}

#[tokio::test]
async fn a_key_that_is_there_as_a_digest_is_there() {
    let world = World::with_accounts(1).await;
    let file = format!("sha256,account\n{FIRST_SHA256},1\n");
    assert_eq!(world.import(ImportFormat::Sha256, &file, ApplyMode::Commit).await.imported, 1);
    assert_eq!(world.reason("1", FIRST), None);
    let plain = format!("key,account\n{FIRST},1\n");
    let report = world.import(ImportFormat::Plain, &plain, ApplyMode::Commit).await;
    assert_eq!((report.imported, report.present), (0, 1));
}

#[tokio::test]
async fn a_digest_of_a_key_that_is_there_is_there() {
    use ImportOutcome::{Imported, Present};
    let world = World::with_accounts(2).await;
    let plain = format!("key,account\n{FIRST},1\n");
    let first = world.import(ImportFormat::Plain, &plain, ApplyMode::Commit).await;
    let digest = format!("sha256,account\n{FIRST_SHA256},2\n");
    for mode in [ApplyMode::DryRun, ApplyMode::Commit] {
        let report = world.import(ImportFormat::Sha256, &digest, mode).await;
        assert_eq!((report.imported, report.present), (0, 1));
        assert_eq!(report.rows[0].key, first.rows[0].key);
    }
    let both = r#"{"plaintext":"theirs-number-2","externalId":"1"}
        {"hash":"YMYTXW1FUQZnLCGDEZC2tO/sNu2fYh7OCvOZhsLlLEI=","externalId":"2"}"#;
    let expected = [(1, Imported), (2, Present)];
    for mode in [ApplyMode::DryRun, ApplyMode::Commit] {
        assert_eq!(outcomes(&world.import(ImportFormat::Unkey, both, mode).await), expected);
    }
}

#[tokio::test]
async fn what_is_made_here_is_no_key_of_others() {
    let world = World::with_accounts(2).await;
    // A key from the tests of the format, and the same with a wrong end.
    let file = "key,account\ncloud_eu-west-1_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp12u6C3D,1\n\
        key_01m80wr4y0t2rgw4gaq32qk4fe,1\n\
        cloud_eu-west-1_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp12u6C3E,1\n";
    let report = world.import(ImportFormat::Plain, file, ApplyMode::Commit).await;
    assert_eq!(
        report.rows.iter().map(|row| row.outcome).collect::<Vec<_>>(),
        [ImportOutcome::Refused, ImportOutcome::Refused, ImportOutcome::Imported]
    );
}

#[tokio::test]
async fn what_the_policy_says_holds_for_imported_keys() {
    let world = World::with_accounts(1).await;
    let file = format!(
        "key,account,expires_at\n{FIRST},1,2900-01-01T00:00:00Z\nanother-key-of-theirs,1,2020-01-01T00:00:00Z\n"
    );
    let report = world.import(ImportFormat::Plain, &file, ApplyMode::Commit).await;
    assert_eq!(report.rows[1].note.as_deref(), Some("it has expired"));
    let keys = keys(&world).await;
    assert!(keys[0].expires_at.unwrap() < "2029-01-01T00:00:00Z".parse().unwrap());
    assert_eq!(keys[0].hint, "here");
    let shown = world.run(Command::KeyShow { id: keys[0].id, reveal: Reveal::Secret }).await;
    let Outcome::Key(shown) = shown else { panic!("no key") };
    assert_eq!(shown.key.unwrap().expose(), FIRST);
}

#[tokio::test]
async fn an_owner_known_elsewhere_is_an_account_here_or_the_default() {
    let world = World::with_accounts(2).await;
    let file = format!(
        "consumers:\n- username: realm-2\n  keyauth_credentials: [{{ key: {FIRST} }}]\n- username: luka\n  keyauth_credentials: [{{ key: another-key-of-theirs }}]\n"
    );
    let report = world.import(ImportFormat::Kong, &file, ApplyMode::DryRun).await;
    assert_eq!((report.imported, report.refused), (1, 1));
    assert!(report.rows[1].note.as_ref().unwrap().contains("--account"));
    let with_default = claviger_app::Import {
        account: Some("1".parse().unwrap()),
        ..import(ImportFormat::Kong, &file, ApplyMode::Commit)
    };
    let Outcome::Imported(report) = world.run(Command::KeyImport(with_default)).await else {
        panic!("no report")
    };
    assert_eq!(
        report.rows.iter().map(|row| row.account.as_deref()).collect::<Vec<_>>(),
        [Some("2"), Some("1")]
    );
    assert_eq!(world.reason("2", FIRST), None);
    assert_eq!(world.reason("1", "another-key-of-theirs"), None);
}

#[tokio::test]
async fn the_user_name_of_a_password_is_the_one_that_the_api_wants() {
    let world = World::with_accounts(1).await;
    let file = format!("1:{DIGEST}\nrealm-1:{DIGEST}\nluka:{DIGEST}\n");
    let report = world.import(ImportFormat::Htpasswd, &file, ApplyMode::Commit).await;
    let notes: Vec<_> = report.rows.iter().map(|row| row.note.as_deref()).collect();
    let wanted = "the user name has to be the number of an account";
    let nobody = "there is no account with the number or realm that it names";
    assert_eq!(notes, [None, Some(wanted), Some(nobody)]);
}

#[tokio::test]
async fn thousands_of_rows_are_imported_in_several_transactions() {
    let world = World::with_accounts(1).await;
    let rows: Vec<_> = (0..2500).map(|number| format!("a-key-of-theirs-{number},1")).collect();
    let file = format!("key,account\n{}", rows.join("\n"));
    let report = world.import(ImportFormat::Plain, &file, ApplyMode::Commit).await;
    assert_eq!((report.imported, report.rows.len()), (2500, 2500));
    assert_eq!(world.app.snapshots().load().credentials(), 2500);
    assert_eq!(world.reason("1", "a-key-of-theirs-2499"), None);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_changes_nothing() {
    let world = World::with_accounts(1).await;
    let operator = claviger_app::Actor::Operator { via: "test" };
    for (format, file) in [(ImportFormat::Kong, "consumers: ["), (ImportFormat::Plain, "key,colour\n")] {
        let refused =
            world.app.run(&operator, Command::KeyImport(import(format, file, ApplyMode::Commit))).await;
        assert_eq!(refused.unwrap_err().kind(), claviger_app::ErrorKind::Invalid);
    }
}

#[tokio::test]
async fn owners_and_permissions_of_rows_that_name_none_are_those_of_the_import() {
    let world = World::with_accounts(1).await;
    let file = format!("key,account,owners\n{FIRST},1,\nanother-key-of-theirs,1,own@example.com\n");
    let with_owner = claviger_app::Import {
        owners: vec!["ops@example.com".parse().unwrap()],
        ..import(ImportFormat::Plain, &file, ApplyMode::Commit)
    };
    world.run(Command::KeyImport(with_owner)).await;
    let mut owners: Vec<_> = keys(&world).await.iter().map(|key| format!("{:?}", key.notes.owners)).collect();
    owners.sort();
    assert!(owners[0].contains("ops@example.com") || owners[1].contains("ops@example.com"), "{owners:?}");
    assert!(owners[0].contains("own@example.com") || owners[1].contains("own@example.com"), "{owners:?}");
    let stranger = claviger_app::Import {
        access: claviger_app::Access::Only(vec!["things:nothing:read".parse().unwrap()]),
        ..import(ImportFormat::Plain, &file, ApplyMode::DryRun)
    };
    let operator = claviger_app::Actor::Operator { via: "test" };
    let refused = world.app.run(&operator, Command::KeyImport(stranger)).await.unwrap_err();
    assert_eq!(refused.kind(), claviger_app::ErrorKind::Invalid);
}

#[tokio::test]
async fn digests_become_keys_only_where_that_is_meant() {
    let world = World::with_accounts(1).await;
    let operator = claviger_app::Actor::Operator { via: "test" };
    let account = Some("1".parse().unwrap());
    let list = |trust| claviger_app::Import {
        account: account.clone(),
        trust,
        ..import(ImportFormat::Plain, &format!("{FIRST}\n{FIRST_SHA256}\n"), ApplyMode::Commit)
    };
    let checked = Command::KeyImport(list(claviger_app::Trust::Checked));
    let refused = world.app.run(&operator, checked).await.unwrap_err();
    assert!(refused.to_string().contains("--format sha256"), "{refused}");
    assert!(keys(&world).await.is_empty());
    world.run(Command::KeyImport(list(claviger_app::Trust::AsIs))).await;
    assert_eq!(world.reason("1", FIRST_SHA256), None);
}
