use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use claviger_app::WhichUser;
use claviger_model::{
    AccountNumber, CredentialId, EmailAddress, Permission, RequestId, Scope, ShownState, SignatureAlgorithm,
    Slug, Span, Tag, TagEdit, TagFilter, Time, VersionName,
};
use secrecy::SecretString;

use super::accounts::AccountAction;
use super::audit::AuditAction;
use super::exit::CliError;
use super::filter::Condition;
use super::import::ImportFlags;
use super::people::{RoleAction, UserAction};
use super::remote::{LoginFlags, RemoteFlags};
use crate::config::{self, Config, Overrides};

/// Issues, checks and revokes API credentials.
#[derive(Debug, Parser)]
#[command(name = "claviger", version)]
pub(super) struct Args {
    /// The configuration file, in TOML. Without it, everything has its default.
    #[arg(long, global = true, env = "CLAVIGER_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder for everything that is kept.
    #[arg(long, global = true, env = "CLAVIGER_DATA_DIR", value_name = "DIR")]
    pub(super) data_dir: Option<PathBuf>,
    /// A PostgreSQL URL, instead of SQLite in the data folder.
    #[arg(long, global = true, env = "CLAVIGER_DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: Option<SecretString>,
    #[command(flatten)]
    pub(super) remote: RemoteFlags,
    /// Print JSON, for programs.
    #[arg(long, global = true)]
    pub(super) json: bool,
    #[command(subcommand)]
    pub(super) command: Sub,
}

impl Args {
    /// The arguments of this process. Options go before variables: where an option names the data, a variable that
    /// names a server does not count.
    pub(super) fn read() -> Self {
        let matches = Self::command().get_matches();
        let mut args = Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        let given = |name| matches.value_source(name) == Some(ValueSource::CommandLine);
        match (given("data_dir") || given("database_url"), given("server") || given("profile")) {
            (true, true) => {
                let both =
                    "--data-dir and --database-url are for the data here, --server and --profile for others";
                Self::command().error(ErrorKind::ArgumentConflict, both).exit()
            }
            (true, false) => args.remote = RemoteFlags::default(),
            (false, _) => {}
        }
        args
    }

