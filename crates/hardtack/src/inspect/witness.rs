use std::any::type_name;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hardtack_core::Error;

use crate::inspect::{Account, Portrait};

/// Who watches one request: put it into the request's extensions, and ask it when the response is there.
///
/// Its clones are the same witness.
#[derive(Clone, Default)]
pub struct Witness(Arc<Mutex<Vec<Arc<Mutex<Account>>>>>);

impl Witness {
    /// A witness who has seen nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What it has seen so far: an account for each session layer that the request has passed, the outermost first.
    pub fn accounts(&self) -> Vec<Account> {
        lock(&self.0).iter().map(|account| lock(account).clone()).collect()
    }

    /// Begins the account of a layer.
    pub(crate) fn account<K>(
        &self,
        _marker: PhantomData<fn() -> K>,
        layer: Result<Arc<Portrait>, &Arc<Error>>,
    ) -> Arc<Mutex<Account>> {
        let mut account = Account::new(type_name::<K>());
        match layer {
            Ok(portrait) => account.layer = Some(portrait),
            Err(error) => account.mistake = Some(error.to_string().into()),
        }
        let account = Arc::new(Mutex::new(account));
        lock(&self.0).push(Arc::clone(&account));
        account
    }
}

/// A panic under the lock cannot leave a list half written, so poisoning is passed over.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Nothing of what it has seen.
impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Witness").field("accounts", &lock(&self.0).len()).finish_non_exhaustive()
    }
}
