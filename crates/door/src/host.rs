use std::borrow::Cow;

/// A host as in `Host`, `:authority` or an absolute target (RFC 3986 section 3.2.2), read strictly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Host<'a> {
    /// The name or address as written; an IPv6 address keeps its brackets.
    pub name: &'a str,
    /// The port, if one is given.
    pub port: Option<u16>,
    /// Both as written.
    pub text: &'a str,
}

impl<'a> Host<'a> {
    /// Reads `name[:port]`. A user name, an empty name or a port out of range is none.
    #[must_use]
    pub fn read(text: &'a str) -> Option<Self> {
        let (name, rest) = text.split_at(name_length(text)?);
        let port = match rest.strip_prefix(':') {
            None if rest.is_empty() => None,
            // `host:` with nothing after it is allowed by the grammar, and means the default port.
            Some("") => None,
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => Some(digits.parse().ok()?),
            _ => return None,
        };
        Some(Self { name, port, text })
    }

    /// Whether both name the same server, where `default` is the port that is meant by none.
    #[must_use]
    pub fn same(self, other: Self, default: u16) -> bool {
        self.name.eq_ignore_ascii_case(other.name)
            && self.port.unwrap_or(default) == other.port.unwrap_or(default)
    }

    /// The name in lower case.
    #[must_use]
    pub fn lower(self) -> Cow<'a, str> {
        if self.name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Cow::Owned(self.name.to_ascii_lowercase());
        }
        Cow::Borrowed(self.name)
    }
}

fn name_length(text: &str) -> Option<usize> {
    if let Some(rest) = text.strip_prefix('[') {
        let length = rest.find(']')?;
        rest.get(..length)?.parse::<std::net::Ipv6Addr>().ok()?;
        return Some(length + 2);
    }
    let length = text.find(':').unwrap_or(text.len());
    let good = text.bytes().take(length).all(is_name_byte);
    (length > 0 && good).then_some(length)
}

/// Letters, digits and what host names are made of in practice. Percent-encoding and sub-delimiters are allowed by
/// the grammar and used by nobody but attackers.
const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_names_addresses_and_ports() {
        let read = |text| Host::read(text).map(|host| (host.name, host.port));
        assert_eq!(read("a.example"), Some(("a.example", None)));
        assert_eq!(read("A.example:8443"), Some(("A.example", Some(8443))));
        assert_eq!(read("[::1]:80"), Some(("[::1]", Some(80))));
        assert_eq!(read("a.example:"), Some(("a.example", None)));
    }

    #[test]
    fn refuses_what_is_no_host() {
        for text in [
            "", ":80", "a b", "a@b", "a/b", "a,b", "a:b", "a:80:80", "a:99999", "[::1", "[x]", "[::1]x",
            "a:+1", "a%41", "a\t",
        ] {
            assert_eq!(Host::read(text), None, "{text}");
        }
    }

    #[test]
    fn compares_without_case_and_default_port() {
        let same = |one, other| Host::read(one).unwrap().same(Host::read(other).unwrap(), 80);
        assert!(same("A.example", "a.EXAMPLE:80"));
        assert!(!same("a.example", "a.example:8080"));
        assert!(!same("a.example", "b.example"));
    }
}
