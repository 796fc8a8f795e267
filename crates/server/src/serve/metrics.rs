use std::sync::OnceLock;
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use tokio_util::sync::CancellationToken;

use super::ServeError;

static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();

/// From half a millisecond to ten seconds, in seconds.
const LATENCIES: [f64; 14] =
    [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// The process's metrics. They are set up once, however many servers a process runs.
pub(super) fn install() -> Result<PrometheusHandle, ServeError> {
    if let Some(handle) = HANDLE.get() {
        return Ok(handle.clone());
    }
    let failed = |error: &dyn std::fmt::Display| ServeError::Metrics(error.to_string());
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &LATENCIES)
        .map_err(|error| failed(&error))?;
    let recorder = builder.build_recorder();
    let handle = HANDLE.get_or_init(|| recorder.handle()).clone();
    // Where another server of this process was quicker, its recorder stays.
    let _ = metrics::set_global_recorder(recorder);
    Ok(handle)
}

/// Sums up what histograms were given since the last time. They keep every value until then, and it may be that nobody
/// ever asks for the metrics.
pub(super) async fn upkeep(handle: PrometheusHandle, stop: CancellationToken) {
    const EVERY: Duration = Duration::from_secs(5);
    while stop.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_some() {
        handle.run_upkeep();
    }
}
