//! The one place that decides.
//!
//! The order of the checks is the order of what a caller may learn: first what is wrong with the request itself, then
//! whether the credential is real, and only then, to a caller who proved to have a real one, everything else.

use claviger_credential::{Body, Parts, Presented, Proof, looks_signed, present, without_credentials};
use claviger_model::{CheckLine, Endpoint, Format, Reason, Scheme, Time};

use http::HeaderMap;
use http::header::CONTENT_LENGTH;

use crate::accounts::CompiledAccount;
use crate::compiled::CompiledVersion;
use crate::credentials::Entry;
use crate::formats::{Negotiated, negotiate};
use crate::router::Routed;
use crate::signed::is_timely;
use crate::stop::{Stop, sentence};
use crate::witness::{Recorder, Silent, Witness};
use crate::{Decision, Grant, Request, Snapshot, Target, Ticket};

/// Bytes of a body that is read before anybody looks who sent it.
const SHORT: u32 = 8 << 10;

/// Decides. The answer depends on nothing but the arguments.
#[must_use]
pub fn decide<'s>(snapshot: &'s Snapshot, request: &Request<'_>, now: Time) -> Decision<'s> {
    judge(snapshot, request, now, &mut Silent)
}

/// Decides in the same way, and writes down each check: what it saw and what it wanted. No secret is in it.
#[must_use]
pub fn explain<'s>(
    snapshot: &'s Snapshot,
    request: &Request<'_>,
    now: Time,
) -> (Decision<'s>, Vec<CheckLine>) {
    let mut recorder = Recorder::default();
    let decision = judge(snapshot, request, now, &mut recorder);
    (decision, recorder.0)
}

fn judge<'s>(
    snapshot: &'s Snapshot,
    request: &Request<'_>,
    now: Time,
    witness: &mut impl Witness,
) -> Decision<'s> {
    let anywhere = || negotiate(&[Format::Json, Format::Xml], request.parts.headers).format;
    let target = match read_target(request, witness) {
        Ok(target) => target,
        Err(stop) => return Decision::Deny(stop.into_denial(None, anywhere())),
    };
    let Some(routed) = route(snapshot, request, &target, witness) else {
        return Decision::Deny(Stop::because(Reason::UnknownEndpoint).into_denial(None, anywhere()));
    };
    let case = Case { snapshot, request, now, routed, target: &target };
    let negotiated = negotiate(&routed.api.api.policy.formats, request.parts.headers);
    let format = negotiated.format;
    match case.judge(negotiated, witness) {
        Ok(grant) => Decision::Allow(grant),
        Err(stop) => Decision::Deny(stop.into_denial(Some(routed.api), format)),
    }
}

/// Whether a body that was not read is to be read before the decision: then how many bytes of it at most. It is wanted
/// of whatever is signed, and whoever sent it: to want it of those alone who have a pair would tell who has. What will
/// be refused whoever sent it is refused without its body, unless that is so short that to look would cost more.
#[must_use]
pub fn body_wanted(snapshot: &Snapshot, parts: &Parts<'_>, now: Time) -> Option<u32> {
    if parts.body != Body::Unread {
        return None;
    }
    let target = Target::read(parts.target).ok()?;
    let routed = snapshot.router.route(parts.host, target.path())?;
    let schemes = &routed.api.api.policy.schemes;
    let rules = schemes.iter().find_map(|scheme| match scheme {
        Scheme::Signature(rules) => Some(rules),
        _ => None,
    })?;
    if !looks_signed(rules, parts.headers) {
        return None;
    }
    if is_short(parts.headers) {
        return Some(rules.body_bytes);
    }
    let presented = present(parts.headers, target.query(), schemes).ok()?;
    let Proof::Signature(claim) = presented.proof() else { return None };
    let covered = claim.check_coverage(parts.body).is_ok();
    (covered && is_timely(claim, rules, now)).then_some(rules.body_bytes)
}

/// Whether the body is announced to be no longer than what arrives with the head anyway.
fn is_short(headers: &HeaderMap) -> bool {
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    length.is_some_and(|length: u32| length <= SHORT)
}

pub(crate) fn read_target<'a>(request: &Request<'a>, witness: &mut impl Witness) -> Result<Target<'a>, Stop> {
    let target = Target::read(request.parts.target);
    let saw = || target.as_ref().map_or_else(ToString::to_string, |target| target.path().to_owned());
    witness.check("target", target.is_ok(), || (saw(), "a path that can be read in one way".into()));
    target.map_err(|error| Stop::saying(Reason::MalformedRequest, sentence(&error)))
}

