//! Invitations: whoever manages users lets somebody into their account whom they cannot or will not make a password for.
//!
//! An invitation is given whole or not at all, and gives no more than whoever invited could give at that moment.

mod accept;
mod create;
mod join;
mod read;
mod redeem;
mod words;

pub use words::{AcceptInvitation, InvitationView, NewInvitation};
