//! One way to write any JSON value as XML, so that no endpoint needs code of its own.
//!
//! An object's members become elements; an array becomes an element that wraps one element for each item,
//! named in the singular. An object of a `name` and a `value` alone becomes one element with an attribute
//! `name`.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesStart, BytesText, Event};
use serde_json::{Map, Value};

type Out = Writer<Vec<u8>>;

/// `value` as a document with this root element.
pub(super) fn document(root: &str, value: &Value) -> io::Result<Vec<u8>> {
    let mut out = Writer::new(Vec::new());
    out.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    element(&mut out, root, value)?;
    Ok(out.into_inner())
}

fn element(out: &mut Out, name: &str, value: &Value) -> io::Result<()> {
    match value {
        Value::Object(members) => object(out, name, members),
        Value::Array(items) => {
            let single = singular(name);
            wrapped(out, BytesStart::new(element_name(name)), |out| {
                items.iter().try_for_each(|item| element(out, &single, item))
            })
        }
        Value::String(text) => leaf(out, BytesStart::new(element_name(name)), text),
        Value::Null => leaf(out, BytesStart::new(element_name(name)), ""),
        scalar => leaf(out, BytesStart::new(element_name(name)), &scalar.to_string()),
    }
}

fn object(out: &mut Out, name: &str, members: &Map<String, Value>) -> io::Result<()> {
    let mut start = BytesStart::new(element_name(name));
    if let Some((label, value)) = named_value(members) {
        start.push_attribute(("name", legal(label).as_str()));
        return leaf(out, start, value);
    }
    wrapped(out, start, |out| members.iter().try_for_each(|(name, value)| element(out, name, value)))
}

fn named_value(members: &Map<String, Value>) -> Option<(&str, &str)> {
    let (name, value) = (members.get("name")?.as_str()?, members.get("value")?.as_str()?);
    (members.len() == 2).then_some((name, value))
}

fn leaf(out: &mut Out, start: BytesStart<'_>, text: &str) -> io::Result<()> {
    if text.is_empty() {
        return out.write_event(Event::Empty(start));
    }
    wrapped(out, start, |out| out.write_event(Event::Text(BytesText::new(&legal(text)))))
}

fn wrapped(
    out: &mut Out,
    start: BytesStart<'_>,
    content: impl FnOnce(&mut Out) -> io::Result<()>,
) -> io::Result<()> {
    let end = start.to_end().into_owned();
    out.write_event(Event::Start(start))?;
    content(out)?;
    out.write_event(Event::End(end))
}

/// XML has no way to write most control characters, not even escaped (XML 1.0 section 2.2).
fn legal(text: &str) -> String {
    let is_char = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..);
    text.chars().map(|c| if is_char(c) { c } else { '\u{FFFD}' }).collect()
}

/// A name made of what every XML reader takes in one; a caller's JSON may have any.
fn element_name(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let name: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if starts_well { name } else { format!("_{name}") }
}

fn singular(plural: &str) -> String {
    for (ending, replacement) in [("sses", "ss"), ("ies", "y"), ("s", "")] {
        if let Some(stem) = plural.strip_suffix(ending) {
            return format!("{stem}{replacement}");
        }
    }
    "item".to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quick_xml::Reader;
    use serde_json::json;

    use super::*;

    fn xml(value: &Value) -> String {
        let bytes = document("answer", value).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        text.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>").unwrap().to_owned()
    }

    #[test]
    fn each_kind_of_value() {
        assert_eq!(
            xml(
                &json!({ "addresses": [{ "id": 1 }, { "id": 2.5 }], "bits": [true], "no": null, "none": [] })
            ),
            "<answer><addresses><address><id>1</id></address><address><id>2.5</id></address></addresses>\
             <bits><bit>true</bit></bits><no/><none></none></answer>"
        );
    }

    #[test]
    fn markup_and_control_characters_cannot_break_out() {
        let value =
            json!({ "<b> 1": "x", "headers": [{ "name": "a\"\n", "value": "</header>\u{1}&\u{FFFE}" }] });
        assert_eq!(
            xml(&value),
            "<answer><_b__1>x</_b__1>\
             <headers><header name=\"a&quot;&#10;\">&lt;/header&gt;\u{FFFD}&amp;\u{FFFD}\
             </header></headers></answer>"
        );
    }

    /// Whether there are only characters that XML has, and a reader that checks nesting comes to the end.
    fn is_well_formed(text: &str) -> bool {
        if text.chars().any(|c| c < ' ' && !"\t\n\r".contains(c) || "\u{FFFE}\u{FFFF}".contains(c)) {
            return false;
        }
        let mut reader = Reader::from_str(text);
        loop {
            match reader.read_event() {
                Ok(Event::Eof) => return true,
                Ok(Event::Start(start)) if start.attributes().any(|attribute| attribute.is_err()) => {
                    return false;
                }
                Ok(_) => {}
                Err(_) => return false,
            }
        }
    }

    proptest! {
        #[test]
        fn any_names_and_texts_give_well_formed_documents(name in any::<String>(), text in any::<String>()) {
            let value = json!({ &name: [&text], "pair": { "name": &name, "value": &text } });
            prop_assert!(is_well_formed(&xml(&value)));
        }
    }
}
