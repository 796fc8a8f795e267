use std::net::IpAddr;
use std::sync::Arc;

use claviger_model::{
    CheckLine, Clock, CredentialId, Format, Reason, Refusal, RequestId, Time, VersionUse, VersionUses,
};
use claviger_policy::{
    Body, Decision, Denial, Grant, Parts, Request, Snapshot, Target, TrustedProxies, UseMark, body_wanted,
    decide, explain, masked,
};

use crate::{Counters, SlowDigests, Snapshots};

/// A request, as a door received it.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The id that the caller is given.
    pub id: RequestId,
    /// Its parts.
    pub parts: Parts<'a>,
    /// The address of whoever sent it to the door.
    pub peer: IpAddr,
}

/// Keeps what people may ask about later. Nothing here may wait.
pub trait Records: Send + Sync + 'static {
    /// Whether a refusal would be kept now. Under a flood it would not, and is not explained either.
    fn takes_refusals(&self) -> bool;

    /// Keeps a refusal.
    fn refused(&self, refusal: Refusal);

    /// Keeps the last use of a credential.
    fn used(&self, uses: VersionUses);

    /// Counts a request that was accepted with a credential which has a successor: each of them.
    fn late(&self, credential: CredentialId);
}

/// What a door needs to answer.
pub struct Door {
    /// The node's snapshot.
    pub snapshots: Arc<Snapshots>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Whose word about the client's address is taken.
    pub trusted: TrustedProxies,
    /// Where refusals and uses go.
    pub records: Arc<dyn Records>,
    /// Where decisions are counted.
    pub counters: Counters,
    /// Who checks passwords of which there is nothing but a slow digest; without, they are not known.
    pub slow: Option<Arc<dyn SlowDigests>>,
}

impl Door {
    /// Decides about a request and hands the decision to `answer`.
    pub fn ask<R>(&self, asked: &Asked<'_>, answer: impl FnOnce(Decision<'_>, IpAddr) -> R) -> R {
        let snapshot = self.snapshots.load();
        let now = self.clock.now();
        let Ok(client) = self.trusted.client(asked.peer, asked.parts.headers) else {
            return self.refuse_address(asked, now, answer);
        };
        let request = asked.request(&snapshot, client);
        let decision = decide(&snapshot, &request, now);
        self.counters.count(&decision);
        match &decision {
            Decision::Allow(grant) => self.note_use(&snapshot, grant, now),
            Decision::Deny(denial) => {
                self.record(asked, denial, client, now, || explain(&snapshot, &request, now).1);
            }
        }
        answer(decision, client)
    }

    /// Whether the body of a request is to be read before the decision: then how many bytes of it at most.
    #[must_use]
    pub fn body_wanted(&self, asked: &Asked<'_>) -> Option<u32> {
        if asked.parts.body != Body::Unread {
            return None;
        }
        body_wanted(&self.snapshots.load(), &asked.parts, self.clock.now())
    }

    fn note_use(&self, snapshot: &Snapshot, grant: &Grant<'_>, now: Time) {
        if grant.is_replaced() {
            self.records.late(grant.credential);
        }
        let (slot, mark) = grant.use_mark(now);
        let Some(change) = snapshot.uses().record(slot, mark) else { return };
        let named = |mark: UseMark| {
            Some(VersionUse { version: grant.api.version_name(mark.version)?.clone(), at: mark.at() })
        };
        let other = change.other.and_then(named);
        if let Some(last) = named(change.last) {
            self.records.used(VersionUses { credential: grant.credential, last, other });
        }
    }

    pub(crate) fn record(
        &self,
        asked: &Asked<'_>,
        denial: &Denial<'_>,
        client: IpAddr,
        now: Time,
        checks: impl FnOnce() -> Vec<CheckLine>,
    ) {
        if !self.records.takes_refusals() {
            return;
        }
        let target = Target::read(asked.parts.target);
        // In canonical form where there is one: an encoded underscore would keep a key from being seen and masked.
        let path = target
            .as_ref()
            .map_or_else(|_| asked.parts.target.split('?').next().unwrap_or_default(), Target::path);
        self.records.refused(Refusal {
            request: asked.id,
            at: now,
            reason: denial.reason,
            status: denial.status(),
            api: denial.api.map(|api| api.api.id),
            credential: denial.credential,
            client,
            method: cut(asked.parts.method.as_str(), 32),
            host: cut(asked.parts.host, 255),
            path: cut(path, 1024),
            checks: checks(),
        });
    }

    /// Records a request that was refused before anything of it could be read.
    pub fn refuse_unread(&self, id: RequestId, peer: IpAddr, why: &str) {
        self.counters.count_reason(Reason::MalformedRequest);
        if self.records.takes_refusals() {
            self.records.refused(Refusal {
                request: id,
                at: self.clock.now(),
                reason: Reason::MalformedRequest,
                status: 400,
                api: None,
                credential: None,
                client: peer,
                method: String::new(),
                host: String::new(),
                path: String::new(),
                checks: vec![line("framing", why, "a request that can be read in one way")],
            });
        }
    }

    /// A trusted proxy said something about the client that cannot be read: nobody can say from where this came.
    fn refuse_address<R>(
        &self,
        asked: &Asked<'_>,
        now: Time,
        answer: impl FnOnce(Decision<'_>, IpAddr) -> R,
    ) -> R {
        let detail = "A proxy forwarded an address that cannot be read.";
        let denial = Denial {
            reason: Reason::MalformedRequest,
            api: None,
            scheme: None,
            credential: None,
            format: Format::Json,
            allow: Vec::new(),
            detail: Some(detail.to_owned()),
            string_to_sign: None,
        };
        let failed =
            || line("client address", "forwarded headers that cannot be read", "one header of addresses");
        self.record(asked, &denial, asked.peer, now, || vec![failed()]);
        let decision = Decision::Deny(denial);
        self.counters.count(&decision);
        answer(decision, asked.peer)
    }
}

/// What a caller wrote, for people: without keys, at most so many characters, and nothing that moves a terminal's cursor.
fn cut(text: &str, length: usize) -> String {
    let shown = |letter: char| if letter.is_control() { char::REPLACEMENT_CHARACTER } else { letter };
    masked(text).chars().take(length).map(shown).collect()
}

/// A check that failed before a decision.
pub(crate) fn line(check: &str, saw: &str, wanted: &str) -> CheckLine {
    CheckLine { check: check.to_owned(), passed: false, saw: saw.to_owned(), wanted: wanted.to_owned() }
}

impl Asked<'_> {
    pub(crate) fn request<'a>(&'a self, snapshot: &'a Snapshot, client: IpAddr) -> Request<'a> {
        Request { parts: self.parts, client, uses: snapshot.uses(), replays: snapshot.replays() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_caller_wrote_is_kept_short_and_harmless() {
        assert_eq!(cut("/a\u{9b}31m\u{1b}[0m", 100), "/a\u{fffd}31m\u{fffd}[0m");
        assert_eq!(cut("/abc", 2), "/a");
        assert_eq!(cut(&format!("/ab_p_{}", "0aZ".repeat(17)), 100), "/ab_p_…");
    }
}
