use std::fmt::Display;

use hardtack_core::session::{Owner, Turn};
use hardtack_core::value::Value;

use crate::session::Session;
use crate::slot::{Open, USER_KEY};

/// Where anti-forgery tokens are kept by those who keep them in the session, Flask-WTF among them.
const CSRF_KEYS: [&str; 2] = ["csrf_token", "_csrf_token"];

impl<K: 'static> Session<K> {
    /// Records who has logged in, under a new id.
    ///
    /// What a guest has collected is kept; another user's data is not, nor a CSRF token. The user is kept as text under
    /// `_user_id`, where Flask-Login keeps it.
    ///
    /// ```
    /// # use hardtack_jar::Browser;
    /// # use axum::{Router, routing::get};
    /// # use hardtack::{MemoryStore, Session, SessionLayer, User};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let app: Router = Router::new()
    ///     .route("/cart", get(|session: Session| async move { session.insert("cart", vec!["tea"]) }))
    ///     .route("/in", get(|session: Session| async move { session.log_in("jane") }))
    ///     .route("/out", get(|session: Session| async move { session.log_out() }))
    ///     .route("/", get(|session: Session| async move { format!("{:?} {:?}", session.user(), session.keys()) }))
    ///     .layer(SessionLayer::stored(MemoryStore::new()));
    /// let browser = Browser::new(app);
    /// browser.get("/cart").await?;
    /// browser.get("/in").await?;
    /// assert_eq!(browser.get("/").await?.text(), r#"Some("jane") ["_user_id", "cart"]"#);
    /// browser.get("/out").await?;
    /// assert_eq!(browser.get("/").await?.text(), "None []");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Security
    ///
    /// The old id is dead at once, also for requests under way: whoever planted or stole it reads and writes nothing of
    /// the session that begins here (session fixation; ASVS 5.0, 7.2.4). Check the password before, on this very
    /// request.
    pub fn log_in(&self, user: impl Display) {
        let user = user.to_string();
        let text = Value::from(user.as_str()).to_text();
        // What is refused is in the log.
        let _ = self.try_write_open("a login", |open| {
            let is_same = open.user().as_deref() == Some(user.as_str());
            let data = open.data_mut();
            // Another application may keep a user there that cannot be read here.
            if data.get(USER_KEY).is_some() && !is_same {
                data.changes.forget();
            }
            for key in CSRF_KEYS {
                data.changes.ban(key);
            }
            // Also where it is no change: the session may be ended meanwhile, and only what is written here is kept.
            data.changes.insist(USER_KEY, text);
            data.turn = Turn::LogIn;
            open.set_owner(Some(Owner::new(user)));
        });
    }

    /// Forgets the user and all that was kept for them, and ends the session's id, also for requests under way.
    ///
    /// What is written after it in the same request, as a message of farewell, begins a new session. A guest who logs
    /// out keeps what they have collected, under a new id.
    ///
    /// # Security
    ///
    /// Final for a stored session. A copy of a signed or encrypted cookie, made before, lives on until it is too old.
    pub fn log_out(&self) {
        self.end("a logout", Open::has_user);
    }

    /// Ends the session and all that is in it: [`clear`](Session::clear) and [`log_out`](Session::log_out) in one, so
    /// that not even what a parallel request adds survives.
    pub fn destroy(&self) {
        self.end("its end", |_| true);
    }

    /// Who has logged in, if anyone has.
    pub fn user(&self) -> Option<String> {
        self.try_read_open(Open::user).ok().flatten()
    }

    /// Ends the session's id, and what is in it where that is to be forgotten.
    fn end(&self, what: &str, forgets: impl FnOnce(&Open) -> bool) {
        // What is refused is in the log.
        let _ = self.try_write_open(what, |open| {
            if forgets(open) {
                open.data_mut().changes.forget();
            }
            open.data_mut().turn = Turn::LogOut;
            open.set_owner(None);
        });
    }
}
