//! `Signature-Input` (RFC 9421 section 4.1): lists of components, each with the parameters of its signature.

use std::convert::Infallible;

use sfv::visitor::{
    DictionaryVisitor, EntryVisitor, Ignored, InnerListVisitor, ItemVisitor, ParameterVisitor,
};
use sfv::{BareItemFromInput, ItemSerializer, KeyRef, Parser};

use super::SignatureFault;
use super::component::{Component, Identifier, Parameter};
use super::dictionary::{Few, TooMany};

const MOST_COMPONENTS: usize = 64;
/// Each of them costs a walk through the query, and `@query` covers all of it.
const MOST_QUERY_PARAMETERS: usize = 8;

/// The lists by their labels; none for a member that is something else. None in all if it is no dictionary.
pub(super) fn lists(value: &[u8]) -> Option<Few<'_, Option<Listed<'_>>>> {
    Parser::new(value).parse_dictionary_with_visitor(Lists(Few::default())).ok()
}

/// One list. What is wrong with its components matters only if it is the one for this side.
pub(super) struct Listed<'d> {
    pub(super) components: Result<Vec<Component>, SignatureFault>,
    pub(super) parameters: Few<'d, BareItemFromInput<'d>>,
}

impl Listed<'_> {
    fn add(&mut self, identifier: &Identifier<'_>) {
        let Ok(components) = &mut self.components else { return };
        if let Err(fault) = add(components, identifier) {
            self.components = Err(fault);
        }
    }

    /// The list, written again as the standard has it (RFC 9651 section 4.1.1.1).
    pub(super) fn written(&self, components: &[Component]) -> String {
        let mut text = String::with_capacity(256);
        text.push('(');
        for (place, component) in components.iter().enumerate() {
            if place > 0 {
                text.push(' ');
            }
            component.push_identifier(&mut text);
        }
        text.push(')');
        for (name, value) in self.parameters.iter() {
            push_parameter(name, value, &mut text);
        }
        text
    }
}

fn add(components: &mut Vec<Component>, identifier: &Identifier<'_>) -> Result<(), SignatureFault> {
    if components.len() == MOST_COMPONENTS {
        return Err(SignatureFault::TooManyComponents);
    }
    let component = Component::read(identifier)?;
    if components.contains(&component) {
        return Err(SignatureFault::RepeatedComponent);
    }
    let of_query = |known: &&Component| matches!(known, Component::QueryParam(_));
    if of_query(&&component) && components.iter().filter(of_query).count() == MOST_QUERY_PARAMETERS {
        return Err(SignatureFault::TooManyComponents);
    }
    components.push(component);
    Ok(())
}

fn push_parameter(name: &KeyRef, value: &BareItemFromInput<'_>, text: &mut String) {
    text.push(';');
    text.push_str(name.as_str());
    if *value == BareItemFromInput::Boolean(true) {
        return;
    }
    text.push('=');
    match value {
        BareItemFromInput::String(value) => push_string(value.as_str(), text),
        other => {
            let _ = ItemSerializer::with_buffer(text).bare_item(other).finish();
        }
    }
}

/// Appends a string (RFC 9651 section 4.1.6). In nearly all of them nothing has to be escaped.
pub(super) fn push_string(value: &str, text: &mut String) {
    let special = |letter: char| matches!(letter, '"' | '\\');
    text.push('"');
    if [b'"', b'\\'].iter().any(|byte| value.as_bytes().contains(byte)) {
        for letter in value.chars() {
            text.extend(special(letter).then_some('\\').into_iter().chain([letter]));
        }
    } else {
        text.push_str(value);
    }
    text.push('"');
}

struct Lists<'d>(Few<'d, Option<Listed<'d>>>);

/// Where a list goes.
struct Place<'l, 'd>(&'l mut Option<Listed<'d>>);

/// The list that a component comes into.
struct Next<'l, 'd>(&'l mut Listed<'d>);

/// A component of a list that is being read.
struct Item<'l, 'd> {
    list: &'l mut Listed<'d>,
    identifier: Identifier<'d>,
}

impl<'d> DictionaryVisitor<'d> for Lists<'d> {
    type Out = Few<'d, Option<Listed<'d>>>;
    type Error = TooMany;

    fn entry(&mut self, label: &'d KeyRef) -> Result<impl EntryVisitor<'d>, TooMany> {
        self.0.put(label, None).map(Place)
    }

    fn finish(self) -> Result<Self::Out, TooMany> {
        Ok(self.0)
    }
}

impl<'d> EntryVisitor<'d> for Place<'_, 'd> {
    type Error = Infallible;

    fn item(self) -> Result<impl ItemVisitor<'d>, Infallible> {
        Ok(Ignored)
    }

    fn inner_list(self) -> Result<impl InnerListVisitor<'d>, Infallible> {
        Ok(self.0.insert(Listed { components: Ok(Vec::new()), parameters: Few::default() }))
    }
}

