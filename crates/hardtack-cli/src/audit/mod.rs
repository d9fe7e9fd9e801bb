//! Audits the security of the cookies that a site sets.

mod audit;
mod audit_report;
mod audited_page;
mod probe;
mod target;
mod unreached;
mod visitor;

pub(crate) use audit::Audit;
