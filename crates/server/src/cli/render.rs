use claviger_app::{
    ApiView, BulkLine, Difference, DifferenceKind, EndpointNeeds, EnvironmentView, KeyForm, KeyView, Outcome,
    PeopleOutcome, RotationView, ServiceView,
};
use claviger_model::{
    Account, Allowlist, CredentialKind, EmailAddress, Owners, Permission, PermissionSet, Refusal, Route,
    SecondFactorRule, Slug, Time, VersionName,
};
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;
use serde_json::Value;

use super::exit::CliError;

/// The outcome for programs: what was asked for and nothing around it.
pub(super) fn json(outcome: &Outcome) -> Result<String, CliError> {
    match outcome {
        Outcome::Applied(differences) => text(differences),
        Outcome::Exported(bundle) => text(bundle),
        Outcome::Accounts(accounts) => text(accounts),
        Outcome::Account(account) => text(account),
        Outcome::Imported(report) => text(report),
        Outcome::Keys(keys) => text(keys),
        Outcome::Key(key) => text(key),
        Outcome::Bulk(lines) => text(lines),
        Outcome::Services(services) => text(services),
        Outcome::Service(service) => text(service),
        Outcome::People(outcome) => people_json(outcome),
        Outcome::Explained(refusal) => text(refusal),
        Outcome::Audit(entries) => text(entries),
        Outcome::AuditVerified(report) => text(report),
        Outcome::Environments(environments) => text(environments),
        Outcome::Apis(apis) => text(apis),
        Outcome::Permissions(needs) => text(needs),
        Outcome::Document(document) => Ok(document.clone()),
        Outcome::KeyForms(forms) => text(forms),
    }
}

fn text(value: &impl Serialize) -> Result<String, CliError> {
    serde_json::to_string_pretty(value).map_err(|error| CliError::Internal(error.to_string()))
}

fn people_json(outcome: &PeopleOutcome) -> Result<String, CliError> {
    match outcome {
        PeopleOutcome::Users(users) => text(users),
        PeopleOutcome::User(user) => text(user),
        PeopleOutcome::Invitations(invitations) => text(invitations),
        PeopleOutcome::Invitation(invitation) => text(invitation),
        PeopleOutcome::Admins(admins) => text(admins),
        PeopleOutcome::Roles(roles) => text(roles),
        PeopleOutcome::Sessions(sessions) => text(sessions),
        PeopleOutcome::Totp { secret, url } => text(&serde_json::json!({ "secret": secret, "url": url })),
        PeopleOutcome::RecoveryCodes(codes) => text(codes),
        PeopleOutcome::PasskeyOptions(options) => text(options),
        PeopleOutcome::PasskeyAdded(added) => text(added),
        PeopleOutcome::Passkeys(passkeys) => text(passkeys),
    }
}

/// The outcome for people.
pub(super) fn people(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Applied(differences) => applied(differences),
        Outcome::Exported(bundle) => bundle.catalogue.text.trim_end().to_owned(),
        Outcome::Accounts(accounts) => account_table(accounts),
        Outcome::Account(account) => account_table(std::slice::from_ref(account)),
        Outcome::Imported(report) => super::import::report(report),
        Outcome::Keys(keys) => key_table(keys),
        Outcome::Key(view) => key(view),
        Outcome::Bulk(lines) => bulk_table(lines),
        Outcome::Services(services) => service_table(services),
        Outcome::Service(view) => service(view),
        Outcome::People(outcome) => super::render_people::people(outcome),
        Outcome::Explained(refusal) => explained(refusal),
        Outcome::Audit(entries) => super::audit::entries(entries),
        Outcome::AuditVerified(report) => super::audit::verified(report),
        Outcome::Environments(environments) => environment_table(environments),
        Outcome::Apis(apis) => api_table(apis),
        Outcome::Permissions(needs) => needs_table(needs),
        Outcome::Document(document) => document.clone(),
        Outcome::KeyForms(forms) => key_forms(forms),
    }
}

pub(super) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.iter().copied());
    table
}

