//! The one place that decides.
//!
//! The order of the checks is the order of what a caller may learn: first what is wrong with the request itself, then
//! whether the credential is real, and only then, to a caller who proved to have a real one, everything else.

use std::sync::Arc;

use claviger_credential::{NotPresented, Presented, without_credentials};
use claviger_model::{
    BasicUser, CheckLine, CredentialId, CredentialState, Endpoint, Mixing, Permission, Reason, Scheme, Time,
};
use http::Method;
use http::header::CONTENT_TYPE;

use crate::accounts::CompiledAccount;
use crate::compiled::{CompiledApi, CompiledVersion};
use crate::credentials::Entry;
use crate::endpoints::Found;
use crate::formats::{Negotiated, negotiate};
use crate::router::Routed;
use crate::witness::{Recorder, Silent, Witness, Words};
use crate::{Decision, Denial, Grant, Request, Snapshot, Target, Ticket};

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
    let anywhere =
        || negotiate(&[claviger_model::Format::Json, claviger_model::Format::Xml], request.headers).format;
    let target = match read_target(request, witness) {
        Ok(target) => target,
        Err(stop) => return Decision::Deny(stop.into_denial(None, anywhere())),
    };
    let Some(routed) = route(snapshot, request, &target, witness) else {
        return Decision::Deny(Stop::because(Reason::UnknownEndpoint).into_denial(None, anywhere()));
    };
    let case = Case { snapshot, request, now, routed, target: &target };
    let negotiated = negotiate(&routed.api.api.policy.formats, request.headers);
    let format = negotiated.format;
    match case.judge(negotiated, witness) {
        Ok(grant) => Decision::Allow(grant),
        Err(stop) => Decision::Deny(stop.into_denial(Some(routed.api), format)),
    }
}

/// The end of a judgement, before the parts that every refusal has are added.
struct Stop {
    reason: Reason,
    credential: Option<CredentialId>,
    allow: Vec<Method>,
    detail: Option<String>,
}

impl Stop {
    fn because(reason: Reason) -> Self {
        Self { reason, credential: None, allow: Vec::new(), detail: None }
    }

    fn saying(reason: Reason, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..Self::because(reason) }
    }

    fn into_denial(self, api: Option<&Arc<CompiledApi>>, format: claviger_model::Format) -> Denial<'_> {
        let Self { reason, credential, allow, detail } = self;
        Denial { reason, api, credential, format, allow, detail }
    }
}

/// An error's words as a sentence.
fn sentence(error: &impl std::fmt::Display) -> String {
    let words = error.to_string();
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

/// Goes on if the check passed.
fn ensure(
    witness: &mut impl Witness,
    check: &'static str,
    passed: bool,
    words: impl FnOnce() -> Words,
    stop: impl FnOnce() -> Stop,
) -> Result<(), Stop> {
    witness.check(check, passed, words);
    if passed { Ok(()) } else { Err(stop()) }
}

fn read_target<'a>(request: &Request<'a>, witness: &mut impl Witness) -> Result<Target<'a>, Stop> {
    let target = Target::read(request.target);
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
    let routed = snapshot.router.route(request.host, target.path());
    witness.check("route", routed.is_some(), || {
        let found = routed.map(|to| format!("{} in {}", to.api.api.slug, to.environment.environment.slug));
        let saw = format!("{} at {}: {}", target.path(), request.host, found.as_deref().unwrap_or("no API"));
        (saw, "a host and path that belong to an API".into())
    });
    routed
}

struct Case<'s, 'r> {
    snapshot: &'s Snapshot,
    request: &'r Request<'r>,
    now: Time,
    routed: Routed<'s, 'r>,
    target: &'r Target<'r>,
}

/// A credential that the caller proved to have, and whose it is.
#[derive(Clone, Copy)]
struct Known<'s> {
    entry: &'s Entry,
    account: &'s CompiledAccount,
    scheme: &'s Scheme,
}

