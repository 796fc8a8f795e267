//! Values to store.

use std::collections::BTreeMap;

use claviger_model::{
    Account, AccountId, Activation, Allowlist, Api, ApiId, ApiPolicy, ApiVersion, AuditEntry, BasicUser,
    Change, ChangeNumber, CheckLine, Credential, CredentialId, CredentialKind, CredentialRecord,
    CredentialState, Digest, Editable, Endpoint, Environment, EnvironmentId, Format, KeyOrigin, KeyType,
    Notes, OwnerRule, PermissionSet, Reason, Refusal, Refusals, RequestId, Rotation, Route, Scheme, Sealed,
    SecondFactorRule, Service, SignatureAlgorithm, SignatureRules, Signer, Succession, Tags, Time,
    VersionMixing, VersionName, VersionUse, VersionUses,
};
use claviger_store::{NewCredential, Store, StoreError, Tx};

pub(crate) const NOW: Time = Time::from_secs(1_795_338_000);

pub(crate) fn time(seconds: i64) -> Time {
    Time::from_secs(1_795_338_000 + seconds)
}

pub(crate) fn account(number: u32) -> Account {
    Account {
        id: AccountId::from_u128(number.into()),
        number: format!("{}", 100_000 + number).parse().unwrap(),
        realm: format!("realm-{number}").parse().unwrap(),
        name: format!("Müller & Söhne | {number}\n'quoted'"),
        second_factor: if number.is_multiple_of(2) {
            SecondFactorRule::Required
        } else {
            SecondFactorRule::Optional
        },
    }
}

pub(crate) fn service(number: u32) -> Service {
    Service {
        name: format!("service-{number}").parse().unwrap(),
        digest: Digest([u8::try_from(number).unwrap(); 32]),
        apis: vec![ApiId::from_u128(1), ApiId::from_u128(number.into())],
        created_at: NOW,
    }
}

fn policy() -> ApiPolicy {
    ApiPolicy {
        prefix: "acme".parse().unwrap(),
        schemes: vec![
            Scheme::Basic { user: BasicUser::AccountRealm },
            Scheme::ApiToken { word: "SSWS".parse().unwrap() },
            Scheme::Query { name: "key".parse().unwrap() },
            Scheme::Raw {},
            Scheme::Bearer {},
            Scheme::Header { name: "X-Key".parse().unwrap() },
            Scheme::Signature(SignatureRules::default()),
        ],
        methods: vec!["GET".into()],
        request_media_types: vec![],
        formats: vec![Format::Json, Format::Xml],
        key_types: vec![KeyType {
            slug: "basic".parse().unwrap(),
            name: "Basic".into(),
            kind: CredentialKind::KeyPair,
        }],
        activation: Activation::Operator,
        recoverable: true,
        allowlist: claviger_model::AllowlistRule::default(),
        owners: OwnerRule { min: 1, max: 3 },
        editable: vec![Editable::Allowlist, Editable::Owners],
        max_lifetime: None,
        version_mixing: VersionMixing::default(),
        login_tokens: claviger_model::LoginTokens::Refuse,
        refusals: Refusals::default(),
    }
}

fn versions() -> Vec<ApiVersion> {
    let endpoint = Endpoint {
        method: "GET".into(),
        path: "/invoices/{id}".into(),
        summary: Some("One invoice".into()),
        permissions: vec!["billing:invoices:read".parse().unwrap()],
    };
    vec![ApiVersion { name: version("v1"), endpoints: vec![endpoint] }]
}

pub(crate) fn api(number: u32) -> Api {
    Api {
        id: ApiId::from_u128(number.into()),
        slug: format!("billing-{number}").parse().unwrap(),
        name: "Billing".into(),
        policy: policy(),
        versions: versions(),
        environments: vec![Environment {
            id: environment(number),
            slug: "production".parse().unwrap(),
            upstream: "http://127.0.0.1:9000/{version}".into(),
            routes: vec![Route { host: None, path: "/billing/{version}".into() }],
        }],
    }
}

pub(crate) fn environment(number: u32) -> EnvironmentId {
    EnvironmentId::from_u128(number.into())
}

pub(crate) fn version(name: &str) -> VersionName {
    name.parse().unwrap()
}

pub(crate) fn documents(body: &str) -> BTreeMap<VersionName, String> {
    BTreeMap::from([(version("v1"), body.to_owned()), (version("v2"), format!("{body} 2"))])
}

pub(crate) fn credential_id(number: u32) -> CredentialId {
    CredentialId::from_u128(number.into())
}

