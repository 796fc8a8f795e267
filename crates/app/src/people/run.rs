use super::{PasskeyCommand, PeopleCommand, PeopleOutcome};
use crate::{Actor, App, AppError};

impl App {
    pub(crate) async fn run_people(
        &self,
        actor: &Actor,
        command: PeopleCommand,
    ) -> Result<PeopleOutcome, AppError> {
        use PeopleCommand as Do;
        Ok(match command {
            Do::Create(new) => self.create_user(actor, new).await?.into(),
            Do::List { account, sort, part } => {
                PeopleOutcome::Users(self.list_users(actor, account.as_ref(), sort, part).await?)
            }
            Do::Show { user } => self.show_user(actor, &user).await?.into(),
            Do::WhoAmI => self.who_am_i(actor).await?.into(),
            Do::Admins => PeopleOutcome::Admins(self.admins(actor)?),
            Do::State { user, state, reason } => {
                self.change_user_state(actor, &user, state, reason).await?.into()
            }
            Do::Remove { user, reason } => self.remove_user(actor, &user, reason).await?.into(),
            Do::Roles { user, account, roles } => self.set_roles(actor, &user, &account, roles).await?.into(),
            Do::Edit { user, edit, unchanged_since } => {
                self.edit_user(actor, &user, edit, unchanged_since).await?.into()
            }
            Do::EditOneself { edit, unchanged_since } => {
                self.edit_oneself(actor, edit, unchanged_since).await?.into()
            }
            Do::Invite(new) => self.invite(actor, new).await?.into(),
            Do::InvitationList { account, part } => {
                let found = self.list_invitations(actor, account.as_ref(), part).await?;
                PeopleOutcome::Invitations(found)
            }
            Do::InvitationWithdraw { id, reason } => {
                self.withdraw_invitation(actor, id, reason).await?.into()
            }
            Do::PasswordSet { user, password } => self.set_password(actor, &user, password).await?.into(),
            Do::FactorReset { user, reason } => self.reset_factors(actor, &user, reason).await?.into(),
            Do::PasswordChange { current, password } => {
                self.change_password(actor, current, password).await?.into()
            }
            Do::TotpBegin { current } => self.begin_totp(actor, current).await?,
            Do::TotpConfirm { code } => PeopleOutcome::RecoveryCodes(self.confirm_totp(actor, &code).await?),
            Do::TotpRemove { current } => self.remove_totp(actor, current).await?.into(),
            Do::Passkey(command) => self.run_passkeys(actor, command).await?,
            Do::RecoveryCodes { current } => {
                PeopleOutcome::RecoveryCodes(self.new_recovery_codes(actor, current).await?)
            }
            Do::SessionList { sort, part } => {
                PeopleOutcome::Sessions(self.list_sessions(actor, sort, part).await?)
            }
            Do::SessionRevoke { id } => PeopleOutcome::Sessions(self.revoke_sessions(actor, id).await?),
            Do::RoleList { account, part } => {
                PeopleOutcome::Roles(self.list_roles(actor, account.as_ref(), &part).await?)
            }
            Do::RoleShow { account, slug } => self.show_role(actor, account.as_ref(), &slug).await?.into(),
            Do::RolePut(new) => self.put_role(actor, new, None).await?.into(),
            Do::RoleChange { role, known } => self.put_role(actor, role, Some(&known)).await?.into(),
            Do::RoleRemove { account, slug } => {
                self.remove_role(actor, account.as_ref(), &slug).await?.into()
            }
        })
    }

    async fn run_passkeys(&self, actor: &Actor, command: PasskeyCommand) -> Result<PeopleOutcome, AppError> {
        use PasskeyCommand as Do;
        Ok(match command {
            Do::Begin => PeopleOutcome::PasskeyOptions(self.begin_passkey(actor).await?),
            Do::Add(new) => PeopleOutcome::PasskeyAdded(self.add_passkey(actor, *new).await?.into()),
            Do::Challenge => PeopleOutcome::PasskeyOptions(self.ask_for_proof(actor).await?),
            Do::List => PeopleOutcome::Passkeys(self.list_passkeys(actor).await?),
            Do::Rename { id, name } => {
                PeopleOutcome::Passkeys(vec![self.name_passkey(actor, id, name).await?])
            }
            Do::Remove { id, current } => {
                PeopleOutcome::Passkeys(vec![self.remove_passkey(actor, id, current).await?])
            }
        })
    }
}
