//! HTTP Message Signatures (RFC 9421).

use std::borrow::Cow;

use claviger_model::{SignatureForm, SignatureRules};
use http::{HeaderMap, HeaderName};
use sfv::BareItemFromInput;

use super::claim::{Claim, Covered, Named};
use super::component::Component;
use super::dictionary::{Few, byte_sequences};
use super::digest::CONTENT_DIGEST;
use super::fields::joined;
use super::input::{Listed, lists};
use super::look::Found;
use super::text::time;
use super::{Body, SignatureFault};
use crate::{NotPresented, Parts, Protocol};

pub(super) const SIGNATURE_INPUT: HeaderName = HeaderName::from_static("signature-input");
const SIGNATURE: HeaderName = HeaderName::from_static("signature");

type Read<T> = Result<T, SignatureFault>;

type Parameters<'d> = Few<'d, BareItemFromInput<'d>>;

/// The components that are covered.
pub(crate) struct Input {
    components: Vec<Component>,
    /// The value of `@signature-params`: the list, written again as the standard has it (section 2.3).
    listed: String,
}

/// Whether the request carries a signature of this form.
pub(crate) fn look<'r>(rules: &SignatureRules, headers: &HeaderMap) -> Found<'r> {
    if !rules.forms.contains(&SignatureForm::Rfc9421) {
        return None;
    }
    let inputs = joined(headers, &SIGNATURE_INPUT, "Signature-Input").transpose();
    let signatures = joined(headers, &SIGNATURE, "Signature").transpose();
    match (inputs, signatures) {
        (None, None) => None,
        (inputs, signatures) => find(rules, inputs, signatures).transpose(),
    }
}

/// The value of a header, if there is one that can be looked into.
type Value<'h> = Option<Read<Cow<'h, [u8]>>>;

fn find<'r>(
    rules: &SignatureRules,
    inputs: Value<'_>,
    signatures: Value<'_>,
) -> Result<Option<Box<Claim<'r>>>, NotPresented> {
    let inputs = inputs.ok_or(SignatureFault::HeaderMissing("Signature-Input"))??;
    let signatures = signatures.ok_or(SignatureFault::HeaderMissing("Signature"))??;
    let inputs = lists(&inputs).ok_or(SignatureFault::NotDictionary("Signature-Input"))?;
    let signatures = byte_sequences(&signatures).ok_or(SignatureFault::NotDictionary("Signature"))?;
    let mut ours = inputs.into_iter().filter(|(_, member)| is_ours(member.as_ref(), rules.tag.as_deref()));
    let Some((label, member)) = ours.next() else { return Ok(None) };
    if ours.next().is_some() {
        return Err(NotPresented::Ambiguous);
    }
    let list = member.ok_or(SignatureFault::NotComponents)?;
    let mut signatures = signatures.into_iter().filter(|(name, _)| *name == label);
    let signature = signatures.next().and_then(|(_, bytes)| bytes).ok_or(SignatureFault::NoSignature)?;
    Ok(Some(claim(list, signature)?))
}

/// Whether a signature is meant for this side. Where the policy names a tag, those with another one are not.
fn is_ours(member: Option<&Listed<'_>>, tag: Option<&str>) -> bool {
    let Some(tag) = tag else { return true };
    let given = member.and_then(|list| list.parameters.get("tag"));
    matches!(given, Some(BareItemFromInput::String(given)) if given.as_str() == tag)
}

fn claim<'r>(list: Listed<'_>, signature: Vec<u8>) -> Read<Box<Claim<'r>>> {
    let parameters = &list.parameters;
    let key_id = text(parameters, "keyid")?.ok_or(SignatureFault::ParameterMissing("keyid"))?.to_owned();
    let signed_at = seconds(parameters, "created")?.ok_or(SignatureFault::ParameterMissing("created"))?;
    let expires_at = seconds(parameters, "expires")?;
    text(parameters, "tag")?;
    Ok(Box::new(Claim {
        key_id: Cow::Owned(key_id),
        algorithm: text(parameters, "alg")?.map_or(Named::Nothing, Named::read),
        signed_at,
        expires_at,
        nonce: text(parameters, "nonce")?.map(|nonce| Cow::Owned(nonce.to_owned())),
        signature,
        covered: Covered::Rfc9421(Input::new(list)?),
    }))
}

fn text<'p>(parameters: &'p Parameters<'_>, name: &'static str) -> Read<Option<&'p str>> {
    match parameters.get(name) {
        None => Ok(None),
        Some(BareItemFromInput::String(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(SignatureFault::Parameter(name)),
    }
}

fn seconds(parameters: &Parameters<'_>, name: &'static str) -> Read<Option<claviger_model::Time>> {
    match parameters.get(name) {
        None => Ok(None),
        Some(BareItemFromInput::Integer(seconds)) => {
            time((*seconds).into()).map(Some).ok_or(SignatureFault::Parameter(name))
        }
        Some(_) => Err(SignatureFault::Parameter(name)),
    }
}

impl Input {
    fn new(list: Listed<'_>) -> Read<Self> {
        let listed = list.written(list.components.as_deref().map_err(|fault| *fault)?);
        Ok(Self { components: list.components?, listed })
    }

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
        for component in &self.components {
            component.push_identifier(&mut text);
            text.push_str(": ");
            component.push(parts, protocol, &mut text)?;
            text.push('\n');
        }
        text.push_str("\"@signature-params\": ");
        text.push_str(&self.listed);
        Ok(text)
    }
}
