use hardtack_minijinja::minijinja::{Value, value::Serde};
use serde::Serialize;

/// What the inspector has seen, as templates see it.
pub(crate) fn shown<T: Serialize>(seen: &T) -> Value {
    Value::from(Serde(seen))
}
