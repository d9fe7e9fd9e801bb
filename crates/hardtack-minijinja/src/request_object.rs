use std::fmt;
use std::sync::{Arc, OnceLock};

use axum::extract::OriginalUri;
use hardtack::Cookies;
use http::request::Parts;
use http::{HeaderValue, Method, Uri, header};
use minijinja::value::{Enumerator, Object, Value};
use minijinja::{Error, ErrorKind};
use percent_encoding::percent_decode_str;

use crate::fields::Fields;
use crate::form_body::Form;

/// The request as an object for templates. The cookies, the query, and the form are each parsed on first use.
pub(crate) struct RequestObject {
    method: Method,
    uri: Uri,
    cookie_headers: Vec<HeaderValue>,
    raw_form: Form,
    cookies: OnceLock<Value>,
    args: OnceLock<Value>,
    form: OnceLock<Value>,
}

impl RequestObject {
    pub(crate) fn new(parts: &Parts, form: Form) -> Self {
        // A nested router strips its prefix from `parts.uri`, but not from the original URI.
        let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
        Self {
            method: parts.method.clone(),
            uri: uri.clone(),
            cookie_headers: parts.headers.get_all(header::COOKIE).iter().cloned().collect(),
            raw_form: form,
            cookies: OnceLock::new(),
            args: OnceLock::new(),
            form: OnceLock::new(),
        }
    }

    fn read_cookies(&self) -> Value {
        Value::from_object(Fields::from_iter(Cookies::parse(&self.cookie_headers).iter()))
    }

    fn read_args(&self) -> Value {
        let query = self.uri.query().unwrap_or_default();
        Value::from_object(Fields::from_iter(form_urlencoded::parse(query.as_bytes())))
    }

    fn read_form(&self) -> Value {
        match &self.raw_form {
            Form::None => Value::from_object(Fields::default()),
            Form::Whole(bytes) => Value::from_object(Fields::from_iter(form_urlencoded::parse(bytes))),
            Form::Consumed => Value::from(Error::new(
                ErrorKind::InvalidOperation,
                "the form was read before the View could read it: add the layer that reads it after the ViewLayer",
            )),
        }
    }
}

impl Object for RequestObject {
    fn get_value(self: &Arc<Self>, name: &Value) -> Option<Value> {
        self.get_value_by_str(name.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, name: &str) -> Option<Value> {
        match name {
            "method" => Some(Value::from(self.method.as_str())),
            "path" => Some(Value::from(percent_decode_str(self.uri.path()).decode_utf8_lossy())),
            "cookies" => Some(self.cookies.get_or_init(|| self.read_cookies()).clone()),
            "args" => Some(self.args.get_or_init(|| self.read_args()).clone()),
            "form" => Some(self.form.get_or_init(|| self.read_form()).clone()),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&["method", "path", "cookies", "args", "form"])
    }
}

impl fmt::Debug for RequestObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Request")
    }
}
