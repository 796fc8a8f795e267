//! What commands about people answer, for people.

use claviger_app::{
    Admin, InvitationView, PasskeyView, PeopleOutcome, RoleView, SessionView, Shown, UserView,
};
use claviger_model::{Right, RoleAccess, Scope, Standing, UserState};

use super::render::{lines, names, slugs, table, time};

pub(super) fn people(outcome: &PeopleOutcome) -> String {
    match outcome {
        PeopleOutcome::Users(users) => user_table(users),
        PeopleOutcome::User(view) => user(view),
        PeopleOutcome::Invitations(invitations) => invitation_table(invitations),
        PeopleOutcome::Invitation(view) => invitation(view),
        PeopleOutcome::Admins(admins) => admin_table(admins),
        PeopleOutcome::Roles(roles) => role_table(roles),
        PeopleOutcome::Sessions(sessions) => session_table(sessions),
        PeopleOutcome::Totp { secret, url } => format!("{}\n{}", secret.expose(), url.expose()),
        PeopleOutcome::RecoveryCodes(codes) => codes.iter().map(Shown::expose).collect::<Vec<_>>().join("\n"),
        PeopleOutcome::Passkeys(passkeys) => passkey_table(passkeys),
        PeopleOutcome::PasskeyAdded(added) => passkey_table(std::slice::from_ref(&added.passkey)),
        // For browsers.
        PeopleOutcome::PasskeyOptions(_) => String::new(),
    }
}

const fn state(view: &UserView) -> &'static str {
    match view.state {
        UserState::Active => "active",
        UserState::Disabled => "disabled",
    }
}

fn standing(view: &UserView) -> Option<String> {
    match view.standing {
        Standing::Member => None,
        Standing::Operator => Some("operator".to_owned()),
        Standing::Service => Some("service".to_owned()),
    }
}

fn memberships(view: &UserView) -> String {
    let one = view.memberships.iter().map(|one| match one.roles.as_slice() {
        [] => one.account.clone(),
        roles => format!("{} ({})", one.account, slugs(roles)),
    });
    standing(view).into_iter().chain(one).collect::<Vec<_>>().join("; ")
}

fn user_table(users: &[UserView]) -> String {
    let mut table = table(&["USER NAME", "STATE", "ACCOUNTS", "LAST SIGNED IN", "NAME", "ID"]);
    for view in users {
        table.add_row([
            view.username.to_string(),
            state(view).to_owned(),
            memberships(view),
            time(view.last_sign_in_at),
            view.name.clone(),
            view.id.to_string(),
        ]);
    }
    table.trim_fmt()
}

fn user(view: &UserView) -> String {
    lines([
        ("ID", Some(view.id.to_string())),
        ("User name", Some(view.username.to_string())),
        ("E-mail", view.email.as_ref().map(ToString::to_string)),
        ("Name", Some(view.name.clone())),
        ("State", Some(state(view).to_owned())),
        ("Accounts", Some(memberships(view)).filter(|text| !text.is_empty())),
        ("Password", Some(if view.password { "set" } else { "none" }.to_owned())),
        ("Second factor", view.second_factor_since.map(|at| format!("since {at}"))),
        ("Created", Some(view.created_at.to_string())),
        ("Signed in", Some(time(view.last_sign_in_at))),
    ])
}

fn invitation_table(invitations: &[InvitationView]) -> String {
    if invitations.is_empty() {
        return "No invitation.".into();
    }
    let mut table = table(&["ID", "ACCOUNT", "E-MAIL", "ROLES", "EXPIRES"]);
    for view in invitations {
        table.add_row([
            view.id.to_string(),
            view.account.clone(),
            view.email.to_string(),
            slugs(&view.roles),
            view.expires_at.to_string(),
        ]);
    }
    table.trim_fmt()
}

fn invitation(view: &InvitationView) -> String {
    lines([
        ("ID", Some(view.id.to_string())),
        ("Account", Some(view.account.clone())),
        ("E-mail", Some(view.email.to_string())),
        ("Roles", Some(slugs(&view.roles)).filter(|text| !text.is_empty())),
        ("Expires", Some(view.expires_at.to_string())),
        ("Token", view.token.as_ref().map(|token| token.expose().to_owned())),
    ])
}

fn admin_table(admins: &[Admin]) -> String {
    let mut table = table(&["NAME", "E-MAIL"]);
    for admin in admins {
        table
            .add_row([admin.name.clone(), admin.email.as_ref().map(ToString::to_string).unwrap_or_default()]);
    }
    table.trim_fmt()
}

fn access(access: &RoleAccess) -> String {
    match access {
        RoleAccess::Scope(Scope::Admin) => "everything".to_owned(),
        RoleAccess::Scope(Scope::Developer) => "developer".to_owned(),
        RoleAccess::Scope(Scope::ReadOnly) => "read-only".to_owned(),
        RoleAccess::Only(list) => names(list),
    }
}

fn role_table(roles: &[RoleView]) -> String {
    let mut table = table(&["ROLE", "ACCOUNT", "RIGHTS", "CALLS", "NAME"]);
    for role in roles {
        let rights: Vec<_> = role.rights.iter().copied().map(Right::as_str).collect();
        table.add_row([
            role.slug.to_string(),
            role.account.clone().unwrap_or_else(|| "every".to_owned()),
            rights.join(", "),
            access(&role.access),
            role.name.clone(),
        ]);
    }
    table.trim_fmt()
}

fn passkey_table(passkeys: &[PasskeyView]) -> String {
    let mut table = table(&["ID", "ADDED", "LAST USED", "NAME"]);
    for view in passkeys {
        table.add_row([
            view.id.to_string(),
            view.created_at.to_string(),
            time(view.last_used_at),
            view.name.clone(),
        ]);
    }
    table.trim_fmt()
}

fn session_table(sessions: &[SessionView]) -> String {
    let mut table = table(&["ID", "KIND", "ACCOUNT", "STATE", "TOKEN", "SIGNED IN", "EXPIRES"]);
    for view in sessions {
        table.add_row([
            view.id.to_string(),
            view.kind.to_string(),
            view.account.clone(),
            view.state.clone(),
            format!("…{}", view.hint),
            view.created_at.to_string(),
            time(view.expires_at),
        ]);
    }
    table.trim_fmt()
}
