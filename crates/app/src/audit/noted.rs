use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An entry that somebody has noted outside of the database: its place and its hash, as `claviger audit verify` prints
/// them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditNoted {
    /// Its place: 1 is the first.
    pub seq: u64,
    /// Its hash, in hexadecimal digits of lower case.
    pub hash: String,
}

impl FromStr for AuditNoted {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "write SEQ:HASH, as `claviger audit verify` prints it behind `Head`";
        let (seq, hash) = text.split_once(':').ok_or(FORM)?;
        let seq = seq.parse().ok().filter(|seq| *seq > 0).ok_or(FORM)?;
        let digits = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        if digits { Ok(Self { seq, hash: hash.to_ascii_lowercase() }) } else { Err(FORM) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_verify_prints() {
        let hash = "0123456789abcdef".repeat(4);
        assert_eq!(format!("7:{hash}").parse(), Ok(AuditNoted { seq: 7, hash: hash.clone() }));
        for wrong in ["7".to_owned(), format!("0:{hash}"), format!("x:{hash}"), "7:0123".to_owned()] {
            assert!(wrong.parse::<AuditNoted>().is_err(), "{wrong}");
        }
    }
}
