use claviger_model::{Account, AccountId, Api, Credential, CredentialRecord, Role, Service, UserId};

/// What something was done to: its kind, its id, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) account: Option<AccountId>,
}

impl Object {
    /// A thing of this kind, such as `role`, with this id or, where it has none, this name.
    #[must_use]
    pub fn new(kind: &'static str, id: &(impl ToString + ?Sized)) -> Self {
        Self { kind, id: id.to_string(), account: None }
    }

    /// It is this account's: who may see the account's audit sees what was done to it.
    #[must_use]
    pub const fn of(mut self, account: AccountId) -> Self {
        self.account = Some(account);
        self
    }
}

impl From<&CredentialRecord> for Object {
    fn from(record: &CredentialRecord) -> Self {
        Self::from(&record.credential)
    }
}

impl From<&Credential> for Object {
    fn from(credential: &Credential) -> Self {
        Self::new("key", &credential.id).of(credential.account)
    }
}

impl From<&Account> for Object {
    fn from(account: &Account) -> Self {
        account.id.into()
    }
}

impl From<AccountId> for Object {
    fn from(account: AccountId) -> Self {
        Self::new("account", &account).of(account)
    }
}

impl From<&Api> for Object {
    fn from(api: &Api) -> Self {
        Self::new("api", &api.id)
    }
}

impl From<&Service> for Object {
    fn from(service: &Service) -> Self {
        Self::new("service", &service.name)
    }
}

impl From<UserId> for Object {
    fn from(user: UserId) -> Self {
        Self::new("user", &user)
    }
}

impl From<&Role> for Object {
    fn from(role: &Role) -> Self {
        Self::new("role", &role.slug).of(role.account)
    }
}
