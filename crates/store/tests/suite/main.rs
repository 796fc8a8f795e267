//! One storage suite, run on SQLite and on PostgreSQL.

mod audit;
mod bed;
mod changes;
mod coming_in;
mod conflicts;
mod corruption;
mod imported;
mod listing;
mod loading;
mod logs;
mod opening;
mod orders;
mod passkeys;
mod people;
mod round_trips;
mod samples;
mod statements;
