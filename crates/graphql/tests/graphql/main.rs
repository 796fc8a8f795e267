//! The way in over GraphQL, asked as a caller does.

mod access;
mod guesses;
mod limits;
mod managing;
mod matrix;
mod oneself;
mod schema;
mod seed;
mod world;