    pub(super) fn config(&self) -> Result<Config, CliError> {
        let free_ports = match &self.command {
            Sub::Serve(flags) | Sub::Demo(flags) => flags.ports == Ports::Auto,
            _ => false,
        };
        let (data_dir, database_url) = (self.data_dir.clone(), self.database_url.clone());
        Ok(config::load(self.config.as_deref(), Overrides { data_dir, database_url, free_ports })?)
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum Sub {
    /// Run the server.
    Serve(ServeFlags),
    /// Run everything on loopback, with the examples and a sample upstream, and say what to try.
    Demo(ServeFlags),
    /// Sign in to a server elsewhere, and keep the token.
    Login(LoginFlags),
    /// Sign out, and forget the token.
    Logout,
    /// List where one is signed in.
    Profiles,
    /// Make what is there equal to a catalogue.
    Apply(ApplyFlags),
    /// Show what is there as a catalogue, or write it into a folder with its documents.
    Export {
        /// The folder; it is made, or has to be empty.
        #[arg(long, value_name = "FOLDER")]
        to: Option<PathBuf>,
    },
    /// Make and list accounts.
    Account {
        #[command(subcommand)]
        action: AccountAction,
    },
    /// See the APIs.
    Api {
        #[command(subcommand)]
        action: ApiAction,
    },
    /// Make keys, and let things happen to them.
    Key {
        #[command(subcommand)]
        action: KeyAction,
    },
    /// Make users, and say what they may do.
    User {
        #[command(subcommand)]
        action: UserAction,
    },
    /// Make roles.
    Role {
        #[command(subcommand)]
        action: RoleAction,
    },
    /// Show why a request was refused.
    Explain {
        /// The id that the refusal carries, such as `req_01kb…`.
        request_id: RequestId,
    },
    /// List the endpoints of an API, and the permissions that each needs.
    Permissions {
        /// The slug of the API.
        #[arg(required_unless_present = "named", conflicts_with = "named")]
        api: Option<Slug>,
        /// The same, as an option.
        #[arg(long = "api", value_name = "API")]
        named: Option<Slug>,
    },
    /// Print the OpenAPI document of an API as its callers are shown it: each operation says what it needs.
    Document {
        /// The slug of the API.
        api: Slug,
        /// The version, or `latest`, which is meant if it is left out.
        #[arg(value_parser = which)]
        api_version: Option<Which>,
    },
    /// Show what keys look like, for secret scanners.
    Keyformat {
        /// Of this API only.
        #[arg(long)]
        api: Option<Slug>,
    },
    /// Show the audit, and prove that it is what was written.
    Audit {
        #[command(subcommand)]
        action: AuditAction,
    },
    /// Let services ask whether credentials are good.
    Service {
        #[command(subcommand)]
        action: ServiceAction,
    },
    /// Print a JSON Schema, for editors.
    Schema {
        /// Of what.
        of: Schema,
    },
}

/// Which version of an API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Which {
    Latest,
    Named(VersionName),
}

fn which(text: &str) -> Result<Which, String> {
    match text {
        "latest" => Ok(Which::Latest),
        name => name.parse().map(Which::Named).map_err(|error: claviger_model::NameError| error.to_string()),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Schema {
    Catalogue,
    Config,
}

/// Which ports to listen on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Ports {
    /// The configured ones.
    Configured,
    /// Free ones, on loopback.
    Auto,
}

#[derive(Debug, Clone, clap::Args)]
pub(super) struct ServeFlags {
    /// Which ports to listen on.
    #[arg(long, value_enum, default_value_t = Ports::Configured)]
    pub(super) ports: Ports,
}

#[derive(Debug, clap::Args)]
pub(super) struct ApplyFlags {
    /// The catalogue, in YAML; the OpenAPI documents that it names stand beside it.
    #[arg(short, long, value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Print what would change, and change nothing.
    #[arg(long)]
    pub(super) dry_run: bool,
    /// A variable of the catalogue. Others are taken from the environment.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = variable)]
    pub(super) variables: Vec<(String, String)>,
}

fn variable(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').filter(|(name, _)| !name.is_empty());
    parts
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .ok_or_else(|| "write NAME=VALUE".to_owned())
}

#[derive(Debug, Subcommand)]
pub(super) enum ApiAction {
    /// List the APIs.
    List,
    /// List the environments of an API.
    Environments {
        /// Which.
        api: Slug,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum ServiceAction {
    /// Let a service ask, and show its token, once.
    Create {
        /// What to call it, a slug, unique.
        name: Slug,
        /// The slug of an API that it may ask about; can be repeated.
        #[arg(long = "api", required = true, value_delimiter = ',')]
        apis: Vec<Slug>,
    },
    /// List the services that may ask.
    List,
    /// End a service's right to ask. It counts from the next call on.
    Revoke {
        /// Its name.
        name: Slug,
        /// Why, for the audit.
        #[arg(long)]
        reason: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum KeyAction {
    /// Make a key and show it.
    Create(CreateFlags),
    /// Take keys over that were made elsewhere.
    Import(ImportFlags),
    /// List keys, the newest first.
    List(ListFlags),
    /// Show a key.
    Show {
        /// The key's id.
        id: CredentialId,
        /// With its secret, where the API's policy makes keys recoverable.
        #[arg(long)]
        reveal: bool,
    },
    /// Set from where a key may be used. It counts from the next request on.
    Allow {
        /// The key's id.
        id: CredentialId,
        /// Every address and CIDR range from now on.
        #[arg(value_delimiter = ',')]
        addresses: Vec<String>,
    },
    /// Say who answers for a key.
    Owners {
        /// The key's id.
        id: CredentialId,
        /// The e-mail address of every owner from now on.
        #[arg(value_delimiter = ',')]
        owners: Vec<EmailAddress>,
    },
    /// Change the label or the memo of a key.
    Describe(DescribeFlags),
    /// Change the tags of a key. Options stand before the changes.
    Tag {
        /// The key's id.
        id: CredentialId,
        /// `+name` or `+name=value` to set one, `-name` to remove one.
        #[arg(required = true, allow_hyphen_values = true, value_name = "+NAME[=VALUE]|-NAME")]
        edits: Vec<TagEdit>,
    },
    /// Make a key that takes the place of another.
    Rotate(RotateFlags),
    /// Let keys work that wait for it.
    Activate(LifeFlags),
    /// Switch keys off.
    Disable(LifeFlags),
    /// Switch keys on again.
    Enable(LifeFlags),
    /// End keys for good.
    Revoke(LifeFlags),
    /// Have the refused signatures of a key pair explained.
    Debug(DebugFlags),
}

#[derive(Debug, clap::Args)]
pub(super) struct DebugFlags {
    /// The key's id.
    pub(super) id: CredentialId,
    /// For how long, such as 30m; at most an hour.
    #[arg(long = "for", value_name = "SPAN", required_unless_present = "off", conflicts_with = "off")]
    pub(super) span: Option<Span>,
    /// No longer.
    #[arg(long)]
    pub(super) off: bool,
}

#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("what").args(["label", "memo"]).required(true).multiple(true)))]
pub(super) struct DescribeFlags {
    /// The key's id.
    pub(super) id: CredentialId,
    /// What to call it; an empty text takes the label away.
    #[arg(long)]
    pub(super) label: Option<String>,
    /// What to remember about it; an empty text takes the memo away.
    #[arg(long)]
    pub(super) memo: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct RotateFlags {
    /// The id of the key that is replaced.
    pub(super) id: CredentialId,
    /// How long both keys work, from 0d to 90d.
    #[arg(long, value_name = "SPAN", default_value = "7d")]
    pub(super) overlap: Span,
    /// Take the rotation back: the key lives as long as before, and its successor is revoked.
    #[arg(long, conflicts_with = "overlap")]
    pub(super) cancel: bool,
    /// Why it is taken back, for the audit.
    #[arg(long, requires = "cancel")]
    pub(super) reason: Option<String>,
}

/// One key or many.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("sure").args(["yes", "dry_run"])))]
#[command(group(clap::ArgGroup::new("chosen").args(["ids", "conditions"]).required(true)))]
pub(super) struct LifeFlags {
    /// The ids of the keys: all of them, or none.
    #[arg(value_name = "ID")]
    pub(super) ids: Vec<CredentialId>,
    /// All keys with this account, api, state, tag, owner or search; of several conditions, each has to hold.
    #[arg(long = "where", value_name = "NAME=VALUE", requires = "sure")]
    pub(super) conditions: Vec<Condition>,
    /// Of what `--where` finds, at most so many, the newest: 1 to 1000.
    #[arg(long, requires = "conditions", value_parser = limit)]
    pub(super) limit: Option<u32>,
    /// Print what would happen, and change nothing.
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Change everything that `--where` finds.
    #[arg(long, requires = "conditions")]
    pub(super) yes: bool,
    /// Why, for the audit.
    #[arg(long)]
    pub(super) reason: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct CreateFlags {
    /// The number of the account.
    #[arg(long)]
    pub(super) account: AccountNumber,
    /// The user in it whose key it is, and who bounds what it may do; the account's own, if left out.
    #[arg(long)]
    pub(super) user: Option<WhichUser>,
    /// The slug of the API.
    #[arg(long)]
    pub(super) api: Slug,
    /// The environment; may be left out where there is one only.
    #[arg(long)]
    pub(super) environment: Option<Slug>,
    /// The key type; the API's first if left out.
    #[arg(long = "type")]
    pub(super) key_type: Option<Slug>,
    /// How a key pair signs; the first that the API takes if left out.
    #[arg(long, value_parser = algorithm, value_name = "hmac-sha512|hmac-sha256")]
    pub(super) algorithm: Option<SignatureAlgorithm>,
    /// What to call it.
    #[arg(long)]
    pub(super) label: Option<String>,
    /// A permission that it gets, such as billing:invoices:read; can be repeated. Every one without it.
    #[arg(long = "permission", value_delimiter = ',', value_name = "PERMISSION", conflicts_with = "scope")]
    pub(super) permissions: Vec<Permission>,
    /// How many of the API's permissions it gets.
    #[arg(long, value_parser = scope, value_name = "admin|developer|read-only")]
    pub(super) scope: Option<Scope>,
    /// An address or CIDR range from which it may be used; can be repeated.
    #[arg(long = "allow", value_delimiter = ',', value_name = "ADDRESS")]
    pub(super) addresses: Vec<String>,
    /// Before this moment it is refused (RFC 3339).
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(super) not_before: Option<Time>,
    /// How long it lives, such as 90d.
    #[arg(long, value_name = "SPAN")]
    pub(super) lifetime: Option<Span>,
    /// The e-mail address of somebody who answers for it; can be repeated.
    #[arg(long = "owner", value_delimiter = ',', value_name = "ADDRESS")]
    pub(super) owners: Vec<EmailAddress>,
    /// What to remember about it.
    #[arg(long)]
    pub(super) memo: Option<String>,
    /// A tag by which it is found; can be repeated.
    #[arg(long = "tag", value_name = "NAME[=VALUE]")]
    pub(super) tags: Vec<Tag>,
}

#[derive(Debug, clap::Args)]
pub(super) struct ListFlags {
    /// Of this account.
    #[arg(long)]
    pub(super) account: Option<AccountNumber>,
    /// For this API.
    #[arg(long)]
    pub(super) api: Option<Slug>,
    /// In this state: `pending`, `not_yet_valid`, `active`, `expired`, `disabled` or `revoked`.
    #[arg(long, value_parser = state)]
    pub(super) state: Option<ShownState>,
    /// With this text, in whatever case, in id, hint, label, memo, owners or tags.
    #[arg(long, value_name = "TEXT")]
    pub(super) search: Option<String>,
    /// With this tag.
    #[arg(long, value_name = "NAME[=VALUE]")]
    pub(super) tag: Option<TagFilter>,
    /// With this owner.
    #[arg(long, value_name = "ADDRESS")]
    pub(super) owner: Option<EmailAddress>,
    /// Of this user: by user name, e-mail address or id.
    #[arg(long)]
    pub(super) user: Option<WhichUser>,
    /// Older than this key: where the last page ended.
    #[arg(long)]
    pub(super) after: Option<CredentialId>,
    /// At most so many: 1 to 1000; 100 if left out.
    #[arg(long, value_parser = limit)]
    pub(super) limit: Option<u32>,
}

fn limit(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| (1..=1000).contains(number));
    number.ok_or_else(|| "write a whole number from 1 to 1000".to_owned())
}

fn moment(text: &str) -> Result<Time, String> {
    text.parse().map_err(|_| "write a moment such as 2027-01-01T00:00:00Z".to_owned())
}

pub(super) fn state(text: &str) -> Result<ShownState, String> {
    ShownState::from_word(text)
        .ok_or_else(|| format!("one of {}", ShownState::ALL.map(ShownState::as_str).join(", ")))
}

fn algorithm(text: &str) -> Result<SignatureAlgorithm, String> {
    let words = || SignatureAlgorithm::ALL.map(SignatureAlgorithm::as_str).join(", ");
    SignatureAlgorithm::from_word(text).ok_or_else(|| format!("one of {}", words()))
}

pub(super) fn scope(text: &str) -> Result<Scope, String> {
    match text {
        "admin" => Ok(Scope::Admin),
        "developer" => Ok(Scope::Developer),
        "read-only" => Ok(Scope::ReadOnly),
        _ => Err("one of admin, developer, read-only".to_owned()),
    }
}
