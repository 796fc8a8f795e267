use std::sync::Arc;

use claviger_model::RequestId;
use http::StatusCode;

use crate::seam::{Answer, Failure};
use crate::seam::{End, Ending, Failed, Judge};
use crate::upload::Gauge;

/// Keeps account of a request that was let through. Tells the judge when it is dropped, which is the end of the
/// request however it came about.
pub(crate) struct Ledger<J: Judge> {
    judge: Arc<J>,
    id: RequestId,
    pass: Option<J::Pass>,
    status: Option<StatusCode>,
    ending: Option<Ending>,
    sent: u64,
    received: u64,
    gauge: Option<Arc<Gauge>>,
}

impl<J: Judge> Ledger<J> {
    pub(crate) fn open(judge: Arc<J>, id: RequestId, pass: J::Pass, gauge: Option<Arc<Gauge>>) -> Self {
        Self { judge, id, pass: Some(pass), status: None, ending: None, sent: 0, received: 0, gauge }
    }

    /// Lets the judge word the failure, and writes down that it was answered so.
    pub(crate) fn fail(&mut self, failure: Failure) -> Answer {
        let answer = self.judge.fail(Failed {
            id: self.id,
            failure,
            peer: None,
            headers: None,
            pass: self.pass.as_ref(),
        });
        self.status = Some(answer.status());
        self.ending = Some(Ending::Failed(failure));
        answer
    }

    /// Whether the judge would still let the request through.
    pub(crate) fn stands(&self) -> bool {
        self.pass.as_ref().is_some_and(|pass| self.judge.stands(pass))
    }

    /// The upstream has begun its answer.
    pub(crate) fn answered(&mut self, status: StatusCode) {
        self.status = Some(status);
    }

    /// So many bytes came back.
    pub(crate) fn received(&mut self, bytes: u64) {
        self.received += bytes;
    }

    /// So many bytes went up, besides those of the body.
    pub(crate) fn sent(&mut self, bytes: u64) {
        self.sent += bytes;
    }

    /// How it ended. What was written first stays.
    pub(crate) fn end(&mut self, ending: Ending) {
        self.ending.get_or_insert(ending);
    }

    /// Bytes of body that went up so far.
    pub(crate) fn uploaded(&self) -> u64 {
        self.gauge.as_ref().map_or(0, |gauge| gauge.bytes())
    }
}

impl<J: Judge> Drop for Ledger<J> {
    fn drop(&mut self) {
        let Some(pass) = self.pass.take() else { return };
        let sent = self.sent + self.uploaded();
        let ending = self.ending.unwrap_or(Ending::Abandoned);
        let (id, status, received) = (self.id, self.status, self.received);
        self.judge.finished(End { id, status, ending, sent, received, pass });
    }
}
