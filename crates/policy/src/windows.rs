use std::collections::HashMap;

use claviger_model::{EnvironmentId, Span, Time};

/// For how long signed requests are remembered, by environment: by the widest window that its policy had in this
/// process. By the window at the time, a request would be accepted again after the window is made wider.
#[derive(Debug, Default)]
pub(crate) struct Windows(HashMap<EnvironmentId, Remembered>);

/// What is remembered of an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Remembered {
    /// What was signed may be accepted so much later, at most.
    pub(crate) window: Span,
    /// Of what was signed earlier, some may be forgotten.
    pub(crate) since: Time,
}

impl Windows {
    /// What is remembered there, if it is enough for this window.
    pub(crate) fn of(&self, environment: EnvironmentId, window: Span) -> Option<Remembered> {
        self.0.get(&environment).copied().filter(|remembered| window <= remembered.window)
    }

    /// Remembers for as long as this window from now on; by how much longer, if anything was remembered before.
    pub(crate) fn widen(&mut self, environment: EnvironmentId, window: Span, now: Time) -> Option<Span> {
        let Some(known) = self.0.get_mut(&environment) else {
            // Nothing was accepted there, so that nothing is forgotten.
            let since = Time::from_secs(0);
            self.0.insert(environment, Remembered { window, since });
            return None;
        };
        // Another thread may have been faster.
        if window <= known.window {
            return None;
        }
        let longer = now.after(window).since(now.after(known.window));
        *known = Remembered { window, since: known.since.max(now.before(known.window)) };
        Some(longer)
    }
}
