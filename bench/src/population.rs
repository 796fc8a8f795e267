use claviger_credential::{DigestKey, Key, key};
use claviger_model::{
    Account, Allowlist, Api, ApiId, Credential, CredentialId, CredentialState, KeyOrigin, KeyPrefix,
    PermissionSet, Slug, Time,
};

use crate::Seed;
use crate::shapes::{self, ALLOWLISTS, APIS, ENVIRONMENTS};

/// How many credentials an account has on average.
const PER_ACCOUNT: u64 = 100;

/// Customers with credentials for three APIs of two environments each. One credential in four has one of a thousand
/// allowlists, half of them expire some day, and there are seven permission sets. A number always gives the same one.
#[derive(Debug)]
pub struct Population {
    size: u64,
    api_names: Vec<(KeyPrefix, [PermissionSet; 3])>,
    environment_names: Vec<Slug>,
    key_type: Slug,
    allowlists: Vec<Allowlist>,
}

/// A credential with its key, and for what it was made.
#[derive(Debug)]
pub struct Issued {
    /// What decisions need of it.
    pub credential: Credential,
    /// The key.
    pub key: Key,
    pub(crate) number: u64,
    pub(crate) account: u64,
    pub(crate) api: usize,
    pub(crate) environment: usize,
}

impl Population {
    /// The population with so many credentials.
    #[must_use]
    pub fn new(size: u64) -> Self {
        Self {
            size,
            api_names: APIS
                .map(|(slug, prefix)| (shapes::parsed(prefix), shapes::permission_sets(slug)))
                .into(),
            environment_names: ENVIRONMENTS.map(shapes::parsed).into(),
            key_type: shapes::key_type(),
            allowlists: (0..ALLOWLISTS).map(shapes::allowlist).collect(),
        }
    }

    /// How many credentials there are.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    const fn account_count(&self) -> u64 {
        self.size.div_ceil(PER_ACCOUNT)
    }

    /// Its accounts.
    pub fn accounts(&self) -> impl Iterator<Item = Account> {
        (0..self.account_count()).map(shapes::account)
    }

    /// Its APIs. All requests go to `upstream`, such as `http://127.0.0.1:9`.
    pub fn apis(&self, upstream: &str) -> impl Iterator<Item = Api> {
        (0..APIS.len()).map(move |place| shapes::api(place, upstream))
    }

    /// The credential with this number.
    #[must_use]
    pub fn issue(&self, number: u64, digest_key: &DigestKey) -> Issued {
        let mut seed = Seed::new(number.wrapping_mul(0x0123_4567_89ab_cdef));
        let (api, environment) = (seed.below(self.api_names.len()), seed.below(ENVIRONMENTS.len()));
        let account = seed.draw() % self.account_count();
        let (prefix, permission_sets) = &self.api_names[api];
        let key = key::generate(prefix, &self.environment_names[environment], seed.bytes());
        let credential = Credential {
            id: CredentialId::from_u128(shapes::id(4, number)),
            digest: digest_key.digest(key.expose().as_bytes()),
            account: shapes::account_id(account),
            environment: shapes::environment_id(api, environment),
            key_type: self.key_type.clone(),
            state: CredentialState::Active,
            allowlist: self.allowlist(&mut seed),
            permissions: permission_sets[seed.below(permission_sets.len())].clone(),
            not_before: None,
            expires_at: expiry(&mut seed),
            origin: KeyOrigin::Own,
            successor: None,
            user: None,
            vouched_factor: false,
        };
        Issued { credential, key, number, account, api, environment }
    }

    /// The API that a credential was made for.
    #[must_use]
    pub fn api_of(&self, issued: &Issued) -> ApiId {
        shapes::api_id(issued.api)
    }

    fn allowlist(&self, seed: &mut Seed) -> Allowlist {
        match seed.below(4) {
            0 => self.allowlists[seed.below(ALLOWLISTS)].clone(),
            _ => Allowlist::default(),
        }
    }
}

/// For half of them, within ten years of 2033.
fn expiry(seed: &mut Seed) -> Option<Time> {
    let seconds = 2_000_000_000 + i64::try_from(seed.below(315_000_000)).unwrap_or(0);
    (seed.below(2) == 0).then_some(Time::from_secs(seconds))
}
