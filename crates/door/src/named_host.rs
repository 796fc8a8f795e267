use http::header::HOST;
use http::uri::Scheme;
use http::{HeaderMap, Uri};

use crate::Host;

/// Why a request names no host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostError {
    /// No `Host`.
    Missing,
    /// More than one `Host`.
    Repeated,
    /// It is no host and port.
    Malformed,
    /// The target names another host than the `Host` header.
    Contradiction,
}

/// The host that a request names. Whatever names it must name the same one (RFC 9112 section 3.2.2, RFC 9113 section
/// 8.3.1).
pub fn named_host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Result<Host<'a>, HostError> {
    let read = |text| Host::read(text).ok_or(HostError::Malformed);
    let named = uri.authority().map(|authority| read(authority.as_str())).transpose()?;
    let asked = host_header(headers)?;
    match (named, asked) {
        (None, None) => Err(HostError::Missing),
        (Some(host), None) | (None, Some(host)) => Ok(host),
        (Some(named), Some(asked)) if named.same(asked, default_port(uri)) => Ok(asked),
        (Some(_), Some(_)) => Err(HostError::Contradiction),
    }
}

fn host_header(headers: &HeaderMap) -> Result<Option<Host<'_>>, HostError> {
    let mut values = headers.get_all(HOST).into_iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(HostError::Repeated);
    }
    let text = value.to_str().map_err(|_| HostError::Malformed)?;
    Host::read(text).map(Some).ok_or(HostError::Malformed)
}

fn default_port(uri: &Uri) -> u16 {
    if uri.scheme() == Some(&Scheme::HTTPS) { 443 } else { 80 }
}
