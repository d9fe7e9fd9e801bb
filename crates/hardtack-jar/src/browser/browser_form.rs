use std::fmt::Write;

use http::Method;
use url::Url;

use crate::error::{Error, ErrorKind};

/// A form on a page. Fill it in as a visitor does, and then [submit](super::Browser::submit) it.
///
/// The fields start with the values from the page. A method fails if a visitor could not do the same, because the form
/// has no such field or no such choice.
#[derive(Debug, Clone)]
#[must_use = "a form does nothing until it is submitted"]
pub struct BrowserForm {
    pub(super) page: Url,
    form: ParsedForm,
    pressed: Option<usize>,
}

/// A form as it is written in the page's HTML.
#[derive(Debug, Clone, Default)]
pub(super) struct ParsedForm {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) action: String,
    pub(super) method: String,
    pub(super) encoding: String,
    pub(super) controls: Vec<Control>,
}

#[derive(Debug, Clone)]
pub(super) struct Control {
    pub(super) name: String,
    pub(super) id: Option<String>,
    pub(super) kind: ControlKind,
    /// The text on a button.
    pub(super) label: String,
    pub(super) value: Option<String>,
    /// Whether a checkbox or radio button is checked.
    pub(super) is_on: bool,
    pub(super) is_disabled: bool,
    /// The value and the text of each option in a list.
    pub(super) options: Vec<(String, String)>,
    pub(super) chosen: Vec<usize>,
    pub(super) action: Option<String>,
    pub(super) method: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ControlKind {
    Text,
    Checkbox,
    Radio,
    Select,
    /// A list that allows several choices.
    MultiSelect,
    Submit,
    /// A control that sends nothing: a button for scripts, a reset button, or a file input.
    Inert,
}

impl ControlKind {
    pub(super) fn of_input(kind: &str) -> Self {
        match kind.to_ascii_lowercase().as_str() {
            "checkbox" => Self::Checkbox,
            "radio" => Self::Radio,
            "submit" | "image" => Self::Submit,
            "button" | "reset" | "file" => Self::Inert,
            _ => Self::Text,
        }
    }
}

impl BrowserForm {
    pub(super) fn new(page: &Url, form: &ParsedForm) -> Self {
        Self { page: page.clone(), form: form.clone(), pressed: None }
    }

    /// Returns whether the form's `id`, `name`, or `action` equals `name`.
    /// [`BrowserPage::form`](super::BrowserPage::form) finds forms in this way.
    pub fn is_called(&self, name: &str) -> bool {
        let form = &self.form;
        form.id.as_deref() == Some(name) || form.name.as_deref() == Some(name) || form.action == name
    }

    /// Replaces the text in the field with this name.
    ///
    /// # Errors
    ///
    /// Fails if there is no text field with this name.
    pub fn fill(mut self, name: &str, text: impl Into<String>) -> Result<Self, Error> {
        let at = self.find(name, "text field", |control| control.kind == ControlKind::Text)?;
        self.form.controls[at].value = Some(text.into());
        Ok(self)
    }

    /// Checks the checkbox with this name.
    ///
    /// # Errors
    ///
    /// Fails if there is no checkbox with this name.
    pub fn check(mut self, name: &str) -> Result<Self, Error> {
        let at = self.find(name, "checkbox", |control| control.kind == ControlKind::Checkbox)?;
        self.form.controls[at].is_on = true;
        Ok(self)
    }

    /// Unchecks the checkbox with this name.
    ///
    /// # Errors
    ///
    /// Fails if there is no checkbox with this name.
    pub fn uncheck(mut self, name: &str) -> Result<Self, Error> {
        let at = self.find(name, "checkbox", |control| control.kind == ControlKind::Checkbox)?;
        self.form.controls[at].is_on = false;
        Ok(self)
    }

    /// Chooses an option in a list by its value or its text, or a radio button in a group by its value. In a list that
    /// allows several choices, the other choices stay selected.
    ///
    /// # Errors
    ///
    /// Fails if there is no list or group with this name, or if the list or group has no such choice.
    pub fn choose(mut self, name: &str, choice: &str) -> Result<Self, Error> {
        let is_list =
            |control: &Control| matches!(control.kind, ControlKind::MultiSelect | ControlKind::Select);
        if let Ok(at) = self.find(name, "list", is_list) {
            let control = &mut self.form.controls[at];
            let found = control.options.iter().position(|(value, text)| value == choice || text == choice);
            let Some(found) = found else { return Err(self.missing(name, &format!("choice `{choice}` of"))) };
            if control.kind != ControlKind::MultiSelect {
                control.chosen.clear();
            }
            if !control.chosen.contains(&found) {
                control.chosen.push(found);
                control.chosen.sort_unstable();
            }
            return Ok(self);
        }
        let radio = |control: &Control| control.kind == ControlKind::Radio;
        let chosen = |control: &Control| control.value.as_deref().unwrap_or("on") == choice;
        let at =
            self.find(name, &format!("choice `{choice}` of"), |control| radio(control) && chosen(control))?;
        for (index, control) in self.form.controls.iter_mut().enumerate() {
            if radio(control) && control.name == name {
                control.is_on = index == at;
            }
        }
        Ok(self)
    }

