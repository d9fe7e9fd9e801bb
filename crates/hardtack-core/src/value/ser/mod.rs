//! Writing a type as wire text.

pub(super) mod members;
pub(super) mod text_serializer;
pub(super) mod to_text;
