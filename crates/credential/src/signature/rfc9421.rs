//! HTTP Message Signatures (RFC 9421).

use std::borrow::Cow;

use claviger_model::{SignatureForm, SignatureRules};
use http::{HeaderMap, HeaderName};
use sfv::{
    BareItem, Dictionary, InnerList, Item, ItemSerializer, ListEntry, ListSerializer, Parameters, Parser,
};

use super::claim::{Claim, Covered, Named};
use super::component::Component;
use super::digest::CONTENT_DIGEST;
use super::fields::joined;
use super::text::time;
use super::{Body, SignatureFault};
use crate::{NotPresented, Parts, Protocol};

pub(super) const SIGNATURE_INPUT: HeaderName = HeaderName::from_static("signature-input");
const SIGNATURE: HeaderName = HeaderName::from_static("signature");
const MOST_COMPONENTS: usize = 64;
/// Each of them costs a walk through the query, and `@query` covers all of it.
const MOST_QUERY_PARAMETERS: usize = 8;

type Read<T> = Result<T, SignatureFault>;

/// The components that are covered, and the list as it was read.
pub(crate) struct Input {
    components: Vec<Component>,
    list: InnerList,
}

/// Whether the request carries a signature of this form.
pub(crate) fn look<'r>(
    rules: &SignatureRules,
    headers: &HeaderMap,
) -> Option<Result<Claim<'r>, NotPresented>> {
    if !rules.forms.contains(&SignatureForm::Rfc9421) {
        return None;
    }
    if !headers.contains_key(SIGNATURE_INPUT) && !headers.contains_key(SIGNATURE) {
        return None;
    }
    find(rules, headers).transpose()
}

fn find<'r>(rules: &SignatureRules, headers: &HeaderMap) -> Result<Option<Claim<'r>>, NotPresented> {
    let mut inputs = dictionary(headers, &SIGNATURE_INPUT, "Signature-Input")?;
    let mut signatures = dictionary(headers, &SIGNATURE, "Signature")?;
    let mut ours = inputs.iter().enumerate().filter(|(_, (_, entry))| is_ours(entry, rules.tag.as_deref()));
    let Some((place, _)) = ours.next() else { return Ok(None) };
    if ours.next().is_some() {
        return Err(NotPresented::Ambiguous);
    }
    let Some((label, ListEntry::InnerList(list))) = inputs.swap_remove_index(place) else {
        return Err(SignatureFault::NotComponents.into());
    };
    let Some(ListEntry::Item(Item { bare_item: BareItem::ByteSequence(signature), .. })) =
        signatures.swap_remove(&label)
    else {
        return Err(SignatureFault::NoSignature.into());
    };
    Ok(Some(claim(list, signature)?))
}

fn dictionary(headers: &HeaderMap, name: &HeaderName, shown: &'static str) -> Read<Dictionary> {
    let value = joined(headers, name, shown)?.ok_or(SignatureFault::HeaderMissing(shown))?;
    Parser::new(value.as_ref()).parse().map_err(|_| SignatureFault::NotDictionary(shown))
}

/// Whether a signature is meant for this side. Where the policy names a tag, those with another one are not.
fn is_ours(entry: &ListEntry, tag: Option<&str>) -> bool {
    let Some(tag) = tag else { return true };
    let ListEntry::InnerList(list) = entry else { return false };
    matches!(list.params.get("tag"), Some(BareItem::String(given)) if given.as_str() == tag)
}

fn claim<'r>(list: InnerList, signature: Vec<u8>) -> Read<Claim<'r>> {
    let parameters = &list.params;
    let key_id = text(parameters, "keyid")?.ok_or(SignatureFault::ParameterMissing("keyid"))?;
    let signed_at = seconds(parameters, "created")?.ok_or(SignatureFault::ParameterMissing("created"))?;
    let expires_at = seconds(parameters, "expires")?;
    text(parameters, "tag")?;
    Ok(Claim {
        key_id: Cow::Owned(key_id),
        algorithm: text(parameters, "alg")?.map_or(Named::Nothing, |word| Named::read(&word)),
        signed_at,
        expires_at,
        nonce: text(parameters, "nonce")?.map(Cow::Owned),
        signature,
        covered: Covered::Rfc9421(input(list)?),
    })
}

