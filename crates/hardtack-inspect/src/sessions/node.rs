use hardtack::Value;
use hardtack_core::protocol::Dictionary;
use serde::Serialize;

use crate::exchange_ref::ExchangeRef;
use crate::redact::{RedactedValue, Redaction};

/// A node in the tree of a session's values: one value and its members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Node {
    /// The key or index. If values are redacted, a key inside a value is replaced by its length.
    pub key: String,
    /// The kind, such as `text`, `integer`, or `tuple`.
    pub kind: &'static str,
    /// The length: the number of characters, bytes, or members, depending on the kind.
    pub length: Option<usize>,
    /// The content, if the value has no members and may be shown.
    pub text: Option<String>,
    /// The number of characters cut from the end of the content.
    pub cut: usize,
    /// The members, if the value is a collection.
    pub children: Option<Vec<Node>>,
    /// The number of further members that are left out.
    pub left_out: usize,
    /// For a key of the session, the exchange that set it, if the inspector was running at that time.
    pub set_by: Option<ExchangeRef>,
}

/// The maximum number of values that are shown for one session, and the maximum depth of the tree.
const MAX_NODES: usize = 300;
const MAX_DEPTH: usize = 12;

impl Node {
    /// Returns one node for each key of a session, and the number of keys that are left out. `text` is the session's
    /// dictionary, with its values as wire text. If it cannot be parsed, there are no nodes.
    pub fn of_session(redaction: Redaction, text: &str) -> (Vec<Self>, usize) {
        let Ok(dictionary) = Dictionary::parse(text) else { return (Vec::new(), 0) };
        let mut remaining = MAX_NODES;
        let mut nodes = Vec::new();
        for (key, text) in dictionary.iter() {
            if remaining == 0 {
                break;
            }
            let key = short_key(&key);
            nodes.push(match Value::from_text(text) {
                Ok(value) => Self::of(redaction, key, &value, MAX_DEPTH, &mut remaining),
                Err(_) => Self::leaf(key, redaction.text("unreadable", text)),
            });
        }
        let left_out = dictionary.len() - nodes.len();
        (nodes, left_out)
    }

    /// Returns the approximate size in bytes.
    pub(crate) fn estimated_bytes(&self) -> usize {
        let children = self.children.iter().flatten().map(Self::estimated_bytes).sum::<usize>();
        size_of::<Self>() + self.key.len() + self.text.as_ref().map_or(0, String::len) + children
    }

    fn of(redaction: Redaction, key: String, value: &Value, max_depth: usize, remaining: &mut usize) -> Self {
        *remaining = remaining.saturating_sub(1);
        let mut node = Self::leaf(key, redaction.value(value));
        if max_depth == 0 {
            return node;
        }
        let children: Vec<_> = match value {
            Value::List(items) | Value::Tuple(items) => {
                let numbered = items.iter().enumerate().map(|(at, item)| (at.to_string(), item));
                numbered.map_while(|(at, item)| child(redaction, at, item, max_depth, remaining)).collect()
            }
            Value::Dict(members) => members
                .iter()
                .map(|(key, value)| (inner_key(redaction, key), value))
                .map_while(|(key, value)| child(redaction, key, value, max_depth, remaining))
                .collect(),
            _ => return node,
        };
        node.text = None;
        node.cut = 0;
        node.left_out = node.length.unwrap_or(0) - children.len();
        node.children = Some(children);
        node
    }

    fn leaf(key: String, shown: RedactedValue) -> Self {
        Self {
            key,
            kind: shown.kind,
            length: shown.length,
            text: shown.text,
            cut: shown.cut,
            children: None,
            left_out: 0,
            set_by: None,
        }
    }
}

fn child(
    redaction: Redaction,
    key: String,
    value: &Value,
    max_depth: usize,
    remaining: &mut usize,
) -> Option<Node> {
    (*remaining > 0).then(|| Node::of(redaction, key, value, max_depth - 1, remaining))
}

/// Returns a key inside a value. If values are redacted, the key is redacted too, because it is part of the value.
fn inner_key(redaction: Redaction, key: &str) -> String {
    if redaction.shows_values() {
        short_key(key)
    } else {
        format!("a key of {} characters", key.chars().count())
    }
}

fn short_key(key: &str) -> String {
    key.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_kinds_and_members() {
        let text = r#"{"at":{" d":"Sun, 06 Nov 1994 08:49:37 GMT"},"cart":[1,{" t":["tea",2]}],"who":{"name":"Ada"}}"#;
        let (nodes, left_out) = Node::of_session(Redaction::Secrets, text);
        assert_eq!(left_out, 0);
        let kinds: Vec<_> = nodes.iter().map(|node| (node.key.as_str(), node.kind)).collect();
        assert_eq!(kinds, [("at", "datetime"), ("cart", "list"), ("who", "dictionary")]);
        let cart = nodes[1].children.as_ref().unwrap();
        assert_eq!((cart[1].key.as_str(), cart[1].kind, cart[1].length), ("1", "tuple", Some(2)));
        assert_eq!(nodes[2].children.as_ref().unwrap()[0].text.as_deref(), Some("Ada"));
    }

    #[test]
    fn redacted_nodes_have_no_value_and_no_inner_key() {
        let text = r#"{"who":{"secretkey":"secretvalue"},"list":["secretitem"]}"#;
        let (nodes, _) = Node::of_session(Redaction::All, text);
        let all = serde_json::to_string(&nodes).unwrap();
        assert!(all.contains("who") && all.contains("a key of 9 characters"), "{all}");
        assert!(!all.contains("secret"), "{all}");
    }

    #[test]
    fn large_sessions_are_shown_in_part() {
        let many: Vec<_> = (0..1000).map(|number| format!(r#""k{number:04}":{number}"#)).collect();
        let (nodes, left_out) = Node::of_session(Redaction::Secrets, &format!("{{{}}}", many.join(",")));
        assert_eq!((nodes.len(), left_out), (MAX_NODES, 1000 - MAX_NODES));
    }
}
