use std::any::type_name;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hardtack_core::Error;

use crate::inspect::{Account, Portrait};

/// An observer of one request. Put it into the request's extensions, and read its accounts once the response is ready.
///
/// Clones refer to the same witness.
#[derive(Clone, Default)]
pub struct Witness(Arc<Mutex<Vec<Arc<Mutex<Account>>>>>);

impl Witness {
    /// Returns a witness without accounts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the accounts so far: one for each session layer that the request has passed through, the outermost
    /// first.
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

/// Locks a list. A panic under the lock cannot leave it half written, so poisoning is ignored.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Redacted: shows only the number of accounts.
impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Witness").field("accounts", &lock(&self.0).len()).finish_non_exhaustive()
    }
}
