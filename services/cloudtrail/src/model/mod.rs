//! How a stored record is told as an event.

mod event;

pub(crate) use event::event;
