use serde::Deserialize;
use serde_json::json;

use crate::error::Error;
use crate::tab::page::Page;
use crate::tab::response::Response;

/// A key on the keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Key {
    /// Submits a form, presses a button, or follows a link.
    Enter,
    /// Closes a dialog.
    Escape,
    /// Presses a button or toggles a checkbox.
    Space,
    /// Moves to the next focusable element.
    Tab,
    /// Moves to the previous focusable element.
    BackTab,
    /// Moves down.
    ArrowDown,
    /// Moves up.
    ArrowUp,
    /// A key that types a character. For longer text, use [`Page::write`].
    Char(char),
}

impl Key {
    /// Returns the key's name, its Windows key code, and the text that it types.
    fn data(self) -> (String, u32, String) {
        let (name, code, text) = match self {
            Self::Enter => ("Enter", 13, "\r"),
            Self::Escape => ("Escape", 27, ""),
            Self::Space => (" ", 32, " "),
            Self::Tab | Self::BackTab => ("Tab", 9, ""),
            Self::ArrowDown => ("ArrowDown", 40, ""),
            Self::ArrowUp => ("ArrowUp", 38, ""),
            Self::Char(char) => return (char.into(), char.to_ascii_uppercase().into(), char.into()),
        };
        (name.to_owned(), code, text.to_owned())
    }
}

/// A position in the window, in CSS pixels.
#[derive(Deserialize, PartialEq)]
struct Point {
    x: f64,
    y: f64,
}

/// A script that scrolls to an element, and returns its middle. Throws an error if the mouse cannot reach the element
/// there.
const CLICKABLE_POINT: &str = "(() => {
    element.scrollIntoView({ block: 'center', behavior: 'instant' });
    const box = element.getClientRects()[0];
    if (!box) throw new Error('the element has no size: ' + element.outerHTML);
    const point = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    const found = document.elementFromPoint(point.x, point.y);
    const meant = found && (element.contains(found) || found.contains(element) || found.closest('label')?.control === element);
    if (!meant) throw new Error('it is covered by ' + found?.outerHTML + ': ' + element.outerHTML);
    return point;
})()";

impl Page {
    /// Clicks an element that opens another page, such as a link or a form's button, and waits until the new page has
    /// loaded.
    ///
    /// # Errors
    ///
    /// Fails if the element does not exist, is covered by another one, or does not open a page.
    pub async fn follow(&self, selector: &str) -> Result<Response, Error> {
        let load = self.load().await?;
        self.click(selector).await?;
        load.finish().await
    }

    /// Presses a key that opens another page, such as Enter in a form, and waits until the new page has loaded.
    ///
    /// # Errors
    ///
    /// Fails if the key does not open a page.
    pub async fn follow_key(&self, key: Key) -> Result<Response, Error> {
        let load = self.load().await?;
        self.press(key).await?;
        load.finish().await
    }

    /// Clicks an element with the mouse. For elements that open another page, use [`Page::follow`].
    ///
    /// # Errors
    ///
    /// Fails if the element does not exist or is covered by another one.
    pub async fn click(&self, selector: &str) -> Result<(), Error> {
        let point = self.hover(selector).await?;
        self.mouse("mousePressed", "left", &point).await?;
        self.mouse("mouseReleased", "left", &point).await
    }

    /// Types text into a field, replacing its content.
    ///
    /// # Errors
    ///
    /// Fails if the field does not exist or is covered by another element.
    pub async fn fill(&self, selector: &str, text: &str) -> Result<(), Error> {
        self.click(selector).await?;
        self.of::<()>(selector, "(element.focus(), element.select(), null)").await?;
        if text.is_empty() {
            return self.press_key("Delete", 46, "", 0).await;
        }
        self.write(text).await
    }

    /// Types text into the focused element.
    ///
    /// # Errors
    ///
    /// Fails if the browser has exited.
    pub async fn write(&self, text: &str) -> Result<(), Error> {
        self.call("Input.insertText", json!({ "text": text })).await.map(drop)
    }

    /// Selects a value in a `select` element.
    ///
    /// # Errors
    ///
    /// Fails if the element does not exist or does not have that value.
    pub async fn choose(&self, selector: &str, value: &str) -> Result<(), Error> {
        let value = json!(value);
        let script = format!(
            "(() => {{
                element.value = {value};
                if (element.value !== {value}) throw new Error('there is no option ' + {value});
                for (const kind of ['input', 'change']) element.dispatchEvent(new Event(kind, {{ bubbles: true }}));
                return null;
            }})()"
        );
        self.of(selector, &script).await
    }

    /// Presses a key.
    ///
    /// # Errors
    ///
    /// Fails if the browser has exited.
    pub async fn press(&self, key: Key) -> Result<(), Error> {
        let (name, code, text) = key.data();
        // The modifier bit of Shift is 8.
        self.press_key(&name, code, &text, if key == Key::BackTab { 8 } else { 0 }).await
    }

    /// Moves the mouse over an element. While the page is still scrolling, for example to a fragment, the mouse follows
    /// the element. Once the browser has moved the mouse, it has also painted the page.
    async fn hover(&self, selector: &str) -> Result<Point, Error> {
        let mut point = self.of(selector, CLICKABLE_POINT).await?;
        for _ in 0..50 {
            self.mouse("mouseMoved", "none", &point).await?;
            let now = self.of(selector, CLICKABLE_POINT).await?;
            if now == point {
                return Ok(point);
            }
            point = now;
        }
        Err(Error::page(format!("{selector} keeps moving")))
    }

    async fn mouse(&self, kind: &str, button: &str, point: &Point) -> Result<(), Error> {
        let params = json!({ "type": kind, "x": point.x, "y": point.y, "button": button, "clickCount": 1 });
        self.call("Input.dispatchMouseEvent", params).await.map(drop)
    }

    async fn press_key(&self, name: &str, code: u32, text: &str, modifiers: u32) -> Result<(), Error> {
        let down = if text.is_empty() { "rawKeyDown" } else { "keyDown" };
        for kind in [down, "keyUp"] {
            let params = json!({
                "type": kind,
                "key": name,
                "code": if name == " " { "Space" } else { name },
                "windowsVirtualKeyCode": code,
                "text": if kind == "keyUp" { "" } else { text },
                "modifiers": modifiers,
            });
            self.call("Input.dispatchKeyEvent", params).await?;
        }
        Ok(())
    }
}
