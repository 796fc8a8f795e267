//! People, as others see and manage them.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use claviger_app::{
    Command, NewUser, Outcome, Part, PeopleCommand, PeopleOutcome, Shown, UserEdit, UserSort, UserView,
};

use super::scalars::Moment;
use super::words::{Standing, UserState};
use crate::refused::{Answer, Field, Refused, read, read_all, read_some};
use crate::work::work;

/// A person who signs in, or a machine that has keys.
#[derive(SimpleObject)]
pub(crate) struct User {
    /// Their id.
    id: ID,
    /// What they sign in with.
    username: String,
    /// Where they are written to.
    email: Option<String>,
    /// Their name.
    name: String,
    /// Whether they can do anything.
    state: UserState,
    /// Whether they stand above accounts, or are a machine.
    standing: Standing,
    /// The accounts that they belong to, as far as whoever asks sees them.
    memberships: Vec<Membership>,
    /// Whether they can sign in with a password.
    password: bool,
    /// Since when they prove themselves with one-time codes too.
    second_factor_since: Option<Moment>,
    /// When they were made.
    created_at: Moment,
    /// When they were last changed.
    updated_at: Moment,
    /// When they last signed in.
    last_sign_in_at: Option<Moment>,
}

/// That a user belongs to an account.
#[derive(SimpleObject)]
pub(crate) struct Membership {
    /// The account's number.
    account: String,
    /// The roles there.
    roles: Vec<String>,
}

/// A user to make.
#[derive(InputObject)]
pub(crate) struct NewUserInput {
    /// What they sign in with.
    username: String,
    /// Where they are written to.
    email: Option<String>,
    /// Their name; the user name, if left out.
    name: Option<String>,
    /// Whether they are a machine, or stand above accounts.
    standing: Option<Standing>,
    /// The number of the account that they belong to; one's own, if left out.
    account: Option<String>,
    /// Their roles there.
    #[graphql(default)]
    roles: Vec<String>,
    /// What they sign in with; without one, they cannot.
    password: Option<String>,
}

impl NewUserInput {
    fn read(self) -> Answer<NewUser> {
        Ok(NewUser {
            username: read("username", &self.username)?,
            email: read_some("email", self.email.as_ref())?,
            name: self.name,
            standing: self.standing.map(Into::into).unwrap_or_default(),
            account: read_some("account", self.account.as_ref())?,
            roles: read_all("roles", &self.roles)?,
            password: self.password.map(|password| Shown::new(&password)),
        })
    }
}

/// What changes of a user; what is left out stays.
#[derive(InputObject)]
pub(crate) struct UserEditInput {
    /// What they sign in with from now on.
    username: Option<String>,
    /// Where they are written to from now on; empty for nowhere.
    email: Option<String>,
    /// Their name from now on.
    name: Option<String>,
}

impl UserEditInput {
    fn read(self) -> Answer<UserEdit> {
        let username = read_some("username", self.username.as_ref())?;
        Ok(UserEdit { username, email: read_some("email", self.email.as_ref())?, name: self.name })
    }
}

impl From<UserView> for User {
    fn from(view: UserView) -> Self {
        Self {
            id: ID(view.id.to_string()),
            username: view.username.into(),
            email: view.email.map(String::from),
            name: view.name,
            state: view.state.into(),
            standing: view.standing.into(),
            memberships: view
                .memberships
                .into_iter()
                .map(|one| Membership {
                    account: one.account,
                    roles: one.roles.into_iter().map(String::from).collect(),
                })
                .collect(),
            password: view.password,
            second_factor_since: view.second_factor_since.map(Moment),
            created_at: view.created_at.into(),
            updated_at: view.updated_at.into(),
            last_sign_in_at: view.last_sign_in_at.map(Moment),
        }
    }
}

/// Does something that answers a user.
pub(super) async fn shown(ctx: &Context<'_>, command: PeopleCommand) -> Field<User> {
    Ok(Some(work(ctx)?.user(command).await?.into()))
}

/// What a list of users counts as.
const ABOUT: u32 = 1000;

/// People, seen.
#[derive(Default)]
pub(crate) struct UserQuery;

#[Object]
impl UserQuery {
    /// The users of an account.
    async fn users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its number; one's own, if left out.")] account: Option<String>,
    ) -> Result<Option<Vec<User>>, Refused> {
        let command = PeopleCommand::List {
            account: read_some("account", account.as_ref())?,
            sort: UserSort::default(),
            part: Part::default(),
        };
        match work(ctx)?.list(Command::People(command), ABOUT).await? {
            Outcome::People(PeopleOutcome::Users(views)) => {
                Ok(Some(views.into_iter().map(User::from).collect()))
            }
            _ => Err(Refused::internal()),
        }
    }

    /// A user.
    async fn user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Their id, user name or e-mail address.")] user: String,
    ) -> Result<Option<User>, Refused> {
        shown(ctx, PeopleCommand::Show { user: user.into() }).await
    }
}

/// People, managed. What is changed counts from the next request on.
#[derive(Default)]
pub(crate) struct UserMutation;

#[Object]
impl UserMutation {
    /// Makes a user.
    async fn create_user(&self, ctx: &Context<'_>, data: NewUserInput) -> Result<Option<User>, Refused> {
        shown(ctx, PeopleCommand::Create(data.read()?)).await
    }

    /// Changes the name of a user, or with what they sign in. Everything or nothing is changed.
    async fn edit_user(
        &self,
        ctx: &Context<'_>,
        user: String,
        data: UserEditInput,
    ) -> Result<Option<User>, Refused> {
        let edit = data.read()?;
        shown(ctx, PeopleCommand::Edit { user: user.into(), edit, unchanged_since: None }).await
    }

    /// Lets a user do nothing.
    async fn disable_user(
        &self,
        ctx: &Context<'_>,
        user: String,
        reason: Option<String>,
    ) -> Result<Option<User>, Refused> {
        let state = claviger_model::UserState::Disabled;
        shown(ctx, PeopleCommand::State { user: user.into(), state, reason }).await
    }

    /// Lets a user do again what they could.
    async fn enable_user(
        &self,
        ctx: &Context<'_>,
        user: String,
        reason: Option<String>,
    ) -> Result<Option<User>, Refused> {
        let state = claviger_model::UserState::Active;
        shown(ctx, PeopleCommand::State { user: user.into(), state, reason }).await
    }

    /// Removes a user, and ends everything that is theirs.
    async fn remove_user(
        &self,
        ctx: &Context<'_>,
        user: String,
        reason: Option<String>,
    ) -> Result<Option<User>, Refused> {
        shown(ctx, PeopleCommand::Remove { user: user.into(), reason }).await
    }

    /// Says which roles a user has in an account.
    async fn set_user_roles(
        &self,
        ctx: &Context<'_>,
        user: String,
        #[graphql(desc = "The account's number.")] account: String,
        #[graphql(desc = "All of them from now on; if left out, they belong to it no more.")] roles: Option<
            Vec<String>,
        >,
    ) -> Result<Option<User>, Refused> {
        let roles = roles.map(|roles| read_all("roles", &roles)).transpose()?;
        let account = read("account", &account)?;
        shown(ctx, PeopleCommand::Roles { user: user.into(), account, roles }).await
    }
}
