//! Whether a credential is good for an API at all: whose it is, and whether it may be used now, there and from there.
//! Nothing is said of endpoints, versions and permissions.

use std::sync::Arc;

use claviger_credential::Proof;
use claviger_model::{
    Account, ApiId, CheckLine, CredentialId, EnvironmentId, Format, PermissionSet, Reason, Scheme, Slug, Time,
};

use crate::decide::{Case, Known, read_target};
use crate::router::Routed;
use crate::stop::Stop;
use crate::witness::{Recorder, Silent, Witness};
use crate::{CompiledApi, CompiledEnvironment, Denial, Request, Snapshot};

/// Where a credential is to be good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The API.
    pub api: ApiId,
    /// The environment of it.
    pub environment: EnvironmentId,
}

/// A credential that is good for an API, and who it acts for.
#[derive(Debug)]
pub struct Admitted<'s> {
    /// Whose credential it is.
    pub account: &'s Account,
    /// The credential.
    pub credential: CredentialId,
    /// How it was presented.
    pub scheme: &'s Scheme,
    /// The credential's kind.
    pub key_type: &'s Slug,
    /// What the credential may do.
    pub permissions: &'s PermissionSet,
    /// The API.
    pub api: &'s Arc<CompiledApi>,
    /// The environment.
    pub environment: &'s CompiledEnvironment,
    /// Whether the credential has a successor, so that its holder should have changed over.
    pub is_replaced: bool,
}

/// Decides whether the credential of a request is good for an API. Of the request nothing else counts but the client's
/// address: its path belongs to no endpoint, and its host and path need not be the API's. Signatures are never good here,
/// since they are of one request.
///
/// # Errors
///
/// The refusal, for the same reasons and in the same order as that of [`crate::decide`].
pub fn admit<'s>(
    snapshot: &'s Snapshot,
    place: Place,
    request: &Request<'_>,
    now: Time,
) -> Result<Admitted<'s>, Box<Denial<'s>>> {
    judge(snapshot, place, request, now, &mut Silent)
}

/// The checks of [`admit`]: what each saw and what it wanted. No secret is in them.
#[must_use]
pub fn explain_admission(
    snapshot: &Snapshot,
    place: Place,
    request: &Request<'_>,
    now: Time,
) -> Vec<CheckLine> {
    let mut recorder = Recorder::default();
    // What came of it was told before.
    let _ = judge(snapshot, place, request, now, &mut recorder);
    recorder.0
}

fn judge<'s>(
    snapshot: &'s Snapshot,
    place: Place,
    request: &Request<'_>,
    now: Time,
    witness: &mut impl Witness,
) -> Result<Admitted<'s>, Box<Denial<'s>>> {
    let api = snapshot.api(place.api);
    let refused = |stop: Stop| Box::new(stop.into_denial(api, Format::Json));
    let target = read_target(request, witness).map_err(refused)?;
    let environment = api.and_then(|api| api.environment(place.environment));
    witness.check("place", environment.is_some(), || {
        (if environment.is_some() { "known" } else { "removed" }.into(), "known".into())
    });
    let nowhere = || refused(Stop::because(Reason::UnknownEndpoint));
    let (api, environment) = api.zip(environment).ok_or_else(nowhere)?;
    let routed = Routed { api, environment, version: None, rest: "" };
    Case { snapshot, request, now, routed, target: &target }.admit(witness).map_err(refused)
}

impl<'s> Case<'s, '_> {
    fn admit(&self, witness: &mut impl Witness) -> Result<Admitted<'s>, Stop> {
        let presented = self.present(witness)?;
        let named = |stop| Stop { scheme: Some(presented.scheme.name()), ..stop };
        if let Proof::Signature(_) = presented.proof() {
            let detail = "A signature is one of a request, and good for nothing else.";
            witness.check("proof", false, || ("a signature".into(), "a secret".into()));
            return Err(named(Stop::saying(Reason::MalformedCredential, detail)));
        }
        let known = self.authenticate(&presented, witness).map_err(named)?;
        self.admit_known(known, witness)
            .map_err(|stop| named(Stop { credential: Some(known.entry.id()), ..stop }))
    }

    fn admit_known(&self, known: Known<'s>, witness: &mut impl Witness) -> Result<Admitted<'s>, Stop> {
        self.check_life(known, witness)?;
        self.check_place(known, witness)?;
        let (snapshot, entry) = (self.snapshot, known.entry);
        let gone = || Stop::because(Reason::UnknownCredential);
        Ok(Admitted {
            account: &known.account.account,
            credential: entry.id(),
            scheme: known.scheme,
            key_type: snapshot.key_types.get(entry.key_type).ok_or_else(gone)?,
            permissions: snapshot.permissions.get(entry.permissions).ok_or_else(gone)?,
            api: self.routed.api,
            environment: self.routed.environment,
            is_replaced: entry.replaced,
        })
    }
}
