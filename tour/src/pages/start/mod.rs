//! The start of the tour: the overview, the checklist, and the quiz.

mod course;
mod quiz;

use crate::pages::Group;

pub(crate) const GROUP: Group = Group { title: "Start", pages: &[course::PAGE] };
