//! Tests that every store on a database server must pass. The macro `sql_store_tests!` generates these tests for one
//! store.

use std::error::Error;

mod batching;
mod connecting;
mod damaged_rows;
mod macros;
mod renewing;
mod sample;
mod sweeping;
mod tested_store;

pub use batching::*;
pub use connecting::*;
pub use damaged_rows::*;
pub use renewing::*;
pub use sweeping::*;
pub use tested_store::{RowLock, TestedStore};

/// The result of a test.
pub type Result<T = (), E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;
