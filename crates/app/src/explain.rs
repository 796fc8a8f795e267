use claviger_credential::key;
use claviger_model::{Refusal, RequestId, Slug};

use crate::reach::Reach;
use crate::{Actor, App, AppError, KeyForm, UseCase};

impl App {
    pub(crate) async fn explain(&self, actor: &Actor, request: RequestId) -> Result<Refusal, AppError> {
        let reach = self.authorize(actor, UseCase::RefusalRead)?;
        self.recorder.flush().await;
        let missing = || AppError::not_found("refusal", &request);
        let refusal = self.store.refusal(request).await?.ok_or_else(missing)?;
        if reach != Reach::Everything {
            self.check_refused_key(reach, &refusal).await?.ok_or_else(missing)?;
        }
        Ok(refusal)
    }

    /// Whoever does not stand above accounts sees what their own keys were refused for.
    async fn check_refused_key(&self, reach: Reach, refusal: &Refusal) -> Result<Option<()>, AppError> {
        let Some(id) = refusal.credential else { return Ok(None) };
        let key = self.store.credential(id).await?;
        Ok(key.filter(|key| reach.check(&key.credential).is_ok()).map(drop))
    }

    /// What keys look like is no secret: it is published so that leaked keys are found.
    pub(crate) fn key_forms(&self, api: Option<Slug>) -> Result<Vec<KeyForm>, AppError> {
        let snapshot = self.snapshot();
        let wanted = |slug: &Slug| api.as_ref().is_none_or(|api| api == slug);
        let forms = snapshot.apis().filter(|compiled| wanted(&compiled.api.slug)).map(|compiled| KeyForm {
            api: Some(compiled.api.slug.clone()),
            pattern: key::pattern(&compiled.api.policy.prefix),
        });
        let mut forms: Vec<_> = forms.collect();
        forms.sort_by(|one, other| one.api.cmp(&other.api));
        match api {
            Some(api) if forms.is_empty() => Err(self.no_api(&api)),
            Some(_) => Ok(forms),
            None => {
                forms.push(KeyForm { api: None, pattern: key::ANY_KEY_PATTERN.to_owned() });
                Ok(forms)
            }
        }
    }
}
