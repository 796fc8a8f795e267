//! Contract T, row by row, from outside.

mod accepted;
mod formats;
mod life;
mod methods;
mod refused;
mod versions;
