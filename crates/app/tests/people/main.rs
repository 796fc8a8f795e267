//! People: how they sign in, what they may do, and how fast that ends.

mod authorization;
mod brute_force;
mod edits;
mod factors;
mod invitations;
mod passkeys;
mod passkeys_refused;
mod passwords;
mod proof;
mod required;
mod setup;
mod sso;
