//! Health and metrics, for infrastructure.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use claviger_app::App;
use claviger_listen::{ListenLimits, Listening};
use claviger_model::{Clock, Span, Time};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Those who ask here are few.
const CONNECTIONS: u32 = 128;

/// Whether the snapshot is loaded.
#[derive(Default)]
pub(super) struct Readiness(OnceLock<Loaded>);

struct Loaded {
    app: Arc<App>,
    clock: Arc<dyn Clock>,
    since: Time,
}

impl Readiness {
    /// Says what each gauge means.
    fn describe() {
        for (name, meaning) in [
            ("claviger_snapshot_credentials", "Credentials in the snapshot, revoked ones too."),
            ("claviger_snapshot_allowlists", "Different allowlists in the snapshot."),
            ("claviger_snapshot_permission_sets", "Different sets of permissions in the snapshot."),
            ("claviger_snapshot_change_number", "The last change in the snapshot."),
            (
                "claviger_snapshot_age_seconds",
                "Since the snapshot was last seen to be level with the change log.",
            ),
            ("claviger_up_seconds", "Since the server was ready."),
        ] {
            metrics::describe_gauge!(name, meaning);
        }
    }

    pub(super) fn ready(&self, app: Arc<App>, clock: Arc<dyn Clock>) {
        Self::describe();
        let since = clock.now();
        let _ = self.0.set(Loaded { app, clock, since });
    }

    /// What can only be told when somebody asks.
    fn gauge(&self) {
        let Some(Loaded { app, clock, since }) = self.0.get() else { return };
        let snapshot = app.snapshots().load();
        #[expect(clippy::cast_precision_loss, reason = "metrics are floating point numbers")]
        let set = |name: &'static str, value: i64| metrics::gauge!(name).set(value as f64);
        let (allowlists, permission_sets) = snapshot.shared_values();
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        set("claviger_snapshot_credentials", count(snapshot.credentials()));
        set("claviger_snapshot_allowlists", count(allowlists));
        set("claviger_snapshot_permission_sets", count(permission_sets));
        set("claviger_snapshot_change_number", i64::try_from(snapshot.number().0).unwrap_or(i64::MAX));
        let seconds_since = |then: Time| (clock.now().as_micros() - then.as_micros()).max(0) / 1_000_000;
        set("claviger_snapshot_age_seconds", seconds_since(app.level_at()));
        set("claviger_up_seconds", seconds_since(*since));
    }
}

#[derive(Clone)]
struct Ops {
    readiness: Arc<Readiness>,
    metrics: PrometheusHandle,
}

pub(super) async fn serve(
    socket: TcpListener,
    readiness: Arc<Readiness>,
    metrics: PrometheusHandle,
    stop: CancellationToken,
) {
    let router = Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(render))
        .with_state(Ops { readiness, metrics });
    let limits = ListenLimits {
        connections: CONNECTIONS,
        keep_alive: Span::from_secs(15),
        total: Span::from_secs(10),
        grace: Span::from_secs(1),
        ..ListenLimits::default()
    };
    let listening = Listening { name: "ops", socket, tls: None, carriers: Vec::new(), limits };
    claviger_listen::serve(listening, router, stop).await;
}

async fn ready(State(ops): State<Ops>) -> (StatusCode, &'static str) {
    match ops.readiness.0.get() {
        Some(_) => (StatusCode::OK, "ready\n"),
        None => (StatusCode::SERVICE_UNAVAILABLE, "loading\n"),
    }
}

async fn render(State(ops): State<Ops>) -> impl IntoResponse {
    ops.readiness.gauge();
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], ops.metrics.render())
}
