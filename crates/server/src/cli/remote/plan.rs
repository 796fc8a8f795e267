//! What a command is in the management API.

use claviger_app::{AuditFilter, Bundle, Command, NewAccount, NewService, Outcome};
use http::Method;
use serde_json::json;

use super::call::{Call, Pairs, Request};
use super::error::RemoteError;
use super::{keys, people};

/// The requests that do a command.
pub(super) enum Plan {
    /// One does.
    One(Call),
    /// The answer shows nothing of what is done away with: it is looked at first.
    Last { look: Call, then: Request },
}

impl From<Call> for Plan {
    fn from(call: Call) -> Self {
        Self::One(call)
    }
}

/// Entries of the audit if nothing else is said, and at the most, as on the data folder.
const USUAL: u32 = 100;
const MOST: u32 = 1000;

/// # Errors
/// [`RemoteError::FolderOnly`], where nothing in the management API does it.
pub(super) fn plan(command: Command) -> Result<Plan, RemoteError> {
    if let Command::People(command) = command {
        return people::plan(command);
    }
    if let Some(call) = keys::call(&command)? {
        return Ok(call.into());
    }
    Ok(Plan::One(match command {
        Command::Export => Call::one(Method::GET, &["catalogue"], Outcome::Exported),
        Command::Apply { bundle: Bundle { catalogue, documents, variables }, mode } => {
            let body = json!({
                "catalogue": catalogue.text, "documents": documents, "variables": variables, "mode": mode,
            });
            Call::list(Method::POST, &["catalogue", "apply"], Outcome::Applied).with(body)
        }
        Command::AccountList(_) => Call::list(Method::GET, &["accounts"], Outcome::Accounts),
        Command::AccountCreate(NewAccount { number, realm, name }) => {
            let body = json!({ "number": number, "realm": realm, "name": name });
            Call::one(Method::POST, &["accounts"], Outcome::Account).with(body)
        }
        Command::AccountEdit { account, second_factor, .. } => {
            let call = Call::one(Method::PATCH, &["accounts", account.as_str()], Outcome::Account);
            call.with(json!({ "second_factor": second_factor }))
        }
        Command::ServiceList(_) => Call::list(Method::GET, &["services"], Outcome::Services),
        Command::ServiceCreate(NewService { name, apis }) => {
            let body = json!({ "name": name, "apis": apis });
            Call::one(Method::POST, &["services"], Outcome::Service).with(body)
        }
        Command::ServiceRevoke { name, reason } => {
            let call = Call::one(Method::POST, &["services", name.as_str(), "revoke"], Outcome::Service);
            call.with(json!({ "reason": reason }))
        }
        Command::Explain { request } => {
            let explained = |refusal| Outcome::Explained(Box::new(refusal));
            Call::one(Method::GET, &["refusals", &request.to_string()], explained)
        }
        Command::AuditList(filter) => audit(filter),
        Command::AuditVerify { noted: None } => {
            Call::one(Method::POST, &["audit", "verify"], Outcome::AuditVerified)
        }
        other => return about_apis(other),
    }))
}

fn about_apis(command: Command) -> Result<Plan, RemoteError> {
    Ok(Plan::One(match command {
        Command::ApiList => Call::list(Method::GET, &["apis"], Outcome::Apis),
        Command::EnvironmentList { api } => {
            Call::list(Method::GET, &["apis", api.as_str(), "environments"], Outcome::Environments)
        }
        Command::Permissions { api } => {
            Call::list(Method::GET, &["apis", api.as_str(), "endpoints"], Outcome::Permissions)
        }
        Command::Document { api, version } => {
            let version = version.map(|version| ("version", version.to_string()));
            Call::text(&["apis", api.as_str(), "document"], Outcome::Document).asking(version)
        }
        Command::KeyFormat { api: Some(api) } => {
            Call::list(Method::GET, &["apis", api.as_str(), "key-format"], Outcome::KeyForms)
        }
        other => return Err(RemoteError::FolderOnly(name(&other))),
    }))
}

fn audit(filter: AuditFilter) -> Call {
    let AuditFilter { after, account, object, action, since, limit } = filter;
    let query: [Option<(&'static str, String)>; 5] = [
        Some(("after", after.to_string())).filter(|_| after > 0),
        account.map(|account| ("account", account.to_string())),
        object.map(|object| ("object", object)),
        action.map(|action| ("action", action)),
        since.map(|since| ("since", since.to_string())),
    ];
    let query: Pairs = query.into_iter().flatten().collect();
    let call = Call::list(Method::GET, &["audit"], Outcome::Audit).asking(query);
    call.at_most(limit.unwrap_or(USUAL).min(MOST))
}

/// How a command is named to whoever gave it.
const fn name(command: &Command) -> &'static str {
    match command {
        Command::KeyImport(_) => "`claviger key import`",
        Command::AuditVerify { .. } => "`claviger audit verify --noted`",
        Command::KeyFormat { .. } => "`claviger keyformat` without --api",
        _ => "this",
    }
}
