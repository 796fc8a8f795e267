use std::net::IpAddr;
use std::sync::Arc;

use claviger_credential::DigestKey;
use claviger_model::{
    Account, AccountId, Allowlist, Api, ApiId, Change, ChangeNumber, Credential, CredentialId,
    CredentialState, Environment, EnvironmentId, NumberedChange, PermissionSet, Role, SignatureAlgorithm,
    Slug, Time, User, UserId, VersionName,
};
use imbl::HashMap;

use crate::accounts::Accounts;
use crate::compiled::{CompileError, CompiledApi};
use crate::credentials::{Credentials, Entry, Shared, Validity};
use crate::environments::{Environments, PEOPLE};
use crate::foreign::Foreign;
use crate::interner::Interner;
use crate::people::People;
use crate::router::Router;
use crate::services::Services;
use crate::signers::{Opener, Signers};
use crate::{Replays, RouteConflict, Target, Ticket, Uses};

/// A picture of everything that decisions need. A clone costs next to nothing and is not touched by later changes.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub(crate) digest_key: Arc<DigestKey>,
    pub(crate) accounts: Accounts,
    pub(crate) environments: Environments,
    pub(crate) router: Arc<Router>,
    pub(crate) credentials: Credentials,
    pub(crate) foreign: Foreign,
    pub(crate) allowlists: Interner<Allowlist>,
    pub(crate) permissions: Interner<PermissionSet>,
    pub(crate) key_types: Interner<Slug>,
    apis: HashMap<ApiId, ApiPlace>,
    conflicts: Arc<Vec<RouteConflict>>,
    uses: Arc<Uses>,
    replays: Arc<Replays>,
    pub(crate) signers: Signers,
    pub(crate) services: Services,
    pub(crate) people: People,
    number: ChangeNumber,
}

#[derive(Debug, Clone)]
struct ApiPlace {
    change: u64,
    api: Option<Arc<CompiledApi>>,
    /// Every version that the API had in this process, by number less one. It outlives an API that cannot be served
    /// for a while, because uses are noted by these numbers.
    versions: Vec<VersionName>,
}

impl Snapshot {
    /// Nothing is in it, so that everything is refused.
    #[must_use]
    pub fn empty(digest_key: Arc<DigestKey>) -> Self {
        let signers = Signers::new(&digest_key);
        Self {
            digest_key,
            accounts: Accounts::default(),
            environments: Environments::default(),
            router: Arc::default(),
            credentials: Credentials::default(),
            foreign: Foreign::default(),
            allowlists: Interner::default(),
            permissions: Interner::default(),
            key_types: Interner::default(),
            apis: HashMap::new(),
            conflicts: Arc::default(),
            uses: Arc::default(),
            replays: Arc::default(),
            signers,
            services: Services::default(),
            people: People::default(),
            number: ChangeNumber::default(),
        }
    }

    /// The same, with someone who opens the secrets of key pairs. Without one, no pair can sign.
    #[must_use]
    pub fn opening_with(mut self, opener: Arc<dyn Opener>) -> Self {
        self.signers.opener = Some(opener);
        self
    }

    /// Puts a change in. The result does not depend on the order in which changes arrive: an older one does not undo
    /// a newer one, and nothing undoes a revocation.
    ///
    /// An API that cannot be compiled is served no longer, and why is answered. If something newer is known of it,
    /// nothing is done and nothing is wrong.
    pub fn apply(&mut self, change: &NumberedChange) -> Result<(), CompileError> {
        let number = change.number.0;
        self.number = self.number.max(change.number);
        match &change.change {
            Change::Account(account) => self.accounts.put(account.clone(), number),
            Change::AccountRemoved(id) => self.accounts.remove(*id, number),
            Change::Credential(credential) => self.put_credential(credential, number),
            Change::User(user) => self.people.put(user.clone(), number),
            Change::UserRemoved(id) => self.people.remove(*id, number),
            Change::Role(role) => self.people.put_role(role.clone(), number),
            Change::RoleRemoved { account, slug } => self.people.remove_role(*account, slug.clone(), number),
            Change::Signer(signer) => return self.signers.put(signer, number),
            Change::Service(service) => self.services.put(service.clone(), number),
            Change::ServiceRemoved(name) => self.services.remove(name.clone(), number),
            Change::Api(api) => return self.put_api(api, number),
            Change::ApiRemoved(id) => self.remove_api(*id, number),
        }
        Ok(())
    }

