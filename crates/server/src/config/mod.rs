//! The configuration file, and what the command line and the environment put in its place.

mod load;
mod own_path;
mod passkeys;
mod sections;
mod sso;

pub use load::{ConfigError, Overrides, load};
pub use own_path::{OwnPath, OwnPathError};
pub use passkeys::PasskeyConfig;
pub use sections::{
    CheckConfig, Config, DatabaseConfig, GatewayConfig, ListenConfig, LogConfig, LogFormat, ManagementConfig,
    MasterKeyConfig, RefusalConfig, TelemetryConfig, TlsConfig,
};
pub use sso::{
    AccountByConfig, NewcomersConfig, SecretConfig, SsoAccountConfig, SsoConfig, SsoFactorConfig,
    SsoRolesConfig,
};
