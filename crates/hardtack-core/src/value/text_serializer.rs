use super::MAX_DEPTH;
use super::fault::Fault;

/// A serializer that appends wire text. [`to_text`](super::to_text) describes how it writes serde's types.
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
