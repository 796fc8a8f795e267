use claviger_model::{LoginTokens, Slug};

use crate::{App, AppError};

impl App {
    /// The API that a key is for if nobody says which: that where keys stand in for login tokens (contract C), if there is
    /// one only.
    ///
    /// # Errors
    /// [`AppError::Invalid`], which names them, if there are several, or none.
    pub fn api_of_login_tokens(&self) -> Result<Slug, AppError> {
        let snapshot = self.snapshot();
        let taking = snapshot.apis().filter(|found| found.api.policy.login_tokens == LoginTokens::Accept);
        let mut slugs: Vec<_> = taking.map(|found| found.api.slug.clone()).collect();
        slugs.sort_unstable();
        match slugs.as_slice() {
            [only] => Ok(only.clone()),
            [] => Err(AppError::Invalid("say for which API: none takes login tokens".into())),
            several => {
                let names: Vec<_> = several.iter().map(Slug::as_str).collect();
                let names = names.join(", ");
                Err(AppError::Invalid(format!("say for which API: {names} take login tokens")))
            }
        }
    }
}
