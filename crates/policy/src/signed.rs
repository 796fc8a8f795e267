//! Whether a signed request was signed with the pair that it names, a short time ago, and is sent for the first time.
//!
//! Until the signature is seen to be right, nothing that is answered depends on whether there is such a pair.

use claviger_credential::{Claim, SignatureFault, SigningKey};
use claviger_model::{Reason, SignatureRules, Time};

use crate::credentials::Entry;
use crate::decide::{Case, Known};
use crate::replays::{Admission, Signed};
use crate::signers::Signing;
use crate::stop::{Stop, ensure, sentence};
use crate::witness::Witness;

const UNSEEN: &str = "The body is signed, and this door was not shown it.";

fn malformed(fault: &SignatureFault) -> Stop {
    Stop::saying(Reason::MalformedCredential, sentence(fault))
}

impl<'s> Case<'s, '_> {
    /// The pair that signed the request.
    pub(crate) fn signer(
        &self,
        claim: &Claim<'_>,
        rules: &SignatureRules,
        witness: &mut impl Witness,
    ) -> Result<&'s Entry, Stop> {
        let covered = claim.check_coverage(self.request.parts.body);
        let all = || "everything that has to be signed".to_owned();
        let words = || (covered.as_ref().map_or_else(ToString::to_string, |()| all()), all());
        ensure(witness, "coverage", covered.is_ok(), words, || {
            covered.as_ref().err().map_or_else(bad, malformed)
        })?;
        self.check_time(claim, rules, witness)?;
        let pair = self.pair(claim);
        self.check_shown(claim, witness)?;
        let algorithm = || claim.algorithm().or(rules.algorithms.first().copied()).unwrap_or_default();
        let stand_in = || self.snapshot.signers.nobody(algorithm());
        let key = pair.map_or_else(stand_in, |(_, signing)| &signing.key);
        let signed = pair.filter(|_| claim.admits(key.algorithm()));
        let signed = if self.is_signed_with(claim, key)? { signed } else { None };
        let words = || (if signed.is_some() { "fits" } else { "does not fit" }.into(), "fits".into());
        ensure(witness, "signature", signed.is_some(), words, || self.refused(claim, pair))?;
        signed.map(|(entry, _)| entry).ok_or_else(bad)
    }

    /// Whether one of the texts that may have been signed was. The next is tried where one does not fit: whether there
    /// is such a pair makes no difference to that.
    fn is_signed_with(&self, claim: &Claim<'_>, key: &SigningKey) -> Result<bool, Stop> {
        for reading in 0..claim.readings() {
            if key.verifies(self.text(claim, reading)?.as_bytes(), claim.signature()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn text(&self, claim: &Claim<'_>, reading: usize) -> Result<String, Stop> {
        let body = self.request.parts.body.bytes().unwrap_or_default();
        claim.text(&self.request.parts, body, reading).map_err(|fault| malformed(&fault))
    }

    fn pair(&self, claim: &Claim<'_>) -> Option<(&'s Entry, &'s Signing)> {
        let digest = self.snapshot.digest_key.digest_of_public_id(claim.key_id());
        let entry = self.snapshot.credentials.get(&digest)?;
        Some((entry, self.snapshot.signers.get(entry.id())?))
    }

    /// The text cannot be made without the body. Nobody is told that it was not shown: the answer is that of a wrong
    /// signature.
    fn check_shown(&self, claim: &Claim<'_>, witness: &mut impl Witness) -> Result<(), Stop> {
        if !claim.needs_body() || self.request.parts.body.bytes().is_some() {
            return Ok(());
        }
        witness.check("body", false, || {
            ("not shown".into(), "shown, since the text to sign has its hash".into())
        });
        Err(bad())
    }

    /// A wrong signature. The owner of the pair may have asked to be told what should have been signed.
    fn refused(&self, claim: &Claim<'_>, pair: Option<(&Entry, &Signing)>) -> Stop {
        let told = pair.is_some_and(|(_, signing)| signing.debug_until.is_some_and(|until| self.now < until));
        let text = told.then(|| self.text(claim, 0).ok()).flatten();
        Stop { string_to_sign: text.map(String::into_boxed_str), ..bad() }
    }

    fn check_time(
        &self,
        claim: &Claim<'_>,
        rules: &SignatureRules,
        witness: &mut impl Witness,
    ) -> Result<(), Stop> {
        let (signed, now, window) = (claim.signed_at(), self.now, rules.window);
        let near = is_near(claim, rules, now);
        let words = || (signed.to_string(), format!("at most {window} from {now}"));
        ensure(witness, "time of signing", near, words, || {
            let detail =
                format!("It was signed at {signed}, here it is {now}, and at most {window} may lie between.");
            Stop::saying(Reason::ClockSkew, detail)
        })?;
        let Some(end) = claim.expires_at() else { return Ok(()) };
        let words = || (now.to_string(), format!("before {end}"));
        let passed = || Stop::saying(Reason::ClockSkew, format!("The signature expired at {end}."));
        ensure(witness, "expiry of the signature", now < end, words, passed)
    }

    /// Whether the body is the one that was signed.
    pub(crate) fn check_body(&self, claim: &Claim<'_>, witness: &mut impl Witness) -> Result<(), Stop> {
        let parts = &self.request.parts;
        let Some(body) = parts.body.bytes() else {
            witness.check("body", false, || ("not shown".into(), "the one that was signed".into()));
            return Err(Stop::saying(Reason::BadSignature, UNSEEN));
        };
        let fits = claim.body_fits(parts, body).map_err(|fault| malformed(&fault))?;
        let words = || {
            let saw = if fits { "the one that was signed" } else { "another one" };
            (saw.into(), "the one that was signed".into())
        };
        ensure(witness, "body", fits, words, || {
            Stop::saying(Reason::BadSignature, "The body is not the one that was signed.")
        })
    }

    /// Whether it is the first time. From then on it is not.
    pub(crate) fn check_once(
        &self,
        known: Known<'s>,
        claim: &Claim<'_>,
        rules: &SignatureRules,
        witness: &mut impl Witness,
    ) -> Result<(), Stop> {
        let credential = known.entry.id();
        let signed = Signed {
            mark: self.snapshot.digest_key.mark(credential, claim.mark()),
            credential,
            environment: self.routed.environment.environment.id,
            at: claim.signed_at(),
            window: rules.window,
        };
        let admission = self.request.replays.admit(&signed, self.now);
        let reason = admission.reason();
        let words = || (admission.words().to_owned(), Admission::First.words().to_owned());
        ensure(witness, "once", reason.is_none(), words, || reason.map_or_else(bad, Stop::because))
    }
}

fn is_near(claim: &Claim<'_>, rules: &SignatureRules, now: Time) -> bool {
    let signed = claim.signed_at();
    signed.after(rules.window) >= now && now.after(rules.window) >= signed
}

/// Whether the time of signing is one that counts now.
pub(crate) fn is_timely(claim: &Claim<'_>, rules: &SignatureRules, now: Time) -> bool {
    is_near(claim, rules, now) && claim.expires_at().is_none_or(|end| now < end)
}

fn bad() -> Stop {
    Stop::because(Reason::BadSignature)
}
