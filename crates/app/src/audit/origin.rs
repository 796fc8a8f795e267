use claviger_model::{CameFrom, RequestId, Via};

tokio::task_local! {
    static CURRENT: Origin;
}

/// Where what is done comes from: for the audit alone. No rule reads it, so no use case is handed it: a way in puts
/// its work in the [scope](Self::scope) of an origin, and every entry that is written there names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// With what somebody came in.
    pub via: Via,
    /// From where; nowhere, for the server itself.
    pub from: Option<CameFrom>,
    /// The request that asked for it.
    pub request: Option<RequestId>,
}

impl Origin {
    /// The server itself, which is where everything outside a scope comes from.
    pub const SERVER: Self = Self { via: Via::Server, from: None, request: None };

    /// The command line, through the control socket or on the data folder.
    #[must_use]
    pub const fn cli(from: CameFrom) -> Self {
        Self { via: Via::Cli, from: Some(from), request: None }
    }

    /// Does work that comes from here. What the work spawns is no part of it.
    pub async fn scope<T>(self, work: impl Future<Output = T>) -> T {
        CURRENT.scope(self, work).await
    }

    pub(super) fn current() -> Self {
        CURRENT.try_with(|origin| *origin).unwrap_or(Self::SERVER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn outside_a_scope_it_is_the_server() {
        let origin = Origin::cli(CameFrom::Socket);
        assert_eq!(origin.scope(async { Origin::current() }).await, origin);
        assert_eq!(Origin::current(), Origin::SERVER);
    }
}
