use crate::{Foreign, Owner, Row, RowError, bcrypt, line_number};

/// The longest user name: that of an account's realm or number.
const LONGEST_USER: usize = 64;

pub(crate) fn read(text: &str) -> Vec<Row> {
    let lines = text.lines().enumerate().map(|(index, line)| (index, line.trim()));
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    lines.map(|(index, line)| Row { line: line_number(index), found: entry(line) }).collect()
}

fn entry(line: &str) -> Result<Foreign, RowError> {
    let parts = line.split_once(':').filter(|(user, _)| (1..=LONGEST_USER).contains(&user.len()));
    let (user, rest) = parts.ok_or(RowError::NoColon)?;
    // What further colons separate is a comment.
    let digest = rest.split(':').next().unwrap_or_default();
    Ok(Foreign { owner: Owner::Account(user.to_owned()), ..Foreign::of(bcrypt::read(digest)?) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;

    /// From the test vectors of Openwall's `crypt_blowfish`: the password `U*U`, at cost 5.
    const VECTOR: &str = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

    fn found(line: &str) -> Result<Foreign, RowError> {
        read(line).remove(0).found
    }

    #[test]
    fn bcrypt_is_taken_in_its_three_spellings() {
        for version in ["$2a$", "$2b$", "$2y$"] {
            let digest = VECTOR.replace("$2a$", version);
            let found = found(&format!("100042:{digest}")).unwrap();
            assert_eq!(found.secret, Secret::Bcrypt(digest));
            assert_eq!(found.owner, Owner::Account("100042".into()));
        }
        let rows = read(&format!("# users\n\n  a:{VECTOR}  \r\nb:{VECTOR}:a comment\n"));
        assert_eq!(
            rows.iter().map(|row| (row.line, row.found.is_ok())).collect::<Vec<_>>(),
            [(3, true), (4, true)]
        );
    }

    #[test]
    fn everything_else_is_refused_with_its_name() {
        let table = [
            ("a:$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/", RowError::Md5),
            ("a:{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=", RowError::Sha1),
            ("a:$6$salt$digest", RowError::OtherCrypt),
            ("a:$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", RowError::OtherCrypt),
            ("a:rqXexS6ZhobKA", RowError::NotBcrypt),
            ("a:", RowError::NoKey),
            ("a", RowError::NoColon),
            (":x", RowError::NoColon),
        ];
        for (line, why) in table {
            assert_eq!(found(line), Err(why), "{line}");
        }
        assert_eq!(found(&format!("a:{}", VECTOR.replace("$05$", "$15$"))), Err(RowError::Cost));
        assert_eq!(found(&format!("a:{}", VECTOR.replace("$05$", "$03$"))), Err(RowError::Cost));
        assert_eq!(found(&format!("a:{}", VECTOR.replace("$05$", "$+5$"))), Err(RowError::BadBcrypt));
        assert_eq!(found(&format!("a:{}", &VECTOR[..59])), Err(RowError::BadBcrypt));
        assert_eq!(found(&format!("a:{}", VECTOR.replace("E5Y", "E!Y"))), Err(RowError::BadBcrypt));
    }
}
