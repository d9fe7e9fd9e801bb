//! What happens in a tab: navigation, input, emulated settings, pictures, and the exchanges with servers.

pub(crate) mod emulation;
pub(crate) mod exchange;
pub(crate) mod input;
mod load;
pub(crate) mod page;
pub(crate) mod response;
pub(crate) mod screenshot;
