//! Audits the security of the cookies that a site sets.

mod audit;
mod page;
mod probe;
mod report;
mod target;
mod unreached;
mod visitor;

pub(crate) use audit::Audit;
