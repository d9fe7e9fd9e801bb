//! The inspector's state: exchanges, browsers with their jars and sessions, and warnings.

mod exchange_buffer;
mod inspector_state;
mod visitors;

pub(crate) use exchange_buffer::ExchangeBuffer;
pub(crate) use inspector_state::{InspectorState, SharedState};
pub(crate) use visitors::{Visitor, Visitors};
