use std::sync::Arc;
use std::time::Duration;

use claviger_app::{App, ChangeSignal, Keep};
use claviger_model::Span;
use tokio_util::sync::CancellationToken;

const HOUSEKEEPING: Duration = Duration::from_mins(1);

/// Follows changes that others make, and keeps house, until told to stop.
pub(super) async fn run(app: Arc<App>, follow_every: Span, keep: Keep, stop: CancellationToken) {
    let mut follow = tokio::time::interval(follow_every.to_std().max(Duration::from_millis(10)));
    let mut signal = app.change_signal().await;
    let mut housekeeping = tokio::time::interval(HOUSEKEEPING);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = follow.tick() => {
                if signal.is_none() {
                    signal = app.change_signal().await;
                }
                report("following the change log", app.follow().await);
            }
            () = heard(&mut signal) => report("following the change log", app.follow().await),
            _ = housekeeping.tick() => report("throwing old records away", app.prune(keep).await),
        }
    }
}

/// Waits until the database says that something changed. Where it cannot say, the clock's ticks have to do.
async fn heard(signal: &mut Option<ChangeSignal>) {
    let Some(listening) = signal else { return std::future::pending().await };
    if listening.wait().await.is_err() {
        *signal = None;
        tracing::warn!("the database no longer says when something changes; it is asked from time to time");
    }
}

fn report(what: &str, result: Result<(), claviger_app::AppError>) {
    if let Err(error) = result {
        tracing::error!(%error, "{what} failed and is tried again");
    }
}
