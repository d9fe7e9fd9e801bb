use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware::map_response;
use axum::response::Response;
use hardtack_minijinja::context;
use hardtack_minijinja::minijinja::Value;

use super::checklist::ChecklistItem;
use super::tour_state::TourState;

/// A page of the tour, with everything that belongs to it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Page {
    /// The path.
    pub path: &'static str,
    /// The heading.
    pub title: &'static str,
    /// A sentence that says what the page is about.
    pub summary: &'static str,
    /// The functions in `source` that the page shows.
    pub rust_functions: &'static [&'static str],
    /// The functions in `flask/app.py` that the page shows beside the Rust functions, if there is a Flask version.
    pub flask_functions: &'static [&'static str],
    /// The part of the page that needs scripts.
    pub script: Script,
    /// Whether the page shows personal data. Browsers must not store such a page, so that the next person at the same
    /// computer does not see it.
    pub is_personal: bool,
    /// Whether visitors who have not logged in get a 401.
    pub requires_login: bool,
    /// The function that returns the routes of the page, including those below its path.
    pub(crate) routes: fn(&TourState) -> Router,
    /// The source code of the file with the handlers. It is included when the tour is compiled, so the page shows the
    /// code that runs.
    pub(crate) source: &'static str,
    /// The templates that only this page uses. The first one is the page itself.
    pub(crate) templates: &'static [Template],
    /// The items that the page adds to the checklist.
    pub(crate) checklist: &'static [ChecklistItem],
}

/// The part of a page that needs scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// None: the whole page works without JavaScript.
    Unused,
    /// A part about something that only scripts can access, such as localStorage. The rest of the page works without
    /// JavaScript.
    InPart,
}

/// A template that is compiled into the program, so that the program can run in any folder.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) name: &'static str,
    pub(crate) source: &'static str,
}

/// Compiles templates into the program, given their names in the folder `templates`.
macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        &[$($crate::pages::Template {
            name: $name,
            source: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/", $name)),
        }),*]
    };
}
pub(crate) use templates;

impl Page {
    /// The default values of the fields, which most pages share.
    pub(crate) const DEFAULTS: Self = Self {
        path: "",
        title: "",
        summary: "",
        rust_functions: &[],
        flask_functions: &[],
        script: Script::Unused,
        is_personal: false,
        requires_login: false,
        routes: |_| Router::new(),
        source: "",
        templates: &[],
        checklist: &[],
    };

    /// Returns the routes of the page, with a layer that adds the headers that the page needs.
    pub(crate) fn router(&self, tour: &TourState) -> Router {
        let routes = (self.routes)(tour);
        if self.is_personal { routes.layer(map_response(never_stored)) } else { routes }
    }

    /// Converts the page to a link for templates.
    pub(crate) fn to_link(&self) -> Value {
        context! { path => self.path, title => self.title, summary => self.summary }
    }
}

async fn never_stored(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
