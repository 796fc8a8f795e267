//! Whether the caller has the credential that it presents.

use claviger_credential::{NotPresented, Presented, Proof};
use claviger_model::{BasicUser, Reason, Scheme};

use crate::credentials::Entry;
use crate::decide::{Case, Known};
use crate::stop::{Stop, ensure, sentence};
use crate::witness::Witness;

impl<'s, 'r> Case<'s, 'r> {
    /// Finds the one credential of the request.
    pub(crate) fn present(&self, witness: &mut impl Witness) -> Result<Presented<'r, 's>, Stop> {
        let schemes = &self.routed.api.api.policy.schemes;
        let headers = self.request.parts.headers;
        let presented = claviger_credential::present(headers, self.target.query(), schemes);
        witness.check("presentation", presented.is_ok(), || {
            let saw = presented.as_ref().map_or_else(ToString::to_string, |p| p.scheme.name().to_owned());
            let names: Vec<_> = schemes.iter().map(Scheme::name).collect();
            (saw, format!("exactly one credential, as {}", names.join(" or ")))
        });
        presented.map_err(|error| match error {
            NotPresented::Malformed(why) => Stop::saying(Reason::MalformedCredential, sentence(&why)),
            NotPresented::Missing | NotPresented::Ambiguous => Stop::because(error.into()),
        })
    }

    /// Sees whether the caller has it, and whose it is.
    pub(crate) fn authenticate(
        &self,
        presented: &Presented<'r, 's>,
        witness: &mut impl Witness,
    ) -> Result<Known<'s>, Stop> {
        let entry = match (presented.proof(), presented.scheme) {
            (Proof::Signature(claim), Scheme::Signature(rules)) => self.signer(claim, rules, witness)?,
            _ => self.holder(presented, witness)?,
        };
        let unknown = || Stop::because(Reason::UnknownCredential);
        let account = self.snapshot.accounts.get(entry.account);
        let owner = || (if account.is_some() { "known" } else { "removed" }.into(), "known".into());
        ensure(witness, "account", account.is_some(), owner, unknown)?;
        let known = Known { entry, account: account.ok_or_else(unknown)?, scheme: presented.scheme };
        check_user(presented, known, witness)?;
        Ok(known)
    }

    /// The credential with the secret that is presented.
    fn holder(&self, presented: &Presented<'r, 's>, witness: &mut impl Witness) -> Result<&'s Entry, Stop> {
        let environment = self.routed.environment.number;
        let form = self.snapshot.check_form(presented.secret(), environment);
        let words = || (form.map_or_else(|e| e.to_string(), |()| "well formed".into()), "well formed".into());
        ensure(witness, "key format", form.is_ok(), words, || {
            Stop::saying(Reason::MalformedCredential, form.as_ref().map_or_else(sentence, |()| String::new()))
        })?;
        let entry = self.snapshot.find(presented, environment);
        let unknown = || Stop::because(Reason::UnknownCredential);
        let known = |yes| if yes { "a known one" } else { "not a known one" };
        let words = || (known(entry.is_some()).into(), known(true).into());
        ensure(witness, "credential", entry.is_some(), words, unknown)?;
        entry.ok_or_else(unknown)
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
