//! The result of a case, and how two results differ.

use std::time::{Duration, SystemTime};

/// The earliest and the latest time at which the browser may have received the response of each step.
pub(crate) type Clock = Vec<(SystemTime, SystemTime)>;

/// The cookies that were sent with each step, and the cookies that are stored at the end.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Outcome {
    /// The `Cookie` header of each request, or what `document.cookie` returned before it was written.
    pub(crate) sent: Vec<Vec<u8>>,
    pub(crate) kept: Vec<Kept>,
}

/// A cookie, with all properties that both the jar and Chromium report.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
pub(crate) struct Kept {
    pub(crate) domain: String,
    pub(crate) host_only: bool,
    pub(crate) path: String,
    /// The name without bytes that are not UTF-8, which the browser's list omits. `Outcome::sent` contains them.
    pub(crate) name: String,
    pub(crate) value: String,
    /// The size of the name and the value in bytes.
    pub(crate) size: usize,
    pub(crate) partition: Option<(String, bool)>,
    pub(crate) secure: bool,
    pub(crate) http_only: bool,
    pub(crate) same_site: Option<String>,
    /// The earliest and the latest time at which the cookie may expire. The time at which the browser processed the
    /// response is not known exactly.
    pub(crate) expires: Option<(SystemTime, SystemTime)>,
}

impl Outcome {
    pub(crate) fn new(sent: Vec<Vec<u8>>, mut kept: Vec<Kept>) -> Self {
        kept.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
        Self { sent, kept }
    }

    /// Returns descriptions of the differences from another outcome.
    pub(crate) fn differences(&self, theirs: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        for (index, (ours, theirs)) in self.sent.iter().zip(&theirs.sent).enumerate() {
            if ours != theirs {
                let (ours, theirs) = (ours.escape_ascii(), theirs.escape_ascii());
                differences.push(format!("step {} sent \"{ours}\" here, \"{theirs}\" there", index + 1));
            }
        }
        let same = self.kept.len() == theirs.kept.len()
            && self.kept.iter().zip(&theirs.kept).all(|(ours, theirs)| ours.is_same(theirs));
        if !same {
            differences.push(format!("kept here {:?}\n      there {:?}", self.kept, theirs.kept));
        }
        differences
    }
}

impl Kept {
    fn is_same(&self, theirs: &Self) -> bool {
        let expires = match (self.expires, theirs.expires) {
            (None, None) => true,
            (Some((earliest, latest)), Some((there, _))) => {
                // The times in the browser's list are inexact by up to a millisecond.
                let rounding = Duration::from_millis(1);
                earliest - rounding <= there && there <= latest + rounding
            }
            _ => false,
        };
        expires && Self { expires: None, ..self.clone() } == Self { expires: None, ..theirs.clone() }
    }
}
