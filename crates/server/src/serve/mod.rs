//! A running server: where the parts are put together.

mod background;
mod doors;
mod error;
mod files;
mod management;
mod metrics;
mod ops;
mod own;
mod setup;
mod sso;
mod tls;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use claviger_app::{App, Bcrypt, Keep, RecorderConfig, SignInRules, SlowKeys, open_vault};
use claviger_model::{Clock, Entropy};
use claviger_store::{Location, Store};
use claviger_vault::{LocalMasterKey, MasterKey};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use error::ServeError;
pub use setup::Setup;
pub use sso::SsoConfigError;

use crate::config::{Config, MasterKeyConfig, TlsConfig};
use crate::control::{self, DataFolder};
use doors::Making;
use ops::Readiness;

/// Time and randomness, which the server's tests put their own in place of.
#[derive(Clone)]
pub struct Ambient {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives random bytes.
    pub entropy: Arc<dyn Entropy>,
}

impl Ambient {
    /// The system's.
    #[must_use]
    pub fn system() -> Self {
        Self {
            clock: Arc::new(crate::ambient::SystemClock),
            entropy: Arc::new(crate::ambient::SystemEntropy),
        }
    }
}

/// A server that answers.
pub struct Running {
    /// The address for people and their programs, such as `http://127.0.0.1:8080`.
    pub management: String,
    /// The gateway's address, such as `http://127.0.0.1:8000`.
    pub gateway: String,
    /// The address of the doors for infrastructure.
    pub check: String,
    /// The address of health and metrics.
    pub ops: String,
    app: Arc<App>,
    stop: CancellationToken,
    tasks: TaskTracker,
    /// Held until everything has ended.
    _folder: DataFolder,
}

/// Opens what is kept in the data folder or the database. The folder is held by whoever got it.
pub async fn open(config: &Config, folder: &DataFolder, ambient: &Ambient) -> Result<App, ServeError> {
    let location = match &config.database.url {
        Some(url) => Location::Postgres(url.clone()),
        None => Location::Sqlite(folder.private_file("claviger.db")?),
    };
    let store = Store::open(&location).await?;
    let first_start = store.wrapped_keys().await?.is_empty();
    let made =
        if first_start { make_master_key(&config.master_key, folder, &*ambient.entropy)? } else { None };
    let master = made.map_or_else(|| read_master_key(&config.master_key, folder), Ok)?;
    let master = LocalMasterKey::from(master);
    let vault = open_vault(&store, &master, &*ambient.entropy).await?;
    let records = RecorderConfig { keep_for: config.refusals.keep_for, keep: config.refusals.keep };
    let Ambient { clock, entropy } = ambient.clone();
    let app = App::start(store, vault, clock, entropy, records).await?.with_sign_in(sign_in_rules(config));
    Ok(match config.management.relying_party()? {
        Some(party) => app.with_passkeys(party),
        None => app,
    })
}

const fn sign_in_rules(config: &Config) -> SignInRules {
    let said = &config.sign_in;
    SignInRules { login_tokens: said.login_tokens, sessions: said.sessions, step_up: said.step_up }
}

/// Starts everything and answers once it does. `/readyz` tells others when.
pub async fn start(mut config: Config, ambient: Ambient) -> Result<Running, ServeError> {
    let folder = DataFolder::take(&config.data_dir)?;
    let infrastructure = config.check.limits.connections.saturating_add(config.management.limits.connections);
    files::make_room(&mut config.gateway.limits.connections, infrastructure);
    let stop = CancellationToken::new();
    let tasks = TaskTracker::new();
    let readiness = Arc::new(Readiness::default());
    let ops = bind(config.listen.ops).await?;
    let ops_address = ops.local_addr()?;
    let handle = metrics::install()?;
    tasks.spawn(metrics::upkeep(handle.clone(), stop.clone()));
    tasks.spawn(ops::serve(ops, Arc::clone(&readiness), handle, stop.clone()));
    let providers = sso::providers(&config)?;
    let app = Arc::new(open(&config, &folder, &ambient).await?.with_sso(providers));
    // One for all doors: what it costs is bounded for the whole process.
    let slow = SlowKeys::new(Arc::clone(&app), Arc::new(Bcrypt));
    let gateway = bind(config.listen.gateway).await?;
    let gateway_address = gateway.local_addr()?;
    let router = management::router(&config, &app, &ambient);
    let making =
        Making { config: &config, app: &app, slow: &slow, ambient: &ambient, router: &router, stop: &stop };
    tasks.spawn(making.gateway(gateway)?);
    let check = bind(config.listen.check).await?;
    let check_address = check.local_addr()?;
    tasks.spawn(making.check(check)?);
    let management = bind(config.listen.management).await?;
    let management_address = management.local_addr()?;
    tasks.spawn(making.management(management)?);
    tasks.spawn(control::serve(folder.listen()?, Arc::clone(&app), stop.clone()));
    let keep = Keep { changes: config.keep_changes, audit: config.audit.keep_for };
    tasks.spawn(background::run(Arc::clone(&app), config.follow_every, keep, stop.clone()));
    readiness.ready(Arc::clone(&app), Arc::clone(&ambient.clock));
    tasks.close();
    let (gateway, ops) = (url(config.gateway.tls.as_ref(), gateway_address), url(None, ops_address));
    let check = url(config.check.tls.as_ref(), check_address);
    let management = url(config.management.tls.as_ref(), management_address);
    tracing::info!(management, gateway, check, ops, "ready");
    Ok(Running { management, gateway, check, ops, app, stop, tasks, _folder: folder })
}

impl Running {
    /// The use cases of this server.
    #[must_use]
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Stops accepting, lets what was accepted finish, and writes what is still in memory.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.wait().await;
        self.app.close().await;
        tracing::info!("stopped");
    }
}

fn url(tls: Option<&TlsConfig>, address: SocketAddr) -> String {
    let scheme = if tls.is_some() { "https" } else { "http" };
    format!("{scheme}://{address}")
}

async fn bind(address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|error| ServeError::Listen { address, error })
}

/// At the very first start, and where nothing is configured, the master key is made. Later a missing one is an error:
/// another key would open nothing.
fn make_master_key(
    config: &MasterKeyConfig,
    folder: &DataFolder,
    entropy: &dyn Entropy,
) -> Result<Option<MasterKey>, ServeError> {
    let file = default_master_key(folder);
    if config.environment.is_some() || config.file.is_some() || file.exists() {
        return Ok(None);
    }
    let key = MasterKey::generate(entropy.array());
    claviger_vault::create_file(&file, &key)?;
    Ok(Some(key))
}

fn read_master_key(config: &MasterKeyConfig, folder: &DataFolder) -> Result<MasterKey, ServeError> {
    let Some(name) = &config.environment else {
        let file = config.file.clone().unwrap_or_else(|| default_master_key(folder));
        return Ok(claviger_vault::load_file(&file)?);
    };
    let refused = || ServeError::MasterKeyVariable(name.clone());
    let value = std::env::var(name).map_err(|_| refused())?;
    claviger_vault::from_environment_value(value).map_err(|_| refused())
}

fn default_master_key(folder: &DataFolder) -> PathBuf {
    folder.path().join("master.key")
}
