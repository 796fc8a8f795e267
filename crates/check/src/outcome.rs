use claviger_model::{Account, CredentialId, PermissionSet, Reason, RequestId, Service, Slug};
use claviger_policy::{Admitted, Decision, Denial, Grant};
use serde::Serialize;

/// What a service hears about a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Outcome {
    allowed: bool,
    /// `allowed`, or the code of the refusal.
    reason: &'static str,
    /// 200, or the status of the refusal.
    status: u16,
    /// A sentence more, for the caller.
    detail: Option<String>,
    principal: Option<Principal>,
    api: Option<String>,
    environment: Option<String>,
    version: Option<String>,
    request_id: String,
}

/// Whom an accepted request acts for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Principal {
    account: String,
    key_id: String,
    key_type: String,
    /// `*` alone for everything that the API offers.
    permissions: Vec<String>,
}

impl Outcome {
    /// The decision, or what a stranger hears where it is about an API that the service may not ask about.
    pub(crate) fn of(decision: &Decision<'_>, id: RequestId, service: &Service) -> Self {
        match decision {
            Decision::Allow(grant) if service.sees(grant.api.api.id) => Self::allowed(grant, id),
            Decision::Deny(denial) if denial.api.is_none_or(|api| service.sees(api.api.id)) => {
                Self::denied(denial, id)
            }
            Decision::Allow(_) | Decision::Deny(_) => Self::unknown(id),
        }
    }

    /// The decision about a credential alone, at an API that the service may ask about.
    pub(crate) fn of_admission(admission: &Result<Admitted<'_>, Box<Denial<'_>>>, id: RequestId) -> Self {
        match admission {
            Ok(admitted) => Self::admitted(admitted, id),
            Err(denial) => Self::denied(denial, id),
        }
    }

    /// There is no such thing, as far as the service is told.
    pub(crate) fn unknown(id: RequestId) -> Self {
        Self::refused(Reason::UnknownEndpoint, 404, id)
    }

    fn refused(reason: Reason, status: u16, id: RequestId) -> Self {
        Self {
            allowed: false,
            reason: reason.code(),
            status,
            detail: None,
            principal: None,
            api: None,
            environment: None,
            version: None,
            request_id: id.to_string(),
        }
    }

    fn denied(denial: &Denial<'_>, id: RequestId) -> Self {
        Self {
            detail: denial.detail.clone(),
            api: denial.api.map(|api| api.api.slug.to_string()),
            ..Self::refused(denial.reason, denial.status(), id)
        }
    }

    fn allowed(grant: &Grant<'_>, id: RequestId) -> Self {
        Self {
            allowed: true,
            reason: "allowed",
            status: 200,
            detail: None,
            principal: Some(Principal::new(
                grant.account,
                grant.credential,
                grant.key_type,
                grant.permissions,
            )),
            api: Some(grant.api.api.slug.to_string()),
            environment: Some(grant.environment.environment.slug.to_string()),
            version: Some(grant.version.version.name.to_string()),
            request_id: id.to_string(),
        }
    }

    fn admitted(admitted: &Admitted<'_>, id: RequestId) -> Self {
        let (account, permissions) = (admitted.account, admitted.permissions);
        let principal = Principal::new(account, admitted.credential, admitted.key_type, permissions);
        Self {
            allowed: true,
            reason: "allowed",
            status: 200,
            principal: Some(principal),
            api: Some(admitted.api.api.slug.to_string()),
            environment: Some(admitted.environment.environment.slug.to_string()),
            ..Self::unknown(id)
        }
    }
}

impl Principal {
    fn new(
        account: &Account,
        credential: CredentialId,
        key_type: &Slug,
        permissions: &PermissionSet,
    ) -> Self {
        let permissions = match permissions {
            PermissionSet::Everything => vec!["*".to_owned()],
            PermissionSet::Only(list) => list.iter().map(ToString::to_string).collect(),
        };
        Self {
            account: account.number.to_string(),
            key_id: credential.to_string(),
            key_type: key_type.to_string(),
            permissions,
        }
    }
}