/// What is called.
#[derive(Clone, Copy)]
struct Called<'s> {
    version: &'s CompiledVersion,
    endpoint: &'s Endpoint,
}

impl<'s> Case<'s, '_> {
    fn judge(&self, negotiated: Negotiated, witness: &mut impl Witness) -> Result<Grant<'s>, Stop> {
        let known = self.authenticate(witness)?;
        self.judge_known(known, negotiated, witness)
            .map_err(|stop| Stop { credential: Some(known.entry.id()), ..stop })
    }

    fn judge_known(
        &self,
        known: Known<'s>,
        negotiated: Negotiated,
        witness: &mut impl Witness,
    ) -> Result<Grant<'s>, Stop> {
        self.check_life(known, witness)?;
        self.check_place(known, witness)?;
        let called = self.locate(witness)?;
        self.check_body_type(witness)?;
        self.check_permissions(known, called, witness)?;
        let mixed_with = self.check_versions(known, called, witness)?;
        self.grant(known, called, negotiated, mixed_with)
    }

    fn authenticate(&self, witness: &mut impl Witness) -> Result<Known<'s>, Stop> {
        let presented = self.present(witness)?;
        let unknown = || Stop::because(Reason::UnknownCredential);
        let entry = self.snapshot.find(&presented, self.routed.environment.number);
        let known = |yes| if yes { "a known one" } else { "not a known one" };
        ensure(
            witness,
            "credential",
            entry.is_some(),
            || (known(entry.is_some()).into(), known(true).into()),
            unknown,
        )?;
        let entry = entry.ok_or_else(unknown)?;
        let account = self.snapshot.accounts.get(entry.account);
        let owner = || (if account.is_some() { "known" } else { "removed" }.into(), "known".into());
        ensure(witness, "account", account.is_some(), owner, unknown)?;
        let known = Known { entry, account: account.ok_or_else(unknown)?, scheme: presented.scheme };
        check_user(&presented, known, witness)?;
        Ok(known)
    }

    fn present(&self, witness: &mut impl Witness) -> Result<Presented<'_, 's>, Stop> {
        let schemes = &self.routed.api.api.policy.schemes;
        let presented = claviger_credential::present(self.request.headers, self.target.query(), schemes);
        witness.check("presentation", presented.is_ok(), || {
            let saw = presented.as_ref().map_or_else(ToString::to_string, |p| p.scheme.name().to_owned());
            let names: Vec<_> = schemes.iter().map(Scheme::name).collect();
            (saw, format!("exactly one credential, as {}", names.join(" or ")))
        });
        let presented = presented.map_err(|error| match error {
            NotPresented::Malformed(why) => Stop::saying(Reason::MalformedCredential, sentence(&why)),
            NotPresented::Missing | NotPresented::Ambiguous => Stop::because(error.into()),
        })?;
        let form = self.snapshot.check_form(presented.secret(), self.routed.environment.number);
        let words = || (form.map_or_else(|e| e.to_string(), |()| "well formed".into()), "well formed".into());
        ensure(witness, "key format", form.is_ok(), words, || {
            Stop::saying(Reason::MalformedCredential, form.as_ref().map_or_else(sentence, |()| String::new()))
        })?;
        Ok(presented)
    }

    fn check_life(&self, known: Known<'s>, witness: &mut impl Witness) -> Result<(), Stop> {
        let entry = known.entry;
        let reason = match entry.state {
            CredentialState::Active => None,
            CredentialState::Pending => Some(Reason::PendingActivation),
            CredentialState::Disabled => Some(Reason::Disabled),
            CredentialState::Revoked => Some(Reason::Revoked),
        };
        let words = || (entry.state.to_string(), CredentialState::Active.to_string());
        ensure(witness, "state", reason.is_none(), words, || {
            Stop::because(reason.unwrap_or(Reason::UnknownCredential))
        })?;
        let (from, until, now) = (entry.not_before(), entry.expires_at(), self.now);
        let words = |bound: String| (now.to_string(), bound);
        ensure(
            witness,
            "not before",
            now >= from,
            || words(format!("from {from} on")),
            || Stop::saying(Reason::NotYetValid, format!("It is valid from {from} on.")),
        )?;
        ensure(
            witness,
            "expiry",
            now < until,
            || words(format!("before {until}")),
            || Stop::saying(Reason::Expired, format!("It expired at {until}.")),
        )
    }

    fn check_place(&self, known: Known<'s>, witness: &mut impl Witness) -> Result<(), Stop> {
        let (snapshot, routed) = (self.snapshot, self.routed);
        let api = snapshot.environments.api(known.entry.environment);
        let name = |id| snapshot.api(id).map_or("a removed API", |api| api.api.slug.as_str()).to_owned();
        let words =
            || (api.map_or_else(|| "a removed API".to_owned(), name), routed.api.api.slug.to_string());
        ensure(witness, "API", api == Some(routed.api.api.id), words, || Stop::because(Reason::WrongApi))?;
        let same = known.entry.environment == routed.environment.number;
        let wanted = &routed.environment.environment.slug;
        let words = || (if same { wanted.as_str() } else { "another one" }.to_owned(), wanted.to_string());
        ensure(witness, "environment", same, words, || Stop::because(Reason::WrongEnvironment))?;
        let client = self.request.client;
        let list = snapshot.allowlists.get(known.entry.allowlist);
        let allowed = list.is_some_and(|list| list.allows(client));
        let words = || (client.to_string(), list.map_or_else(String::new, ToString::to_string));
        ensure(witness, "address", allowed, words, || {
            Stop::saying(
                Reason::AddressNotAllowed,
                format!("The request came from {}.", client.to_canonical()),
            )
        })
    }

    fn locate(&self, witness: &mut impl Witness) -> Result<Called<'s>, Stop> {
        let (api, name) = (self.routed.api, self.routed.version);
        let version = api.version(name);
        let known = || {
            api.versions.iter().map(|version| version.version.name.as_str()).collect::<Vec<_>>().join(", ")
        };
        let words =
            || (name.unwrap_or("latest").chars().take(64).collect(), format!("one of {}, latest", known()));
        let unknown =
            || Stop::saying(Reason::UnknownEndpoint, format!("The versions of this API are {}.", known()));
        ensure(witness, "version", version.is_some(), words, unknown)?;
        let version = version.ok_or_else(unknown)?;
        let method = self.request.method;
        let found = version.endpoints.find(method, self.routed.rest);
        let place = if let Found::Endpoint(place, _) = found { Some(place) } else { None };
        let taken = api.methods.is_empty() || api.methods.contains(method);
        let endpoint = place.filter(|_| taken).and_then(|place| version.endpoint(place));
        let words = || (format!("{method} {}", self.routed.rest), "an endpoint of this version".into());
        ensure(witness, "endpoint", endpoint.is_some(), words, || self.no_endpoint(&found))?;
        endpoint.map(|endpoint| Called { version, endpoint }).ok_or_else(|| self.no_endpoint(&found))
    }

    /// 404 for a path that is none; 405 for a method that the path or the whole API does not take.
    fn no_endpoint(&self, found: &Found<'_>) -> Stop {
        let methods = &self.routed.api.methods;
        let taken = |method: &Method| methods.is_empty() || methods.contains(method);
        let allow: Vec<_> = match found {
            Found::Nowhere if taken(self.request.method) => return Stop::because(Reason::UnknownEndpoint),
            Found::Nowhere => methods.clone(),
            Found::OtherMethods(offered) | Found::Endpoint(_, offered) => {
                offered.iter().map(|(method, _)| method.clone()).filter(taken).collect()
            }
        };
        Stop { allow, ..Stop::because(Reason::MethodNotAllowed) }
    }

    fn check_body_type(&self, witness: &mut impl Witness) -> Result<(), Stop> {
        let wanted = &self.routed.api.api.policy.request_media_types;
        if wanted.is_empty() || !needs_media_type(self.request) {
            return Ok(());
        }
        let mut values = self.request.headers.get_all(CONTENT_TYPE).iter();
        let given = values.next().filter(|_| values.next().is_none()).and_then(|value| value.to_str().ok());
        let essence = given.map(|text| text.split(';').next().unwrap_or(text).trim());
        let fits =
            essence.is_some_and(|given| wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(given)));
        let words = || (essence.unwrap_or("none").chars().take(100).collect(), wanted.join(" or "));
        ensure(witness, "media type", fits, words, || {
            Stop::saying(
                Reason::UnsupportedMediaType,
                format!("Bodies are taken as {}.", wanted.join(" or ")),
            )
        })
    }

    fn check_permissions(
        &self,
        known: Known<'s>,
        called: Called<'s>,
        witness: &mut impl Witness,
    ) -> Result<(), Stop> {
        let granted = self.snapshot.permissions.get(known.entry.permissions);
        let lacks = |needed: &&Permission| !granted.is_some_and(|set| set.allows(needed));
        let needed = &called.endpoint.permissions;
        let passed = !needed.iter().any(|needed| lacks(&needed));
        let names = |list: &[&str]| list.join(", ");
        let missing = || names(&needed.iter().filter(lacks).map(Permission::as_str).collect::<Vec<_>>());
        let all = || names(&needed.iter().map(Permission::as_str).collect::<Vec<_>>());
        let words = || (if passed { "all of them".into() } else { format!("without {}", missing()) }, all());
        ensure(witness, "permission", passed, words, || {
            Stop::saying(Reason::InsufficientPermission, format!("Missing: {}.", missing()))
        })
    }

    fn check_versions(
        &self,
        known: Known<'s>,
        called: Called<'s>,
        witness: &mut impl Witness,
    ) -> Result<Option<&'s claviger_model::VersionName>, Stop> {
        let mixing = &self.routed.api.api.policy.version_mixing;
        if mixing.action == Mixing::Allow {
            return Ok(None);
        }
        let mark =
            self.request.uses.mixed_with(known.entry.slot, called.version.number, self.now, mixing.window);
        let other = mark.and_then(|mark| self.routed.api.version_name(mark.version));
        let refused = other.filter(|_| mixing.action == Mixing::Refuse);
        let this = &called.version.version.name;
        let words = || {
            let saw = other.map_or_else(|| this.to_string(), |other| format!("{this} after {other}"));
            (saw, format!("one version within {}", mixing.window))
        };
        ensure(witness, "version mixing", refused.is_none(), words, || {
            let other = refused.map_or("", |other| other.as_str());
            Stop::saying(Reason::VersionMixed, format!("It called {other} less than {} ago.", mixing.window))
        })?;
        Ok(other)
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
        })
    }
}

/// The user name has to be the key's own; to anyone else the key is not known.
fn check_user(
    presented: &Presented<'_, '_>,
    known: Known<'_>,
    witness: &mut impl Witness,
) -> Result<(), Stop> {
    let Scheme::Basic { user } = presented.scheme else { return Ok(()) };
    let given = presented.user().unwrap_or_default();
    let account = &known.account.account;
    let (same, wanted) = match user {
        BasicUser::AccountNumber => (given == account.number.as_str(), "its account's number"),
        BasicUser::AccountRealm => (given == account.realm.as_str(), "its account's realm"),
        BasicUser::KeyId => (given.parse() == Ok(known.entry.id()), "its own id"),
    };
    // What was given is not written down: people do put the key itself there.
    let words = || (if same { wanted } else { "something else" }.to_owned(), wanted.to_owned());
    ensure(witness, "user name", same, words, || Stop::because(Reason::UnknownCredential))
}

/// Whether the rule on media types applies: to methods that are meant to have a body, and wherever there is one.
fn needs_media_type(request: &Request<'_>) -> bool {
    request.has_body || matches!(*request.method, Method::POST | Method::PUT | Method::PATCH)
}
