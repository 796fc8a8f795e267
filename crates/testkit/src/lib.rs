//! Harness of the whole-system tests: a running server, a database of its own, real clients.
//!
//! Nothing here uses a fixed port: servers take free ones and tell which. What goes wrong in the harness itself fails
//! the test with a panic that says why.

mod client;
mod curl;
mod postgres;
mod process;
mod python;

pub use client::{Call, Client, ClientError, Request, Response};
pub use curl::{Curl, CurlClient};
pub use postgres::TestDatabase;
pub use process::{Claviger, StartError};
pub use python::{Python, PythonClient};