    /// Selects the button that submits the form, by its name, its `id`, or its text. Default: the first submit button.
    ///
    /// # Errors
    ///
    /// Fails if there is no such button.
    pub fn press(mut self, button: &str) -> Result<Self, Error> {
        let found = self.form.controls.iter().position(|control| {
            control.kind == ControlKind::Submit
                && !control.is_disabled
                && (control.name == button
                    || control.id.as_deref() == Some(button)
                    || control.label == button)
        });
        if found.is_none() {
            return Err(self.missing(button, "button"));
        }
        self.pressed = found;
        Ok(self)
    }

    /// Returns the value that the form would send for a field, or `None` if it would send none. For a list or a group
    /// of radio buttons, this is the first chosen value.
    pub fn value(&self, name: &str) -> Option<String> {
        self.pairs().into_iter().find_map(|(field, value)| (field == name).then_some(value))
    }

    /// Returns the names and values that the form would send, in order.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let pressed = self.button();
        let mut pairs = Vec::new();
        for (index, control) in self.form.controls.iter().enumerate() {
            if control.name.is_empty() || control.is_disabled {
                continue;
            }
            let name = || control.name.clone();
            let value = |default: &str| control.value.clone().unwrap_or_else(|| default.to_owned());
            match control.kind {
                // Browsers send line breaks as CR LF.
                ControlKind::Text => pairs.push((name(), with_line_ends(&value("")))),
                ControlKind::Checkbox | ControlKind::Radio if control.is_on => {
                    pairs.push((name(), value("on")))
                }
                ControlKind::Submit if pressed == Some(index) => pairs.push((name(), value(""))),
                ControlKind::Select | ControlKind::MultiSelect => {
                    let chosen = control.chosen.iter().filter_map(|&chosen| control.options.get(chosen));
                    pairs.extend(chosen.map(|(value, _)| (name(), value.clone())));
                }
                ControlKind::Checkbox | ControlKind::Radio | ControlKind::Submit | ControlKind::Inert => {}
            }
        }
        pairs
    }

    /// Returns the URL to which the form is sent.
    ///
    /// # Errors
    ///
    /// Fails if the action is not a valid URL.
    pub(super) fn action(&self) -> Result<Url, Error> {
        let pressed = self.button().and_then(|at| self.form.controls[at].action.as_deref());
        let action = pressed.unwrap_or(&self.form.action);
        self.page.join(action).map_err(|error| {
            Error::new(ErrorKind::Browser, "the form's action is not a valid URL").with_source(error)
        })
    }

    pub(super) fn method(&self) -> Method {
        let pressed = self.button().and_then(|at| self.form.controls[at].method.as_deref());
        let method = pressed.unwrap_or(&self.form.method);
        if method.eq_ignore_ascii_case("post") { Method::POST } else { Method::GET }
    }

    /// Checks that the browser supports the form's encoding.
    ///
    /// # Errors
    ///
    /// Fails if the form is posted as `multipart/form-data`.
    pub(super) fn check_encoding(&self) -> Result<(), Error> {
        if self.method() == Method::POST && self.form.encoding.to_ascii_lowercase().contains("multipart") {
            return Err(Error::new(
                ErrorKind::Browser,
                "the form is `multipart/form-data`, which this browser cannot encode: use `Browser::send`",
            ));
        }
        Ok(())
    }

    /// Returns the index of the button that submits the form.
    fn button(&self) -> Option<usize> {
        let is_submit = |control: &Control| control.kind == ControlKind::Submit && !control.is_disabled;
        self.pressed.or_else(|| self.form.controls.iter().position(is_submit))
    }

    fn find(&self, name: &str, what: &str, fits: impl Fn(&Control) -> bool) -> Result<usize, Error> {
        let fits = |control: &Control| control.name == name && !control.is_disabled && fits(control);
        self.form.controls.iter().position(fits).ok_or_else(|| self.missing(name, what))
    }

    fn missing(&self, name: &str, what: &str) -> Error {
        let mut message = format!("the form has no {what} `{name}`; it has");
        for control in &self.form.controls {
            let shown = if control.name.is_empty() { &control.label } else { &control.name };
            // Writing to a `String` cannot fail.
            let _ = write!(message, " `{shown}`");
        }
        if self.form.controls.is_empty() {
            message.push_str(" no controls");
        }
        Error::new(ErrorKind::Browser, message)
    }
}

fn with_line_ends(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n")
}
