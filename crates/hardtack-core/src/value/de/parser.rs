use crate::value::fault::Fault;
use crate::value::text::tags::{Tagged, Tags};
use crate::value::{MAX_DEPTH, Reader};

/// A parser for wire text. The [module](crate::value) describes how it presents values to serde.
pub(crate) struct Parser<'a> {
    pub(crate) reader: Reader<'a>,
    pub(crate) depth: usize,
    tags: Tags,
}

impl<'a> Parser<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { reader: Reader::new(text), tags: Tags::default(), depth: 0 }
    }

    pub(crate) fn nest(&mut self) -> Result<(), Fault> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(Fault::too_deep()) } else { Ok(()) }
    }

    /// Returns the tag of the next dict, if the dict is a tagged value.
    #[inline]
    pub(crate) fn tag(&mut self) -> Option<Tagged> {
        self.tags.at(self.reader.text(), self.reader.at())
    }
}
