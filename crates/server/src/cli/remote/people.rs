//! Commands about people and their roles.

use claviger_app::{
    EmailEdit, InvitationView, NewInvitation, NewRole, NewUser, Outcome, Part, PeopleCommand, PeopleOutcome,
    RoleView, UserEdit, UserView, WhichUser,
};
use claviger_model::{AccountNumber, Slug, UserState};
use http::Method;
use serde_json::{Value, json};

use super::call::{Call, Request};
use super::error::RemoteError;
use super::plan::Plan;

/// Invitations of one list, if nothing else is said, as on the data folder.
const USUAL: u32 = 100;

pub(super) fn plan(command: PeopleCommand) -> Result<Plan, RemoteError> {
    use PeopleCommand as Do;
    Ok(Plan::One(match command {
        Do::Create(new) => create(new),
        Do::List { account, .. } => Call::list(Method::GET, &["users"], users).asking(of(account)),
        Do::Show { user } => show(&user),
        Do::State { user, state, reason } => {
            let word = match state {
                UserState::Active => "enable",
                UserState::Disabled => "disable",
            };
            act(&user, word, json!({ "reason": reason }))
        }
        Do::Roles { user, account, roles } => {
            let body = json!({ "account": account, "roles": roles });
            Call::one(Method::PUT, &["users", &user.to_string(), "roles"], one_user).with(body)
        }
        Do::PasswordSet { user, password } => act(&user, "set-password", json!({ "password": password })),
        Do::FactorReset { user, reason } => act(&user, "reset-factors", json!({ "reason": reason })),
        Do::RoleList { account, .. } => Call::list(Method::GET, &["roles"], roles).asking(of(account)),
        Do::RolePut(NewRole { account, slug, name, rights, access }) => {
            let body = json!({ "account": account, "name": name, "rights": rights, "access": access });
            Call::one(Method::PUT, &["roles", slug.as_str()], |role| roles(vec![role])).with(body)
        }
        Do::Remove { user, reason } => return Ok(remove_user(&user, reason)),
        Do::Edit { user, edit, .. } => edit_user(&user, edit),
        Do::Invite(new) => invite(new),
        Do::InvitationList { account, part: Part { after, limit } } => {
            let after = after.map(|after| ("after", after.to_string()));
            let call =
                Call::list(Method::GET, &["invitations"], invitations).asking(of(account)).asking(after);
            call.at_most(limit.unwrap_or(USUAL))
        }
        Do::InvitationWithdraw { id, reason } => {
            let call = Call::one(Method::POST, &["invitations", &id.to_string(), "withdraw"], one_invitation);
            call.with(json!({ "reason": reason }))
        }
        Do::RoleRemove { account, slug } => return Ok(remove_role(account, slug)),
        // The command line does not ask for these: they are about oneself.
        Do::WhoAmI
        | Do::RoleShow { .. }
        | Do::RoleChange { .. }
        | Do::EditOneself { .. }
        | Do::Admins
        | Do::PasswordChange { .. }
        | Do::TotpBegin { .. }
        | Do::TotpConfirm { .. }
        | Do::TotpRemove { .. }
        | Do::Passkey(_)
        | Do::RecoveryCodes { .. }
        | Do::SessionList { .. }
        | Do::SessionRevoke { .. } => return Err(RemoteError::FolderOnly("this")),
    }))
}

fn users(users: Vec<UserView>) -> Outcome {
    Outcome::People(PeopleOutcome::Users(users))
}

fn one_user(user: UserView) -> Outcome {
    Outcome::People(user.into())
}

fn invitations(all: Vec<InvitationView>) -> Outcome {
    Outcome::People(PeopleOutcome::Invitations(all))
}

fn one_invitation(invitation: InvitationView) -> Outcome {
    Outcome::People(PeopleOutcome::Invitation(Box::new(invitation)))
}

fn roles(roles: Vec<RoleView>) -> Outcome {
    Outcome::People(PeopleOutcome::Roles(roles))
}

fn of(account: Option<AccountNumber>) -> Option<(&'static str, String)> {
    account.map(|account| ("account", account.to_string()))
}

fn show(user: &WhichUser) -> Call {
    Call::one(Method::GET, &["users", &user.to_string()], one_user)
}

fn act(user: &WhichUser, what: &str, body: Value) -> Call {
    Call::one(Method::POST, &["users", &user.to_string(), what], one_user).with(body)
}

fn create(new: NewUser) -> Call {
    let NewUser { username, email, name, standing, account, roles, password } = new;
    let body = json!({
        "username": username,
        "email": email,
        "name": name,
        "standing": standing,
        "account": account,
        "roles": roles,
        "password": password,
    });
    Call::one(Method::POST, &["users"], one_user).with(body)
}

fn edit_user(user: &WhichUser, edit: UserEdit) -> Call {
    let UserEdit { username, email, name } = edit;
    let email = email.map(|email| match email {
        EmailEdit::Nowhere => String::new(),
        EmailEdit::To(address) => address.into(),
    });
    let body = json!({ "username": username, "email": email, "name": name });
    Call::one(Method::PATCH, &["users", &user.to_string()], one_user).with(body)
}

fn invite(new: NewInvitation) -> Call {
    let NewInvitation { email, account, roles, lifetime } = new;
    let body = json!({ "email": email, "account": account, "roles": roles, "lifetime": lifetime });
    Call::one(Method::POST, &["invitations"], one_invitation).with(body)
}

fn remove_user(user: &WhichUser, reason: Option<String>) -> Plan {
    let reason = reason.map(|reason| ("reason", reason));
    let then = Request::new(Method::DELETE, &["users", &user.to_string()]).asking(reason);
    Plan::Last { look: show(user), then }
}

fn remove_role(account: Option<AccountNumber>, slug: Slug) -> Plan {
    let then = Request::new(Method::DELETE, &["roles", slug.as_str()]).asking(of(account.clone()));
    let own = move |mut all: Vec<RoleView>| {
        // Built-in ones are everybody's and cannot be removed.
        all.retain(|role| role.slug == slug && role.account.is_some());
        roles(all)
    };
    Plan::Last { look: Call::list(Method::GET, &["roles"], own).asking(of(account)), then }
}