    fn put_credential(&mut self, credential: &Credential, change: u64) {
        let shared = Shared {
            account: self.accounts.number(credential.account),
            environment: self.environments.number(credential.environment),
            allowlist: self.allowlists.number(&credential.allowlist),
            permissions: self.permissions.number(&credential.permissions),
            key_type: self.key_types.number(&credential.key_type),
            user: self.people.number(credential.user),
        };
        self.note_foreign(credential, shared.environment);
        let valid = Validity {
            id: credential.id,
            not_before: credential.not_before,
            expires_at: credential.expires_at,
        };
        let entry = Entry::new(credential.digest, change, credential.state, &valid, &shared);
        let entry = entry.with_successor(credential.successor);
        self.credentials.put(entry.with_vouched_factor(credential.vouched_factor));
    }

    fn put_api(&mut self, api: &Api, change: u64) -> Result<(), CompileError> {
        if !self.is_news(api.id, change) {
            return Ok(());
        }
        let mut versions = self.versions(api.id);
        let compiled = CompiledApi::compile(api.clone(), &mut versions, &mut self.environments);
        let failed = compiled.as_ref().err().cloned();
        self.set_api(api.id, ApiPlace { change, api: compiled.ok().map(Arc::new), versions });
        failed.map_or(Ok(()), Err)
    }

    fn remove_api(&mut self, id: ApiId, change: u64) {
        if self.is_news(id, change) {
            let versions = self.versions(id);
            self.set_api(id, ApiPlace { change, api: None, versions });
        }
    }

    fn is_news(&self, id: ApiId, change: u64) -> bool {
        self.apis.get(&id).is_none_or(|place| place.change < change)
    }

    fn versions(&self, id: ApiId) -> Vec<VersionName> {
        self.apis.get(&id).map(|place| place.versions.clone()).unwrap_or_default()
    }

    fn set_api(&mut self, id: ApiId, place: ApiPlace) {
        self.apis.insert(id, place);
        let apis: Vec<_> = self.apis().cloned().collect();
        self.environments.assign(&apis);
        let (router, conflicts) = Router::build(&apis);
        self.router = Arc::new(router);
        self.conflicts = Arc::new(conflicts);
    }

    /// Whether what was granted may go on: the credential is still accepted for itself, from the same address. What
    /// was called is not looked at again.
    #[must_use]
    pub fn stands(&self, ticket: &Ticket, now: Time) -> bool {
        let Some(entry) = self.credentials.get(&ticket.digest) else { return false };
        let served = entry.environment == PEOPLE
            || self.environments.api(entry.environment).is_some_and(|api| self.api(api).is_some());
        self.lets_in(entry, ticket.client, now)
            && served
            && self.accounts.get(entry.account).is_some()
            && self.has_living_user(entry)
            && !self.is_held_back(entry)
    }

    /// Whether a credential may be used now and from there.
    pub(crate) fn lets_in(&self, entry: &Entry, client: IpAddr, now: Time) -> bool {
        let lives =
            entry.state == CredentialState::Active && entry.not_before() <= now && now < entry.expires_at();
        lives && self.allowlists.get(entry.allowlist).is_some_and(|list| list.allows(client))
    }

    /// Whether whoever it belongs to can do anything; what belongs to the account itself has nobody to ask.
    pub(crate) fn has_living_user(&self, entry: &Entry) -> bool {
        let account = || self.accounts.get(entry.account).map(|account| account.account.id);
        let lives = || Some(People::lives(self.people.get(entry.user)?, account()?));
        entry.user == 0 || lives().unwrap_or(false)
    }