/// A credential of account 1 for environment 1.
pub(crate) fn credential(number: u32) -> Credential {
    let mut digest = [0xa5; 32];
    digest[28..].copy_from_slice(&number.to_be_bytes());
    Credential {
        id: credential_id(number),
        digest: Digest(digest),
        account: account(1).id,
        environment: environment(1),
        key_type: "basic".parse().unwrap(),
        state: CredentialState::Active,
        allowlist: Allowlist::new(vec!["10.0.0.0/8".parse().unwrap(), "2001:db8::/32".parse().unwrap()]),
        permissions: PermissionSet::only(vec!["billing:invoices:read".parse().unwrap()]),
        not_before: None,
        expires_at: Some(time(86_400)),
        origin: KeyOrigin::Own,
        successor: None,
        vouched_factor: false,
        user: None,
    }
}

/// What credential `number` signs with, as a pair.
pub(crate) fn signer(number: u32) -> Signer {
    Signer {
        credential: credential_id(number),
        algorithm: SignatureAlgorithm::HmacSha512,
        sealed: Sealed(vec![0, 255, b'|', b'\n', u8::try_from(number % 256).unwrap()]),
        debug_until: None,
    }
}

/// Records what a pair signs with and writes it, as the application does.
pub(crate) async fn sign_with(store: &Store, signer: &Signer) {
    let mut tx = store.begin().await.unwrap();
    let number = tx.record_change(&Change::Signer(signer.clone()), NOW).await.unwrap();
    tx.put_signer(signer, number).await.unwrap();
    tx.commit().await.unwrap();
}

pub(crate) fn record(number: u32) -> CredentialRecord {
    CredentialRecord {
        credential: credential(number),
        change: ChangeNumber(0),
        label: Some(format!("Nightly export {number}")),
        hint: "x7Qz".into(),
        created_at: time(number.into()),
        updated_at: time(number.into()),
        revocation: None,
        notes: Notes::default(),
        succession: Succession::default(),
    }
}

/// The same with everything that people note.
pub(crate) fn noted(number: u32) -> CredentialRecord {
    let tags = [format!("number=n{number}"), "team=Core = core".into(), "nightly".into()];
    let owners = [format!("Owner.{number}@example.com"), "ops@example.com".into()];
    let notes = Notes {
        memo: Some(format!("Für Jürgen {number}")),
        owners: owners.map(|owner| owner.parse().unwrap()).to_vec().into(),
        tags: Tags::of(tags.iter().map(|tag| tag.parse().unwrap())).unwrap(),
    };
    CredentialRecord { notes, ..record(number) }
}

/// The same with a successor, as far as it is known by it.
pub(crate) fn rotated(mut record: CredentialRecord, successor: u32) -> CredentialRecord {
    record.credential.successor = Some(credential_id(successor));
    let expiry_before = record.credential.expires_at;
    record.succession.rotation = Some(Rotation { started_at: time(5), ends_at: time(9), expiry_before });
    record
}

pub(crate) fn uses(number: u32, last: (&str, i64), other: Option<(&str, i64)>) -> VersionUses {
    let one = |(name, seconds)| VersionUse { version: version(name), at: time(seconds) };
    VersionUses { credential: credential_id(number), last: one(last), other: other.map(one) }
}

pub(crate) fn audit_entry(action: &str) -> AuditEntry {
    AuditEntry {
        reason: Some("the key leaked".into()),
        at: NOW,
        actor: "operator:local".into(),
        via: Some("cli".into()),
        from: Some("socket".into()),
        action: action.into(),
        kind: Some("key".into()),
        object: credential_id(1).to_string(),
        account: Some(account(1).id.to_string()),
        request: None,
        before: None,
        after: Some(r#"{"state":"active"}"#.into()),
    }
}

pub(crate) fn refusal(number: u32, seconds: i64) -> Refusal {
    Refusal {
        request: RequestId::from_u128(number.into()),
        at: time(seconds),
        reason: Reason::AddressNotAllowed,
        status: 403,
        api: Some(ApiId::from_u128(1)),
        credential: Some(credential_id(1)),
        client: "2001:db8::7".parse().unwrap(),
        method: "GET".into(),
        host: "api.example.com".into(),
        path: "/billing/v1/\0odd".into(),
        checks: vec![CheckLine {
            check: "address".into(),
            passed: false,
            saw: "2001:db8::7".into(),
            wanted: "10.0.0.0/8".into(),
        }],
    }
}

/// Records the making of a credential and writes it, as the application does.
pub(crate) async fn make(tx: &mut Tx, mut record: CredentialRecord, api: u32) -> Result<(), StoreError> {
    record.change =
        tx.record_change(&Change::Credential(record.credential.clone()), record.created_at).await?;
    let api = ApiId::from_u128(api.into());
    tx.insert_credential(NewCredential { record: &record, api, sealed: None }).await
}

/// Makes credentials of these numbers in one transaction.
pub(crate) async fn fill(store: &Store, numbers: impl IntoIterator<Item = u32>) {
    let mut tx = store.begin().await.unwrap();
    for number in numbers {
        make(&mut tx, record(number), 1).await.unwrap();
    }
    tx.commit().await.unwrap();
}
