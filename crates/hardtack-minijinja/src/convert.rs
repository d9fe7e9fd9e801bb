use hardtack::Value;
use hardtack::value::DateTime;
use minijinja::value::{Tuple, Value as TemplateValue};

/// Converts a session value for use in a template.
///
/// The recursion is bounded, because parsing limits the nesting depth of values.
pub(crate) fn to_template(value: Value) -> TemplateValue {
    match value {
        Value::Null => TemplateValue::from(()),
        Value::Bool(truth) => TemplateValue::from(truth),
        Value::Int(number) => TemplateValue::from(number),
        Value::BigInt(number) => match number.as_str().parse::<i128>() {
            Ok(number) => TemplateValue::from(number),
            Err(_) => TemplateValue::from(number.as_str()),
        },
        Value::Float(number) => TemplateValue::from(number),
        Value::String(text) => TemplateValue::from(text),
        Value::Bytes(bytes) => TemplateValue::from_bytes(bytes),
        Value::List(items) => items.into_iter().map(to_template).collect(),
        Value::Tuple(items) => Tuple::from(items.into_iter().map(to_template).collect::<Vec<_>>()).into(),
        Value::Dict(members) => {
            TemplateValue::from_pairs(members.into_iter().map(|(key, value)| (key, to_template(value))))
        }
        Value::Markup(html) => TemplateValue::from_safe_string(html.into_string()),
        Value::Uuid(id) => TemplateValue::from(id.to_string()),
        Value::DateTime(moment) => TemplateValue::from(as_python_prints(moment)),
        // `Value` is non-exhaustive. Other kinds are shown as their wire text.
        other => TemplateValue::from(other.to_text()),
    }
}

/// Formats a datetime as Python prints it, such as `2024-01-02 03:04:05+00:00`. These strings sort by time.
fn as_python_prints(moment: DateTime) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    // An HTTP date (RFC 9110, section 5.6.7) has the same parts in a different order.
    let http = moment.to_string();
    let mut parts = http.split_ascii_whitespace().skip(1);
    let (Some(day), Some(month), Some(year), Some(time)) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return http;
    };
    let month = MONTHS.iter().position(|name| *name == month).map_or(0, |at| at + 1);
    format!("{year}-{month:02}-{day} {time}+00:00")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use hardtack::value::{BigInt, Markup, Uuid};
    use minijinja::{Environment, context};

    use super::*;

    fn rendered(template: &str, value: Value) -> String {
        let mut environment = Environment::new();
        environment.add_template("page.html", template).unwrap();
        environment.get_template("page.html").unwrap().render(context! { v => to_template(value) }).unwrap()
    }

    fn big(digits: &str) -> Value {
        Value::BigInt(digits.parse::<BigInt>().unwrap())
    }

    #[test]
    fn every_kind_of_value_is_what_a_template_expects() {
        let dict = || {
            Value::Dict(BTreeMap::from([("a<b".to_owned(), Value::Int(1)), ("c".to_owned(), Value::Null)]))
        };
        let list = || Value::List(vec![Value::Int(1), Value::String("<x>".to_owned())]);
        let tuple = || Value::Tuple(vec![Value::Int(1), Value::Int(2)]);
        let table = [
            ("{{ v }}", Value::Null, "None"),
            ("{{ v is none }}", Value::Null, "True"),
            ("{{ v }} {{ not v }}", Value::Bool(true), "True False"),
            ("{{ v + 1 }}", Value::Int(41), "42"),
            ("{{ v }}", Value::Int(i64::MIN), "-9223372036854775808"),
            ("{{ v + 1 }}", big("18446744073709551616"), "18446744073709551617"),
            (
                "{{ v }}",
                big("-170141183460469231731687303715884105728"),
                "-170141183460469231731687303715884105728",
            ),
            (
                "{{ v }}",
                big("340282366920938463463374607431768211456"),
                "340282366920938463463374607431768211456",
            ),
            ("{{ v }} {{ v * 2 }}", Value::Float(1.5), "1.5 3.0"),
            ("{{ v }}", Value::Float(f64::NAN), "NaN"),
            ("{{ v }}", Value::String("<script>&\"'".to_owned()), "&lt;script&gt;&amp;&quot;&#x27;"),
            ("{{ v|upper }}", Value::String("a".to_owned()), "A"),
            ("{{ v }} {{ v[0] }} {{ v|length }}", Value::Bytes(b"hi".to_vec()), "hi 104 2"),
            ("{{ v }}", Value::Bytes(b"<\xff".to_vec()), "&lt;\u{fffd}"),
            ("{{ v[0] }} {{ v[1] }} {{ v[-1] }} {{ v|length }}", list(), "1 &lt;x&gt; &lt;x&gt; 2"),
            ("{% for x in v %}{{ x }},{% endfor %}", list(), "1,&lt;x&gt;,"),
            ("{{ v }}", list(), "[1, &#x27;&lt;x&gt;&#x27;]"),
            ("{{ v[1] }} {{ v|length }} {{ v is sequence }}", tuple(), "2 2 True"),
            ("{{ v }}", tuple(), "(1, 2)"),
            ("{% set a, b = v %}{{ b }}{{ a }}", tuple(), "21"),
            ("{{ v['a<b'] }} {{ v.c is none }} {{ v.d is undefined }}", dict(), "1 True True"),
            ("{% for k, x in v|items %}{{ k }}={{ x }},{% endfor %}", dict(), "a&lt;b=1,c=None,"),
            ("{{ v }}", Value::Markup(Markup::new("<b>&amp;</b>")), "<b>&amp;</b>"),
            ("{{ v[0] }}", Value::List(vec![Value::Markup(Markup::new("<b>"))]), "<b>"),
            ("{{ v }}", Value::Uuid(Uuid::from_bytes([0xab; 16])), "abababab-abab-abab-abab-abababababab"),
            (
                "{{ v }}",
                Value::DateTime(DateTime::from_unix_seconds(1_704_164_645).unwrap()),
                "2024-01-02 03:04:05+00:00",
            ),
            (
                "{{ v }}",
                Value::DateTime(DateTime::from_unix_seconds(-62_135_596_800).unwrap()),
                "0001-01-01 00:00:00+00:00",
            ),
        ];
        for (template, value, expected) in table {
            assert_eq!(rendered(template, value.clone()), expected, "{template} of {value:?}");
        }
    }

    #[test]
    fn datetimes_sort_as_text() {
        let moments = [253_402_300_799, 0, -1, 1_704_164_645, 1_704_164_646];
        let mut texts =
            moments.map(|seconds| as_python_prints(DateTime::from_unix_seconds(seconds).unwrap()));
        texts.sort();
        assert!(
            texts.is_sorted() && texts[0].starts_with("1969-12-31") && texts[4].starts_with("9999-12-31")
        );
    }

    #[test]
    fn the_deepest_value_that_can_be_read_can_be_shown() {
        let depth = hardtack::value::MAX_DEPTH;
        let text = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let value = Value::from_text(&text).unwrap();
        assert_eq!(rendered("{{ v }}", value).len(), 2 * depth);
    }
}
