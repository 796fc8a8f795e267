//! The commands about invitations.

use claviger_app::{NewInvitation, Part, PeopleCommand};
use claviger_model::{AccountNumber, EmailAddress, InvitationId, Slug, Span};

#[derive(Debug, clap::Args)]
pub(super) struct InviteFlags {
    /// Where whoever is invited is written to. It is theirs when they accept.
    email: EmailAddress,
    /// The number of the account that they come into.
    #[arg(long)]
    account: AccountNumber,
    /// A role that they have there; can be repeated.
    #[arg(long = "role", value_delimiter = ',')]
    roles: Vec<Slug>,
    /// For how long it works, from 1m to 30d.
    #[arg(long, value_name = "SPAN", default_value = "7d")]
    lifetime: Span,
}

#[derive(Debug, clap::Args)]
pub(super) struct InvitationsFlags {
    /// Into this account.
    #[arg(long)]
    account: Option<AccountNumber>,
    /// After this one: where the last list ended.
    #[arg(long, value_name = "ID")]
    after: Option<InvitationId>,
    /// At most so many.
    #[arg(long)]
    limit: Option<u32>,
}

#[derive(Debug, clap::Args)]
pub(super) struct WithdrawFlags {
    /// The id of the invitation.
    id: InvitationId,
    /// Why, for the audit.
    #[arg(long)]
    reason: Option<String>,
}

pub(super) fn invite(flags: InviteFlags) -> PeopleCommand {
    let InviteFlags { email, account, roles, lifetime } = flags;
    PeopleCommand::Invite(NewInvitation { email, account: Some(account), roles, lifetime: Some(lifetime) })
}

pub(super) fn list(flags: InvitationsFlags) -> PeopleCommand {
    let InvitationsFlags { account, after, limit } = flags;
    PeopleCommand::InvitationList { account, part: Part { after, limit } }
}

pub(super) fn withdraw(flags: WithdrawFlags) -> PeopleCommand {
    PeopleCommand::InvitationWithdraw { id: flags.id, reason: flags.reason }
}
