use hardtack_core::session::{Replay, Updated};
use hardtack_core::{Error, value};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::session::Session;

impl<K: 'static> Session<K> {
    /// Changes a value in place, beginning with its type's default where there is none.
    ///
    /// ```
    /// # fn handler(session: hardtack::Session) {
    /// let visits = session.update("visits", |n: &mut u64| { *n += 1; *n });
    /// session.update("cart", |cart: &mut Vec<String>| cart.push("tea".to_owned()));
    /// # }
    /// ```
    ///
    /// No concurrent request is lost: when another one has changed the value meanwhile, the function **runs again** on
    /// that. So it takes nothing out of what it captures (clone instead), and what it returned may be behind what is
    /// stored in the end.
    ///
    /// On a value of another type it runs on a default, stores nothing, and the log has a `warn`;
    /// [`try_update`](Session::try_update) tells.
    ///
    /// A session kept in its cookie cannot merge: there the browser keeps the answer that came last.
    pub fn update<T, R, F>(&self, key: &str, change: F) -> R
    where
        T: Serialize + DeserializeOwned + Default,
        F: Fn(&mut T) -> R + Send + 'static,
    {
        self.attempt(key, change).unwrap_or_else(|(error, change)| {
            tracing::warn!(key, %error, "a session value is not of the type to update, and was left as it is");
            change(&mut T::default())
        })
    }

    /// As [`update`](Session::update), telling a value of another type.
    ///
    /// # Errors
    ///
    /// If the value is of another type, or what the function made of it cannot be written as Flask's JSON. Then nothing
    /// is changed.
    pub fn try_update<T, R, F>(&self, key: &str, change: F) -> Result<R, Error>
    where
        T: Serialize + DeserializeOwned + Default,
        F: Fn(&mut T) -> R + Send + 'static,
    {
        self.attempt(key, change).map_err(|(error, _)| error)
    }

    /// Runs the function on the value as it is, and puts the result in unless another handle was faster.
    fn attempt<T, R, F>(&self, key: &str, mut change: F) -> Result<R, (Error, F)>
    where
        T: Serialize + DeserializeOwned + Default,
        F: Fn(&mut T) -> R + Send + 'static,
    {
        let mut seen: Option<Box<str>> = self.read(|open| open.get(key).map(Into::into)).flatten();
        loop {
            // The application's code, so not under the lock.
            let (outcome, returned) = match run(seen.as_deref(), &change) {
                Ok(done) => done,
                Err(error) => return Err((error, change)),
            };
            let placed = self.write(key, |open| {
                if open.get(key) != seen.as_deref() {
                    return Err((open.get(key).map(Into::into), change));
                }
                let again = Replay::new(move |text| match run(text, &change) {
                    Ok((outcome, _)) => outcome,
                    // Another request has made it a value of another type, so that this request cannot be kept whole.
                    Err(_) => Updated::Failed,
                });
                open.changes.update(&open.base, key, outcome, again);
                Ok(())
            });
            match placed {
                Some(Err((newer, back))) => (seen, change) = (newer, back),
                Some(Ok(())) | None => return Ok(returned),
            }
        }
    }
}

/// Runs the function on a value's wire text.
fn run<T, R>(text: Option<&str>, change: &impl Fn(&mut T) -> R) -> Result<(Updated, R), Error>
where
    T: Serialize + DeserializeOwned + Default,
{
    let mut value: T = text.map(value::from_text).transpose()?.unwrap_or_default();
    let returned = change(&mut value);
    let new = value::to_text(&value)?;
    let outcome = if text == Some(&*new) { Updated::Kept } else { Updated::Set(new) };
    Ok((outcome, returned))
}
