//! What people see and do about themselves.

use async_graphql::{ComplexObject, Context, ID, Object, SimpleObject};
use claviger_app::{
    Part, PeopleCommand, PeopleOutcome, ProofView, SessionSort, SessionView, Shown, UserEdit,
};

use super::scalars::Moment;
use super::users::{User, shown};
use super::words::{State, state};
use crate::refused::{Answer, Field, Refused, read, read_some};
use crate::sign_in::{LoginInput, ProofInput};
use crate::work::{Work, work};

/// Where somebody is signed in.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct Session {
    /// The id of the token; not the token.
    id: ID,
    /// `login-token` or `session`.
    kind: String,
    /// The last characters of the token.
    hint: String,
    /// The number of the account.
    account: String,
    /// When they signed in.
    created_at: Moment,
    /// From this moment on it is refused.
    expires_at: Option<Moment>,
    #[graphql(skip)]
    state: String,
}

/// Somebody who signed in just now.
#[derive(SimpleObject)]
pub(crate) struct LoggedIn {
    /// The login token, shown this once. It goes into `Authorization`, alone or after `Bearer`.
    token: String,
    /// What is known of the token.
    session: Session,
    /// Who signed in.
    user: User,
}

/// That somebody proved who they are.
#[derive(SimpleObject)]
pub(crate) struct Proof {
    /// When.
    proved_at: Moment,
    /// From then on, what needs a recent proof needs another one.
    until: Moment,
}

/// What one-time codes are made from, shown this once.
#[derive(SimpleObject)]
pub(crate) struct Totp {
    /// In base 32.
    secret: String,
    /// For an app to scan: `otpauth://totp/…`.
    url: String,
}

#[ComplexObject]
impl Session {
    /// Its state, by the clock.
    async fn state(&self) -> Answer<State> {
        state(&self.state)
    }
}

impl From<SessionView> for Session {
    fn from(view: SessionView) -> Self {
        Self {
            id: ID(view.id.to_string()),
            kind: view.kind.into(),
            hint: view.hint,
            account: view.account,
            created_at: view.created_at.into(),
            expires_at: view.expires_at.map(Moment),
            state: view.state,
        }
    }
}

/// What people see about themselves.
#[derive(Default)]
pub(crate) struct OwnQuery;

#[Object]
impl OwnQuery {
    /// Oneself, with all of one's accounts.
    async fn who_am_i(&self, ctx: &Context<'_>) -> Result<Option<User>, Refused> {
        shown(ctx, PeopleCommand::WhoAmI).await
    }

    /// Where one is signed in.
    async fn sessions(&self, ctx: &Context<'_>) -> Result<Option<Vec<Session>>, Refused> {
        sessions(work(ctx)?, all_sessions()).await
    }
}

/// Signing in.
#[derive(Default)]
pub(crate) struct SignInMutation;

#[Object]
impl SignInMutation {
    /// Signs somebody in. It is the one thing that can be done without a credential. Each is a guess, however many are in
    /// one request; the other fields of the request are still those of whoever sent it.
    async fn login(&self, ctx: &Context<'_>, data: LoginInput) -> Result<Option<LoggedIn>, Refused> {
        let mut view = work(ctx)?.sign_in(data).await?;
        let token = view.session.token.take().ok_or_else(Refused::internal)?;
        let token = token.expose().to_owned();
        Ok(Some(LoggedIn { token, session: view.session.into(), user: view.user.into() }))
    }
}

/// What people do about themselves.
#[derive(Default)]
pub(crate) struct OwnMutation;

#[Object]
impl OwnMutation {
    /// Signs oneself out, there or everywhere.
    async fn sign_out(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "One of one's sessions; all, if left out.")] id: Option<ID>,
    ) -> Result<Option<Vec<Session>>, Refused> {
        let id = id.map(|id| read("id", &id)).transpose()?;
        sessions(work(ctx)?, PeopleCommand::SessionRevoke { id }).await
    }

    /// Proves that it is still oneself, for what needs a recent proof.
    async fn prove(&self, ctx: &Context<'_>, data: ProofInput) -> Result<Option<Proof>, Refused> {
        let ProofView { proved_at, until } = work(ctx)?.prove(data).await?;
        Ok(Some(Proof { proved_at: Moment(proved_at), until: Moment(until) }))
    }

    /// Changes one's own name, or the e-mail address with which one signs in.
    async fn edit_me(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where one is written to from now on; empty for nowhere.")] email: Option<String>,
        #[graphql(desc = "One's name from now on.")] name: Option<String>,
    ) -> Result<Option<User>, Refused> {
        let edit = UserEdit { username: None, email: read_some("email", email.as_ref())?, name };
        shown(ctx, PeopleCommand::EditOneself { edit, unchanged_since: None }).await
    }

    /// Changes one's own password. One is signed out everywhere.
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        current: String,
        password: String,
    ) -> Result<Option<User>, Refused> {
        let (current, password) = (Shown::new(&current), Shown::new(&password));
        shown(ctx, PeopleCommand::PasswordChange { current, password }).await
    }

    /// Begins to set one-time codes up.
    async fn begin_totp(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The present password.")] current: String,
    ) -> Result<Option<Totp>, Refused> {
        match work(ctx)?.people(PeopleCommand::TotpBegin { current: Shown::new(&current) }).await? {
            PeopleOutcome::Totp { secret, url } => {
                Ok(Some(Totp { secret: secret.expose().to_owned(), url: url.expose().to_owned() }))
            }
            _ => Err(Refused::internal()),
        }
    }

    /// Has one-time codes asked for from now on, and shows recovery codes this once.
    async fn confirm_totp(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A one-time code.")] code: String,
    ) -> Result<Option<Vec<String>>, Refused> {
        recovery_codes(work(ctx)?, PeopleCommand::TotpConfirm { code: Shown::new(&code) }).await
    }

    /// Has one-time codes asked for no more.
    async fn remove_totp(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The present password.")] current: String,
    ) -> Result<Option<User>, Refused> {
        shown(ctx, PeopleCommand::TotpRemove { current: Shown::new(&current) }).await
    }

    /// Shows other recovery codes this once; the earlier ones work no more.
    async fn new_recovery_codes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The present password.")] current: String,
    ) -> Result<Option<Vec<String>>, Refused> {
        recovery_codes(work(ctx)?, PeopleCommand::RecoveryCodes { current: Shown::new(&current) }).await
    }
}

fn all_sessions() -> PeopleCommand {
    PeopleCommand::SessionList { sort: SessionSort::default(), part: Part::default() }
}

async fn sessions(work: &Work, command: PeopleCommand) -> Field<Vec<Session>> {
    match work.people(command).await? {
        PeopleOutcome::Sessions(views) => Ok(Some(views.into_iter().map(Session::from).collect())),
        _ => Err(Refused::internal()),
    }
}

async fn recovery_codes(work: &Work, command: PeopleCommand) -> Field<Vec<String>> {
    match work.people(command).await? {
        PeopleOutcome::RecoveryCodes(codes) => {
            Ok(Some(codes.iter().map(|code| code.expose().to_owned()).collect()))
        }
        _ => Err(Refused::internal()),
    }
}
