//! A listener for HTTP services of the product itself: the doors for infrastructure and the ways in for people. The
//! gateway has its own, which also reads what hyper would not show.

mod limits;
mod listener;
mod patience;
mod places;
mod streams;

pub use limits::ListenLimits;
pub use listener::{Listening, serve};
pub use places::{Place, Places};
