//! The data folder belongs to its owner alone, and opens with its own master key only.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use rstest::rstest;

use crate::bed::{Bed, CliOutput, Engine};

fn mode(bed: &Bed, name: &str) -> u32 {
    let metadata = fs::metadata(bed.data_dir().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    metadata.permissions().mode() & 0o777
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn it_is_for_its_owner_alone(#[case] engine: Engine) {
    let bed = Bed::serve(engine);
    assert_eq!(mode(&bed, ""), 0o700);
    for name in ["master.key", "claviger.sock"] {
        assert_eq!(mode(&bed, name), 0o600, "{name}");
    }
    if engine == Engine::Sqlite {
        for name in ["claviger.db", "claviger.db-wal", "claviger.db-shm"] {
            assert_eq!(mode(&bed, name), 0o600, "{name}");
        }
    }
}

fn put_key(bed: &Bed, content: &[u8], mode: u32) {
    let file = bed.data_dir().join("master.key");
    fs::write(&file, content).expect("the owner can write the master key");
    fs::set_permissions(&file, Permissions::from_mode(mode)).expect("the owner can set its mode");
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn a_wrong_master_key_is_named_as_such(#[case] engine: Engine) {
    let bed = Bed::empty(engine);
    bed.done(&["account", "create", "--number", "7", "--realm", "seven", "--name", "Seven"]);
    let right = fs::read(bed.data_dir().join("master.key")).expect("the first start made a master key");
    let wrong = "ab".repeat(32);
    for (content, mode, says) in [
        (wrong.as_bytes(), 0o600, "not the master key"),
        (b"nonsense", 0o600, "holds no master key"),
        (b"", 0o600, "holds no master key"),
        (&right, 0o640, "chmod 600"),
        (&right, 0o604, "chmod 600"),
    ] {
        put_key(&bed, content, mode);
        for args in [&["account", "list"][..], &["serve", "--ports", "auto", "--json"]] {
            let CliOutput { status, stdout, stderr } = bed.cli(args);
            assert_eq!((status, stdout.as_str()), (1, ""), "{args:?} {says}: {stderr}");
            assert!(stderr.contains(says) && !stderr.contains(&wrong), "wanted `{says}` in {stderr}");
        }
    }
    put_key(&bed, &right, 0o600);
    assert_eq!(bed.json(&["account", "list"])[0]["number"], "7");
}

#[test]
fn the_master_key_can_come_from_the_environment() {
    let mut bed = Bed::empty(Engine::Sqlite);
    bed.configure("[master_key]\nenvironment = \"TEST_MASTER_KEY\"\n");
    let list = |key: Option<&str>| {
        let mut command = bed.command();
        command.args(["account", "list"]).env_remove("TEST_MASTER_KEY");
        command.envs(key.map(|key| ("TEST_MASTER_KEY", key)));
        CliOutput::of(&mut command)
    };
    let (one, other) = ("0f".repeat(32), "f0".repeat(32));
    std::fs::create_dir(bed.data_dir()).expect("the folder can be made beforehand");
    assert_eq!(list(Some(&one)).status, 0);
    assert!(!bed.data_dir().join("master.key").exists(), "no second key is made");
    for (key, says) in
        [(None, "TEST_MASTER_KEY"), (Some("short"), "TEST_MASTER_KEY"), (Some(&*other), "not the master key")]
    {
        let output = list(key);
        assert_eq!(output.status, 1, "{output:#?}");
        assert!(output.stderr.contains(says), "wanted `{says}` in {}", output.stderr);
    }
    assert_eq!(list(Some(&one)).status, 0);
}