fn applied(differences: &[Difference]) -> String {
    if differences.is_empty() {
        return "No change.".into();
    }
    let lines = differences.iter().flat_map(|difference| {
        let sign = match difference.kind {
            DifferenceKind::Create => '+',
            DifferenceKind::Change => '~',
        };
        let within = difference.lines.iter().map(|line| {
            let value = |value: &Option<Value>| value.as_ref().map_or("(nothing)".into(), Value::to_string);
            format!("    {}: {} -> {}", line.path, value(&line.before), value(&line.after))
        });
        std::iter::once(format!("{sign} {} {}", difference.what, difference.name)).chain(within)
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn environment_table(environments: &[EnvironmentView]) -> String {
    let mut table = table(&["SLUG", "ROUTES", "UPSTREAM"]);
    for one in environments {
        let route = |route: &Route| format!("{}{}", route.host.as_deref().unwrap_or("*"), route.path);
        let routes: Vec<_> = one.routes.iter().map(route).collect();
        let upstream = one.upstream.as_deref().unwrap_or("-");
        table.add_row([one.slug.to_string(), routes.join(", "), upstream.to_owned()]);
    }
    table.trim_fmt()
}

fn account_table(accounts: &[Account]) -> String {
    if accounts.is_empty() {
        return "No account.".into();
    }
    let mut table = table(&["NUMBER", "REALM", "NAME", "SECOND FACTOR", "ID"]);
    for account in accounts {
        table.add_row([
            account.number.to_string(),
            account.realm.to_string(),
            account.name.clone(),
            second_factor(account.second_factor).to_owned(),
            account.id.to_string(),
        ]);
    }
    table.trim_fmt()
}

const fn second_factor(rule: SecondFactorRule) -> &'static str {
    match rule {
        SecondFactorRule::Optional => "optional",
        SecondFactorRule::Required => "required",
    }
}

fn api_table(apis: &[ApiView]) -> String {
    if apis.is_empty() {
        return "No API.".into();
    }
    let mut table = table(&["API", "NAME", "VERSIONS", "ENVIRONMENTS"]);
    for api in apis {
        let versions: Vec<_> = api.versions.iter().map(VersionName::as_str).collect();
        let environments: Vec<_> = api.environments.iter().map(Slug::as_str).collect();
        let (slug, name) = (api.slug.to_string(), api.name.clone());
        table.add_row([slug, name, versions.join(", "), environments.join(", ")]);
    }
    table.trim_fmt()
}

fn addresses(list: &Allowlist) -> String {
    if list.entries().is_empty() { "anywhere".into() } else { list.to_string() }
}

pub(super) fn names(permissions: &[Permission]) -> String {
    permissions.iter().map(Permission::as_str).collect::<Vec<_>>().join(", ")
}

fn permissions(set: &PermissionSet) -> String {
    match set {
        PermissionSet::Everything => "everything".into(),
        PermissionSet::Only(list) => names(list),
    }
}

fn needs_table(needs: &[EndpointNeeds]) -> String {
    let mut table = table(&["VERSION", "METHOD", "PATH", "PERMISSIONS"]);
    for EndpointNeeds { version, method, path, permissions, .. } in needs {
        table.add_row([version.to_string(), method.clone(), path.clone(), names(permissions)]);
    }
    table.trim_fmt()
}

pub(super) fn time(time: Option<Time>) -> String {
    time.map_or_else(|| "never".into(), |time| time.to_string())
}

fn key_table(keys: &[KeyView]) -> String {
    if keys.is_empty() {
        return "No key fits.".into();
    }
    let mut table =
        table(&["ID", "ACCOUNT", "API", "ENVIRONMENT", "STATE", "KEY", "ADDRESSES", "LAST USED", "LABEL"]);
    for key in keys {
        table.add_row([
            key.id.to_string(),
            key.account.clone(),
            key.api.clone(),
            key.environment.clone(),
            key.state.clone(),
            format!("…{}", key.hint),
            addresses(&key.allowlist),
            time(key.last_used_at),
            key.label.clone().unwrap_or_default(),
        ]);
    }
    table.trim_fmt()
}

/// What whoever sees a key has to know.
fn shown_once(view: &KeyView) -> Option<String> {
    if view.secret.is_some() {
        return Some("Keep the secret now: nobody can show it again.".to_owned());
    }
    let once = view.key.is_some() && !view.recoverable;
    once.then(|| "Keep the key now: it is not shown again.".to_owned())
}

/// The key, or the secret of a pair, whose public id is its id; the end of it if it is not shown.
fn secret(view: &KeyView) -> (&'static str, String) {
    let (name, shown) = match view.kind {
        CredentialKind::ApiKey => ("Key", &view.key),
        CredentialKind::KeyPair => ("Secret", &view.secret),
    };
    (name, shown.as_ref().map_or_else(|| format!("…{}", view.hint), |shown| shown.expose().to_owned()))
}

fn bulk_table(lines: &[BulkLine]) -> String {
    if lines.is_empty() {
        return "No key fits.".into();
    }
    let mut table = table(&["ID", "BEFORE", "AFTER", "LABEL"]);
    for line in lines {
        table.add_row([
            line.id.to_string(),
            line.before.to_string(),
            line.after.to_string(),
            line.label.clone().unwrap_or_default(),
        ]);
    }
    table.trim_fmt()
}

fn owners(owners: &Owners) -> Option<String> {
    let addresses: Vec<_> = owners.addresses().iter().map(EmailAddress::as_str).collect();
    Some(addresses.join(", ")).filter(|text| !text.is_empty())
}

/// A length of time in its two largest units.
fn remaining(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, _) => format!("{minutes}m {}s", seconds % 60),
        (0, ..) => format!("{hours}h {minutes}m"),
        _ => format!("{days}d {hours}h"),
    }
}

