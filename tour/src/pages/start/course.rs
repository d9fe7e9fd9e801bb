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
    summary: "All pages, a checklist that remembers what you have done, and a quiz.",
    routes: |tour| {
        Router::new()
            .route("/", get(course))
            .route("/progress", post(save_progress))
            .with_state(Arc::clone(&tour.checklist))
    },
    source: include_str!("course.rs"),
    rust_functions: &["save_progress"],
    flask_functions: &["course", "save_progress"],
    templates: templates!["start/course.html"],
    script: Script::InPart,
    ..Page::DEFAULTS
};

/// The storage for a visitor's progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ProgressStorage {
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
    let storage = ProgressStorage::of(&cookies);
    let done = match storage {
        ProgressStorage::Cookie => parse_progress(&checklist, cookies.get(PROGRESS)),
        ProgressStorage::Session => session.get(PROGRESS).unwrap_or_default(),
        // A script reads the progress from localStorage. After the visitor has chosen this storage, the query contains
        // the progress, so that the script can store it there.
        ProgressStorage::LocalStorage => {
            parse_progress(&checklist, query.get(PROGRESS).map(String::as_str))
        }
    };
    let items = checklist.to_template(&done);
    let (questions, correct_count) = quiz::grade(&query);
    let done = checklist.ids().filter(|id| done.iter().any(|done| done == id)).count();
    view.render(
        "start/course.html",
        context! { storage => storage.name(), items, done, questions, correct_count, is_graded => query.contains_key("quiz") },
    )
}

async fn save_progress(
    State(checklist): State<Arc<Checklist>>,
    session: Session,
    cookies: Cookies,
    Form(form): Form<BTreeMap<String, String>>,
) -> (SetCookie, Option<SetCookie>, Option<RemoveCookie>, Redirect) {
    let storage = form
        .get("storage")
        .map_or(ProgressStorage::of(&cookies), |name| ProgressStorage::named(name));
    let done: Vec<&str> = checklist.ids().filter(|id| form.contains_key(*id)).collect();
    let joined = done.join(".");
    match storage {
        ProgressStorage::Session => session.insert(PROGRESS, done),
        ProgressStorage::Cookie | ProgressStorage::LocalStorage => {
            session.remove(PROGRESS);
        }
    }
    let next = match storage {
        ProgressStorage::LocalStorage => format!("/?{PROGRESS}={joined}#checklist"),
        ProgressStorage::Cookie | ProgressStorage::Session => "/#checklist".to_owned(),
    };
    let progress = (storage == ProgressStorage::Cookie)
        .then(|| SetCookie::new(PROGRESS, joined).max_age(A_YEAR));
    let removal = progress.is_none().then(|| RemoveCookie::new(PROGRESS));
    let choice = SetCookie::new(STORAGE_COOKIE, storage.name()).max_age(A_YEAR);
    (choice, progress, removal, Redirect::to(&next))
}

const PROGRESS: &str = "progress";
const STORAGE_COOKIE: &str = "progress_in";
const A_YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

impl ProgressStorage {
    fn of(cookies: &Cookies) -> Self {
        cookies.get(STORAGE_COOKIE).map_or(Self::Cookie, Self::named)
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

fn parse_progress(checklist: &Checklist, joined: Option<&str>) -> Vec<String> {
    joined
        .unwrap_or_default()
        .split('.')
        .take(checklist.ids().count())
        .map(str::to_owned)
        .collect()
}
