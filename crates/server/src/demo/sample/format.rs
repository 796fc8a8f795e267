use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::xml;

/// A format of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Xml,
}

impl Format {
    /// The media type of its answers, and another one that asks for it.
    const fn media_types(self) -> [&'static str; 2] {
        match self {
            Self::Json => ["application/json", "text/json"],
            Self::Xml => ["application/xml", "text/xml"],
        }
    }

    /// `value` in this format. `root` names the XML root element.
    pub(super) fn render(self, root: &str, value: &Value) -> Response {
        let bytes = match self {
            Self::Json => serde_json::to_vec_pretty(value).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR),
            Self::Xml => xml::document(root, value).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR),
        };
        bytes.map(|bytes| ([(CONTENT_TYPE, self.media_types()[0])], bytes)).into_response()
    }
}

/// The offered format that the caller likes best (RFC 9110 section 12.5.1); among equals one that it names, as clients
/// do that send `application/json, */*`; the first where it does not say, or likes none.
pub(super) fn choose(headers: &HeaderMap, offered: &[Format]) -> Format {
    let lines: Vec<_> = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    let ranges: Vec<_> = lines.iter().flat_map(|line| line.split(',')).map(weighted).collect();
    let mut best = (offered.first().copied().unwrap_or(Format::Json), (0.0, usize::MAX));
    for format in offered {
        let preference = preference(*format, &ranges);
        if preference > best.1 {
            best = (*format, preference);
        }
    }
    best.0
}

/// The weight of the range that says most about `format`, 0 if none speaks of it, and how much that is: both names of
/// a format say the same.
fn preference(format: Format, ranges: &[(&str, f32)]) -> (f32, usize) {
    let known = ranges.iter().filter_map(|(range, weight)| Some((precision(range, format)?, *weight)));
    let most = known.max_by_key(|(precision, _)| *precision);
    most.map_or((0.0, 0), |(precision, weight)| (weight, precision.min(2)))
}

/// A media range and its weight, 1 if absent.
fn weighted(range: &str) -> (&str, f32) {
    let mut parts = range.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    (name, weight.map_or(1.0, |weight| weight.parse().unwrap_or(0.0)))
}

/// How precisely a range names a format, if it covers it at all.
fn precision(range: &str, format: Format) -> Option<usize> {
    let [media_type, older] = format.media_types();
    ["*/*", "application/*", older, media_type].iter().position(|known| range.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_liked_format_wins_and_otherwise_the_first() {
        for (accept, format) in [
            ("", Format::Xml),
            ("*/*", Format::Xml),
            ("text/html", Format::Xml),
            ("application/json", Format::Json),
            ("Application/JSON; charset=utf-8", Format::Json),
            ("application/xml;q=0.5, application/json;q=0.9", Format::Json),
            ("application/json;q=0", Format::Xml),
            ("application/json, */*;q=0.1", Format::Json),
            ("application/json, text/plain, */*", Format::Json),
            ("application/json;q=0.2, */*;q=0.9", Format::Xml),
            ("*/*, application/xml;q=0", Format::Json),
            ("text/json", Format::Json),
            ("application/json;q=NaN", Format::Xml),
            (";;,,=", Format::Xml),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT, accept.parse().unwrap())]);
            assert_eq!(choose(&headers, &[Format::Xml, Format::Json]), format, "{accept}");
            assert_eq!(choose(&headers, &[Format::Json]), Format::Json, "{accept}");
        }
    }
}
