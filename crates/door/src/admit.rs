use claviger_policy::{Admitted, Denial, Place, admit, explain_admission};

use crate::{Asked, Door};

impl Door {
    /// Decides whether the credential of a request is good for an API, and hands the decision to `answer`. The peer is the
    /// client. No use is noted: nothing was called.
    pub fn admit<R>(
        &self,
        place: Place,
        asked: &Asked<'_>,
        answer: impl FnOnce(Result<Admitted<'_>, Box<Denial<'_>>>) -> R,
    ) -> R {
        let snapshot = self.snapshots.load();
        let now = self.clock.now();
        let request = asked.request(&snapshot, asked.peer);
        let admission = admit(&snapshot, place, &request, now);
        self.counters.count_admission(&admission);
        match &admission {
            Ok(admitted) if admitted.is_replaced => self.records.late(admitted.credential),
            Ok(_) => {}
            Err(denial) => self.record(asked, denial, asked.peer, now, || {
                explain_admission(&snapshot, place, &request, now)
            }),
        }
        answer(admission)
    }
}