fn rotation(view: &KeyView) -> Option<String> {
    let successor = view.successor.map_or_else(|| "a key that is gone".to_owned(), |id| id.to_string());
    let RotationView { ends_at, remaining_seconds, .. } = view.rotation.as_ref()?;
    let end = match remaining_seconds {
        0 => "now".to_owned(),
        seconds => format!("at {ends_at}, in {}", remaining(*seconds)),
    };
    let uses = if view.late_uses == 1 { "use" } else { "uses" };
    Some(format!("{successor} takes its place {end}; {} late {uses}", view.late_uses))
}

/// A line for each row that has a value.
pub(super) fn lines<const N: usize>(rows: [(&str, Option<String>); N]) -> String {
    let lines = rows.into_iter().filter_map(|(name, value)| value.map(|value| format!("{name:<11} {value}")));
    lines.map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

fn revoked(at: Option<Time>, reason: Option<&str>) -> Option<String> {
    at.map(|at| format!("{at} {}", reason.unwrap_or_default()))
}

fn key(view: &KeyView) -> String {
    let versions: Vec<_> =
        view.versions.iter().map(|used| format!("{} ({})", used.version, used.at)).collect();
    let mixed = if view.version_mixed { "; mixed" } else { "" };
    let (named, secret) = secret(view);
    let rows = [
        ("ID", Some(view.id.to_string())),
        ("", shown_once(view)),
        (named, Some(secret)),
        ("Algorithm", view.algorithm.map(|algorithm| algorithm.to_string())),
        ("Debug until", view.debug_until.map(|until| until.to_string())),
        ("State", Some(view.state.clone())),
        ("Account", Some(view.account.clone())),
        ("User", view.user.clone()),
        ("API", Some(format!("{}, {}", view.api, view.environment))),
        ("Type", Some(view.key_type.to_string())),
        ("Label", view.label.clone()),
        ("Memo", view.notes.memo.clone()),
        ("Owners", owners(&view.notes.owners)),
        ("Tags", Some(view.notes.tags.to_string()).filter(|tags| !tags.is_empty())),
        ("Permissions", Some(permissions(&view.permissions))),
        ("Addresses", Some(addresses(&view.allowlist))),
        ("Created", Some(view.created_at.to_string())),
        ("Valid from", view.not_before.map(|at| at.to_string())),
        ("Expires", Some(time(view.expires_at))),
        ("Revoked", revoked(view.revoked_at, view.revoked_reason.as_deref())),
        ("Replaces", view.predecessor.map(|id| id.to_string())),
        ("Rotation", rotation(view)),
        ("Last used", Some(time(view.last_used_at))),
        ("Versions", (!versions.is_empty()).then(|| format!("{}{mixed}", versions.join(", ")))),
    ];
    lines(rows)
}

pub(super) fn slugs(slugs: &[Slug]) -> String {
    slugs.iter().map(Slug::as_str).collect::<Vec<_>>().join(", ")
}

fn service_table(services: &[ServiceView]) -> String {
    if services.is_empty() {
        return "No service.".into();
    }
    let mut table = table(&["NAME", "APIS", "CREATED"]);
    for ServiceView { name, apis, created_at, .. } in services {
        table.add_row([name.to_string(), slugs(apis), created_at.to_string()]);
    }
    table.trim_fmt()
}

fn service(view: &ServiceView) -> String {
    let once = view.token.as_ref().map(|_| "Keep the token now: it is not shown again.".to_owned());
    let rows = [
        ("Name", Some(view.name.to_string())),
        ("", once),
        ("Token", view.token.as_ref().map(|token| token.expose().to_owned())),
        ("APIs", Some(slugs(&view.apis))),
        ("Created", Some(view.created_at.to_string())),
        ("Revoked", revoked(view.revoked_at, view.revoked_reason.as_deref())),
    ];
    lines(rows)
}

fn explained(refusal: &Refusal) -> String {
    let Refusal { request, at, reason, status, client, method, host, path, .. } = refusal;
    let (_, title) = reason.code_and_title();
    let mut lines = vec![
        format!("{request} at {at} from {client}: {method} {host} {path}"),
        format!("Refused with {status} {reason}: {title}"),
    ];
    lines.extend(refusal.credential.map(|credential| format!("The credential was {credential}.")));
    lines.extend(refusal.checks.iter().map(|line| {
        let mark = if line.passed { "ok  " } else { "FAIL" };
        format!("{mark} {:<15} saw {}; wanted {}", line.check, line.saw, line.wanted)
    }));
    lines.join("\n")
}

fn key_forms(forms: &[KeyForm]) -> String {
    let name = |form: &KeyForm| form.api.as_ref().map_or_else(|| "any API".to_owned(), ToString::to_string);
    forms.iter().map(|form| format!("{:<20} {}", name(form), form.pattern)).collect::<Vec<_>>().join("\n")
}
