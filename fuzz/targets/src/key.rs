use claviger_credential::key::{check, generate};
use claviger_model::{KeyPrefix, Slug};

/// The format of keys: reads the input as a key, and makes a key of it.
///
/// # Panics
/// If an accepted text is not what the format says, or a changed key is accepted.
pub fn key(data: &[u8]) {
    if let Ok(text) = str::from_utf8(data)
        && check(text).is_ok()
    {
        assert_format(text);
    }
    if let Some((random, change)) = data.split_first_chunk() {
        assert_generated(*random, change);
    }
}

fn assert_format(text: &str) {
    let parts: Vec<&str> = text.split('_').collect();
    let [prefix, environment, digits] = parts[..] else {
        panic!("an accepted key has {} parts", parts.len())
    };
    assert!(prefix.parse::<KeyPrefix>().is_ok(), "the prefix is not one");
    assert!(environment.parse::<Slug>().is_ok(), "the environment is not one");
    assert_eq!(digits.len(), 49, "the digits are too many or too few");
    assert!(check(&text[1..]).is_err(), "a key is accepted without its first character");
    assert!(check(&text[..text.len() - 1]).is_err(), "a key is accepted without its last character");
}

/// The first byte of the change says where, the second what.
fn assert_generated(random: [u8; 32], change: &[u8]) {
    let (Ok(prefix), Ok(environment)) = ("fuzz".parse(), "test-1".parse()) else { return };
    let key = generate(&prefix, &environment, random);
    assert_eq!(check(key.expose()), Ok(()), "a generated key is refused");
    assert_format(key.expose());
    if let [place, byte, ..] = change {
        assert_changed(key.expose(), usize::from(*place), *byte);
    }
}

fn assert_changed(key: &str, place: usize, byte: u8) {
    let mut changed = key.as_bytes().to_vec();
    let place = place % changed.len();
    changed[place] = byte;
    if let Ok(changed) = str::from_utf8(&changed) {
        assert_eq!(check(changed).is_ok(), changed == key, "a changed key is accepted");
    }
}
