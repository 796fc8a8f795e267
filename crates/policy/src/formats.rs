use claviger_model::Format;
use http::header::ACCEPT;
use http::{HeaderMap, HeaderValue};

/// In which format the caller is answered, and what the upstream is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Negotiated {
    /// The format of refusals.
    pub format: Format,
    /// The `Accept` to send upstream instead of the caller's, if the caller's leaves the choice open.
    pub accept: Option<HeaderValue>,
}

const SUBTYPES: [(&str, Format); 4] = [
    ("application/json", Format::Json),
    ("text/json", Format::Json),
    ("application/xml", Format::Xml),
    ("text/xml", Format::Xml),
];

/// What a media range says of a format. The greatest counts: the most particular range, then the weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Opinion {
    range: Range,
    /// In thousandths; 0 for "not acceptable".
    weight: u16,
}

/// The kinds of media range, the most particular last (RFC 9110 section 12.5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Range {
    /// `*/*`
    Anything,
    /// `application/*`
    Application,
    /// A subtype, with whatever parameters.
    Named,
}

impl Opinion {
    /// What one element of `Accept` says of a format, if it speaks of it at all.
    fn of(element: &str, format: Format) -> Option<Self> {
        let mut parts = element.split(';').map(str::trim);
        let range = Range::of(parts.next()?, format)?;
        let weight = parts.find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.eq_ignore_ascii_case("q").then(|| thousandths(value))?
        });
        Some(Self { range, weight: weight.unwrap_or(1000) })
    }

    /// How much the caller wants the format.
    fn preference(self) -> (u16, Range) {
        (self.weight, self.range)
    }
}

impl Range {
    fn of(name: &str, format: Format) -> Option<Self> {
        if SUBTYPES.iter().any(|(subtype, of)| *of == format && subtype.eq_ignore_ascii_case(name)) {
            return Some(Self::Named);
        }
        if name.eq_ignore_ascii_case("application/*") {
            return Some(Self::Application);
        }
        (name == "*/*").then_some(Self::Anything)
    }
}

/// RFC 9110 section 12.4.2; decimals after the third change nothing. Whatever is not a weight counts as none given.
fn thousandths(weight: &str) -> Option<u16> {
    let (whole, decimals) = weight.split_once('.').unwrap_or((weight, ""));
    let decimals = decimals.as_bytes();
    if !decimals.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digit = |place: usize| decimals.get(place).map_or(0, |digit| u16::from(digit - b'0'));
    match whole {
        "0" => Some((0..3).fold(0, |sum, place| sum * 10 + digit(place))),
        "1" => Some(1000),
        _ => None,
    }
}

/// Chooses among `formats`, of which the first is the default.
///
/// Each format is weighed by the most particular range that speaks of it, and the heaviest is taken. Among equals it is
/// one that the caller names, as clients do that send `application/json, */*`; then, and where none is acceptable, the
/// default. Unless the caller names what is chosen, the upstream is told so: with no
/// `Accept`, or nothing but wildcards, it answers in the default. Where there is one format only, the header does not
/// matter.
pub(crate) fn negotiate(formats: &[Format], headers: &HeaderMap) -> Negotiated {
    let default = formats.first().copied().unwrap_or(Format::Json);
    let forced =
        |format: Format| Negotiated { format, accept: Some(HeaderValue::from_static(format.media_type())) };
    if formats.len() < 2 {
        return forced(default);
    }
    match heaviest(formats, headers) {
        Some((Opinion { range: Range::Named, .. }, format)) => Negotiated { format, accept: None },
        Some((_, format)) => forced(format),
        None => forced(default),
    }
}

