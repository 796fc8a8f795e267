//! Whether a credential may be used now, here, and from there.

use claviger_model::{CredentialState, Reason, Time};

use crate::credentials::Entry;
use crate::decide::{Case, Known};
use crate::stop::{Stop, ensure};
use crate::witness::Witness;

impl<'s> Case<'s, '_> {
    pub(crate) fn check_life(&self, known: Known<'s>, witness: &mut impl Witness) -> Result<(), Stop> {
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
            || words(lower(from)),
            || Stop::saying(Reason::NotYetValid, format!("It is valid from {from} on.")),
        )?;
        ensure(
            witness,
            "expiry",
            now < until,
            || words(upper(until)),
            || Stop::saying(Reason::Expired, format!("It expired at {until}.")),
        )
    }

    pub(crate) fn check_place(&self, known: Known<'s>, witness: &mut impl Witness) -> Result<(), Stop> {
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
}

fn lower(from: Time) -> String {
    if from == Entry::ALWAYS { "no lower limit".into() } else { format!("from {from} on") }
}

fn upper(until: Time) -> String {
    if until == Entry::FOREVER { "no upper limit".into() } else { format!("before {until}") }
}