fn route<'s, 'r>(
    snapshot: &'s Snapshot,
    request: &Request<'_>,
    target: &'r Target<'_>,
    witness: &mut impl Witness,
) -> Option<Routed<'s, 'r>> {
    let routed = snapshot.router.route(request.parts.host, target.path());
    witness.check("route", routed.is_some(), || {
        let found = routed.map(|to| format!("{} in {}", to.api.api.slug, to.environment.environment.slug));
        let saw =
            format!("{} at {}: {}", target.path(), request.parts.host, found.as_deref().unwrap_or("no API"));
        (saw, "a host and path that belong to an API".into())
    });
    routed
}

pub(crate) struct Case<'s, 'r> {
    pub(crate) snapshot: &'s Snapshot,
    pub(crate) request: &'r Request<'r>,
    pub(crate) now: Time,
    pub(crate) routed: Routed<'s, 'r>,
    pub(crate) target: &'r Target<'r>,
}

/// A credential that the caller proved to have, and whose it is.
#[derive(Clone, Copy)]
pub(crate) struct Known<'s> {
    pub(crate) entry: &'s Entry,
    pub(crate) account: &'s CompiledAccount,
    pub(crate) scheme: &'s Scheme,
}

/// What is called.
#[derive(Clone, Copy)]
pub(crate) struct Called<'s> {
    pub(crate) version: &'s CompiledVersion,
    pub(crate) endpoint: &'s Endpoint,
}

impl<'s, 'r> Case<'s, 'r> {
    fn judge(&self, negotiated: Negotiated, witness: &mut impl Witness) -> Result<Grant<'s>, Stop> {
        let presented = self.present(witness)?;
        self.judge_presented(&presented, negotiated, witness)
            .map_err(|stop| Stop { scheme: Some(presented.scheme.name()), ..stop })
    }

    fn judge_presented(
        &self,
        presented: &Presented<'r, 's>,
        negotiated: Negotiated,
        witness: &mut impl Witness,
    ) -> Result<Grant<'s>, Stop> {
        let known = self.authenticate(presented, witness)?;
        self.judge_known(known, presented, negotiated, witness)
            .map_err(|stop| Stop { credential: Some(known.entry.id()), ..stop })
    }

    fn judge_known(
        &self,
        known: Known<'s>,
        presented: &Presented<'r, 's>,
        negotiated: Negotiated,
        witness: &mut impl Witness,
    ) -> Result<Grant<'s>, Stop> {
        self.check_life(known, witness)?;
        self.check_place(known, witness)?;
        let called = self.locate(witness)?;
        self.check_body_type(witness)?;
        self.check_permissions(known, called, witness)?;
        let mixed_with = self.check_versions(known, called, witness)?;
        if let (Proof::Signature(claim), Scheme::Signature(rules)) = (presented.proof(), presented.scheme) {
            self.check_body(claim, witness)?;
            // The last one: what is refused for another reason may be sent again.
            self.check_once(known, claim, rules, witness)?;
        }
        self.grant(known, called, negotiated, mixed_with)
    }

    fn grant(
        &self,
        known: Known<'s>,
        called: Called<'s>,
        negotiated: Negotiated,
        mixed_with: Option<&'s claviger_model::VersionName>,
    ) -> Result<Grant<'s>, Stop> {
        let (snapshot, entry, routed) = (self.snapshot, known.entry, self.routed);
        let gone = || Stop::because(Reason::UnknownCredential);
        let version = called.version.version.name.as_str();
        let query = without_credentials(self.target.query(), &routed.api.api.policy.schemes);
        Ok(Grant {
            account: &known.account.account,
            account_number: &known.account.number,
            credential: entry.id(),
            scheme: known.scheme,
            key_type: snapshot.key_types.get(entry.key_type).ok_or_else(gone)?,
            permissions: snapshot.permissions.get(entry.permissions).ok_or_else(gone)?,
            api: routed.api,
            environment: routed.environment,
            version: called.version,
            endpoint: called.endpoint,
            negotiated,
            mixed_with,
            target: routed.environment.upstream.target(version, routed.rest, query.as_deref()),
            ticket: Ticket { digest: entry.digest, client: self.request.client },
            slot: entry.slot,
            replaced: entry.replaced,
        })
    }
}
