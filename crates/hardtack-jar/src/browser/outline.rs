//! Reads the forms, links, and title of a page from its tags alone, without building a tree.

use std::collections::HashMap;

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{StartTag, Token, Tokenizer};

use super::browser_form::{Control, ControlKind, ParsedForm};

/// The title, links, and forms of a page.
#[derive(Debug, Default)]
pub(super) struct Outline {
    pub(super) title: Option<String>,
    pub(super) forms: Vec<ParsedForm>,
    /// The text and the target of each link.
    pub(super) links: Vec<(String, String)>,
}

impl Outline {
    pub(super) fn read(html: &str) -> Self {
        let mut emitter = DefaultEmitter::default();
        emitter.naively_switch_states(true);
        let mut reader = Reader::default();
        for token in Tokenizer::new_with_emitter(html, emitter) {
            // Reading from a string cannot fail.
            match token {
                Ok(Token::StartTag(tag)) => reader.open(&tag),
                Ok(Token::EndTag(tag)) => reader.close(&tag.name),
                Ok(Token::String(text)) => reader.text.push_str(&String::from_utf8_lossy(&text)),
                Ok(Token::Comment(_) | Token::Doctype(_) | Token::Error(_)) | Err(_) => {}
            }
        }
        reader.finish()
    }
}

#[derive(Default)]
struct Reader {
    outline: Outline,
    /// The controls. Each has the index of its form, or the `id` by which its `form` attribute refers to the form.
    controls: Vec<(Owner, Control)>,
    form: Option<usize>,
    /// The text since the last start tag of a title, link, option, text area, or button.
    text: String,
    link: Option<String>,
    text_area: Option<(Owner, Control)>,
    select: Option<(Owner, Control)>,
    option: Option<PendingOption>,
    button: Option<(Owner, Control)>,
}

#[derive(Clone)]
enum Owner {
    Form(Option<usize>),
    Id(String),
}

struct PendingOption {
    value: Option<String>,
    is_selected: bool,
    is_disabled: bool,
}

impl Reader {
    fn open(&mut self, tag: &StartTag<()>) {
        match &tag.name[..] {
            // These start tags also end an element of the same kind that is still open.
            b"option" | b"optgroup" => self.end_option(),
            b"button" => self.end_button(),
            b"select" => self.end_select(),
            _ => {}
        }
        if matches!(&tag.name[..], b"title" | b"a" | b"option" | b"textarea" | b"button") {
            self.text.clear();
        }
        match &tag.name[..] {
            b"form" if self.form.is_none() => {
                self.form = Some(self.outline.forms.len());
                self.outline.forms.push(ParsedForm {
                    id: attribute(tag, "id"),
                    name: attribute(tag, "name"),
                    action: attribute(tag, "action").unwrap_or_default(),
                    method: attribute(tag, "method").unwrap_or_default(),
                    encoding: attribute(tag, "enctype").unwrap_or_default(),
                    controls: Vec::new(),
                });
            }
            b"a" => self.link = attribute(tag, "href"),
            b"input" => {
                let kind = ControlKind::of_input(&attribute(tag, "type").unwrap_or_default());
                let mut control = control(tag, kind, attribute(tag, "value"));
                control.is_on = attribute(tag, "checked").is_some();
                self.controls.push((self.owner(tag), control));
            }
            b"textarea" => self.text_area = Some((self.owner(tag), control(tag, ControlKind::Text, None))),
            b"button" => {
                let kind = match attribute(tag, "type") {
                    Some(kind) if !kind.eq_ignore_ascii_case("submit") => ControlKind::Inert,
                    _ => ControlKind::Submit,
                };
                let control = control(tag, kind, attribute(tag, "value"));
                self.button = Some((self.owner(tag), control));
            }
            b"select" => {
                let input = if attribute(tag, "multiple").is_some() {
                    ControlKind::MultiSelect
                } else {
                    ControlKind::Select
                };
                self.select = Some((self.owner(tag), control(tag, input, None)));
            }
            b"option" => {
                self.option = Some(PendingOption {
                    value: attribute(tag, "value"),
                    is_selected: attribute(tag, "selected").is_some(),
                    is_disabled: attribute(tag, "disabled").is_some(),
                });
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &[u8]) {
        match name {
            b"form" => self.form = None,
            b"title" if self.outline.title.is_none() => {
                self.outline.title = Some(self.text.trim().to_owned())
            }
            b"a" => {
                if let Some(href) = self.link.take() {
                    self.outline.links.push((words(&self.text), href));
                }
            }
            b"textarea" => {
                if let Some((owner, mut control)) = self.text_area.take() {
                    // A line break directly after the start tag is not part of the value.
                    let text = std::mem::take(&mut self.text);
                    let text = text.strip_prefix("\r\n").or(text.strip_prefix('\n')).unwrap_or(&text);
                    control.value = Some(text.to_owned());
                    self.controls.push((owner, control));
                }
            }
            b"button" => self.end_button(),
            b"option" => self.end_option(),
            b"select" => self.end_select(),
            _ => {}
        }
    }

    fn end_button(&mut self) {
        if let Some((owner, mut control)) = self.button.take() {
            control.label = words(&self.text);
            self.controls.push((owner, control));
        }
    }

    fn end_option(&mut self) {
        let (Some(option), Some((_, select))) = (self.option.take(), &mut self.select) else { return };
        let text = words(&self.text);
        let value = option.value.unwrap_or_else(|| text.clone());
        if !option.is_disabled {
            if option.is_selected {
                select.chosen.push(select.options.len());
            }
            select.options.push((value, text));
        }
    }

    fn end_select(&mut self) {
        self.end_option();
        let Some((owner, mut control)) = self.select.take() else { return };
        if control.kind == ControlKind::Select {
            // Choose the last option that is marked as selected, or else the first option.
            let last = control.chosen.pop();
            control.chosen = last.or((!control.options.is_empty()).then_some(0)).into_iter().collect();
        }
        self.controls.push((owner, control));
    }

    fn owner(&self, tag: &StartTag<()>) -> Owner {
        attribute(tag, "form").map_or(Owner::Form(self.form), Owner::Id)
    }

    fn finish(mut self) -> Outline {
        self.end_button();
        self.end_select();
        let ids = self.outline.forms.iter().enumerate().rev();
        // If two forms have the same id, use the first one.
        let ids: HashMap<_, _> = ids.filter_map(|(at, form)| Some((form.id.clone()?, at))).collect();
        for (owner, control) in self.controls {
            let form = match owner {
                Owner::Form(form) => form,
                Owner::Id(id) => ids.get(&id).copied(),
            };
            if let Some(form) = form.and_then(|form| self.outline.forms.get_mut(form)) {
                form.controls.push(control);
            }
        }
        self.outline
    }
}

fn control(tag: &StartTag<()>, kind: ControlKind, value: Option<String>) -> Control {
    Control {
        name: attribute(tag, "name").unwrap_or_default(),
        id: attribute(tag, "id"),
        kind,
        label: value.clone().unwrap_or_default(),
        value,
        is_on: false,
        is_disabled: attribute(tag, "disabled").is_some(),
        options: Vec::new(),
        chosen: Vec::new(),
        action: attribute(tag, "formaction"),
        method: attribute(tag, "formmethod"),
    }
}

fn attribute(tag: &StartTag<()>, name: &str) -> Option<String> {
    let value = tag.attributes.get(name.as_bytes())?;
    Some(String::from_utf8_lossy(value).into_owned())
}

/// Collapses white space, as browsers do when they display text.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
