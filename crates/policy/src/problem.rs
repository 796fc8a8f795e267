use std::borrow::Cow;

use claviger_model::Format;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use crate::Denial;

/// Problem details (RFC 9457) of a refusal or a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// The stable code.
    pub code: &'static str,
    /// One sentence, the same for every occurrence.
    pub title: &'static str,
    /// One sentence about this occurrence.
    pub detail: Option<String>,
    /// The text that should have been signed.
    pub string_to_sign: Option<String>,
    /// The id to ask about with `claviger explain`.
    pub request_id: String,
}

/// A problem, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedProblem {
    /// The media type.
    pub content_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
}

/// The name space of RFC 9457 appendix B.
const XML_NAMESPACE: &str = "urn:ietf:rfc:7807";

impl Problem {
    /// What a refused caller is told.
    #[must_use]
    pub fn of(denial: &Denial<'_>, request_id: String) -> Self {
        let (code, title) = denial.reason.code_and_title();
        let (detail, string_to_sign) = (denial.detail.clone(), denial.string_to_sign.clone());
        Self { status: denial.status(), code, title, detail, string_to_sign, request_id }
    }

    fn members(&self) -> Vec<(&'static str, String)> {
        let mut members = vec![
            ("type", format!("urn:claviger:problem:{}", self.code)),
            ("title", self.title.to_owned()),
            ("status", self.status.to_string()),
        ];
        members.extend(self.detail.clone().map(|detail| ("detail", detail)));
        members.extend(self.string_to_sign.clone().map(|text| ("string_to_sign", text)));
        members.extend([("code", self.code.to_owned()), ("request_id", self.request_id.clone())]);
        members
    }

    /// The problem in a format.
    #[must_use]
    pub fn render(&self, format: Format) -> RenderedProblem {
        match format {
            Format::Json => RenderedProblem { content_type: "application/problem+json", body: self.json() },
            Format::Xml => RenderedProblem { content_type: "application/problem+xml", body: self.xml() },
        }
    }

    fn json(&self) -> Vec<u8> {
        let value = |(name, text): (&str, String)| {
            let value = if name == "status" { self.status.into() } else { serde_json::Value::String(text) };
            (name.to_owned(), value)
        };
        let object: serde_json::Map<_, _> = self.members().into_iter().map(value).collect();
        serde_json::Value::Object(object).to_string().into_bytes()
    }

    fn xml(&self) -> Vec<u8> {
        let mut writer = Writer::new(Vec::new());
        // Writing to memory does not fail; if it did, the caller would still get the status.
        let _ = self.write_xml(&mut writer);
        writer.into_inner()
    }

    fn write_xml(&self, writer: &mut Writer<Vec<u8>>) -> std::io::Result<()> {
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let root = BytesStart::new("problem").with_attributes([("xmlns", XML_NAMESPACE)]);
        writer.write_event(Event::Start(root))?;
        for (name, text) in self.members() {
            writer.write_event(Event::Start(BytesStart::new(name)))?;
            writer.write_event(Event::Text(BytesText::new(&in_xml(&text))))?;
            writer.write_event(Event::End(BytesEnd::new(name)))?;
        }
        writer.write_event(Event::End(BytesEnd::new("problem")))
    }
}

/// A text with nothing in it that a document of XML 1.0 cannot have, even written as a reference.
fn in_xml(text: &str) -> Cow<'_, str> {
    let alien = |letter: char| matches!(letter, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    if text.contains(alien) { text.replace(alien, "\u{fffd}").into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem() -> Problem {
        Problem {
            status: 403,
            code: "unknown_credential",
            title: "The credential is not known.",
            detail: Some("1 < 2 & \"3\"".into()),
            string_to_sign: None,
            request_id: "req_1".into(),
        }
    }

    #[test]
    fn json_has_the_members_of_the_rfc_and_ours() {
        let rendered = problem().render(Format::Json);
        let json: serde_json::Value = serde_json::from_slice(&rendered.body).unwrap();
        assert_eq!(rendered.content_type, "application/problem+json");
        assert_eq!(json["status"], 403);
        assert_eq!(json["code"], "unknown_credential");
        assert_eq!(json["detail"], "1 < 2 & \"3\"");
    }

    #[test]
    fn xml_has_no_character_that_it_cannot_have() {
        let text = "x-a: \u{ffff}\u{fffe}\u{fffd}\u{0}\u{8}\u{b}\u{1f}\t\n\u{7f}\u{10ffff}";
        let problem = Problem { string_to_sign: Some(text.into()), ..problem() };
        let rendered = String::from_utf8(problem.render(Format::Xml).body).unwrap();
        let expected = "x-a: \u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\t\n\u{7f}\u{10ffff}";
        assert!(rendered.contains(&format!("<string_to_sign>{expected}</string_to_sign>")), "{rendered}");
    }

    #[test]
    fn xml_is_escaped() {
        let rendered = problem().render(Format::Xml);
        let text = String::from_utf8(rendered.body).unwrap();
        assert!(
            text.starts_with(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><problem xmlns=\"urn:ietf:rfc:7807\">"
            )
        );
        assert!(text.contains("<detail>1 &lt; 2 &amp; "));
        assert!(text.ends_with("<code>unknown_credential</code><request_id>req_1</request_id></problem>"));
    }
}
