use std::sync::{Arc, Weak};

use hardtack_core::protocol::{Replay, Updated};
use hardtack_core::{Error, value};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::session::Session;
use crate::slot::{Refusal, RunningGuard, Slot, USER_KEY};

/// The maximum number of times that a function runs because other tasks of the same request changed the key first. Each
/// repetition means that another task has made progress, so the limit is reached only if the function itself causes
/// other tasks to change the key.
const MAX_RUNS: u32 = 1000;

impl<K: 'static> Session<K> {
    /// Changes a value in place, starting from its type's default if the key is missing.
    ///
    /// ```
    /// # fn handler(session: hardtack::Session) {
    /// let visits = session.update("visits", |n: &mut u64| { *n += 1; *n });
    /// session.update("cart", |cart: &mut Vec<String>| cart.push("tea".to_owned()));
    /// # }
    /// ```
    ///
    /// Concurrent changes are not lost: if another request has changed the value in the meantime, the function **runs
    /// again** on the new value. The function must therefore not move anything out of its captures (clone instead), and
    /// the result of `update` may be older than the value that is finally stored.
    ///
    /// The function must not use a captured handle to the session that it updates. The function may run again while the
    /// session is being saved, and such a handle then shows the session as the handler left it, without the other
    /// request's changes. Read other keys first, and move their values into the function:
    ///
    /// ```
    /// # fn handler(session: hardtack::Session) {
    /// let price: u64 = session.get("price").unwrap_or(0);
    /// session.update("total", move |total: &mut u64| *total += price);
    /// # }
    /// ```
    ///
    /// # When it fails
    ///
    /// In the cases in which [`try_update`](Session::try_update) returns an error, nothing is stored. If the function
    /// cannot run on the value, it runs on a default, only to produce a result to return. Because the handler does not
    /// see the failure, an error is logged and, if the response head has not been sent, the response becomes a 500. To
    /// handle the failure, use `try_update`.
    ///
    /// If a value cannot be read, the cause is usually a struct that has gained a field since the value was stored.
    /// Give the field `#[serde(default)]`. The value is not replaced by a default, because that would lose the
    /// visitor's data.
    ///
    /// A session kept in its cookie cannot merge changes, because the browser keeps only the cookie of the response
    /// that arrives last.
    pub fn update<T, R, F>(&self, key: &str, change: F) -> R
    where
        T: Serialize + DeserializeOwned + Default,
        F: Fn(&mut T) -> R + Send + 'static,
    {
        let (error, returned) = match self.attempt(key, change) {
            Ok(returned) => return returned,
            Err(Failure::NotRun(error, change)) => (error, change(&mut T::default())),
            Err(Failure::Run(error, returned)) => (error, returned),
        };
        self.note_failed_update(key, error);
        returned
    }

    /// Changes a value in place like [`update`](Session::update), but returns an error on failure instead of turning
    /// the response into a 500.
    ///
    /// # Errors
    ///
    /// Returns an error if the value cannot be read as a `T`; if the changed value cannot be written as Flask's JSON;
    /// if the function used the session that it updates; if other tasks of the request kept changing the key; if the
    /// response head has been sent; or if the key is `_user_id`, which only [`log_in`](Session::log_in) sets. In each
    /// case, nothing is changed.
    pub fn try_update<T, R, F>(&self, key: &str, change: F) -> Result<R, Error>
    where
        T: Serialize + DeserializeOwned + Default,
        F: Fn(&mut T) -> R + Send + 'static,
    {
        self.attempt(key, change).map_err(|failure| match failure {
            Failure::NotRun(error, _) | Failure::Run(error, _) => error.into(),
        })
    }

    /// Runs the function on the current value, and stores the result. If another task changes the value in the
    /// meantime, runs the function again.
    fn attempt<T, R, F>(&self, key: &str, mut change: F) -> Result<R, Failure<R, F>>
    where
        T: Serialize + DeserializeOwned + Default,
        F: Fn(&mut T) -> R + Send + 'static,
    {
        let mut seen: Option<Box<str>> = match self.try_read(|data| data.get(key).map(Into::into)) {
            Ok(seen) => seen,
            Err(refusal) => return Err(Failure::NotRun(refusal.into(), change)),
        };
        if key == USER_KEY {
            let refusal = self.slot().refused(key, Refusal::Reserved);
            return Err(Failure::NotRun(refusal.into(), change));
        }
        for _ in 0..MAX_RUNS {
            // The function is application code, so it does not run under the lock.
            let (outcome, returned) = match run(Arc::as_ptr(self.slot()), seen.as_deref(), &change) {
                Ran::Done(outcome, returned) => (outcome, returned),
                Ran::Unreadable(error) => return Err(Failure::NotRun(error.into(), change)),
                Ran::Unwritable(error, returned) => return Err(Failure::Run(error.into(), returned)),
                Ran::Misused(returned) => return Err(Failure::Run(Refusal::InsideUpdate.into(), returned)),
            };
            let placed = self.try_write(key, |data| {
                if data.get(key) != seen.as_deref() {
                    return Err((data.get(key).map(Into::into), change));
                }
                data.changes.update(&data.base, key, outcome, replay(Arc::downgrade(self.slot()), change));
                Ok(())
            });
            match placed {
                Ok(Ok(())) => return Ok(returned),
                Ok(Err((newer, back))) => (seen, change) = (newer, back),
                Err(refusal) => return Err(Failure::Run(refusal.into(), returned)),
            }
        }
        let refusal = self.slot().refused(key, Refusal::Contended);
        Err(Failure::NotRun(refusal.into(), change))
    }

    /// Records a failure that the handler does not see, so that the response becomes a 500. Refusals, such as a late
    /// update, have already been logged.
    #[cold]
    fn note_failed_update(&self, key: &str, error: UpdateError) {
        if let UpdateError::Value(error) = &error {
            tracing::error!(
                key,
                %error,
                "a session value cannot be read as the type to update, or cannot be written, and was not changed: \
                 if a struct has a new field, add #[serde(default)] to it, or handle the error with `try_update`"
            );
        }
        self.slot().lock().record_mistake("an `update` failed: see the log for the key");
    }
}

