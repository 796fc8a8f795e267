use claviger_catalogue::{Bundle, Described, write};

use crate::{Actor, App, AppError, UseCase};

impl App {
    /// A catalogue that declares what is there at this moment.
    pub(crate) async fn export(&self, actor: &Actor) -> Result<Bundle, AppError> {
        self.authorize(actor, UseCase::CatalogueExport)?;
        // In one transaction: accounts and APIs of different moments may never have been there together.
        let mut tx = self.store.begin().await?;
        let accounts = tx.accounts().await?;
        let mut apis = Vec::new();
        for api in tx.apis().await? {
            let documents = tx.documents(api.id).await?;
            apis.push(Described { api, documents });
        }
        tx.rollback().await?;
        write(accounts, apis).map_err(|error| AppError::Invalid(error.to_string()))
    }
}
