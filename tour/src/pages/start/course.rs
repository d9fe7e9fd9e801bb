use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Form, Query, State};
use axum::response::{Html, Redirect};
use axum::routing::{get, post};
use hardtack::{Cookies, RemoveCookie, Session, SetCookie};
use hardtack_minijinja::{View, ViewError, context};

use super::quiz;
use crate::pages::{Checklist, Page, Script, templates};

pub(crate) const PAGE: Page = Page {
    path: "/",
    title: "The course",
    about: "What there is, a checklist that remembers what you did, and a quiz.",
    routes: |tour| {
        Router::new()
            .route("/", get(course))
            .route("/progress", post(save_progress))
            .with_state(Arc::clone(&tour.checklist))
    },
    source: include_str!("course.rs"),
    handlers: &["save_progress"],
    flask: &["course", "save_progress"],
    templates: templates!["start/course.html"],
    script: Script::InPart,
    ..Page::DEFAULTS
};

/// Where a visitor's progress is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Cookie,
    Session,
    LocalStorage,
}

async fn course(
    State(checklist): State<Arc<Checklist>>,
    session: Session,
    cookies: Cookies,
    view: View,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Html<String>, ViewError> {
    let place = Place::of(&cookies);
    let done = match place {
        Place::Cookie => split(&checklist, cookies.get(PROGRESS)),
        Place::Session => session.get(PROGRESS).unwrap_or_default(),
        // A script reads it. After a change of place, the query contains the value to store there.
        Place::LocalStorage => {
            split(&checklist, query.get(PROGRESS).map(String::as_str))
        }
    };
    let items = checklist.to_template(&done);
    let (questions, right) = quiz::marked(&query);
    let done = checklist.ids().filter(|id| done.iter().any(|done| done == id)).count();
    view.render(
        "start/course.html",
        context! { place => place.name(), items, done, questions, right, asked => query.contains_key("quiz") },
    )
}

async fn save_progress(
    State(checklist): State<Arc<Checklist>>,
    session: Session,
    cookies: Cookies,
    Form(form): Form<BTreeMap<String, String>>,
) -> (SetCookie, Option<SetCookie>, Option<RemoveCookie>, Redirect) {
    let place =
        form.get("place").map_or(Place::of(&cookies), |name| Place::named(name));
    let done: Vec<&str> = checklist.ids().filter(|id| form.contains_key(*id)).collect();
    let joined = done.join(".");
    match place {
        Place::Session => session.insert(PROGRESS, done),
        Place::Cookie | Place::LocalStorage => {
            session.remove(PROGRESS);
        }
    }
    let next = match place {
        Place::LocalStorage => format!("/?{PROGRESS}={joined}#checklist"),
        Place::Cookie | Place::Session => "/#checklist".to_owned(),
    };
    let kept = (place == Place::Cookie)
        .then(|| SetCookie::new(PROGRESS, joined).max_age(A_YEAR));
    let gone = kept.is_none().then(|| RemoveCookie::new(PROGRESS));
    let chosen = SetCookie::new(PLACE, place.name()).max_age(A_YEAR);
    (chosen, kept, gone, Redirect::to(&next))
}

const PROGRESS: &str = "progress";
const PLACE: &str = "progress_in";
const A_YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

impl Place {
    fn of(cookies: &Cookies) -> Self {
        cookies.get(PLACE).map_or(Self::Cookie, Self::named)
    }

    fn named(name: &str) -> Self {
        match name {
            "session" => Self::Session,
            "localStorage" => Self::LocalStorage,
            _ => Self::Cookie,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Cookie => "cookie",
            Self::Session => "session",
            Self::LocalStorage => "localStorage",
        }
    }
}

fn split(checklist: &Checklist, joined: Option<&str>) -> Vec<String> {
    joined
        .unwrap_or_default()
        .split('.')
        .take(checklist.ids().count())
        .map(str::to_owned)
        .collect()
}
