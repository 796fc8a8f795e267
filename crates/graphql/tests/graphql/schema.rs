//! What can be asked for, and that every use case can be, or is left out for a reason.

use std::collections::BTreeSet;

use claviger_app::UseCase;
use serde_json::Value;

use crate::world::World;

/// How a use case is reached.
enum Reached {
    /// By these fields.
    By(&'static [&'static str]),
    /// By none.
    Not(&'static str),
}

use Reached::{By, Not};

/// Exhaustive: the compiler asks about each new use case.
fn reached(use_case: UseCase) -> Reached {
    use UseCase as Do;
    match use_case {
        Do::CatalogueApply | Do::CatalogueExport => Not("a catalogue is files: the command line has them"),
        Do::CredentialShow => Not("a key that manages nothing has no business here; REST tells it"),
        Do::ApiRead => By(&["apis", "endpoints"]),
        Do::AccountCreate => By(&["createAccount"]),
        Do::AccountEdit => By(&["requireSecondFactor"]),
        Do::SessionProve => By(&["prove"]),
        Do::AccountRead => By(&["accounts"]),
        Do::KeyCreate => By(&["createApiKey"]),
        Do::KeyImport => Not("an import is a file, which the command line reads"),
        Do::KeyReplaceDigest | Do::AuditPrune | Do::SetupOffer | Do::UserLink => Not("the server does it"),
        Do::KeyRead => By(&["keys", "key"]),
        Do::KeyReveal => By(&["revealKey"]),
        Do::KeyRotate => By(&["rotateKey"]),
        Do::KeyCancel => By(&["cancelRotation"]),
        Do::KeyOwners => By(&["setKeyOwners"]),
        Do::KeyDescribe => By(&["describeKey"]),
        Do::KeyEdit => By(&["editKey"]),
        Do::KeyTag => By(&["tagKey"]),
        Do::KeyAllow => By(&["allowKey"]),
        Do::KeyActivate => By(&["activateKey"]),
        Do::KeyDisable | Do::KeyEnable => By(&["disableKey", "enableKey"]),
        Do::KeyRevoke => By(&["revokeKey", "deleteApiKey"]),
        Do::KeyDebug => By(&["debugKey"]),
        Do::ServiceCreate | Do::ServiceRead | Do::ServiceRevoke => {
            Not("services belong to the installation, whose operators have the command line and REST")
        }
        Do::RefusalRead => Not("`claviger explain` and REST show why a request was refused"),
        Do::AuditRead => By(&["audit"]),
        Do::AuditVerify => Not("it goes along the whole audit, which takes longer than a request may"),
        Do::UserCreate => By(&["createUser"]),
        Do::UserRead => By(&["users", "user"]),
        Do::AdminRead => By(&["admins"]),
        Do::WhoAmI => By(&["whoAmI"]),
        Do::UserDisable | Do::UserEnable => By(&["disableUser", "enableUser"]),
        Do::UserRemove => By(&["removeUser"]),
        Do::UserRoles => By(&["setUserRoles"]),
        Do::UserDescribe | Do::UserRename => By(&["editUser"]),
        Do::OwnDescribe | Do::OwnRename => By(&["editMe"]),
        Do::InvitationCreate => By(&["inviteUser"]),
        Do::InvitationRead => By(&["invitations"]),
        Do::InvitationWithdraw => By(&["withdrawInvitation"]),
        Do::InvitationAccept => Not("who becomes a user is not signed in, and GraphQL answers who is"),
        Do::InvitationJoin | Do::InvitationFail => By(&["joinAccount"]),
        Do::SetUp | Do::SetupFail => Not("nobody can be signed in at a first start"),
        Do::UserRescue => Not("it is for operators at the command line, and works where nobody can sign in"),
        Do::RoleRead => By(&["roles"]),
        Do::RolePut | Do::RoleRemove => By(&["putRole", "removeRole"]),
        Do::SignIn | Do::SignInFail => By(&["login"]),
        Do::PasswordChange => By(&["changePassword"]),
        Do::FactorEnrol | Do::FactorConfirm => By(&["beginTotp", "confirmTotp"]),
        Do::FactorRemove => By(&["removeTotp"]),
        Do::PasskeyAdd | Do::PasskeyRead | Do::PasskeyRename | Do::PasskeyRemove => Not(
            "passkeys are for browsers, which have REST, with what they are asked and answer as they spell it",
        ),
        Do::RecoveryCodes => By(&["newRecoveryCodes"]),
        Do::SessionRead => By(&["sessions"]),
        Do::SessionRevoke => By(&["signOut"]),
    }
}

#[tokio::test]
async fn each_use_case_is_reached_or_left_out_for_a_reason() {
    let world = World::new().await;
    let query = "{ __schema { queryType { fields { name } } mutationType { fields { name } } } }";
    let answer = world.query(&world.token("max").await, query).await;
    let schema = &answer.data()["__schema"];
    let fields = ["queryType", "mutationType"].map(|name| schema[name]["fields"].as_array().unwrap());
    let there: BTreeSet<&str> =
        fields.into_iter().flatten().filter_map(|field| field["name"].as_str()).collect();
    let mut meant = BTreeSet::new();
    for use_case in UseCase::ALL {
        match reached(*use_case) {
            By(fields) => meant.extend(fields.iter().copied()),
            Not(reason) => assert!(!reason.is_empty(), "{use_case:?}"),
        }
    }
    assert_eq!(there, meant);
    let guide = include_str!("../../../../docs/graphql.md");
    for field in there {
        assert!(guide.contains(&format!("`{field}`")), "{field}");
    }
}

/// What tools ask of a schema, as deep as they ask it.
fn introspection() -> String {
    let of = "kind name ofType { ".repeat(9);
    let kind = format!("{of} kind name {}", "}".repeat(9));
    format!(
        "query {{ __schema {{ queryType {{ name }} mutationType {{ name }} subscriptionType {{ name }}
           types {{ ...T }} directives {{ name description locations args {{ ...I }} }} }} }}
         fragment T on __Type {{ kind name description
           fields(includeDeprecated: true) {{ name description args {{ ...I }} type {{ ...R }} isDeprecated }}
           inputFields {{ ...I }} interfaces {{ ...R }} enumValues(includeDeprecated: true) {{ name description }}
           possibleTypes {{ ...R }} }}
         fragment I on __InputValue {{ name description type {{ ...R }} defaultValue }}
         fragment R on __Type {{ {kind} }}"
    )
}

#[tokio::test]
async fn tools_that_sign_in_can_read_the_schema_and_everything_in_it_is_described() {
    let world = World::new().await;
    let answer = world.query(&world.token("max").await, &introspection()).await;
    let types = answer.data()["__schema"]["types"].as_array().unwrap();
    let own = |one: &&Value| {
        let name = one["name"].as_str().unwrap();
        !name.starts_with("__") && !["Boolean", "Float", "Int", "String", "ID"].contains(&name)
    };
    let described = |one: &Value| one["description"].as_str().is_some_and(|text| !text.is_empty());
    let (mut count, mut plain) = (0, Vec::new());
    for one in types.iter().filter(own) {
        count += 1;
        let members = ["fields", "inputFields", "enumValues"].map(|name| one[name].as_array());
        for member in members.into_iter().flatten().flatten().filter(|member| !described(member)) {
            plain.push(format!("{}.{}", one["name"], member["name"]));
        }
        if !described(one) {
            plain.push(one["name"].to_string());
        }
    }
    assert!(count > 25, "{count} types");
    assert_eq!(plain, Vec::<String>::new());
}
