//! People: how they sign in, what they may do, and how fast that ends.

mod authorization;
mod brute_force;
mod factors;
mod passkeys;
mod passkeys_refused;
mod passwords;
mod proof;
mod required;
mod sso;
