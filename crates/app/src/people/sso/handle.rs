use claviger_model::{Slug, Span, Time};
use claviger_vault::Row;
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use super::{SsoLanding, SsoRefusal};
use crate::{App, AppError, Shown};

/// How long somebody has for signing in with the provider.
const PATIENCE: Span = Span::from_secs(10 * 60);
/// Longer than any handle.
const LONGEST: usize = 2048;

/// A beginning. Nothing of it is kept here: who began has it, sealed, as their handle. So nobody fills the database by
/// beginning, any node can finish, and who has only what a browser was shown has nothing.
#[derive(Serialize, Deserialize)]
pub(super) struct Handle {
    /// By which it is remembered that it was used.
    pub(super) id: String,
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) verifier: Shown,
    pub(super) landing: SsoLanding,
    pub(super) ends_at: Time,
}

impl Handle {
    /// By what its request is known that may be sent again: nobody else has it.
    pub(super) fn scope(&self) -> String {
        format!("sso {}", self.id)
    }
}

fn row(provider: &Slug) -> Row<'_> {
    Row { table: "sso", column: "handle", id: provider.as_str() }
}

impl App {
    pub(super) fn new_handle(&self, landing: SsoLanding) -> Handle {
        let random = || BASE64URL_NOPAD.encode(&self.entropy.array::<32>());
        Handle {
            id: random(),
            state: random(),
            nonce: random(),
            verifier: Shown::new(&random()),
            landing,
            ends_at: self.now().after(PATIENCE),
        }
    }

    pub(super) fn seal_handle(&self, provider: &Slug, handle: &Handle) -> Result<Shown, AppError> {
        let text = serde_json::to_vec(handle)?;
        let sealed = self.vault.seal(row(provider), &text, self.entropy.array())?;
        Ok(Shown::new(&BASE64URL_NOPAD.encode(&sealed)))
    }

    pub(super) fn open_handle(
        &self,
        provider: &Slug,
        handle: &Shown,
        state: &str,
    ) -> Result<Handle, SsoRefusal> {
        let text = Some(handle.expose()).filter(|text| text.len() <= LONGEST).ok_or(SsoRefusal::Handle)?;
        let sealed = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| SsoRefusal::Handle)?;
        let opened = self.vault.open_sealed(row(provider), &sealed).map_err(|_| SsoRefusal::Handle)?;
        let handle: Handle = serde_json::from_slice(&opened).map_err(|_| SsoRefusal::Handle)?;
        if handle.ends_at <= self.now() {
            return Err(SsoRefusal::Late);
        }
        // What does not belong together was given to two: somebody is to be signed in as somebody else.
        if handle.state == state { Ok(handle) } else { Err(SsoRefusal::State) }
    }
}
