//! The tokens of wire text: where they end, how they are read and written, and Flask's tags.

pub(super) mod number;
pub(super) mod read;
pub(super) mod scan;
pub(super) mod tag;
pub(super) mod tags;
pub(super) mod write;
