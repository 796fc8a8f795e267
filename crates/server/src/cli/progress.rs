use std::time::Duration;

use indicatif::ProgressBar;

const SOON: Duration = Duration::from_secs(1);

/// Shows that something goes on, where it takes longer than a second and a person looks on.
pub(super) async fn while_waiting<T>(work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    if let Ok(done) = tokio::time::timeout(SOON, &mut work).await {
        return done;
    }
    // Draws on standard error, and only on a terminal.
    let bar = ProgressBar::new_spinner().with_message("working");
    bar.enable_steady_tick(Duration::from_millis(100));
    let done = work.await;
    bar.finish_and_clear();
    done
}