/// The acceptable format with the greatest weight; among equals the one with the most particular range, or the first.
fn heaviest(formats: &[Format], headers: &HeaderMap) -> Option<(Opinion, Format)> {
    let elements = || {
        let lines = headers.get_all(ACCEPT).iter().filter_map(|line| line.to_str().ok());
        lines.flat_map(|line| line.split(','))
    };
    let mut best: Option<(Opinion, Format)> = None;
    for format in formats {
        let opinion = elements().filter_map(|element| Opinion::of(element, *format)).max();
        if let Some(opinion) = opinion
            && opinion.weight > 0
            && best.is_none_or(|(heaviest, _)| opinion.preference() > heaviest.preference())
        {
            best = Some((opinion, *format));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: [Format; 2] = [Format::Xml, Format::Json];

    fn with(accept: &[&'static str]) -> Negotiated {
        let mut headers = HeaderMap::new();
        for value in accept {
            headers.append(ACCEPT, HeaderValue::from_static(value));
        }
        negotiate(&BOTH, &headers)
    }

    #[test]
    fn the_default_unless_another_is_named() {
        for open in [&[][..], &["*/*"], &["text/html"], &["application/*"], &["application/json;q=0"]] {
            let negotiated = with(open);
            assert_eq!(negotiated.format, Format::Xml, "{open:?}");
            assert_eq!(negotiated.accept.unwrap(), "application/xml");
        }
        for json in [
            &["application/json"][..],
            &["Application/JSON; charset=utf-8"],
            &["text/html, application/json"],
        ] {
            assert_eq!(with(json), Negotiated { format: Format::Json, accept: None }, "{json:?}");
        }
    }

    #[test]
    fn weights_decide_and_a_tie_goes_to_the_default() {
        assert_eq!(with(&["application/json;q=0.5, application/xml;q=0.4"]).format, Format::Json);
        assert_eq!(with(&["application/json;Q=0.4, application/xml;q=0.401"]).format, Format::Xml);
        assert_eq!(with(&["application/json", "application/xml"]).format, Format::Xml);
    }

    #[test]
    fn among_equals_a_format_that_is_named_goes_before_a_wildcard() {
        assert_eq!(chosen("application/json, text/plain, */*"), (Format::Json, None));
        assert_eq!(chosen("application/json, application/*"), (Format::Json, None));
        assert_eq!(chosen("application/xml, */*"), (Format::Xml, None));
    }

    /// The chosen format, and whether the upstream is told.
    fn chosen(accept: &'static str) -> (Format, Option<&'static str>) {
        let Negotiated { format, accept } = with(&[accept]);
        let told = accept.map(|value| if value == "application/xml" { "xml" } else { "json" });
        (format, told)
    }

    #[test]
    fn the_most_particular_range_wins() {
        for (accept, expected) in [
            ("application/json;q=0.1, */*", (Format::Xml, Some("xml"))),
            ("*/*, application/xml;q=0", (Format::Json, Some("json"))),
            ("*/*;q=0.9, application/*;q=0.2, application/json;q=0.3", (Format::Json, None)),
            ("application/*;q=0, */*", (Format::Xml, Some("xml"))),
            ("application/json;q=0.5, application/*;q=0.4, */*;q=0.1", (Format::Json, None)),
            ("application/xml;q=0.5, */*;q=0.8", (Format::Json, Some("json"))),
            ("APPLICATION/*;q=0.2, text/xml;q=0.1", (Format::Json, Some("json"))),
        ] {
            assert_eq!(chosen(accept), expected, "{accept}");
        }
    }

    #[test]
    fn the_default_where_nothing_is_acceptable() {
        for accept in
            ["*/*;q=0", "application/xml;q=0", "application/json;q=0.000, application/xml;q=0", "text/*"]
        {
            assert_eq!(chosen(accept), (Format::Xml, Some("xml")), "{accept}");
        }
    }

    #[test]
    fn what_is_no_weight_counts_as_none_given() {
        for (weight, expected) in [
            ("0", Some(0)),
            ("0.", Some(0)),
            ("0.5", Some(500)),
            ("0.001", Some(1)),
            ("0.29", Some(290)),
            ("0.3333", Some(333)),
            ("1", Some(1000)),
            ("1.000", Some(1000)),
            ("", None),
            ("-1", None),
            ("NaN", None),
            ("1e-1", None),
            ("\"0.5\"", None),
            ("2", None),
        ] {
            assert_eq!(thousandths(weight), expected, "{weight}");
        }
        assert_eq!(chosen("application/json;q=x, application/xml;q=0.9"), (Format::Json, None));
    }

    #[test]
    fn the_first_weight_counts_wherever_it_stands() {
        assert_eq!(
            chosen("application/json;charset=utf-8; q=0.2;v=1, application/xml;q=0.3"),
            (Format::Xml, None)
        );
        assert_eq!(chosen("application/json ; q=0.4 , application/xml;q=0.3"), (Format::Json, None));
    }

    #[test]
    fn a_single_format_is_told_to_the_upstream_whatever_the_caller_says() {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/xml"));
        let negotiated = negotiate(&[Format::Json], &headers);
        assert_eq!(negotiated.format, Format::Json);
        assert_eq!(negotiated.accept.unwrap(), "application/json");
    }
}
