//! What could be safer about the cookies that a site sets.

mod command;
mod page;
mod report;
mod target;
mod visitor;

pub(crate) use command::Audit;
