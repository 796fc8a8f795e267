//! Configuration, wiring and command line of the `claviger` binary.
//!
//! [`serve::start`] is where the parts are put together: store, vault, app, door, gateway and listeners.

pub mod ambient;
pub mod cli;
pub mod config;
pub mod control;
pub mod demo;
pub mod serve;
mod telemetry;
