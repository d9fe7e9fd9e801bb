use std::sync::{Arc, Weak};

use hardtack_core::session::{Replay, Updated};
use hardtack_core::{Error, value};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::session::Session;
use crate::slot::{Refusal, RunningGuard, Slot, USER_KEY};

/// How often a function runs at most because other tasks of the same request were faster. Each time one of them has
/// made progress, so that only a function which itself makes others change the key runs so often.
const MOST_RUNS: u32 = 1000;

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
    /// The function must not use the session that it updates, through a handle that it captures: when it runs again,
    /// after the response head has been sent, it would see the session of before. Read other keys first, and move the
    /// values in:
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
    /// If the value cannot be read as a `T`, or the function has used its own session, nothing is stored, and the
    /// function's result, for want of another, is that of a run on a default. Because the handler cannot know, the
    /// response becomes a 500, and the log has an error that names the key. Use [`try_update`](Session::try_update) to
    /// handle it.
    ///
    /// A value that cannot be read is usually a struct that has gained a field since it was stored: give the field
    /// `#[serde(default)]`. It is not replaced by a default, which would lose what the visitor had.
    ///
    /// A session kept in its cookie cannot merge: there the browser keeps the answer that came last.
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

    /// As [`update`](Session::update), but returns an error instead of answering with a 500 if the value is not a `T`.
    ///
    /// # Errors
    ///
    /// If the value cannot be read as a `T`, or what the function made of it cannot be written as Flask's JSON; if the
    /// function used the session that it updates; if the response head has been sent; or if the key is `_user_id`, which
    /// only [`log_in`](Session::log_in) sets. Then nothing is changed.
    pub fn try_update<T, R, F>(&self, key: &str, change: F) -> Result<R, Error>
    where
        T: Serialize + DeserializeOwned + Default,
        F: Fn(&mut T) -> R + Send + 'static,
    {
        self.attempt(key, change).map_err(|failure| match failure {
            Failure::NotRun(error, _) | Failure::Run(error, _) => error.into(),
        })
    }

    /// Runs the function on the value as it is, and puts the result in unless another handle was faster.
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
        for _ in 0..MOST_RUNS {
            // The application's code, so not under the lock.
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

    /// The handler was not told that nothing is stored, so the response says it. A late update and the like are in the
    /// log already.
    #[cold]
    fn note_failed_update(&self, key: &str, error: UpdateError) {
        if let UpdateError::Value(error) = &error {
            tracing::error!(
                key,
                %error,
                "a session value cannot be read as the type to update, or not be written, and was left as it is: if a \
                 struct has gained a field, give it #[serde(default)]; use `try_update` to handle it"
            );
        }
        self.slot().lock().record_mistake("an `update` could not be done: the log names the key");
    }
}

/// Why nothing was put in.
enum Failure<R, F> {
    /// The function has not run, or not on what is there now.
    NotRun(UpdateError, F),
    /// It has run, and returned this.
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

/// The function, to run again on what another request has made of the value. It holds the slot weakly: the slot holds it.
fn replay<T, R, F>(slot: Weak<Slot>, change: F) -> Replay
where
    T: Serialize + DeserializeOwned + Default,
    F: Fn(&mut T) -> R + Send + 'static,
{
    Replay::new(move |text| match run(slot.as_ptr(), text, &change) {
        Ran::Done(outcome, _) => outcome,
        // Another request has made it a value of another type, or the function uses its session now that it finds
        // another value: this request cannot be kept whole.
        Ran::Unreadable(_) | Ran::Unwritable(..) | Ran::Misused(_) => Updated::Failed,
    })
}

/// What came of running the function once.
enum Ran<R> {
    Done(Updated, R),
    /// The value is not of its type, and it has not run.
    Unreadable(Error),
    /// What it made of the value cannot be written.
    Unwritable(Error, R),
    /// It has used the session that it updates.
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
