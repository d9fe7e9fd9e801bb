use hardtack_minijinja::minijinja::Value;

/// The language of a piece of source code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Rust,
    Python,
    Template,
}

/// Converts source code to HTML in which comments, strings, keywords, and types are highlighted.
pub(crate) fn highlight(source: &str, language: Language) -> Value {
    let mut html = String::with_capacity(source.len() * 2);
    let mut rest = source;
    while !rest.is_empty() {
        let (class, len) = token(rest, language);
        let (token, after) = rest.split_at(len);
        match class {
            Some(class) => {
                html.push_str(&format!("<span class=\"{class}\">"));
                escape_into(token, &mut html);
                html.push_str("</span>");
            }
            None => escape_into(token, &mut html),
        }
        rest = after;
    }
    Value::from_safe_string(html)
}

/// Returns the CSS class and the length in bytes of the first token, which has at least one character.
fn token(text: &str, language: Language) -> (Option<&'static str>, usize) {
    let first = text.chars().next().unwrap_or_default();
    let to = |end: &str, skip: usize| {
        text.get(skip..)
            .and_then(|rest| rest.find(end))
            .map_or(text.len(), |at| skip + at + end.len())
    };
    let comment = match language {
        Language::Rust => "//",
        Language::Python => "#",
        Language::Template => "{#",
    };
    if text.starts_with(comment) {
        return (Some("comment"), text.find('\n').unwrap_or(text.len()));
    }
    match (first, language) {
        ('{', Language::Template) if text.starts_with("{%") => {
            (Some("keyword"), to("%}", 2))
        }
        ('{', Language::Template) if text.starts_with("{{") => {
            (Some("literal"), to("}}", 2))
        }
        (_, Language::Template) => (None, first.len_utf8()),
        ('"', _) if text.starts_with(r#"""""#) => (Some("literal"), to(r#"""""#, 3)),
        ('"', _) => (Some("literal"), quoted_len(text, '"')),
        ('\'', Language::Python) => (Some("literal"), quoted_len(text, '\'')),
        // A quote begins a character literal if another quote follows after one character. Otherwise, it begins a
        // lifetime.
        ('\'', Language::Rust) => match text.char_indices().nth(2) {
            Some((at, '\'')) => (Some("literal"), at + 1),
            _ => (None, 1),
        },
        ('0'..='9', _) => (
            Some("literal"),
            prefix_len(text, |character| {
                character.is_ascii_alphanumeric() || character == '_'
            }),
        ),
        _ if is_word_character(first) => {
            let len = prefix_len(text, is_word_character);
            (class_of_word(&text[..len], language), len)
        }
        _ => (None, first.len_utf8()),
    }
}

fn class_of_word(word: &str, language: Language) -> Option<&'static str> {
    let keywords: &[&str] = match language {
        Language::Rust => &[
            "as", "async", "await", "const", "else", "false", "fn", "for", "if", "in",
            "let", "match", "move", "mut", "pub", "ref", "return", "static", "struct",
            "true", "use", "while",
        ],
        Language::Python => &[
            "None", "True", "False", "and", "case", "def", "else", "for", "if", "in",
            "is", "lambda", "match", "not", "or", "return", "with",
        ],
        Language::Template => &[],
    };
    if keywords.contains(&word) {
        Some("keyword")
    } else if word.starts_with(|character: char| character.is_ascii_uppercase()) {
        Some("type")
    } else {
        None
    }
}

/// Returns the length of a quoted string.
fn quoted_len(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            character if character == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Returns the length of the longest prefix whose characters all match.
fn prefix_len(text: &str, matches: impl Fn(char) -> bool) -> usize {
    text.find(|character| !matches(character)).unwrap_or(text.len())
}

fn is_word_character(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn escape_into(text: &str, html: &mut String) {
    for character in text.chars() {
        match character {
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '&' => html.push_str("&amp;"),
            character => html.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_highlighted() {
        for (source, language, html) in [
            (
                "let x: &'a str = \"a\\\"<\"; // b",
                Language::Rust,
                "<span class=\"keyword\">let</span> x: &amp;'a str = <span class=\"literal\">\"a\\\"&lt;\"</span>; \
                 <span class=\"comment\">// b</span>",
            ),
            (
                "character == 'x'",
                Language::Rust,
                "character == <span class=\"literal\">'x'</span>",
            ),
            (
                "def f():\n    return 'x' # y\n",
                Language::Python,
                "<span class=\"keyword\">def</span> f():\n    <span class=\"keyword\">return</span> \
                 <span class=\"literal\">'x'</span> <span class=\"comment\"># y</span>\n",
            ),
            (
                "<b>{{ a }}</b>{% if b %}",
                Language::Template,
                "&lt;b&gt;<span class=\"literal\">{{ a }}</span>&lt;/b&gt;<span class=\"keyword\">{% if b %}</span>",
            ),
        ] {
            assert_eq!(highlight(source, language).to_string(), html);
        }
    }

    #[test]
    fn any_input_keeps_all_of_its_text() {
        for source in
            ["", "'", "\"", "\"\\", "'é", "é", "{%", "{{", "\"\"\"", "0é", "//", "#"]
        {
            for language in [Language::Rust, Language::Python, Language::Template] {
                let html = highlight(source, language).to_string();
                let text: String = html
                    .split('<')
                    .map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text))
                    .collect();
                assert_eq!(text, source, "{language:?}");
            }
        }
    }
}
