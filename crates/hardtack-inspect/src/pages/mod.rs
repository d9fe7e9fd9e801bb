//! The inspector's pages and its event stream.

mod jar_view;
mod page_query;
mod page_renderer;
mod sampler;
mod session_view;
mod stream;
mod templates;
mod visitor_selection;

pub use jar_view::{JarCookie, JarView};
pub(crate) use page_query::PageQuery;
pub(crate) use page_renderer::PageRenderer;
pub(crate) use stream::stream;
pub(crate) use templates::{SCRIPT, STYLE};