fn text(parameters: &Parameters, name: &'static str) -> Read<Option<String>> {
    match parameters.get(name) {
        None => Ok(None),
        Some(BareItem::String(text)) => Ok(Some(text.as_str().to_owned())),
        Some(_) => Err(SignatureFault::Parameter(name)),
    }
}

fn seconds(parameters: &Parameters, name: &'static str) -> Read<Option<claviger_model::Time>> {
    match parameters.get(name) {
        None => Ok(None),
        Some(BareItem::Integer(seconds)) => {
            time((*seconds).into()).map(Some).ok_or(SignatureFault::Parameter(name))
        }
        Some(_) => Err(SignatureFault::Parameter(name)),
    }
}

fn input(list: InnerList) -> Read<Input> {
    if list.items.len() > MOST_COMPONENTS {
        return Err(SignatureFault::TooManyComponents);
    }
    let mut components = Vec::with_capacity(list.items.len());
    for item in &list.items {
        let component = Component::read(item)?;
        if components.contains(&component) {
            return Err(SignatureFault::RepeatedComponent);
        }
        let of_query = |known: &&Component| matches!(known, Component::QueryParam(_));
        if matches!(component, Component::QueryParam(_))
            && components.iter().filter(of_query).count() == MOST_QUERY_PARAMETERS
        {
            return Err(SignatureFault::TooManyComponents);
        }
        components.push(component);
    }
    Ok(Input { components, list })
}

impl Input {
    fn covers(&self, wanted: &Component) -> bool {
        self.components.contains(wanted)
    }

    pub(crate) fn covers_digest(&self) -> bool {
        self.covers(&Component::Field(CONTENT_DIGEST))
    }

    pub(crate) fn check_coverage(&self, body: Body<'_>) -> Read<()> {
        let covers = |all: &[Component]| all.iter().all(|component| self.covers(component));
        let target = covers(&[Component::TargetUri])
            || covers(&[Component::Authority, Component::Path, Component::Query]);
        if !covers(&[Component::Method]) {
            Err(SignatureFault::NotCovered("`@method`"))
        } else if !target {
            Err(SignatureFault::NotCovered("`@target-uri`, or `@authority`, `@path` and `@query`"))
        } else if !body.is_empty() && !self.covers_digest() {
            Err(SignatureFault::NotCovered("`content-digest`, and the request has a body"))
        } else {
            Ok(())
        }
    }

    /// As the caller came, and as it would be if that were different in front of this side.
    pub(crate) fn readings(&self) -> usize {
        if self.components.iter().any(Component::depends_on_protocol) { 2 } else { 1 }
    }

    /// The signature base (section 2.5).
    pub(crate) fn text(&self, parts: &Parts<'_>, reading: usize) -> Read<String> {
        let protocol = match (parts.protocol, reading) {
            (Protocol::Http, 0) | (Protocol::Https, 1..) => Protocol::Http,
            (Protocol::Https, 0) | (Protocol::Http, 1..) => Protocol::Https,
        };
        let mut text = String::with_capacity(512);
        for (item, component) in self.list.items.iter().zip(&self.components) {
            push_identifier(item, &mut text);
            text.push_str(": ");
            component.push(parts, protocol, &mut text)?;
            text.push('\n');
        }
        text.push_str("\"@signature-params\": ");
        self.push_parameters(&mut text);
        Ok(text)
    }

    /// The value of `@signature-params`: the list, written again as the standard has it (section 2.3).
    fn push_parameters(&self, text: &mut String) {
        let mut whole = ListSerializer::with_buffer(text);
        let mut inner = whole.inner_list();
        inner.items(&self.list.items);
        inner.finish().parameters(&self.list.params);
    }
}

/// Appends a component identifier. A name without parameters is what it is called, and needs no escapes.
fn push_identifier(item: &Item, text: &mut String) {
    match &item.bare_item {
        BareItem::String(name) if item.params.is_empty() => {
            text.push('"');
            text.push_str(name.as_str());
            text.push('"');
        }
        other => {
            let _ = ItemSerializer::with_buffer(text).bare_item(other).parameters(&item.params).finish();
        }
    }
}
