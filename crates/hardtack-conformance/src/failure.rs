use std::fmt;

use hardtack_core::store::StoreError;

/// The reason why a store does not pass a case.
#[derive(Debug)]
pub struct Failure(String);

/// The result of a case.
pub(crate) type Checked = Result<(), Failure>;

impl Failure {
    pub(crate) fn new(what: impl fmt::Display) -> Self {
        Self(what.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let source =
            std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
        Self(format!("{error}{source}"))
    }
}

/// Fails the case unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($why:tt)+) => {
        if !$condition {
            return Err($crate::failure::Failure::new(format_args!($($why)+)));
        }
    };
}

/// Fails the case unless both values are equal.
macro_rules! ensure_eq {
    ($left:expr, $right:expr, $($why:tt)+) => {
        match (&$left, &$right) {
            (left, right) => $crate::failure::ensure!(
                left == right, "{}: {left:?} is not {right:?}", format_args!($($why)+)
            ),
        }
    };
}

pub(crate) use {ensure, ensure_eq};
