use claviger_credential::key::{self, Key};
use claviger_model::{
    Allowlist, ApiId, Change, ChangeNumber, Credential, CredentialId, CredentialRecord, CredentialState,
    EnvironmentId, KeyOrigin, KeyPrefix, NameError, Notes, PermissionSet, Slug, Succession, Time, UserId,
};
use claviger_store::NewCredential;

use super::{Entering, LoginKind};
use crate::unit::Unit;
use crate::{App, AppError};

/// Tokens have the form of keys, so that scanners for leaked secrets find them and logs mask them.
const PREFIX: &str = "login";
const MIDDLE: &str = "user";

impl LoginKind {
    const fn key_type(self) -> &'static str {
        match self {
            Self::LoginToken => "login-token",
            Self::Session => "session",
        }
    }
}

fn new_token(random: [u8; 32]) -> Result<Key, NameError> {
    let (prefix, middle): (KeyPrefix, Slug) = (PREFIX.parse()?, MIDDLE.parse()?);
    Ok(key::generate(&prefix, &middle, random))
}

impl App {
    /// Makes what somebody gets for signing in. Only its digest is kept.
    pub(super) async fn issue_token(
        &self,
        unit: &mut Unit,
        user: UserId,
        entering: &Entering<'_>,
    ) -> Result<(CredentialRecord, Key), AppError> {
        let wrong = |error: NameError| AppError::Invalid(error.to_string());
        let token = new_token(self.entropy.array()).map_err(wrong)?;
        let credential = Credential {
            id: CredentialId::new(unit.now, self.entropy.array()),
            digest: self.vault.digest_key().digest(token.expose().as_bytes()),
            account: entering.account,
            environment: EnvironmentId::PEOPLE,
            key_type: entering.kind.key_type().parse().map_err(wrong)?,
            state: CredentialState::Active,
            allowlist: Allowlist::default(),
            permissions: PermissionSet::Everything,
            not_before: None,
            expires_at: self.end(entering.kind, unit.now),
            origin: KeyOrigin::Own,
            user: Some(user),
            successor: None,
            vouched_factor: entering.vouched_factor,
        };
        let mut record = new_record(credential, &token, unit.now);
        record.change = unit.log(&Change::Credential(record.credential.clone())).await?;
        // It belongs to no API.
        let new = NewCredential { record: &record, api: ApiId::from_u128(0), sealed: None };
        unit.tx.insert_credential(new).await?;
        Ok((record, token))
    }

    fn end(&self, kind: LoginKind, now: Time) -> Option<Time> {
        let span = match kind {
            LoginKind::LoginToken => self.sign_in.login_tokens,
            LoginKind::Session => Some(self.sign_in.sessions),
        };
        span.map(|span| now.after(span))
    }
}

fn new_record(credential: Credential, token: &Key, now: Time) -> CredentialRecord {
    CredentialRecord {
        credential,
        change: ChangeNumber::default(),
        label: None,
        hint: token.hint(),
        created_at: now,
        updated_at: now,
        revocation: None,
        notes: Notes::default(),
        succession: Succession::default(),
    }
}
