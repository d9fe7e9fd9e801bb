use crate::value::MAX_DEPTH;
use crate::value::fault::Fault;

/// A serializer that appends wire text. [`to_text`](crate::value::to_text) describes how types are written.
pub(crate) struct TextSerializer {
    pub(crate) out: String,
    pub(crate) depth: usize,
}

impl TextSerializer {
    pub(crate) fn nest(&mut self, levels: usize) -> Result<(), Fault> {
        self.depth += levels;
        if self.depth > MAX_DEPTH { Err(Fault::too_deep()) } else { Ok(()) }
    }
}