/// The reason why an update has stored nothing.
enum Failure<R, F> {
    /// The function has not run, or not on the current value.
    NotRun(UpdateError, F),
    /// The function has run, and returned this value.
    Run(UpdateError, R),
}

enum UpdateError {
    Value(Error),
    Refused(Refusal),
}

impl From<Error> for UpdateError {
    fn from(error: Error) -> Self {
        Self::Value(error)
    }
}

impl From<Refusal> for UpdateError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<UpdateError> for Error {
    fn from(error: UpdateError) -> Self {
        match error {
            UpdateError::Value(error) => error,
            UpdateError::Refused(refusal) => refusal.into(),
        }
    }
}

/// Wraps the function, so that it can run again on a value that another request has changed. The wrapper holds the slot
/// weakly, because the slot holds the wrapper.
fn replay<T, R, F>(slot: Weak<Slot>, change: F) -> Replay
where
    T: Serialize + DeserializeOwned + Default,
    F: Fn(&mut T) -> R + Send + 'static,
{
    Replay::new(move |text| match run(slot.as_ptr(), text, &change) {
        Ran::Done(outcome, _) => outcome,
        // Another request has stored a value of another type, or a value for which the function's result cannot be
        // written, or for which the function has used its own session. None of this request's changes can be saved.
        Ran::Unreadable(_) | Ran::Unwritable(..) | Ran::Misused(_) => Updated::Failed,
    })
}

/// The outcome of running the function once.
enum Ran<R> {
    Done(Updated, R),
    /// The value is not of type `T`, and the function has not run.
    Unreadable(Error),
    /// The changed value cannot be written.
    Unwritable(Error, R),
    /// The function has used the session that it updates.
    Misused(R),
}

/// Runs the function on a value's wire text.
fn run<T, R>(slot: *const Slot, text: Option<&str>, change: &impl Fn(&mut T) -> R) -> Ran<R>
where
    T: Serialize + DeserializeOwned + Default,
{
    let mut value: T = match text.map(value::from_text).transpose() {
        Ok(value) => value.unwrap_or_default(),
        Err(error) => return Ran::Unreadable(error),
    };
    let running = RunningGuard::enter(slot);
    let returned = change(&mut value);
    if running.was_misused() {
        return Ran::Misused(returned);
    }
    drop(running);
    match value::to_text(&value) {
        Ok(new) if text == Some(&*new) => Ran::Done(Updated::Kept, returned),
        Ok(new) => Ran::Done(Updated::Set(new), returned),
        Err(error) => Ran::Unwritable(error, returned),
    }
}
