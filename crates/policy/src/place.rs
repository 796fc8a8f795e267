//! Whether a credential may be used now, here, and from there.

use claviger_model::{CredentialState, LoginTokens, Reason, Time, UserState};

use crate::credentials::Entry;
use crate::decide::{Case, Known};
use crate::environments::PEOPLE;
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
        self.check_user_lives(known, witness)?;
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
        )?;
        self.check_factor(known, witness)
    }

    /// What one gets for signing in calls nothing as long as its user lacks the second factor that their account asks
    /// for.
    fn check_factor(&self, known: Known<'s>, witness: &mut impl Witness) -> Result<(), Stop> {
        if known.entry.environment != PEOPLE {
            return Ok(());
        }
        let held_back = self.snapshot.is_held_back(known.entry);
        let words = || {
            let saw = if held_back { "none, and the account asks for one" } else { "as the account asks" };
            (saw.to_owned(), "as the account asks".to_owned())
        };
        ensure(witness, "second factor", !held_back, words, || Stop::because(Reason::SecondFactorRequired))
    }

    /// What belongs to a user lives as long as they do in its account.
    fn check_user_lives(&self, known: Known<'s>, witness: &mut impl Witness) -> Result<(), Stop> {
        if known.entry.user == 0 {
            return Ok(());
        }
        let user = self.snapshot.people.get(known.entry.user);
        let lives = self.snapshot.has_living_user(known.entry);
        let state = user.map_or("removed", |user| {
            if lives {
                "active"
            } else if user.state == UserState::Active {
                "no member"
            } else {
                "disabled"
            }
        });
        let reason = if state == "disabled" { Reason::Disabled } else { Reason::Revoked };
        let words = || (state.to_owned(), "active".to_owned());
        ensure(witness, "user", lives, words, || Stop::because(reason))
    }

    pub(crate) fn check_place(&self, known: Known<'s>, witness: &mut impl Witness) -> Result<(), Stop> {
        self.check_api(known, witness)?;
        self.check_address(known, witness)
    }

    /// A login token belongs to every API that takes login tokens; a key to one environment of one API.
    fn check_api(&self, known: Known<'s>, witness: &mut impl Witness) -> Result<(), Stop> {
        let (snapshot, routed) = (self.snapshot, self.routed);
        if known.entry.environment == PEOPLE {
            let taken = routed.api.api.policy.login_tokens == LoginTokens::Accept;
            let words =
                || ("a login token".into(), if taken { "keys or login tokens" } else { "keys" }.into());
            return ensure(witness, "API", taken, words, || Stop::because(Reason::WrongApi));
        }
        let api = snapshot.environments.api(known.entry.environment);
        let name = |id| snapshot.api(id).map_or("a removed API", |api| api.api.slug.as_str()).to_owned();
        let words =
            || (api.map_or_else(|| "a removed API".to_owned(), name), routed.api.api.slug.to_string());
        ensure(witness, "API", api == Some(routed.api.api.id), words, || Stop::because(Reason::WrongApi))?;
        let same = known.entry.environment == routed.environment.number;
        let wanted = &routed.environment.environment.slug;
        let words = || (if same { wanted.as_str() } else { "another one" }.to_owned(), wanted.to_string());
        ensure(witness, "environment", same, words, || Stop::because(Reason::WrongEnvironment))
    }

    fn check_address(&self, known: Known<'s>, witness: &mut impl Witness) -> Result<(), Stop> {
        let client = self.request.client;
        let list = self.snapshot.allowlists.get(known.entry.allowlist);
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
