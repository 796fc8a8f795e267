use http::uri::Authority;

/// Why a text is not the address of an upstream. It never shows the text, in which a variable may have put a
/// password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UpstreamProblem {
    Scheme,
    Userinfo,
    Authority,
    QueryOrFragment,
    Path,
    Versions,
    VersionOutsidePath,
}

const VERSION: &str = "{version}";

impl UpstreamProblem {
    /// What is wrong.
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::Scheme => "an upstream starts with `http://`, `https://` or `h2c://`",
            Self::Userinfo => "an upstream has no user name or password",
            Self::Authority => "an upstream has a host and perhaps a port",
            Self::QueryOrFragment => "an upstream has no query and no fragment",
            Self::Path => "the path of an upstream has plain segments only: no `//`, `.`, `..` or `%`",
            Self::Versions => "`{version}` stands in an upstream at most once",
            Self::VersionOutsidePath => "`{version}` stands in the path of an upstream only",
        }
    }
}

/// Checks an upstream after its variables are filled in.
pub(crate) fn check_upstream(text: &str) -> Result<(), UpstreamProblem> {
    let rest = ["http://", "https://", "h2c://"].iter().find_map(|scheme| text.strip_prefix(scheme));
    let rest = rest.ok_or(UpstreamProblem::Scheme)?;
    if rest.contains(['?', '#']) {
        return Err(UpstreamProblem::QueryOrFragment);
    }
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    check_authority(authority)?;
    if path.matches(VERSION).count() > 1 {
        return Err(UpstreamProblem::Versions);
    }
    check_path(&path.replace(VERSION, "v"))
}

fn check_authority(text: &str) -> Result<(), UpstreamProblem> {
    if text.contains('@') {
        return Err(UpstreamProblem::Userinfo);
    }
    if text.contains(VERSION) {
        return Err(UpstreamProblem::VersionOutsidePath);
    }
    let authority: Authority = text.parse().map_err(|_| UpstreamProblem::Authority)?;
    let host = authority.host();
    let named = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let address = host.starts_with('[') && host.ends_with(']');
    let port_fits = match text.strip_prefix(host).and_then(|port| port.strip_prefix(':')) {
        Some(port) => port.parse::<u16>().is_ok_and(|port| port > 0) && !port.starts_with('+'),
        None => text == host,
    };
    if host.is_empty() || !(address || host.bytes().all(named)) || !port_fits {
        return Err(UpstreamProblem::Authority);
    }
    Ok(())
}

fn check_path(path: &str) -> Result<(), UpstreamProblem> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let plain = |segment: &str| claviger_spec::check_literal(segment).is_ok() && !segment.contains('%');
    match path.strip_prefix('/') {
        Some(segments) if !segments.split('/').all(plain) => Err(UpstreamProblem::Path),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_with_and_without_a_version_are_taken() {
        let taken = [
            "http://127.0.0.1:7070/customers/{version}",
            "https://up.example",
            "https://up.example/",
            "http://[::1]:80/a/v-{version}/b/",
            "http://a_service:8080",
        ];
        for text in taken {
            assert_eq!(check_upstream(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn each_problem_is_told_apart() {
        use UpstreamProblem::{
            Authority, Path, QueryOrFragment, Scheme, Userinfo, VersionOutsidePath, Versions,
        };
        let cases = [
            ("", Scheme),
            ("up:9", Scheme),
            ("HTTP://up", Scheme),
            ("ftp://up", Scheme),
            ("http://u:p@up", Userinfo),
            ("http://", Authority),
            ("http:///a", Authority),
            ("http://:80", Authority),
            ("http://up:", Authority),
            ("http://up:0", Authority),
            ("http://up:65536", Authority),
            ("http://up:+1", Authority),
            ("http://u p", Authority),
            ("http://\u{e9}", Authority),
            ("http://up?x", QueryOrFragment),
            ("http://up/a#b", QueryOrFragment),
            ("http://up//a", Path),
            ("http://up/a//", Path),
            ("http://up/../a", Path),
            ("http://up/%41", Path),
            ("http://up/{id}", Path),
            ("http://up/{version}/{version}", Versions),
            ("http://{version}.up/", VersionOutsidePath),
        ];
        for (text, wanted) in cases {
            assert_eq!(check_upstream(text), Err(wanted), "{text}");
        }
    }
}
