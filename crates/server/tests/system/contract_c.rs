//! Contract C, row by row, from outside.

mod ends;
mod factor;
mod keys;
mod login;
mod origin;
mod race;
mod stage;
