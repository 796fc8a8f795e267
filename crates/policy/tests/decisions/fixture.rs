//! A snapshot from a few words, and requests against it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use claviger_credential::{DigestKey, key};
use claviger_model::{
    Account, AccountId, Activation, Allowlist, AllowlistRule, Api, ApiId, ApiPolicy, ApiVersion, BasicUser,
    Change, ChangeNumber, Credential, CredentialId, CredentialKind, CredentialState, Editable, Endpoint,
    Environment, EnvironmentId, Format, KeyOrigin, KeyType, LoginTokens, Mixing, NumberedChange, OwnerRule,
    PermissionSet, Refusals, Route, Scheme, SecondFactorRule, Span, Time, VersionMixing,
};
use claviger_policy::{
    Body, Decision, Denial, Grant, Parts, Protocol, Replays, Request, Snapshot, Uses, decide, explain,
    identity_headers,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};

/// When every request comes, unless it says otherwise.
pub(crate) const NOW: Time = Time::from_secs(1_800_000_000);

/// An id that a name always gives.
pub(crate) fn id(name: &str) -> u128 {
    name.bytes().fold(7, |id: u128, byte| id.wrapping_mul(131).wrapping_add(u128::from(byte)))
}

pub(crate) fn digest_key() -> DigestKey {
    DigestKey::new([9; 32])
}

pub(crate) fn account(number: &str) -> Account {
    Account {
        id: AccountId::from_u128(id(number)),
        number: number.parse().unwrap(),
        realm: format!("realm-{number}").parse().unwrap(),
        name: format!("Account {number}"),
        second_factor: SecondFactorRule::Optional,
    }
}

/// An API under construction: JSON only, any method, any body, user names are account numbers, mixing is allowed.
#[derive(Debug, Clone)]
pub(crate) struct ApiFixture(pub(crate) Api);

pub(crate) fn api(slug: &str) -> ApiFixture {
    let policy = ApiPolicy {
        prefix: slug.parse().unwrap(),
        schemes: vec![Scheme::Basic { user: BasicUser::AccountNumber }],
        methods: vec![],
        request_media_types: vec![],
        formats: vec![Format::Json],
        key_types: vec![KeyType {
            slug: "standard".parse().unwrap(),
            name: "Standard".into(),
            kind: CredentialKind::ApiKey,
        }],
        activation: Activation::Immediate,
        recoverable: false,
        allowlist: AllowlistRule::default(),
        owners: OwnerRule::default(),
        editable: Editable::ALL.to_vec(),
        max_lifetime: None,
        version_mixing: VersionMixing { action: Mixing::Allow, window: Span::from_days(1) },
        login_tokens: LoginTokens::Refuse,
        refusals: Refusals::default(),
    };
    ApiFixture(Api {
        id: ApiId::from_u128(id(slug)),
        slug: slug.parse().unwrap(),
        name: slug.to_owned(),
        policy,
        versions: vec![],
        environments: vec![],
    })
}

impl ApiFixture {
    /// A version with endpoints such as `GET /customers customers:read`; the permissions are the API's own.
    pub(crate) fn version(mut self, name: &str, endpoints: &[&str]) -> Self {
        let endpoints = endpoints.iter().map(|line| endpoint(self.0.slug.as_str(), line)).collect();
        self.0.versions.push(ApiVersion { name: name.parse().unwrap(), endpoints });
        self
    }

    /// An environment with routes such as `host/path`, or `/path` for any host.
    pub(crate) fn environment(mut self, slug: &str, upstream: &str, routes: &[&str]) -> Self {
        self.0.environments.push(Environment {
            id: environment_id(self.0.slug.as_str(), slug),
            slug: slug.parse().unwrap(),
            upstream: upstream.to_owned(),
            routes: routes.iter().map(|text| route(text)).collect(),
        });
        self
    }

    pub(crate) fn policy(mut self, change: impl FnOnce(&mut ApiPolicy)) -> Self {
        change(&mut self.0.policy);
        self
    }
}

fn environment_id(api: &str, slug: &str) -> EnvironmentId {
    EnvironmentId::from_u128(id(&format!("{api}/{slug}")))
}

fn endpoint(api: &str, line: &str) -> Endpoint {
    let mut words = line.split(' ');
    let method = words.next().unwrap().to_owned();
    let path = words.next().unwrap().to_owned();
    let permissions = words.map(|word| format!("{api}:{word}").parse().unwrap()).collect();
    Endpoint { method, path, summary: None, permissions }
}

fn route(text: &str) -> Route {
    let (host, path) = text.split_at(text.find('/').unwrap());
    Route { host: Some(host.to_owned()).filter(|host| !host.is_empty()), path: path.to_owned() }
}

