/// The key under which Flask-Login keeps the user.
pub(crate) const USER_KEY: &str = "_user_id";

/// The key under which Flask keeps `session.permanent`.
pub(crate) const PERMANENT_KEY: &str = "_permanent";
