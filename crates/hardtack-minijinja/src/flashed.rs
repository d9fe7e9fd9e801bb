use hardtack::Session;
use minijinja::Error;
use minijinja::value::{Kwargs, Tuple, Value};

/// Returns the template function `get_flashed_messages(with_categories=false, category_filter=[])`.
///
/// As in Flask, the first call removes all messages from the session, even if the filter selects only some of them.
/// Later calls in the same request see the same messages.
pub(crate) fn get_flashed_messages<K: 'static>(session: &Session<K>) -> Value {
    let session = session.clone();
    Value::from_function(
        move |with_categories: Option<Value>,
              category_filter: Option<Value>,
              named: Kwargs|
              -> Result<Value, Error> {
            let with_categories =
                with_categories.or(named.get("with_categories")?).is_some_and(|wanted| wanted.is_true());
            let categories = match category_filter.or(named.get("category_filter")?) {
                Some(filter) => filter.try_iter()?.collect::<Vec<_>>(),
                None => Vec::new(),
            };
            named.assert_all_used()?;
            let shown = session.flashes().into_iter().filter(|flash| {
                categories.is_empty()
                    || categories.iter().any(|wanted| wanted.as_str() == Some(&flash.category))
            });
            Ok(shown
                .map(|flash| match with_categories {
                    true => Tuple::from([Value::from(flash.category), Value::from(flash.message)]).into(),
                    false => Value::from(flash.message),
                })
                .collect())
        },
    )
}
