//! The whole product from outside: a running server, a database of its own, real clients.

mod bed;
mod smoke;
