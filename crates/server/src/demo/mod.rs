//! `claviger demo`: everything on loopback, with the examples applied and a sample upstream behind them.

mod account_basic;
mod api_token;
mod catalogue;
mod keys;
mod login_token;
mod openid;
mod pairs;
mod report;
pub mod sample;
mod sign;
mod signed_pair;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use report::{Call, DemoCredential, Example, Report};

use crate::config::Config;
use crate::serve::{self, Ambient, Running, ServeError};

/// A running demo.
pub struct Demo {
    running: Running,
    report: Report,
    stop: CancellationToken,
    tasks: TaskTracker,
    /// Removed, with everything in it, when the demo has ended.
    _temporary: Option<tempfile::TempDir>,
}

/// Starts the demo on `folder`, or on a temporary one, and puts in what is not there yet.
pub async fn start(
    mut config: Config,
    folder: Option<PathBuf>,
    ambient: Ambient,
) -> Result<Demo, ServeError> {
    let temporary = if folder.is_none() { Some(tempfile::tempdir()?) } else { None };
    let within = temporary.as_ref().map(|folder| folder.path().join("data"));
    config.data_dir = folder.or(within).unwrap_or_default();
    let data_dir = config.data_dir.clone();
    trust_loopback(&mut config);
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let upstream = start_upstream(&stop, &tasks).await?;
    let running = serve::start(config, ambient.clone()).await?;
    let report = fill(&running, &upstream, data_dir, &ambient).await?;
    tasks.close();
    Ok(Demo { running, report, stop, tasks, _temporary: temporary })
}

/// A proxy that is tried with the demo runs beside it.
fn trust_loopback(config: &mut Config) {
    if config.check.trusted_proxies.is_empty() {
        let loopback = [IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST)];
        config.check.trusted_proxies = loopback.map(Into::into).to_vec();
    }
}

/// The sample upstream takes a free port: nobody calls it but the gateway.
async fn start_upstream(stop: &CancellationToken, tasks: &TaskTracker) -> Result<String, ServeError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = format!("http://{}", listener.local_addr()?);
    let served =
        axum::serve(listener, sample::router()).with_graceful_shutdown(stop.clone().cancelled_owned());
    tasks.spawn(async move {
        if let Err(error) = served.await {
            tracing::error!(%error, "the sample upstream has ended");
        }
    });
    Ok(address)
}

async fn fill(
    running: &Running,
    upstream: &str,
    data_dir: PathBuf,
    ambient: &Ambient,
) -> Result<Report, ServeError> {
    let app = running.app();
    for example in ["account-basic", "api-token", "login-token", "openid", "signed-pair"] {
        catalogue::apply(app, example, upstream).await?;
    }
    let gateway = running.gateway.as_str();
    let examples = [
        ("account-basic", account_basic::example(app, gateway).await?),
        ("api-token", api_token::example(app, gateway).await?),
        ("login-token", login_token::example(app, gateway).await?),
        ("openid", openid::example(app, gateway).await?),
        ("signed-pair", signed_pair::example(app, gateway, &data_dir, ambient).await?),
    ];
    Ok(Report {
        portal: None,
        management: running.management.clone(),
        check: running.check.clone(),
        gateway: running.gateway.clone(),
        ops: running.ops.clone(),
        data_dir: data_dir.display().to_string(),
        mail_dir: None,
        people: Vec::new(),
        examples: examples.map(|(name, example)| (name.to_owned(), example)).into(),
    })
}

impl Demo {
    /// What to try.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Ends the server, then what stands behind it.
    pub async fn stop(self) {
        self.running.stop().await;
        self.stop.cancel();
        self.tasks.wait().await;
    }
}
