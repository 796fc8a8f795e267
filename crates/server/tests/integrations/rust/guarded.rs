use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use claviger_app::{App, Bcrypt, SlowKeys};
use claviger_check::CheckLayer;
use claviger_door::{Counters, Door, RequestIds};
use claviger_policy::TrustedProxies;
use claviger_server::config::Config;
use claviger_server::control::DataFolder;
use claviger_server::serve::{Ambient, open};

/// A layer with a snapshot of its own. It needs to be made once, in a runtime of tokio.
pub(crate) async fn layer(config: &Config) -> Result<CheckLayer, Box<dyn Error>> {
    let ambient = Ambient::system();
    let folder = DataFolder::take(&config.data_dir)?;
    let app = Arc::new(open(config, &folder, &ambient).await?);
    let door = Door {
        snapshots: Arc::clone(app.snapshots()),
        clock: ambient.clock,
        trusted: TrustedProxies::new(config.gateway.trusted_proxies.clone()),
        records: Arc::new(app.recorder().clone()),
        counters: Counters::new("service"),
        slow: Some(Arc::new(SlowKeys::new(Arc::clone(&app), Arc::new(Bcrypt)))),
    };
    tokio::spawn(follow(app, folder));
    Ok(CheckLayer::new(door, RequestIds::new(&*ambient.entropy)))
}

/// Keeps the snapshot level with what other processes change, and the data folder taken.
async fn follow(app: Arc<App>, _folder: DataFolder) {
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    loop {
        ticks.tick().await;
        if let Err(error) = app.follow().await {
            eprintln!("changes cannot be followed: {error}");
        }
    }
}
