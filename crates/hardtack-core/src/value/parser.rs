use super::fault::Fault;
use super::tags::{Tagged, Tags};
use super::{MAX_DEPTH, Reader};

/// A parser of wire text. [`from_text`](super::from_text) describes what it presents to serde.
pub(super) struct Parser<'a> {
    pub(super) reader: Reader<'a>,
    pub(super) depth: usize,
    tags: Tags,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { reader: Reader::new(text), tags: Tags::default(), depth: 0 }
    }

    pub(super) fn nest(&mut self) -> Result<(), Fault> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(Fault::too_deep()) } else { Ok(()) }
    }

    /// Returns the tag that the next dict is, if it is one.
    #[inline]
    pub(super) fn tag(&mut self) -> Option<Tagged> {
        self.tags.at(self.reader.text(), self.reader.at())
    }
}
