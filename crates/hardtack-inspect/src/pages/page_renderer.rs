use axum::http::StatusCode;
use minijinja::{Value, context};

use crate::format::clock_time;
use crate::pages::jar_view::JarView;
use crate::pages::page_query::PageQuery;
use crate::pages::session_view::SessionView;
use crate::pages::templates::{render, to_template_value};
use crate::pages::visitor_selection::VisitorSelection;
use crate::state::{InspectorState, SharedState};
use crate::warnings::WarningLog;

/// A renderer of the inspector's pages. It locks the state only while it gathers the values for a page.
pub(crate) struct PageRenderer<'a> {
    /// The path of the inspector's page.
    pub(crate) base: &'a str,
    pub(crate) state: &'a SharedState,
    pub(crate) query: &'a PageQuery,
}

/// The maximum number of exchanges on a page.
const MAX_PER_PAGE: usize = 200;

impl PageRenderer<'_> {
    /// Renders the page at a path that is relative to the inspector's path.
    pub(crate) fn render(&self, path: &str) -> Result<String, StatusCode> {
        match path {
            "" => self.conversation(),
            "session" => self.session(),
            "jar" => self.jar(),
            "warnings" => self.warnings(),
            _ => match path.strip_prefix("exchanges/").and_then(|number| number.parse().ok()) {
                Some(number) => self.exchange(number),
                None => Err(StatusCode::NOT_FOUND),
            },
        }
    }

    fn conversation(&self) -> Result<String, StatusCode> {
        let state = self.state.lock();
        let selection = self.query.selection(&state.visitors);
        let exchanges: Vec<_> = state
            .exchanges
            .iter()
            .filter(|exchange| self.query.matches(exchange, selection))
            .take(MAX_PER_PAGE)
            .cloned()
            .collect();
        let layout = self.layout(&state, "conversation");
        drop(state);
        let chosen = exchanges.first().map(|exchange| to_template_value(&**exchange));
        let exchanges: Vec<_> = exchanges.iter().map(|exchange| to_template_value(&**exchange)).collect();
        render("conversation.html", context! { exchanges, chosen, ..layout })
    }

    fn exchange(&self, number: u64) -> Result<String, StatusCode> {
        let state = self.state.lock();
        let exchange = state.exchanges.get(number).cloned().ok_or(StatusCode::NOT_FOUND)?;
        let is_stored = |number: &u64| state.exchanges.get(*number).is_some();
        let (before, after) = (Some(number - 1).filter(is_stored), Some(number + 1).filter(is_stored));
        let layout = self.layout(&state, "conversation");
        drop(state);
        render(
            "exchange.html",
            context! { exchange => to_template_value(&*exchange), before, after, ..layout },
        )
    }

    fn session(&self) -> Result<String, StatusCode> {
        let state = self.state.lock();
        let sessions = SessionView::all(&state.visitors, self.query.selection(&state.visitors));
        let layout = self.layout(&state, "session");
        drop(state);
        render("session.html", context! { sessions => to_template_value(&sessions), ..layout })
    }

    fn jar(&self) -> Result<String, StatusCode> {
        let state = self.state.lock();
        let selection = self.query.selection(&state.visitors);
        let jars = JarView::all(&state.visitors, selection, &state.redactor);
        let layout = self.layout(&state, "jar");
        drop(state);
        render("jar.html", context! { jars => to_template_value(&jars), ..layout })
    }

    fn warnings(&self) -> Result<String, StatusCode> {
        let state = self.state.lock();
        let log = match self.query.selection(&state.visitors) {
            VisitorSelection::All => Some(&state.warnings),
            VisitorSelection::One(number) => state.visitors.get(number).map(|visitor| &visitor.warnings),
            VisitorSelection::Unknown => None,
        };
        let warnings = log.map(WarningLog::sorted).unwrap_or_default();
        let layout = self.layout(&state, "warnings");
        drop(state);
        render("warnings.html", context! { warnings => to_template_value(&warnings), ..layout })
    }

    /// Returns the values for the layout that all pages share.
    fn layout(&self, state: &InspectorState, view: &'static str) -> Value {
        let (base, query) = (self.base, self.query);
        let tab = |view: &'static str, title, path: &str, count: Option<usize>| {
            context! { view, title, href => format!("{base}{path}{}", query.browser_query()), count }
        };
        let warnings = Some(state.warnings.count()).filter(|count| *count > 0);
        let tabs = [
            tab("conversation", "Conversation", "", None),
            tab("session", "Session", "/session", None),
            tab("jar", "Jar", "/jar", None),
            tab("warnings", "Warnings", "/warnings", warnings),
        ];
        let href = match view {
            "conversation" => base.to_owned(),
            view => format!("{base}/{view}"),
        };
        context! {
            base, href, view, tabs,
            theme => query.theme,
            shows_values => state.redactor.redaction().shows_values(),
            totals => context! {
                time => clock_time(query.head.at),
                total => state.total,
                stored => state.exchanges.len(),
            },
            filters => to_template_value(&query.filters),
        }
    }
}
