use std::sync::Arc;
use std::time::Duration;

use claviger_listen::Places;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

use crate::client::Client;
use crate::config::{ClientConfig, GatewayLimits};
use crate::drive::{Accepted, Entry};
use crate::hold::Held;
use crate::listener::Listener;
use crate::seam::Judge;
use crate::service::Shared;
use crate::switch::Watch;

/// The shortest time between two looks for what is idle.
const PAUSE: Duration = Duration::from_millis(50);

/// A reverse proxy with its judge.
pub struct Gateway<J> {
    judge: Arc<J>,
    limits: GatewayLimits,
    client: ClientConfig,
}

impl<J: Judge> Gateway<J> {
    /// A gateway that asks `judge` about each request.
    #[must_use]
    pub const fn new(judge: Arc<J>, limits: GatewayLimits, client: ClientConfig) -> Self {
        Self { judge, limits, client }
    }

    /// Serves callers on these sockets until `stop` is fired. Then it takes no more requests, lets accepted ones
    /// finish for as long as the grace lasts, cuts what is left, and returns.
    pub async fn serve(self, listeners: Vec<Listener>, stop: CancellationToken) {
        let (tasks, cut) = (TaskTracker::new(), CancellationToken::new());
        let client = Client::new(&self.client, self.limits.clone());
        let (judge, grace, limits) = (self.judge, self.limits.grace.to_std(), self.limits);
        let held = Held::new(&limits);
        let shared = Arc::new(Shared { judge, limits, client, tasks: tasks.clone(), cut: cut.clone(), held });
        let _reaper = AbortOnDropHandle::new(tokio::spawn(reap(shared.clone())));
        let places = Places::new("gateway", shared.limits.connections);
        for listener in listeners {
            let door = Door::new(listener, shared.clone(), stop.clone(), places.clone());
            tasks.spawn(door.run());
        }
        stop.cancelled().await;
        tasks.close();
        if tokio::time::timeout(grace, tasks.wait()).await.is_err() {
            cut.cancel();
            tasks.wait().await;
        }
    }
}

/// Closes connections to upstreams that were idle for long.
async fn reap<J: Judge>(shared: Arc<Shared<J>>) {
    let step = (shared.limits.pool_idle.to_std() / 2).max(PAUSE);
    loop {
        tokio::time::sleep(step).await;
        shared.client.grow_older();
    }
}

/// An open socket with what its connections need.
struct Door<J> {
    socket: TcpListener,
    entry: Arc<Entry>,
    shared: Arc<Shared<J>>,
    watch: Watch,
    places: Arc<Places>,
}

impl<J: Judge> Door<J> {
    fn new(listener: Listener, shared: Arc<Shared<J>>, stop: CancellationToken, places: Arc<Places>) -> Self {
        let limits = &shared.limits;
        let watch = Watch {
            stop,
            cut: shared.cut.clone(),
            age: limits.connection_age.to_std(),
            idle: limits.keep_alive.to_std(),
            rest: limits.total.to_std(),
        };
        let Listener { socket, tls, carriers, proxy_protocol } = listener;
        let tls = tls.map(tokio_rustls::TlsAcceptor::from);
        let entry = Arc::new(Entry { tls, carriers, proxy_protocol });
        Self { socket, entry, shared, watch, places }
    }

    /// Accepts connections until the stop.
    async fn run(self) {
        let stop = self.watch.stop.clone();
        let next = || stop.run_until_cancelled(self.places.accept(&self.socket, &self.entry.carriers));
        while let Some((tcp, _, place)) = next().await {
            let accepted = Accepted {
                tcp,
                entry: self.entry.clone(),
                shared: self.shared.clone(),
                watch: self.watch.clone(),
                place,
            };
            self.shared.tasks.spawn(accepted.run());
        }
    }
}
