use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use claviger_gateway::GatewayLimits;
use claviger_listen::ListenLimits;
use claviger_model::{Slug, Span};
use ipnet::IpNet;
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Deserialize;

use super::{OwnPath, PasskeyConfig, SsoConfig};

/// The whole configuration. Every field has a default, so that an empty file will do.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The folder for everything that is kept: SQLite database, master key, control socket. Made if it is missing.
    pub data_dir: PathBuf,
    /// Where the data are kept.
    pub database: DatabaseConfig,
    /// Where the master key comes from.
    pub master_key: MasterKeyConfig,
    /// Which addresses are listened on.
    pub listen: ListenConfig,
    /// The gateway.
    pub gateway: GatewayConfig,
    /// The doors for infrastructure.
    pub check: CheckConfig,
    /// The ways in for people and their programs.
    pub management: ManagementConfig,
    /// What is kept of refused requests.
    pub refusals: RefusalConfig,
    /// What is kept of the audit.
    pub audit: AuditConfig,
    /// Signing in.
    pub sign_in: SignInConfig,
    /// Providers by which people sign in, by slug.
    pub sso: BTreeMap<Slug, SsoConfig>,
    /// Logs.
    pub log: LogConfig,
    /// Traces.
    pub telemetry: TelemetryConfig,
    /// How often this process asks the database for changes made by others.
    pub follow_every: Span,
    /// How many changes the log keeps for processes that fell behind.
    pub keep_changes: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("claviger-data"),
            database: DatabaseConfig::default(),
            master_key: MasterKeyConfig::default(),
            listen: ListenConfig::default(),
            gateway: GatewayConfig::default(),
            check: CheckConfig::default(),
            management: ManagementConfig::default(),
            refusals: RefusalConfig::default(),
            audit: AuditConfig::default(),
            sign_in: SignInConfig::default(),
            sso: BTreeMap::new(),
            log: LogConfig::default(),
            telemetry: TelemetryConfig::default(),
            follow_every: Span::from_secs(1),
            keep_changes: 100_000,
        }
    }
}

/// Signing in.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SignInConfig {
    /// How long a login token works; without it, as long as its user exists.
    pub login_tokens: Option<Span>,
    /// How long a session of the portal works.
    pub sessions: Span,
    /// For so long a proof of who somebody is counts, before they see a key again or change roles.
    pub step_up: Span,
    /// Whether a server without an operator prints a link, when it starts, by which somebody becomes the first one.
    pub setup_link: bool,
}

impl Default for SignInConfig {
    fn default() -> Self {
        Self {
            login_tokens: None,
            sessions: Span::from_secs(12 * 3600),
            step_up: Span::from_secs(15 * 60),
            setup_link: true,
        }
    }
}

/// Where the data are kept.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DatabaseConfig {
    /// A PostgreSQL URL. Without it, SQLite in the data folder. May be given as `CLAVIGER_DATABASE_URL` instead.
    #[schemars(with = "Option<String>")]
    pub url: Option<SecretString>,
}

/// Where the master key comes from.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MasterKeyConfig {
    /// A file that only its owner can read. Without it, `master.key` in the data folder, made at the first start.
    pub file: Option<PathBuf>,
    /// The environment variable that holds the key; goes before a file.
    pub environment: Option<String>,
}

/// Which addresses are listened on.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ListenConfig {
    /// REST, GraphQL and signing in.
    #[schemars(with = "String")]
    pub management: SocketAddr,
    /// The gateway.
    #[schemars(with = "String")]
    pub gateway: SocketAddr,
    /// The doors for infrastructure: forward-auth, verify and Envoy's `ext_authz`.
    #[schemars(with = "String")]
    pub check: SocketAddr,
    /// Health and metrics.
    #[schemars(with = "String")]
    pub ops: SocketAddr,
}

impl Default for ListenConfig {
    fn default() -> Self {
        let loopback = |port| ([127, 0, 0, 1], port).into();
        Self {
            management: loopback(8080),
            gateway: loopback(8000),
            check: loopback(8081),
            ops: loopback(9090),
        }
    }
}

/// The gateway.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GatewayConfig {
    /// Proxies whose word about the client's address is taken. Nobody by default.
    #[schemars(with = "Vec<String>")]
    pub trusted_proxies: Vec<IpNet>,
    /// Whether trusted proxies begin connections with a PROXY protocol version 2 header.
    pub proxy_protocol: bool,
    /// TLS for callers; plain HTTP without it.
    pub tls: Option<TlsConfig>,
    /// Certificates, in PEM, of authorities that vouch for `https` upstreams.
    pub upstream_roots: Option<PathBuf>,
    /// Paths that are answered as at the address for people and their programs, whatever the routes of APIs are. One that
    /// ends in `/` stands for all that is below it, and for itself without the slash.
    pub own_paths: Vec<OwnPath>,
    /// Times, sizes and numbers.
    pub limits: GatewayLimits,
}

/// The doors for infrastructure.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CheckConfig {
    /// Proxies that may ask whether to let a request through, and whose word about it and its client is taken. Nobody
    /// by default.
    #[schemars(with = "Vec<String>")]
    pub trusted_proxies: Vec<IpNet>,
    /// TLS for those who ask; plain HTTP without it.
    pub tls: Option<TlsConfig>,
    /// Times, sizes and numbers.
    pub limits: ListenLimits,
}

/// The ways in for people and their programs.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ManagementConfig {
    /// Proxies whose word about the client's address is taken. Nobody by default.
    #[schemars(with = "Vec<String>")]
    pub trusted_proxies: Vec<IpNet>,
    /// TLS; plain HTTP without it.
    pub tls: Option<TlsConfig>,
    /// Where people's browsers reach the server, such as `https://keys.example.com`. Passkeys need it.
    pub public_url: Option<String>,
    /// Passkeys.
    pub passkeys: PasskeyConfig,
    /// Times, sizes and numbers.
    pub limits: ListenLimits,
}

/// A certificate and its key, both in PEM.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// The certificate chain.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// What is kept of refused requests.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RefusalConfig {
    /// For how long.
    pub keep_for: Span,
    /// How many at the most.
    pub keep: u64,
}

impl Default for RefusalConfig {
    fn default() -> Self {
        Self { keep_for: Span::from_days(7), keep: 100_000 }
    }
}

/// What is kept of the audit.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AuditConfig {
    /// For how long; for good without it.
    pub keep_for: Option<Span>,
}

/// Logs. They go to standard error.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// For people or for programs.
    pub format: LogFormat,
    /// A filter in the form of the `tracing` crate, such as `info` or `info,claviger::access=debug`.
    pub filter: String,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { format: LogFormat::Json, filter: "info".into() }
    }
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// One JSON object.
    Json,
    /// Text.
    Text,
}

/// Traces.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TelemetryConfig {
    /// Where OpenTelemetry traces go (OTLP over gRPC), such as `http://127.0.0.1:4317`. Nowhere by default.
    pub otlp: Option<String>,
}
