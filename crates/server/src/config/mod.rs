//! The configuration file, and what the command line and the environment put in its place.

mod load;
mod sections;

pub use load::{ConfigError, Overrides, load};
pub use sections::{
    CheckConfig, Config, DatabaseConfig, GatewayConfig, ListenConfig, LogConfig, LogFormat, MasterKeyConfig,
    RefusalConfig, TelemetryConfig, TlsConfig,
};
