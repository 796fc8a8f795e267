//! The commands about people and their roles.

use clap::Subcommand;
use claviger_app::{
    Command, EmailEdit, NewRole, NewUser, Part, PeopleCommand, UserEdit, UserSort, WhichUser,
};
use claviger_model::{
    AccountNumber, EmailAddress, Permission, Right, RoleAccess, Scope, Slug, Standing, UserName, UserState,
};

use super::args::scope;
use super::ask::{new_password, source};
use super::exit::CliError;
use super::invite::{self, InvitationsFlags, InviteFlags, WithdrawFlags};

#[derive(Debug, Subcommand)]
pub(super) enum UserAction {
    /// Make a user. The password is asked for, or read from standard input.
    Create(Box<UserFlags>),
    /// List users.
    List {
        /// Of this account.
        #[arg(long)]
        account: Option<AccountNumber>,
    },
    /// Show a user.
    Show {
        /// The user name, e-mail address or id.
        user: WhichUser,
    },
    /// Change the name of a user, or with what they sign in.
    Edit(EditFlags),
    /// Invite somebody into an account, and show the token that they have to be handed, once.
    Invite(InviteFlags),
    /// List the invitations that work still.
    Invitations(InvitationsFlags),
    /// Take an invitation back.
    Withdraw(WithdrawFlags),
    /// Let a user do nothing until they are enabled again. It counts from the next request on.
    Disable(WhyFlags),
    /// Let a user do again what they could. They sign in anew.
    Enable(WhyFlags),
    /// Remove a user, and end everything that is theirs.
    Remove(WhyFlags),
    /// Give a user another password. They are signed out.
    Password {
        /// The user name, e-mail address or id.
        user: WhichUser,
        /// Read the password from standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Take the second factor away from a user who lost it. They are signed out.
    FactorReset(WhyFlags),
    /// Say which roles a user has in an account.
    Role {
        #[command(subcommand)]
        action: UserRoleAction,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct UserFlags {
    /// What they sign in with, unique.
    #[arg(long)]
    username: UserName,
    /// Where they are written to, unique; they can sign in with it too.
    #[arg(long)]
    email: Option<EmailAddress>,
    /// Their name, for people.
    #[arg(long)]
    name: Option<String>,
    /// The number of the account that they belong to.
    #[arg(long, required_unless_present = "operator")]
    account: Option<AccountNumber>,
    /// A role that they have there; can be repeated.
    #[arg(long = "role", value_delimiter = ',', requires = "account")]
    roles: Vec<Slug>,
    /// They stand above accounts and may do everything.
    #[arg(long)]
    operator: bool,
    /// They are a machine, which has keys and does not sign in.
    #[arg(long, conflicts_with_all = ["operator", "password_stdin"])]
    service: bool,
    /// Read the password from standard input.
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("what").args(["username", "email", "name"]).required(true).multiple(true)))]
pub(super) struct EditFlags {
    /// The user name, e-mail address or id.
    user: WhichUser,
    /// What they sign in with from now on.
    #[arg(long)]
    username: Option<UserName>,
    /// Where they are written to from now on; an empty text for nowhere.
    #[arg(long)]
    email: Option<EmailEdit>,
    /// Their name from now on.
    #[arg(long)]
    name: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct WhyFlags {
    /// The user name, e-mail address or id.
    user: WhichUser,
    /// Why, for the audit.
    #[arg(long)]
    reason: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum UserRoleAction {
    /// Set all roles of a user in an account. It counts from the next request on.
    Set {
        /// The user name, e-mail address or id.
        user: WhichUser,
        /// The number of the account.
        #[arg(long)]
        account: AccountNumber,
        /// Every role from now on.
        #[arg(value_delimiter = ',')]
        roles: Vec<Slug>,
        /// They belong to the account no more.
        #[arg(long, conflicts_with = "roles")]
        leave: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum RoleAction {
    /// List roles.
    List {
        /// The account's own too.
        #[arg(long)]
        account: Option<AccountNumber>,
    },
    /// Make a role of an account's own, or change it.
    Set {
        /// What to call it, a slug.
        slug: Slug,
        /// The number of the account.
        #[arg(long)]
        account: AccountNumber,
        /// Its name, for people.
        #[arg(long)]
        name: Option<String>,
        /// What it lets people do; can be repeated.
        #[arg(long = "right", value_delimiter = ',', value_parser = right, value_name = "RIGHT")]
        rights: Vec<Right>,
        /// How much it lets people and their keys call.
        #[arg(long, value_parser = scope, value_name = "admin|developer|read-only")]
        scope: Option<Scope>,
        /// A permission to call; can be repeated. None without it and without a scope.
        #[arg(
            long = "permission",
            value_delimiter = ',',
            value_name = "PERMISSION",
            conflicts_with = "scope"
        )]
        permissions: Vec<Permission>,
    },
    /// Remove a role: nobody has it any more.
    Remove {
        /// Its slug.
        slug: Slug,
        /// The number of the account.
        #[arg(long)]
        account: AccountNumber,
    },
}

fn right(text: &str) -> Result<Right, String> {
    let found = Right::ALL.into_iter().find(|right| right.as_str() == text);
    found.ok_or_else(|| format!("one of {}", Right::ALL.map(Right::as_str).join(", ")))
}

pub(super) fn user(action: UserAction) -> Result<Command, CliError> {
    Ok(Command::People(match action {
        UserAction::Create(flags) => create(*flags)?,
        UserAction::List { account } => {
            PeopleCommand::List { account, sort: UserSort::default(), part: Part::default() }
        }
        UserAction::Show { user } => PeopleCommand::Show { user },
        UserAction::Edit(EditFlags { user, username, email, name }) => {
            let edit = UserEdit { username, email, name };
            PeopleCommand::Edit { user, edit, unchanged_since: None }
        }
        UserAction::Invite(flags) => invite::invite(flags),
        UserAction::Invitations(flags) => invite::list(flags),
        UserAction::Withdraw(flags) => invite::withdraw(flags),
        UserAction::Disable(why) => state(why, UserState::Disabled),
        UserAction::Enable(why) => state(why, UserState::Active),
        UserAction::Remove(WhyFlags { user, reason }) => PeopleCommand::Remove { user, reason },
        UserAction::FactorReset(WhyFlags { user, reason }) => PeopleCommand::FactorReset { user, reason },
        UserAction::Password { user, password_stdin } => {
            PeopleCommand::PasswordSet { user, password: new_password(&source(password_stdin))? }
        }
        UserAction::Role { action: UserRoleAction::Set { user, account, roles, leave } } => {
            PeopleCommand::Roles { user, account, roles: (!leave).then_some(roles) }
        }
    }))
}

pub(super) fn role(action: RoleAction) -> Command {
    Command::People(match action {
        RoleAction::List { account } => PeopleCommand::RoleList { account, part: Part::default() },
        RoleAction::Set { slug, account, name, rights, scope, permissions } => {
            let access = scope.map_or(RoleAccess::Only(permissions), RoleAccess::Scope);
            PeopleCommand::RolePut(NewRole { account: Some(account), slug, name, rights, access })
        }
        RoleAction::Remove { slug, account } => PeopleCommand::RoleRemove { account: Some(account), slug },
    })
}

fn state(why: WhyFlags, state: UserState) -> PeopleCommand {
    PeopleCommand::State { user: why.user, state, reason: why.reason }
}

fn create(flags: UserFlags) -> Result<PeopleCommand, CliError> {
    let standing = match (flags.operator, flags.service) {
        (true, _) => Standing::Operator,
        (_, true) => Standing::Service,
        _ => Standing::Member,
    };
    let password = match standing {
        Standing::Service => None,
        _ => Some(new_password(&source(flags.password_stdin))?),
    };
    Ok(PeopleCommand::Create(NewUser {
        username: flags.username,
        email: flags.email,
        name: flags.name,
        standing,
        account: flags.account,
        roles: flags.roles,
        password,
    }))
}
