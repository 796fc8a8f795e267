//! Roles.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use claviger_app::{NewRole, Part, PeopleCommand, PeopleOutcome, RoleView};
use claviger_model::RoleAccess;

use super::words::{Right, Scope};
use crate::refused::{Answer, Field, Refused, read, read_all, read_some};
use crate::work::{Work, work};

/// What a user may do in an account.
#[derive(SimpleObject)]
pub(crate) struct Role {
    /// How it is named to programs.
    id: ID,
    /// How it is named to people.
    name: String,
    /// The number of the account whose own it is; none, if every account has it.
    account: Option<String>,
    /// What it lets people do in the account.
    rights: Vec<Right>,
    /// What it lets people and their keys call.
    access: Access,
}

/// What a role lets people and their keys call: one of the two.
#[derive(SimpleObject, InputObject)]
#[graphql(input_name = "AccessInput")]
pub(crate) struct Access {
    /// By action.
    scope: Option<Scope>,
    /// These permissions.
    only: Option<Vec<String>>,
}

/// A role to make or change.
#[derive(InputObject)]
pub(crate) struct RoleInput {
    /// How it is named to programs.
    id: ID,
    /// How it is named to people; the id, if left out.
    name: Option<String>,
    /// The number of the account; may be left out by whoever is in one.
    account: Option<String>,
    /// What it lets people do in the account.
    #[graphql(default)]
    rights: Vec<Right>,
    /// What it lets people and their keys call.
    access: Access,
}

impl Access {
    fn read(self) -> Answer<RoleAccess> {
        match (self.scope, self.only) {
            (Some(scope), None) => Ok(RoleAccess::Scope(scope.into())),
            (None, Some(only)) => Ok(RoleAccess::Only(read_all("only", &only)?)),
            _ => Err(Refused::invalid("Say what may be called: by `scope` or by `only`, and not by both.")),
        }
    }
}

impl RoleInput {
    fn read(self) -> Answer<NewRole> {
        Ok(NewRole {
            account: read_some("account", self.account.as_ref())?,
            slug: read("id", &self.id)?,
            name: self.name,
            rights: self.rights.into_iter().map(Into::into).collect(),
            access: self.access.read()?,
        })
    }
}

impl From<RoleAccess> for Access {
    fn from(access: RoleAccess) -> Self {
        match access {
            RoleAccess::Scope(scope) => Self { scope: Some(scope.into()), only: None },
            RoleAccess::Only(list) => {
                Self { scope: None, only: Some(list.into_iter().map(String::from).collect()) }
            }
        }
    }
}

impl From<RoleView> for Role {
    fn from(view: RoleView) -> Self {
        Self {
            id: ID(view.slug.to_string()),
            name: view.name,
            account: view.account,
            rights: view.rights.into_iter().map(Into::into).collect(),
            access: view.access.into(),
        }
    }
}

async fn roles(work: &Work, command: PeopleCommand) -> Answer<Vec<Role>> {
    match work.people(command).await? {
        PeopleOutcome::Roles(views) => Ok(views.into_iter().map(Role::from).collect()),
        _ => Err(Refused::internal()),
    }
}

async fn role(work: &Work, command: PeopleCommand) -> Field<Role> {
    roles(work, command).await?.pop().ok_or_else(Refused::internal).map(Some)
}

/// Roles, seen.
#[derive(Default)]
pub(crate) struct RoleQuery;

#[Object]
impl RoleQuery {
    /// The roles of an account, those that every account has first.
    async fn roles(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its number; may be left out by whoever is in one.")] account: Option<String>,
    ) -> Result<Option<Vec<Role>>, Refused> {
        let account = read_some("account", account.as_ref())?;
        roles(work(ctx)?, PeopleCommand::RoleList { account, part: Part::default() }).await.map(Some)
    }
}

/// Roles, managed.
#[derive(Default)]
pub(crate) struct RoleMutation;

#[Object]
impl RoleMutation {
    /// Makes a role, or changes it.
    async fn put_role(&self, ctx: &Context<'_>, data: RoleInput) -> Result<Option<Role>, Refused> {
        role(work(ctx)?, PeopleCommand::RolePut(data.read()?)).await
    }

    /// Removes a role: nobody has it any more.
    async fn remove_role(
        &self,
        ctx: &Context<'_>,
        id: ID,
        #[graphql(desc = "The number of the account; may be left out by whoever is in one.")] account: Option<
            String,
        >,
    ) -> Result<Option<Role>, Refused> {
        let account = read_some("account", account.as_ref())?;
        role(work(ctx)?, PeopleCommand::RoleRemove { account, slug: read("id", &id)? }).await
    }
}