    /// The last change in it.
    #[must_use]
    pub fn number(&self) -> ChangeNumber {
        self.number
    }

    /// Says that nothing before this change is missing, after a load.
    pub fn reached(&mut self, number: ChangeNumber) {
        self.number = self.number.max(number);
        self.credentials.shrink();
    }

    /// Its APIs, the oldest first.
    pub fn apis(&self) -> impl Iterator<Item = &Arc<CompiledApi>> {
        let mut apis: Vec<_> = self.apis.values().filter_map(|place| place.api.as_ref()).collect();
        apis.sort_by_key(|api| api.api.id);
        apis.into_iter()
    }

    /// An API.
    #[must_use]
    pub fn api(&self, id: ApiId) -> Option<&Arc<CompiledApi>> {
        self.apis.get(&id)?.api.as_ref()
    }

    /// The API that a request for this host and path belongs to.
    #[must_use]
    pub fn api_at(&self, host: &str, target: &Target<'_>) -> Option<&Arc<CompiledApi>> {
        self.router.route(host, target.path()).map(|routed| routed.api)
    }

    /// An account.
    #[must_use]
    pub fn account(&self, id: AccountId) -> Option<&Account> {
        self.accounts.find(id)
    }

    /// An environment and its API.
    #[must_use]
    pub fn environment(&self, id: EnvironmentId) -> Option<(&Arc<CompiledApi>, &Environment)> {
        let api = self.api(self.environments.find(id)?)?;
        let environment = api.api.environments.iter().find(|environment| environment.id == id)?;
        Some((api, environment))
    }

    /// How a key pair signs, and until when its refused signatures are explained.
    #[must_use]
    pub fn signing(&self, id: CredentialId) -> Option<(SignatureAlgorithm, Option<Time>)> {
        let signing = self.signers.get(id)?;
        Some((signing.key.algorithm(), signing.debug_until))
    }

    /// A user.
    #[must_use]
    pub fn user(&self, id: UserId) -> Option<&User> {
        self.people.find(id)
    }

    /// Its users.
    pub fn users(&self) -> impl Iterator<Item = &User> {
        self.people.iter()
    }

    /// A role of an account's own.
    #[must_use]
    pub fn role(&self, account: AccountId, slug: &Slug) -> Option<&Role> {
        self.people.role(account, slug)
    }

    /// Its accounts.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.iter()
    }

    /// Routes that two environments claim; they go to the older API.
    #[must_use]
    pub fn route_conflicts(&self) -> &[RouteConflict] {
        &self.conflicts
    }

    /// How many credentials are in it, revoked ones too.
    #[must_use]
    pub fn credentials(&self) -> usize {
        self.credentials.len()
    }

    /// How many different allowlists and permission sets its credentials share.
    #[must_use]
    pub fn shared_values(&self) -> (usize, usize) {
        (self.allowlists.len(), self.permissions.len())
    }

    /// When its credentials were used. Clones and successors share it.
    #[must_use]
    pub fn uses(&self) -> &Arc<Uses> {
        &self.uses
    }

    /// What was signed and accepted lately. Clones and successors share it.
    #[must_use]
    pub fn replays(&self) -> &Arc<Replays> {
        &self.replays
    }

    /// Goes on with what another snapshot of this node remembers of signed requests.
    pub fn remember(&mut self, earlier: &Self) {
        self.replays = Arc::clone(&earlier.replays);
    }

    /// The slot and the API of each credential, to restore what was stored of their uses.
    pub fn slots(&self) -> impl Iterator<Item = (CredentialId, u32, Option<&Arc<CompiledApi>>)> {
        self.credentials.iter().map(|entry| {
            let api = self.environments.api(entry.environment).and_then(|id| self.api(id));
            (entry.id(), entry.slot, api)
        })
    }
}
