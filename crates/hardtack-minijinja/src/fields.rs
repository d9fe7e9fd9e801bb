use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use minijinja::value::{Enumerator, Object, Value, from_args};
use minijinja::{Error, ErrorKind, State};

use crate::session_object::pairs;

/// The names and values in cookies, a query, or a form. A name has one or more values, and the names are in the order
/// in which they first appear.
#[derive(Default)]
pub(crate) struct Fields {
    names: Vec<Box<str>>,
    values: HashMap<Box<str>, Vec<Value>>,
}

impl<N: AsRef<str>, T: AsRef<str>> FromIterator<(N, T)> for Fields {
    fn from_iter<I: IntoIterator<Item = (N, T)>>(fields: I) -> Self {
        let mut all = Self::default();
        for (name, value) in fields {
            let value = Value::from(value.as_ref());
            if let Some(values) = all.values.get_mut(name.as_ref()) {
                values.push(value);
            } else {
                all.names.push(name.as_ref().into());
                all.values.insert(name.as_ref().into(), vec![value]);
            }
        }
        all
    }
}

impl Fields {
    fn first(&self, name: &str) -> Option<Value> {
        self.values.get(name)?.first().cloned()
    }

    fn all(&self, name: &str) -> Value {
        self.values.get(name).map(Vec::as_slice).unwrap_or_default().iter().cloned().collect()
    }
}

impl Object for Fields {
    fn get_value(self: &Arc<Self>, name: &Value) -> Option<Value> {
        self.first(name.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, name: &str) -> Option<Value> {
        self.first(name)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.names.iter().map(|name| Value::from(&**name)).collect())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.names.len())
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "get" => {
                let (name, default): (&str, Option<Value>) = from_args(args)?;
                Ok(self.first(name).or(default).unwrap_or_else(|| Value::from(())))
            }
            "getlist" => {
                let (name,): (&str,) = from_args(args)?;
                Ok(self.all(name))
            }
            "keys" => {
                let () = from_args(args)?;
                Ok(self.names.iter().map(|name| Value::from(&**name)).collect())
            }
            "values" => {
                let () = from_args(args)?;
                Ok(self.names.iter().filter_map(|name| self.first(name)).collect())
            }
            "items" => {
                let () = from_args(args)?;
                Ok(pairs(
                    self.names.iter().filter_map(|name| Some((Value::from(&**name), self.first(name)?))),
                ))
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}

/// Formats only the names, because values from visitors must not appear in logs.
impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(&self.names).finish()
    }
}

#[cfg(test)]
mod tests {
    use minijinja::{Environment, context};

    use super::*;

    #[test]
    fn they_are_read_as_flasks_are() {
        let fields =
            || Fields::from_iter([("q", "1"), ("<b>", "<i>"), ("q", "2"), ("get", "x"), ("", "empty")]);
        let table = [
            ("{{ f.q }} {{ f['q'] }} {{ f.get('q') }}", "1 1 1"),
            (
                "{{ f.none is undefined }} {{ f.get('none') }} {{ f.get('none', '<unset>') }}",
                "True None &lt;unset&gt;",
            ),
            ("{{ f.getlist('q') }} {{ f.getlist('none') }}", "[&#x27;1&#x27;, &#x27;2&#x27;] []"),
            ("{{ 'q' in f }} {{ 'none' in f }} {{ 1 in f }}", "True False False"),
            ("{% for name in f %}{{ name }},{% endfor %}", "q,&lt;b&gt;,get,,"),
            (
                "{% for name, value in f.items() %}{{ name }}={{ value }},{% endfor %}",
                "q=1,&lt;b&gt;=&lt;i&gt;,get=x,=empty,",
            ),
            (
                "{% for name, value in f|items %}{{ name }}={{ value }},{% endfor %}",
                "q=1,&lt;b&gt;=&lt;i&gt;,get=x,=empty,",
            ),
            ("{{ f.keys()|join(',') }} {{ f.values()|join(',') }}", "q,&lt;b&gt;,get, 1,&lt;i&gt;,x,empty"),
            ("{{ f|length }} {{ 'some' if f }}", "4 some"),
        ];
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::Html);
        for (template, expected) in table {
            let shown =
                environment.render_str(template, context! { f => Value::from_object(fields()) }).unwrap();
            assert_eq!(shown, expected, "{template}");
        }
        assert_eq!(
            environment
                .render_str("{{ 'no' if not f }}", context! { f => Value::from_object(Fields::default()) })
                .unwrap(),
            "no"
        );
        assert!(!format!("{:?}", fields()).contains("<i>"));
    }
}