impl<'d> InnerListVisitor<'d> for &mut Listed<'d> {
    type Error = Infallible;

    fn item(&mut self) -> Result<impl ItemVisitor<'d>, Infallible> {
        Ok(Next(self))
    }

    fn finish(self) -> Result<impl ParameterVisitor<'d>, Infallible> {
        Ok(self)
    }
}

impl<'d> ItemVisitor<'d> for Next<'_, 'd> {
    type Out = ();
    type Error = Infallible;

    fn bare_item(
        self,
        name: BareItemFromInput<'d>,
    ) -> Result<impl ParameterVisitor<'d, Out = ()>, Infallible> {
        Ok(Item { list: self.0, identifier: Identifier { name, parameter: Parameter::None } })
    }
}

impl<'d> ParameterVisitor<'d> for &mut Listed<'d> {
    type Out = ();
    type Error = TooMany;

    fn parameter(&mut self, name: &'d KeyRef, value: BareItemFromInput<'d>) -> Result<(), TooMany> {
        self.parameters.put(name, value).map(|_| ())
    }

    fn finish(self) -> Result<(), TooMany> {
        Ok(())
    }
}

impl<'d> ParameterVisitor<'d> for Item<'_, 'd> {
    type Out = ();
    type Error = Infallible;

    fn parameter(&mut self, name: &'d KeyRef, value: BareItemFromInput<'d>) -> Result<(), Infallible> {
        self.identifier.parameter = match name.as_str() {
            "name" if !matches!(self.identifier.parameter, Parameter::Other) => Parameter::Name(value),
            _ => Parameter::Other,
        };
        Ok(())
    }

    fn finish(self) -> Result<(), Infallible> {
        self.list.add(&self.identifier);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sfv::{Dictionary, FieldType};

    use super::*;

    /// The list under the label `s`, written again by the library.
    fn by_the_library(value: &str) -> Option<String> {
        let mut all: Dictionary = Parser::new(value).parse().ok()?;
        all.retain(|label, _| label.as_str() == "s");
        all.serialize()?.strip_prefix("s=").map(str::to_owned)
    }

    /// The same by this module; the components as a fault where they are not served.
    fn here(value: &str) -> Option<Result<String, SignatureFault>> {
        let list = lists(value.as_bytes())?.into_iter().find(|(label, _)| label.as_str() == "s")?.1?;
        Some(list.components.as_deref().map_err(|fault| *fault).map(|components| list.written(components)))
    }

    fn parameter() -> impl Strategy<Value = String> {
        let value = prop_oneof![
            Just(String::new()),
            "=\"[ -!#-\\[\\]-~]{0,12}(\\\\[\"\\\\])?[a-z]{0,3}\"",
            "=-?[0-9]{1,15}",
            "=[0-9]{1,12}\\.[0-9]{1,3}",
            "=[?][01]",
            "=@[0-9]{1,12}",
            "=:(YWJj){0,4}:",
            "=[a-z*][a-z0-9/:.]{0,8}",
            "=%\"[a-z ]{0,5}(%c3%a4)?\"",
        ];
        ("; {0,2}", "[a-c*][a-z0-9_*.-]{0,3}", value).prop_map(|(begin, name, value)| begin + &name + &value)
    }

    fn component() -> impl Strategy<Value = String> {
        prop_oneof![
            Just("\"@method\"".to_owned()),
            Just("\"@target-uri\"".to_owned()),
            "\"@query-param\"; ?name=\"[a-d %]{1,3}(\\\\\")?\"",
            "\"[a-e-]{1,4}\"",
        ]
    }

    proptest! {
        #[test]
        fn it_is_written_again_as_the_library_does(
            components in prop::collection::vec(component(), 0..6),
            parameters in prop::collection::vec(parameter(), 0..8),
            space in " {1,3}",
        ) {
            let value = format!("other=1;a, s=({}){}", components.join(&space), parameters.concat());
            let expected = by_the_library(&value).unwrap();
            match here(&value).unwrap() {
                Ok(listed) => prop_assert_eq!(listed, expected),
                Err(fault) => prop_assert_eq!(fault, SignatureFault::RepeatedComponent),
            }
        }

        #[test]
        fn what_the_library_cannot_read_is_not_read_here(value in "s=[()\"a;= @:?,\\\\0-9-]{0,20}") {
            prop_assert_eq!(lists(value.as_bytes()).is_some(), Parser::new(&value).parse::<Dictionary>().is_ok());
        }
    }

    #[test]
    fn of_two_parameters_with_one_name_the_last_one_counts() {
        for value in
            ["s=(\"a\");x=1;y;x=2", "s=(\"a\");x=1, s=(\"b\");y, t", "s=(\"a\"), s=1", "s=1, s=(\"a\" )"]
        {
            let expected = by_the_library(value).filter(|text| text.starts_with('('));
            assert_eq!(here(value), expected.map(Ok), "{value}");
        }
    }
}
