//! Accounts, who administers them, and what APIs offer them.

use async_graphql::{Context, ID, Json, Object, SimpleObject};
use claviger_app::{
    Admin, ApiView, Command, EndpointNeeds, NewAccount, Outcome, Part, PeopleCommand, PeopleOutcome,
};
use claviger_model::SecondFactorRule;
use serde_json::Value;

use crate::refused::{Refused, read};
use crate::work::work;

/// A customer.
#[derive(SimpleObject)]
pub(crate) struct Account {
    /// Its id.
    id: ID,
    /// Its number.
    number: String,
    /// Its realm.
    realm: String,
    /// Its name.
    name: String,
    /// Whether it asks everybody who signs in for it for a second factor.
    second_factor_required: bool,
}

/// Whom to ask for a key.
#[derive(SimpleObject)]
pub(crate) struct Administrator {
    /// Their name.
    name: String,
    /// Where they are written to.
    email: Option<String>,
}

/// Something that keys are made for.
#[derive(SimpleObject)]
pub(crate) struct Api {
    /// How it is named to programs.
    id: ID,
    /// How it is named to people.
    name: String,
    /// Its versions, the oldest first.
    versions: Vec<String>,
    /// Its environments.
    environments: Vec<String>,
    /// How credentials for it look and behave, as in a catalogue.
    policy: Json<Value>,
}

/// What an endpoint needs.
#[derive(SimpleObject)]
pub(crate) struct Endpoint {
    /// The version of the API.
    version: String,
    /// The HTTP method.
    method: String,
    /// The path below the route.
    path: String,
    /// One line for people.
    summary: Option<String>,
    /// What a key needs to call it: all of them.
    permissions: Vec<String>,
}

impl From<claviger_model::Account> for Account {
    fn from(account: claviger_model::Account) -> Self {
        Self {
            id: ID(account.id.to_string()),
            number: account.number.into(),
            realm: account.realm.into(),
            second_factor_required: account.second_factor == SecondFactorRule::Required,
            name: account.name,
        }
    }
}

impl From<Admin> for Administrator {
    fn from(admin: Admin) -> Self {
        Self { name: admin.name, email: admin.email.map(String::from) }
    }
}

impl TryFrom<ApiView> for Api {
    type Error = Refused;

    fn try_from(view: ApiView) -> Result<Self, Refused> {
        Ok(Self {
            id: ID(view.slug.into()),
            name: view.name,
            versions: view.versions.into_iter().map(String::from).collect(),
            environments: view.environments.into_iter().map(String::from).collect(),
            policy: Json(serde_json::to_value(view.policy).map_err(|_| Refused::internal())?),
        })
    }
}

impl From<EndpointNeeds> for Endpoint {
    fn from(needs: EndpointNeeds) -> Self {
        Self {
            version: needs.version.into(),
            method: needs.method,
            path: needs.path,
            summary: needs.summary,
            permissions: needs.permissions.into_iter().map(String::from).collect(),
        }
    }
}

/// What a list of accounts counts as.
const ABOUT: u32 = 1000;

/// Accounts, seen.
#[derive(Default)]
pub(crate) struct AccountQuery;

#[Object]
impl AccountQuery {
    /// The accounts: one's own, for those who do not stand above them.
    async fn accounts(&self, ctx: &Context<'_>) -> Result<Option<Vec<Account>>, Refused> {
        match work(ctx)?.list(Command::AccountList(Part::default()), ABOUT).await? {
            Outcome::Accounts(accounts) => Ok(Some(accounts.into_iter().map(Account::from).collect())),
            _ => Err(Refused::internal()),
        }
    }

    /// Who can make keys in one's account: whom to ask for one.
    async fn admins(&self, ctx: &Context<'_>) -> Result<Option<Vec<Administrator>>, Refused> {
        match work(ctx)?.people(PeopleCommand::Admins).await? {
            PeopleOutcome::Admins(admins) => Ok(Some(admins.into_iter().map(Administrator::from).collect())),
            _ => Err(Refused::internal()),
        }
    }

    /// The APIs that keys are made for.
    async fn apis(&self, ctx: &Context<'_>) -> Result<Option<Vec<Api>>, Refused> {
        match work(ctx)?.run(Command::ApiList).await? {
            Outcome::Apis(views) => views.into_iter().map(Api::try_from).collect::<Result<_, _>>().map(Some),
            _ => Err(Refused::internal()),
        }
    }

    /// The endpoints of an API, and what each of them needs.
    async fn endpoints(&self, ctx: &Context<'_>, api: String) -> Result<Option<Vec<Endpoint>>, Refused> {
        match work(ctx)?.run(Command::Permissions { api: read("api", &api)? }).await? {
            Outcome::Permissions(endpoints) => Ok(Some(endpoints.into_iter().map(Endpoint::from).collect())),
            _ => Err(Refused::internal()),
        }
    }
}

/// Accounts, made.
#[derive(Default)]
pub(crate) struct AccountMutation;

#[Object]
impl AccountMutation {
    /// Says whether an account asks everybody who signs in for it for a second factor.
    async fn require_second_factor(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of the account.")] account: String,
        required: bool,
    ) -> Result<Option<Account>, Refused> {
        let rule = if required { SecondFactorRule::Required } else { SecondFactorRule::Optional };
        let command =
            Command::AccountEdit { account: read("account", &account)?, second_factor: rule, known: None };
        match work(ctx)?.run(command).await? {
            Outcome::Account(account) => Ok(Some(account.into())),
            _ => Err(Refused::internal()),
        }
    }

    /// Makes an account.
    async fn create_account(
        &self,
        ctx: &Context<'_>,
        number: String,
        realm: String,
        name: String,
    ) -> Result<Option<Account>, Refused> {
        let (number, realm) = (read("number", &number)?, read("realm", &realm)?);
        match work(ctx)?.run(Command::AccountCreate(NewAccount { number, realm, name })).await? {
            Outcome::Account(account) => Ok(Some(account.into())),
            _ => Err(Refused::internal()),
        }
    }
}
