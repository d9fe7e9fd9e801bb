//! Audits the security of the cookies that a site sets.

mod command;
mod page;
mod probe;
mod report;
mod target;
mod unreached;
mod visitor;

pub(crate) use command::Audit;
