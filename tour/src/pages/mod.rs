//! The pages of the tour: a folder for each group of the contents, and a file for each page.
//!
//! To add a page, write a file with the constant `PAGE`, and a template. Then declare the file as a module in the
//! `mod.rs` of its group, and add its `PAGE` to the pages of the group, in reading order.

mod applications;
mod authentication;
mod checklist;
mod contents;
mod cookies;
mod group;
mod page;
mod session;
mod start;
mod state;
mod tour_state;
mod trim_input;

pub(crate) use checklist::{Activity, Checklist, ChecklistItem};
pub use contents::{GROUPS, pages};
pub(crate) use contents::{checklist, page_at, page_to_template};
pub use group::Group;
pub use page::{Page, Script};
pub(crate) use page::{Template, templates};
pub(crate) use tour_state::TourState;
pub(crate) use trim_input::trim_input;
