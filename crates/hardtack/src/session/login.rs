use std::fmt::Display;

use hardtack_core::protocol::{IdChange, Owner};
use hardtack_core::value::Value;

use crate::session::Session;
use crate::slot::{Open, USER_KEY};

/// The keys under which libraries such as Flask-WTF keep CSRF tokens in the session.
const CSRF_KEYS: [&str; 2] = ["csrf_token", "_csrf_token"];

impl<K: 'static> Session<K> {
    /// Logs a user in, and gives a stored session a new id.
    ///
    /// If a guest logs in, the data collected so far is kept. If another user was logged in, that user's data is
    /// removed. CSRF tokens are always removed. The user is stored as a string under `_user_id`, the key that
    /// Flask-Login uses.
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
    /// The old id of a stored session becomes invalid without a grace period, even for requests in progress. An
    /// attacker who planted or stole the old id or cookie can neither read nor write the session that begins with the
    /// login (session fixation; ASVS 5.0, 7.2.4). Check the password before you call this method, in the same request.
    pub fn log_in(&self, user: impl Display) {
        let user = user.to_string();
        let text = Value::from(user.as_str()).to_text();
        // A refusal has already been logged.
        let _ = self.try_write_open("a login", |open| {
            let is_same = open.user().as_deref() == Some(user.as_str());
            let data = open.data_mut();
            // Checks whether the key is present, not whether the user can be read: another application may have stored
            // a user that cannot be read here.
            if data.get(USER_KEY).is_some() && !is_same {
                data.changes.forget();
            }
            for key in CSRF_KEYS {
                data.changes.force_remove(key);
            }
            // Sets the key even if the value is the same: if another request ends the session in the meantime, only the
            // keys that this request has set are kept.
            data.changes.force_set(USER_KEY, text);
            data.id_change = IdChange::LogIn;
            open.set_owner(Some(Owner::new(user)));
        });
    }

    /// Logs the user out: removes the user and all their data, and invalidates the id of a stored session, even for
    /// requests in progress.
    ///
    /// If the same request writes to the session afterward, for instance a farewell message, a new session begins. If a
    /// guest logs out, the data collected so far is kept; a stored session gets a new id.
    ///
    /// # Security
    ///
    /// A logout is final for a stored session. For a signed or encrypted session, a copy of the cookie that was made
    /// earlier remains valid until it expires.
    pub fn log_out(&self) {
        self.end("a logout", Open::has_user);
    }

    /// Ends the session and deletes all its data, even that of a guest and, if the session is stored, even data that a
    /// concurrent request adds. In contrast, [`clear`](Session::clear) keeps the data of concurrent requests,
    /// and [`log_out`](Session::log_out) keeps the data of a guest.
    pub fn destroy(&self) {
        self.end("end of session", |_| true);
    }

    /// Returns the logged-in user, or `None` for a guest.
    pub fn user(&self) -> Option<String> {
        self.try_read_open(Open::user).ok().flatten()
    }

    /// Invalidates the id of a stored session, and removes the data if `forgets` returns true.
    fn end(&self, what: &str, forgets: impl FnOnce(&Open) -> bool) {
        // A refusal has already been logged.
        let _ = self.try_write_open(what, |open| {
            if forgets(open) {
                open.data_mut().changes.forget();
            }
            open.data_mut().id_change = IdChange::LogOut;
            open.set_owner(None);
        });
    }
}
