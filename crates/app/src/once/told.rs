use claviger_model::Account;
use serde::de::DeserializeOwned;

use crate::people::{CameIn, InvitationView, ProofView, SignedInView};
use crate::{
    AppError, BulkLine, Difference, KeyView, Outcome, PasskeyAdded, PasskeyView, PeopleOutcome, RoleView,
    ServiceView, SessionView, Shown, UserView,
};

/// What a use case answers. Where it is kept for whoever asks again, it has the form in which the way in is given it.
pub(crate) trait Told {
    /// In JSON, with the secrets that are in it.
    fn json(&self) -> serde_json::Result<String>;
}

/// What was kept, of a request that was done before; else what came of it now.
pub(crate) fn or_kept<T: DeserializeOwned>(came_of_it: Result<T, AppError>) -> Result<T, AppError> {
    match came_of_it {
        Err(AppError::Kept(kept)) => Ok(serde_json::from_str(kept.expose())?),
        now => now,
    }
}

macro_rules! told_as_outcome {
    ($($told:ty => $outcome:expr;)*) => {
        $(impl From<$told> for Outcome {
            fn from(told: $told) -> Self {
                $outcome(told)
            }
        }

        impl Told for $told {
            fn json(&self) -> serde_json::Result<String> {
                serde_json::to_string(&Outcome::from(self.clone()))
            }
        })*
    };
}

macro_rules! told_as_it_is {
    ($($told:ty),*) => {
        $(impl Told for $told {
            fn json(&self) -> serde_json::Result<String> {
                serde_json::to_string(self)
            }
        })*
    };
}

fn people(outcome: impl Into<PeopleOutcome>) -> Outcome {
    Outcome::People(outcome.into())
}

told_as_outcome! {
    Account => Outcome::Account;
    KeyView => |key| Outcome::Key(Box::new(key));
    Vec<BulkLine> => Outcome::Bulk;
    Vec<Difference> => Outcome::Applied;
    ServiceView => Outcome::Service;
    UserView => people;
    InvitationView => people;
    PeopleOutcome => people;
    PasskeyAdded => |added| people(PeopleOutcome::PasskeyAdded(Box::new(added)));
    PasskeyView => |passkey| people(PeopleOutcome::Passkeys(vec![passkey]));
    RoleView => people;
    Vec<SessionView> => |sessions| people(PeopleOutcome::Sessions(sessions));
    Vec<Shown> => |codes| people(PeopleOutcome::RecoveryCodes(codes));
}

told_as_it_is!(SignedInView, ProofView, CameIn);
