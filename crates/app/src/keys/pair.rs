//! What makes a key a pair: a secret to sign with, which is sealed and never shown again (contract row S4).

use claviger_credential::key::Key;
use claviger_model::{
    Api, Change, CredentialId, CredentialKind, CredentialRecord, Digest, Scheme, Sealed, SignatureAlgorithm,
    Signer, Span, Time,
};
use serde::Serialize;

use crate::opener::ROW;
use crate::unit::Unit;
use crate::{Actor, App, AppError, KeyView, UseCase};

/// Whoever debugs sees what a request should have signed; not for longer than one needs to look.
const LONGEST_DEBUG: Span = Span::from_secs(3600);

/// What of a signer stands in the audit.
#[derive(Serialize)]
struct Audited {
    algorithm: SignatureAlgorithm,
    debug_until: Option<Time>,
}

impl From<&Signer> for Audited {
    fn from(signer: &Signer) -> Self {
        Self { algorithm: signer.algorithm, debug_until: signer.debug_until }
    }
}

/// What a new credential of this API signs with, if it is a pair.
pub(super) fn algorithm(
    api: &Api,
    kind: CredentialKind,
    wanted: Option<SignatureAlgorithm>,
) -> Result<Option<SignatureAlgorithm>, AppError> {
    match (kind, wanted) {
        (CredentialKind::ApiKey, None) => Ok(None),
        (CredentialKind::ApiKey, Some(_)) => {
            Err(AppError::Invalid("only a key pair has an algorithm, and this key type is no pair".into()))
        }
        (CredentialKind::KeyPair, wanted) => algorithm_of_pair(api, wanted).map(Some),
    }
}

fn algorithm_of_pair(api: &Api, wanted: Option<SignatureAlgorithm>) -> Result<SignatureAlgorithm, AppError> {
    let rules = api.policy.schemes.iter().find_map(|scheme| match scheme {
        Scheme::Signature(rules) => Some(rules),
        _ => None,
    });
    let taken = rules.map(|rules| rules.algorithms.as_slice()).unwrap_or_default();
    let found = match wanted {
        Some(wanted) => taken.iter().find(|one| **one == wanted),
        None => taken.first(),
    };
    found.copied().ok_or_else(|| {
        let names: Vec<_> = taken.iter().map(|one| one.as_str()).collect();
        let wanted = wanted.map_or("", SignatureAlgorithm::as_str);
        AppError::Invalid(format!(
            "`{}` takes no signatures by `{wanted}`; it takes {}",
            api.slug,
            if names.is_empty() { "none".to_owned() } else { names.join(", ") }
        ))
    })
}

fn check_debug(span: Option<Span>) -> Result<(), AppError> {
    let wrong = match span {
        Some(Span::ZERO) => "refused signatures are explained for more than 0, or no longer with `--off`",
        Some(span) if span > LONGEST_DEBUG => "refused signatures are explained for at most an hour",
        _ => return Ok(()),
    };
    Err(AppError::Invalid(wrong.into()))
}

impl App {
    /// What a pair is looked up by.
    pub(super) fn digest_of_pair(&self, id: CredentialId) -> Digest {
        self.vault.digest_key().digest_of_public_id(&id.to_string())
    }

    /// What a credential is. Its digest says so for good, whatever its type became since.
    pub(super) fn kind(&self, record: &CredentialRecord) -> CredentialKind {
        let credential = &record.credential;
        if credential.digest == self.digest_of_pair(credential.id) {
            CredentialKind::KeyPair
        } else {
            CredentialKind::ApiKey
        }
    }

    /// What a new pair signs with.
    pub(super) fn new_signer(
        &self,
        id: CredentialId,
        secret: &Key,
        algorithm: SignatureAlgorithm,
    ) -> Result<Signer, AppError> {
        let row = id.to_string();
        let sealed = self.vault.seal(ROW(&row), secret.expose().as_bytes(), self.entropy.array())?;
        Ok(Signer { credential: id, algorithm, sealed: Sealed(sealed), debug_until: None })
    }

    /// Has refused signatures of a pair explained for so long, or no longer. It counts from the next request on.
    pub(crate) async fn debug_key(
        &self,
        actor: &Actor,
        id: CredentialId,
        span: Option<Span>,
    ) -> Result<KeyView, AppError> {
        check_debug(span)?;
        let mut unit = self.begin_on_key(actor, UseCase::KeyDebug).await?;
        let record = unit.key(id).await?;
        let before = unit.signer(id).await?;
        let after = Signer { debug_until: span.map(|span| unit.now.after(span)), ..before.clone() };
        if after.debug_until != before.debug_until {
            unit.keep_signer(&after).await?;
            unit.audit(&record, Some(&Audited::from(&before)), Some(&Audited::from(&after))).await?;
        }
        let debug_until = after.debug_until;
        let view = KeyView { debug_until, ..self.view_in(&mut unit, &record).await? };
        self.commit(unit, view).await
    }
}

impl Unit {
    async fn signer(&mut self, id: CredentialId) -> Result<Signer, AppError> {
        let no_pair = || AppError::Invalid(format!("`{id}` is no key pair, and signs nothing"));
        self.tx.signer(id).await?.ok_or_else(no_pair)
    }

    /// Writes what a pair signs with, and its log entry.
    pub(super) async fn keep_signer(&mut self, signer: &Signer) -> Result<(), AppError> {
        let number = self.log(&Change::Signer(signer.clone())).await?;
        Ok(self.tx.put_signer(signer, number).await?)
    }
}