/// A credential with its key: active, from anywhere, for ever, for everything.
#[derive(Debug, Clone)]
pub(crate) struct KeyFixture {
    pub(crate) credential: Credential,
    pub(crate) user: String,
    pub(crate) secret: String,
}

/// The key with this name, of an account, for `api/environment`.
pub(crate) fn key_of(name: &str, account: &str, place: &str) -> KeyFixture {
    let (api, environment) = place.split_once('/').unwrap();
    let random = *digest_key().digest(name.as_bytes()).0.first_chunk().unwrap();
    let key = key::generate(&api.parse().unwrap(), &environment.parse().unwrap(), random);
    let credential = Credential {
        id: CredentialId::from_u128(id(name)),
        digest: digest_key().digest(key.expose().as_bytes()),
        account: AccountId::from_u128(id(account)),
        environment: environment_id(api, environment),
        key_type: "standard".parse().unwrap(),
        state: CredentialState::Active,
        allowlist: Allowlist::default(),
        permissions: PermissionSet::Everything,
        not_before: None,
        expires_at: None,
        origin: KeyOrigin::Own,
        successor: None,
        vouched_factor: false,
        user: None,
    };
    KeyFixture { credential, user: account.to_owned(), secret: key.expose().to_owned() }
}

impl KeyFixture {
    pub(crate) fn state(mut self, state: CredentialState) -> Self {
        self.credential.state = state;
        self
    }

    pub(crate) fn from(mut self, networks: &[&str]) -> Self {
        self.credential.allowlist =
            Allowlist::parse(networks.iter().copied(), &AllowlistRule::default()).unwrap();
        self
    }

    pub(crate) fn only(mut self, permissions: &[&str]) -> Self {
        let permissions = permissions.iter().map(|text| text.parse().unwrap()).collect();
        self.credential.permissions = PermissionSet::only(permissions);
        self
    }

    pub(crate) fn valid(mut self, from: Option<Time>, until: Option<Time>) -> Self {
        (self.credential.not_before, self.credential.expires_at) = (from, until);
        self
    }

    /// Presented with its own id instead of its account's number.
    pub(crate) fn with_key_id(mut self) -> Self {
        self.user = self.credential.id.to_string();
        self
    }
}

/// A snapshot, with the names by which tests speak of what is in it.
pub(crate) struct World {
    pub(crate) snapshot: Snapshot,
    pub(crate) uses: Uses,
    pub(crate) replays: Replays,
    keys: HashMap<String, KeyFixture>,
}

impl World {
    pub(crate) fn empty() -> Self {
        Self {
            snapshot: Snapshot::empty(Arc::new(digest_key())),
            uses: Uses::default(),
            replays: Replays::default(),
            keys: HashMap::new(),
        }
    }

    pub(crate) fn with(mut self, change: Change) -> Self {
        let number = ChangeNumber(self.snapshot.number().0 + 1);
        self.snapshot.apply(&NumberedChange { number, change }).unwrap();
        self
    }

    /// Opens the secrets of key pairs with the one who has them in the clear.
    pub(crate) fn opening_with(mut self, opener: Arc<dyn claviger_policy::Opener>) -> Self {
        self.snapshot = self.snapshot.opening_with(opener);
        self
    }

    pub(crate) fn account(self, number: &str) -> Self {
        self.with(Change::Account(account(number)))
    }

    pub(crate) fn api(self, api: ApiFixture) -> Self {
        self.with(Change::Api(Box::new(api.0)))
    }

    pub(crate) fn key(mut self, name: &str, key: KeyFixture) -> Self {
        self.keys.insert(name.to_owned(), key.clone());
        self.with(Change::Credential(key.credential))
    }

    /// The key with this name.
    pub(crate) fn known(&self, name: &str) -> &KeyFixture {
        &self.keys[name]
    }

    /// A request such as `GET /path` with the key of this name.
    pub(crate) fn ask(&self, name: &str, line: &str) -> Ask {
        let KeyFixture { user, secret, .. } = self.known(name);
        ask(line).basic(user, secret)
    }

