use super::MAX_DEPTH;
use super::fault::Fault;

/// Writes wire text behind what is already there. What it makes of serde's types stands with
/// [`to_text`](super::to_text).
pub(super) struct TextSerializer {
    pub(super) out: String,
    pub(super) depth: usize,
}

impl TextSerializer {
    pub(super) fn nest(&mut self, levels: usize) -> Result<(), Fault> {
        self.depth += levels;
        if self.depth > MAX_DEPTH { Err(Fault::too_deep()) } else { Ok(()) }
    }
}
