//! The whole product from outside: a running server, a database of its own, real clients.

mod ask;
mod bed;
mod connection;
mod contract_t;
mod example;
mod load;
mod smoke;
mod tls;
mod traces;