    pub(crate) fn decide(&self, ask: &Ask) -> Decision<'_> {
        decide(&self.snapshot, &ask.request(&self.uses, &self.replays), ask.now)
    }

    /// Judges in both ways, and holds one against the other. Answers the decision and the name of the last check.
    pub(crate) fn judge(&self, ask: &Ask) -> (Decision<'_>, String) {
        let request = ask.request(&self.uses, &self.replays);
        let decision = decide(&self.snapshot, &request, ask.now);
        let (explained, mut lines) = explain(&self.snapshot, &request, ask.now);
        assert_eq!(summary(&decision), summary(&explained), "{ask:?}");
        for text in lines.iter().flat_map(|line| [&line.check, &line.saw, &line.wanted]) {
            ask.assert_no_secret(text);
            assert!(!text.contains("microseconds"), "{text}");
        }
        if let Decision::Deny(Denial { detail: Some(detail), .. }) = &decision {
            ask.assert_no_secret(detail);
        }
        let last = lines.pop().expect("no check was made");
        assert!(lines.iter().all(|line| line.passed), "a check failed before the last: {lines:?}");
        assert_eq!(last.passed, matches!(decision, Decision::Allow(_)), "{ask:?}: {last:?}");
        (decision, last.check)
    }

    /// The grant of a request that is let through.
    pub(crate) fn grant(&self, ask: &Ask) -> Grant<'_> {
        match self.judge(ask).0 {
            Decision::Allow(grant) => grant,
            Decision::Deny(denial) => panic!("{ask:?} is refused: {:?} {:?}", denial.reason, denial.detail),
        }
    }

    /// Makes the call: it is let through, and noted.
    pub(crate) fn call(&self, ask: &Ask) {
        let (slot, mark) = self.grant(ask).use_mark(ask.now);
        self.uses.record(slot, mark);
    }
}

/// A request. Its `Debug` is for failing tests, whose keys are no secrets.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) method: Method,
    pub(crate) host: String,
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) client: IpAddr,
    pub(crate) now: Time,
    /// What must not be written down.
    secrets: Vec<String>,
}

/// A request such as `GET /path`, without a credential.
pub(crate) fn ask(line: &str) -> Ask {
    let (method, target) = line.split_once(' ').unwrap();
    Ask {
        method: method.parse().unwrap(),
        host: "gateway.test".to_owned(),
        target: target.to_owned(),
        headers: HeaderMap::new(),
        body: None,
        client: IpAddr::from([192, 0, 2, 7]),
        now: NOW,
        secrets: vec![],
    }
}

/// The random digits of a key, or as many as there are.
fn random_digits(secret: &str) -> &str {
    let digits = secret.rsplit('_').next().unwrap_or_default();
    digits.get(..43).unwrap_or(digits)
}

impl Ask {
    pub(crate) fn basic(mut self, user: &str, secret: &str) -> Self {
        let encoded = BASE64_STANDARD.encode(format!("{user}:{secret}"));
        let secrets = [user, secret, random_digits(secret), &encoded];
        self.secrets.extend(secrets.into_iter().filter(|text| text.len() > 4).map(str::to_owned));
        self.header("authorization", &format!("Basic {encoded}"))
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        self
    }

    pub(crate) fn body(mut self) -> Self {
        self.body = Some(b"{}".to_vec());
        self
    }

    /// This must not be written down.
    pub(crate) fn hiding(mut self, secret: &str) -> Self {
        self.secrets.extend([secret, random_digits(secret)].map(str::to_owned));
        self
    }

    pub(crate) fn host(mut self, host: &str) -> Self {
        host.clone_into(&mut self.host);
        self
    }

    pub(crate) fn from(mut self, client: &str) -> Self {
        self.client = client.parse().unwrap();
        self
    }

    pub(crate) fn at(mut self, now: Time) -> Self {
        self.now = now;
        self
    }

    pub(crate) fn request<'a>(&'a self, uses: &'a Uses, replays: &'a Replays) -> Request<'a> {
        let Self { method, host, target, headers, body, client, .. } = self;
        let (authority, protocol) = (host, Protocol::Https);
        let body = body.as_deref().map_or(Body::None, Body::Read);
        let parts = Parts { method, host, authority, protocol, target, headers, body };
        Request { parts, client: *client, uses, replays }
    }

    fn assert_no_secret(&self, text: &str) {
        for secret in &self.secrets {
            assert!(!text.contains(secret.as_str()), "`{secret}` is written down in `{text}`");
        }
    }
}

/// Everything that a door makes use of in a decision.
pub(crate) fn summary(decision: &Decision<'_>) -> String {
    match decision {
        Decision::Allow(grant) => allowed(grant),
        Decision::Deny(denial) => {
            let api = denial.api.map(|api| api.api.slug.as_str());
            let (code, status) = (denial.reason.code(), denial.status());
            let (allow, detail, format) = (&denial.allow, &denial.detail, denial.format);
            format!("{code} {status} {api:?} {allow:?} {detail:?} {format:?} {:?}", denial.credential)
        }
    }
}

fn allowed(grant: &Grant<'_>) -> String {
    let to = format!("{}{} as {:?}", grant.upstream().origin(), grant.target, grant.negotiated);
    let called = format!("{} {:?}", grant.endpoint.method, grant.endpoint.path);
    let mixed = grant.mixed_with;
    let headers = identity_headers(grant);
    format!("{to} {called} {mixed:?} {:?} {} {:?} {headers:?}", grant.scheme, grant.key_type, grant.account)
}
