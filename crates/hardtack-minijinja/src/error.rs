use std::error::Error as _;
use std::fmt;

use axum::response::{IntoResponse, Response};
use http::StatusCode;

/// The error for a template that cannot be rendered.
///
/// As a response, the error is a 500 without details. The log contains the template, the line, and the cause.
pub struct ViewError {
    template: String,
    source: minijinja::Error,
}

impl ViewError {
    pub(crate) fn new(template: &str, source: minijinja::Error) -> Self {
        Self { template: template.to_owned(), source }
    }

    /// Returns the name of the requested template.
    pub fn template(&self) -> &str {
        &self.template
    }
}

impl fmt::Display for ViewError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the template {:?} cannot be rendered: {}", self.template, self.source)
    }
}

/// Omits the values of variables, which the debug output of a MiniJinja error can contain, because a visitor may have
/// entered them.
impl fmt::Debug for ViewError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ViewError({self})")
    }
}

impl std::error::Error for ViewError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

impl IntoResponse for ViewError {
    fn into_response(self) -> Response {
        let mut sentence = self.to_string();
        let mut cause = self.source.source();
        while let Some(error) = cause {
            sentence.push_str(": ");
            sentence.push_str(&error.to_string());
            cause = error.source();
        }
        tracing::error!("{sentence}");
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}

#[cfg(test)]
mod tests {
    use minijinja::{Environment, context};

    use super::*;

    #[test]
    fn it_names_the_template_and_the_cause_but_no_value() {
        let mut environment = Environment::new();
        environment.add_template("page.html", "{{ secret }}\n{{ secret.x.y }}").unwrap();
        let page = environment.get_template("page.html").unwrap();
        let error = ViewError::new("page.html", page.render(context! { secret => "hunter2" }).unwrap_err());
        for shown in [format!("{error}"), format!("{error:?}"), format!("{error:#?}")] {
            assert!(shown.contains("\"page.html\"") && shown.contains(":2"), "{shown}");
            assert!(!shown.contains("hunter2"), "{shown}");
        }
        assert_eq!(error.into_response().status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
