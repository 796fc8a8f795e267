//! What a request calls, and whether the credential may call it.

use claviger_credential::Body;
use claviger_model::{Mixing, Permission, Reason};
use http::Method;
use http::header::CONTENT_TYPE;

use crate::Request;
use crate::decide::{Called, Case, Known};
use crate::endpoints::Found;
use crate::stop::{Stop, ensure};
use crate::witness::Witness;

impl<'s> Case<'s, '_> {
    pub(crate) fn locate(&self, witness: &mut impl Witness) -> Result<Called<'s>, Stop> {
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
        let method = self.request.parts.method;
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
            Found::Nowhere if taken(self.request.parts.method) => {
                return Stop::because(Reason::UnknownEndpoint);
            }
            Found::Nowhere => methods.clone(),
            Found::OtherMethods(offered) | Found::Endpoint(_, offered) => {
                offered.iter().map(|(method, _)| method.clone()).filter(taken).collect()
            }
        };
        Stop { allow, ..Stop::because(Reason::MethodNotAllowed) }
    }

    pub(crate) fn check_body_type(&self, witness: &mut impl Witness) -> Result<(), Stop> {
        let wanted = &self.routed.api.api.policy.request_media_types;
        if wanted.is_empty() || !needs_media_type(self.request) {
            return Ok(());
        }
        let mut values = self.request.parts.headers.get_all(CONTENT_TYPE).iter();
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

    pub(crate) fn check_permissions(
        &self,
        known: Known<'s>,
        called: Called<'s>,
        witness: &mut impl Witness,
    ) -> Result<(), Stop> {
        let account = known.account.account.id;
        let lacks = |needed: &&Permission| !self.snapshot.allows(known.entry, account, needed);
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

    pub(crate) fn check_versions(
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
}

/// Whether the rule on media types applies: to methods that are meant to have a body, and wherever there is one.
fn needs_media_type(request: &Request<'_>) -> bool {
    let body = request.parts.body;
    (!body.is_empty() && body != Body::Unknown)
        || matches!(*request.parts.method, Method::POST | Method::PUT | Method::PATCH)
}
