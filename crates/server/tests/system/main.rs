//! The whole product from outside: a running server, a database of its own, real clients.

mod ask;
mod bed;
mod canaries;
mod catalogue;
mod cli;
mod connection;
mod contract_t;
mod counting;
mod demo;
mod dice;
mod doors;
mod example;
mod gate;
mod hostile;
mod import;
mod kill;
mod load;
mod mutations;
mod ops;
mod proxying;
mod raw;
mod schemes;
mod signatures;
mod smoke;
mod tls;
mod traces;
