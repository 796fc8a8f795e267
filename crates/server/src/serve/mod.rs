//! A running server: where the parts are put together.

mod background;
mod doors;
mod error;
mod metrics;
mod ops;
mod tls;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use claviger_app::{App, RecorderConfig, open_vault};
use claviger_model::{Clock, Entropy};
use claviger_store::{Location, Store};
use claviger_vault::{LocalMasterKey, MasterKey};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use error::ServeError;

use crate::config::{Config, MasterKeyConfig};
use crate::control::{self, DataFolder};
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
    /// Where the gateway listens.
    pub gateway: SocketAddr,
    /// Where health and metrics are.
    pub ops: SocketAddr,
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
        None => Location::Sqlite(folder.path().join("claviger.db")),
    };
    let store = Store::open(&location).await?;
    let master = LocalMasterKey::from(master_key(&config.master_key, folder.path(), &*ambient.entropy)?);
    let vault = open_vault(&store, &master, &*ambient.entropy).await?;
    let records = RecorderConfig { keep_for: config.refusals.keep_for, keep: config.refusals.keep };
    let Ambient { clock, entropy } = ambient.clone();
    Ok(App::start(store, vault, clock, entropy, records).await?)
}

/// Starts everything and answers once it does. `/readyz` tells others when.
pub async fn start(config: Config, ambient: Ambient) -> Result<Running, ServeError> {
    let folder = DataFolder::take(&config.data_dir)?;
    let stop = CancellationToken::new();
    let tasks = TaskTracker::new();
    let readiness = Arc::new(Readiness::default());
    let ops = bind(config.listen.ops).await?;
    let ops_address = ops.local_addr()?;
    tasks.spawn(ops::serve(ops, Arc::clone(&readiness), metrics::install()?, stop.clone()));
    let app = Arc::new(open(&config, &folder, &ambient).await?);
    let gateway = bind(config.listen.gateway).await?;
    let gateway_address = gateway.local_addr()?;
    tasks.spawn(doors::gateway(gateway, &config, &app, &ambient, stop.clone())?);
    tasks.spawn(control::serve(folder.listen()?, Arc::clone(&app), stop.clone()));
    tasks.spawn(background::run(Arc::clone(&app), config.follow_every, config.keep_changes, stop.clone()));
    readiness.ready(&app, Arc::clone(&ambient.clock));
    tasks.close();
    tracing::info!(gateway = %gateway_address, ops = %ops_address, "ready");
    Ok(Running { gateway: gateway_address, ops: ops_address, app, stop, tasks, _folder: folder })
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

async fn bind(address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|error| ServeError::Listen { address, error })
}

/// The master key: from the environment, from a file, or made at the very first start.
fn master_key(
    config: &MasterKeyConfig,
    folder: &Path,
    entropy: &dyn Entropy,
) -> Result<MasterKey, ServeError> {
    if let Some(name) = &config.environment {
        let value = std::env::var(name).map_err(|_| ServeError::MasterKeyVariable(name.clone()))?;
        return claviger_vault::from_environment_value(value)
            .map_err(|_| ServeError::MasterKeyVariable(name.clone()));
    }
    let file = config.file.clone().unwrap_or_else(|| folder.join("master.key"));
    if config.file.is_none() && !file.exists() {
        let key = MasterKey::generate(entropy.array());
        claviger_vault::create_file(&file, &key)?;
        return Ok(key);
    }
    Ok(claviger_vault::load_file(&file)?)
}
