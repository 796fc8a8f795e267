//! Refusals and uses on their way to the store: a bounded queue, and one task that writes in batches.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use claviger_door::Records;
use claviger_model::{CredentialId, Refusal, Span, Time, VersionUses};
use claviger_store::{Store, StoreError};
use tokio::sync::{mpsc, oneshot};

use crate::late::LateUses;

/// How much is kept of what was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecorderConfig {
    /// For how long a refusal is kept.
    pub keep_for: Span,
    /// How many refusals are kept at the most.
    pub keep: u64,
}

/// Refusals that wait to be written; beyond it they are only counted.
const MOST_REFUSALS: usize = 4096;
/// Uses that wait to be written: at most one a minute for each credential comes in.
const MOST_USES: usize = 1 << 20;
const BATCH: usize = 512;

enum Note {
    Refused(Box<Refusal>),
    Used(VersionUses),
    Flush(oneshot::Sender<()>),
}

/// The end of the queue that doors hold.
#[derive(Clone)]
pub struct Recorder {
    notes: mpsc::UnboundedSender<Note>,
    waiting: Arc<Waiting>,
    late: LateUses,
    config: RecorderConfig,
}

#[derive(Default)]
struct Waiting {
    refusals: AtomicUsize,
    uses: AtomicUsize,
}

impl Recorder {
    /// Starts the task that writes to `store`.
    #[must_use]
    pub fn start(store: Store, config: RecorderConfig) -> Self {
        metrics::describe_counter!(
            "claviger_refusals_dropped_total",
            "Refusals that could not be kept in time."
        );
        let (notes, queue) = mpsc::unbounded_channel();
        let waiting = Arc::<Waiting>::default();
        let late = LateUses::start(store.clone());
        let writer = Writer { store, config, unpruned: 0 };
        tokio::spawn(write_all(writer, queue, Arc::clone(&waiting)));
        Self { notes, waiting, late, config }
    }

    /// Waits until everything noted before this call is written.
    pub async fn flush(&self) {
        let (done, wait) = oneshot::channel();
        if self.notes.send(Note::Flush(done)).is_ok() {
            let _ = wait.await;
        }
        self.late.write().await;
    }

    pub(crate) async fn prune(&self, store: &Store, now: Time) -> Result<(), StoreError> {
        store.prune_refusals(now.before(self.config.keep_for), self.config.keep).await?;
        Ok(())
    }
}

impl Records for Recorder {
    fn takes_refusals(&self) -> bool {
        let takes = self.waiting.refusals.load(Ordering::Relaxed) < MOST_REFUSALS;
        if !takes {
            metrics::counter!("claviger_refusals_dropped_total").increment(1);
        }
        takes
    }

    fn refused(&self, refusal: Refusal) {
        self.waiting.refusals.fetch_add(1, Ordering::Relaxed);
        let _ = self.notes.send(Note::Refused(Box::new(refusal)));
    }

    fn used(&self, uses: VersionUses) {
        if self.waiting.uses.fetch_add(1, Ordering::Relaxed) < MOST_USES {
            let _ = self.notes.send(Note::Used(uses));
        } else {
            self.waiting.uses.fetch_sub(1, Ordering::Relaxed);
        }
    }

    fn late(&self, credential: CredentialId) {
        self.late.add(credential);
    }
}

#[derive(Default)]
struct Batch {
    refusals: Vec<Refusal>,
    uses: Vec<VersionUses>,
    flushed: Vec<oneshot::Sender<()>>,
}

/// Writes batches, and keeps the number of refusals bounded while it does.
struct Writer {
    store: Store,
    config: RecorderConfig,
    /// Refusals written since the surplus was last thrown away.
    unpruned: u64,
}

async fn write_all(mut writer: Writer, mut queue: mpsc::UnboundedReceiver<Note>, waiting: Arc<Waiting>) {
    let mut notes = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut notes, BATCH).await > 0 {
        let mut batch = Batch::default();
        for note in notes.drain(..) {
            match note {
                Note::Refused(refusal) => batch.refusals.push(*refusal),
                Note::Used(uses) => batch.uses.push(uses),
                Note::Flush(done) => batch.flushed.push(done),
            }
        }
        waiting.refusals.fetch_sub(batch.refusals.len(), Ordering::Relaxed);
        waiting.uses.fetch_sub(batch.uses.len(), Ordering::Relaxed);
        if let Err(error) = writer.write(&batch).await {
            tracing::error!(%error, "refusals or uses could not be written");
        }
        for done in batch.flushed {
            let _ = done.send(());
        }
    }
}

impl Writer {
    async fn write(&mut self, batch: &Batch) -> Result<(), StoreError> {
        if let Some(last) = batch.refusals.last() {
            self.store.record_refusals(&batch.refusals).await?;
            self.unpruned += batch.refusals.len() as u64;
            // A tenth above the bound at the most: a flood of refusals must not fill the disk between two prunings.
            if self.unpruned * 10 > self.config.keep {
                self.store.prune_refusals(last.at.before(self.config.keep_for), self.config.keep).await?;
                self.unpruned = 0;
            }
        }
        if batch.uses.is_empty() { Ok(()) } else { self.store.put_uses(&batch.uses).await }
    }
}
