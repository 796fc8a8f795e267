//! Decisions, as every door gets them.

mod accepted;
mod fixture;
mod foreign;
mod history;
mod mixing;
mod mutations;
mod people;
mod properties;
mod refused;
mod schemes;
mod signed;
mod standing;
mod stranger;
mod worlds;
