//! The schema: what can be asked for, and how it is named. Each field is a use case.

mod accounts;
mod audit;
mod invitations;
mod keys;
mod own;
mod roles;
mod scalars;
mod users;
mod words;

use async_graphql::{EmptySubscription, MergedObject};

/// Everything that can be seen.
#[derive(MergedObject, Default)]
pub(crate) struct Query(
    accounts::AccountQuery,
    audit::AuditQuery,
    invitations::InvitationQuery,
    keys::KeyQuery,
    own::OwnQuery,
    roles::RoleQuery,
    users::UserQuery,
);

/// Everything that can be done. Those of one request are done one after the other.
#[derive(MergedObject, Default)]
pub(crate) struct Mutation(
    accounts::AccountMutation,
    invitations::InvitationMutation,
    keys::LifeMutation,
    keys::MakeMutation,
    keys::NoteMutation,
    own::OwnMutation,
    own::SignInMutation,
    roles::RoleMutation,
    users::UserMutation,
);

/// The schema.
pub(crate) type Schema = async_graphql::Schema<Query, Mutation, EmptySubscription>;

/// Makes the schema.
pub(crate) fn schema() -> Schema {
    Schema::build(Query::default(), Mutation::default(), EmptySubscription).finish()
}
