use base64::Engine;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::NO_PAD;

use crate::{RowError, Secret};

/// Its check takes about a second; each step more doubles that.
pub(crate) const HIGHEST_COST: u32 = 14;
const LOWEST_COST: u32 = 4;
const LENGTH: usize = 60;
const BCRYPT: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::BCRYPT, NO_PAD);

/// Reads what stands for a password in an htpasswd file.
pub(crate) fn read(text: &str) -> Result<Secret, RowError> {
    let bcrypt = ["$2a$", "$2b$", "$2y$"].iter().find_map(|version| text.strip_prefix(version));
    match bcrypt {
        Some(rest) if text.len() == LENGTH => check(rest).map(|()| Secret::Bcrypt(text.to_owned())),
        Some(_) => Err(RowError::BadBcrypt),
        None => Err(other(text)),
    }
}

/// Cost, `$`, 22 characters of salt and 31 of digest.
fn check(rest: &str) -> Result<(), RowError> {
    let (cost, rest) = rest.split_once('$').ok_or(RowError::BadBcrypt)?;
    let digits = cost.len() == 2 && cost.bytes().all(|byte| byte.is_ascii_digit());
    let cost: u32 = cost.parse().ok().filter(|_| digits).ok_or(RowError::BadBcrypt)?;
    let (salt, digest) = rest.split_at_checked(22).ok_or(RowError::BadBcrypt)?;
    let holds = |text: &str, wanted: usize| BCRYPT.decode(text).is_ok_and(|bytes| bytes.len() == wanted);
    if !holds(salt, 16) || !holds(digest, 23) {
        return Err(RowError::BadBcrypt);
    }
    if (LOWEST_COST..=HIGHEST_COST).contains(&cost) { Ok(()) } else { Err(RowError::Cost) }
}

fn other(text: &str) -> RowError {
    let starts = |marks: &[&str]| marks.iter().any(|mark| text.starts_with(mark));
    match text {
        "" => RowError::NoKey,
        _ if starts(&["$apr1$", "$1$"]) => RowError::Md5,
        _ if starts(&["{SHA}", "{SSHA}"]) => RowError::Sha1,
        _ if starts(&["$"]) => RowError::OtherCrypt,
        _ => RowError::NotBcrypt,
    }
}
