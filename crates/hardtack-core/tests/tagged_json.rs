//! Flask's tagged JSON through serde: what is written, read, and rejected.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;

use hardtack_core::value::{
    BigInt, Bytes, DateTime, MAX_DEPTH, MAX_DIGITS, Markup, Uuid, Value, from_text, is_truthy, to_text,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Writes a value, compares the text, and reads the value back.
fn both_ways<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: T, text: &str) {
    assert_eq!(to_text(&value).expect("writable"), text);
    assert_eq!(from_text::<T>(text).expect("readable"), value, "{text}");
    let any: Value = from_text(text).expect("readable");
    assert_eq!(any.to_text(), text, "through a Value");
    assert_eq!(to_text(&any).expect("writable"), text, "through a Value and serde");
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Person {
    name: String,
    #[serde(default)]
    age: Option<u8>,
    born: DateTime,
    id: Uuid,
    photo: Bytes,
    bio: Markup,
    fortune: BigInt,
    home: (f64, f64),
    anything: Value,
}

fn person() -> Person {
    Person {
        name: "Ada".to_owned(),
        age: Some(36),
        born: DateTime::from_unix_seconds(0).expect("a moment"),
        id: Uuid::from_bytes([0x12; 16]),
        photo: Bytes::from(*b"hi"),
        bio: Markup::new("<b>"),
        fortune: "123456789012345678901234567890".parse().expect("digits"),
        home: (1.5, -2.0),
        anything: Value::from((1, vec![Value::from(u64::MAX), Value::from(Uuid::from_bytes([0; 16]))])),
    }
}

#[test]
fn a_struct_keeps_every_type_and_sorts_its_fields() {
    both_ways(
        person(),
        concat!(
            r#"{"age":36,"anything":{" t":[1,[18446744073709551615,{" u":"00000000000000000000000000000000"}]]},"#,
            r#""bio":{" m":"<b>"},"born":{" d":"Thu, 01 Jan 1970 00:00:00 GMT"},"fortune":123456789012345678901234567890,"#,
            r#""home":{" t":[1.5,-2.0]},"id":{" u":"12121212121212121212121212121212"},"name":"Ada","photo":{" b":"aGk="}}"#,
        ),
    );
}

#[test]
fn other_formats_get_sensible_forms() {
    let json = serde_json::to_string(&person()).unwrap();
    assert!(json.contains(r#""id":"12121212-1212-1212-1212-121212121212""#), "{json}");
    assert!(json.contains(r#""born":"Thu, 01 Jan 1970 00:00:00 GMT""#), "{json}");
    assert!(json.contains(r#""home":[1.5,-2.0]"#), "{json}");
    let back: Person = serde_json::from_str(&json).unwrap();
    assert_eq!((back.id, back.born, back.photo), (person().id, person().born, person().photo));
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Unit,
    Newtype(u8),
    Tuple(u8, String),
    Struct {
        b: u8,
        a: (),
    },
    #[serde(rename = " t")]
    Tag(u8),
    #[serde(rename = " d")]
    TagPair(u8, u8),
    #[serde(rename = " di")]
    TagStruct {
        x: u8,
    },
}

#[test]
fn enums_have_the_form_of_json() {
    both_ways(Shape::Unit, r#""Unit""#);
    both_ways(Shape::Newtype(1), r#"{"Newtype":1}"#);
    both_ways(Shape::Tuple(1, "x".to_owned()), r#"{"Tuple":[1,"x"]}"#);
    both_ways(Shape::Struct { b: 1, a: () }, r#"{"Struct":{"a":null,"b":1}}"#);
    both_ways(vec![Shape::Unit, Shape::Newtype(2)], r#"["Unit",{"Newtype":2}]"#);
    assert!(from_text::<Shape>(r#"{"Newtype":1,"Unit":null}"#).is_err());
    assert!(from_text::<Shape>(r#""Newtype""#).is_err());
    assert!(from_text::<Shape>("{}").is_err());
}

#[test]
fn a_variant_named_as_a_tag_is_escaped() {
    both_ways(Shape::Tag(1), r#"{" di":{" t__":1}}"#);
    both_ways(Shape::TagPair(1, 2), r#"{" di":{" d__":[1,2]}}"#);
    both_ways(Shape::TagStruct { x: 1 }, r#"{" di":{" di__":{"x":1}}}"#);
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct OneTag {
    #[serde(rename = " b")]
    b: (u8, u8),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct TwoTags {
    #[serde(rename = " t")]
    t: Vec<u8>,
    #[serde(rename = " d")]
    d: String,
}

#[test]
fn a_dict_whose_only_key_is_a_tag_is_escaped() {
    both_ways(BTreeMap::from([(" t".to_owned(), 1)]), r#"{" di":{" t__":1}}"#);
    both_ways(
        BTreeMap::from([(" di".to_owned(), BTreeMap::from([(" t".to_owned(), 1)]))]),
        r#"{" di":{" di__":{" di":{" t__":1}}}}"#,
    );
    both_ways(OneTag { b: (1, 2) }, r#"{" di":{" b__":{" t":[1,2]}}}"#);
    both_ways(TwoTags { t: vec![1], d: "x".to_owned() }, r#"{" d":"x"," t":[1]}"#);
    both_ways(BTreeMap::from([(" t__".to_owned(), 1)]), r#"{" t__":1}"#);
    both_ways(BTreeMap::from([(" zz".to_owned(), 1)]), r#"{" zz":1}"#);
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum Color {
    Red,
    Green,
}

#[test]
fn keys_are_written_as_python_writes_them_and_sorted_by_what_they_were() {
    let numbers = BTreeMap::from([(100, 'a'), (9, 'b'), (-3, 'c')]);
    let text = to_text(&numbers).unwrap();
    assert_eq!(text, r#"{"-3":"c","9":"b","100":"a"}"#);
    assert_eq!(from_text::<BTreeMap<i32, char>>(&text).unwrap(), numbers);
    both_ways(BTreeMap::from([(true, 1), (false, 0)]), r#"{"false":0,"true":1}"#);
    both_ways(BTreeMap::from([(Color::Green, 1), (Color::Red, 0)]), r#"{"Green":1,"Red":0}"#);
    both_ways(BTreeMap::from([(i128::MAX, ())]), r#"{"170141183460469231731687303715884105727":null}"#);
    both_ways(BTreeMap::from([('b', 1), ('\u{e9}', 2)]), r#"{"b":1,"\u00e9":2}"#);
    both_ways(BTreeMap::from([(None::<u8>, 1)]), r#"{"null":1}"#);
    assert_eq!(to_text(&FloatKeys(&[1.5, 1e16, -0.5])).unwrap(), r#"{"-0.5":0,"1.5":0,"1e+16":0}"#);
    let shuffled: HashMap<u32, u32> = (0..200).rev().map(|number| (number, number)).collect();
    let ordered: BTreeMap<u32, u32> = (0..200).map(|number| (number, number)).collect();
    assert_eq!(to_text(&shuffled).unwrap(), to_text(&ordered).unwrap());
    assert_eq!(from_text::<HashMap<u32, u32>>(&to_text(&shuffled).unwrap()).unwrap(), shuffled);
}

struct FloatKeys(&'static [f64]);

impl Serialize for FloatKeys {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|key| (key, 0)))
    }
}

struct Pairs(&'static [(&'static str, u8)]);

impl Serialize for Pairs {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

#[test]
fn of_a_key_given_twice_the_last_counts() {
    assert_eq!(to_text(&Pairs(&[("b", 1), ("a", 2), ("b", 3)])).unwrap(), r#"{"a":2,"b":3}"#);
    assert_eq!(to_text(&Pairs(&[(" t", 1), (" t", 2)])).unwrap(), r#"{" di":{" t__":2}}"#);
    assert_eq!(from_text::<BTreeMap<String, u8>>(r#"{"a":1,"\u0061":2}"#).unwrap()["a"], 2);
    assert_eq!(from_text::<Value>(r#"{" t":[1]," t":[2]}"#).unwrap(), Value::from((2,)));
}

#[test]
fn strings_sort_by_code_point() {
    let keys = ["\u{1f600}", "\u{ffff}", "\u{e9}", "a", "Z", "", "a\"", "aa", "a!"];
    let map: HashMap<&str, u8> = keys.into_iter().zip(0..).collect();
    let text = r#"{"":5,"Z":4,"a":3,"a!":8,"a\"":6,"aa":7,"\u00e9":2,"\uffff":1,"\ud83d\ude00":0}"#;
    assert_eq!(to_text(&map).unwrap(), text);
}

#[test]
fn keys_that_python_cannot_have_are_refused() {
    assert!(to_text(&BTreeMap::from([((1, 2), 3)])).is_err());
    assert!(to_text(&BTreeMap::from([(Bytes::from(*b"k"), 3)])).is_err());
    assert!(to_text(&BTreeMap::from([(Some("a"), 3), (None, 4)])).is_err(), "None and text cannot be sorted");
}

#[test]
fn scalars_are_written_as_python_writes_them() {
    both_ways((), "null");
    both_ways(None::<u8>, "null");
    both_ways(true, "true");
    both_ways(i8::MIN, "-128");
    both_ways(u64::MAX, "18446744073709551615");
    both_ways(i128::MIN, "-170141183460469231731687303715884105728");
    both_ways(u128::MAX, "340282366920938463463374607431768211455");
    both_ways(1e16, "1e+16");
    both_ways(f64::NEG_INFINITY, "-Infinity");
    both_ways('\u{e9}', r#""\u00e9""#);
    both_ways("\u{7f}\u{1f600}".to_owned(), r#""\u007f\ud83d\ude00""#);
    both_ways((1, "x".to_owned()), r#"{" t":[1,"x"]}"#);
    both_ways(vec![[1_u8, 2]], r#"[{" t":[1,2]}]"#);
    assert_eq!(to_text(&f64::NAN).unwrap(), "NaN");
    assert!(from_text::<f64>("NaN").unwrap().is_nan());
}

#[test]
fn a_wider_type_reads_a_narrower_value() {
    assert_eq!(from_text::<Vec<u8>>(r#"{" t":[1,2]}"#).unwrap(), [1, 2]);
    assert_eq!(from_text::<Vec<u8>>(r#"{" b":"AQI="}"#).unwrap(), [1, 2]);
    assert_eq!(from_text::<(u8, u8)>("[1,2]").unwrap(), (1, 2));
    assert_eq!(from_text::<f64>("3").unwrap(), 3.0);
    assert_eq!(from_text::<f64>("100000000000000000000000000000000000000000").unwrap(), 1e41);
    assert_eq!(from_text::<f32>("0.5").unwrap(), 0.5);
    assert_eq!(from_text::<String>(r#"{" m":"<b>"}"#).unwrap(), "<b>");
    assert_eq!(
        from_text::<String>(r#"{" u":"12121212121212121212121212121212"}"#).unwrap(),
        "12121212-1212-1212-1212-121212121212"
    );
    assert_eq!(
        from_text::<String>(r#"{" d":"Thu, 01 Jan 1970 00:00:00 GMT"}"#).unwrap(),
        "Thu, 01 Jan 1970 00:00:00 GMT"
    );
    assert_eq!(from_text::<Markup>(r#""<b>""#).unwrap(), Markup::new("<b>"));
    assert_eq!(from_text::<Option<DateTime>>(r#"{" d":"soon"}"#).unwrap(), None);
    assert_eq!(from_text::<BigInt>("12").unwrap(), BigInt::from(12_i64));
}

#[test]
fn another_type_is_an_error_that_names_both() {
    let error = |result: Result<(), hardtack_core::Error>| result.unwrap_err().to_string();
    assert_eq!(error(from_text::<u64>("-1").map(drop)), "expected u64, found an integer that does not fit");
    assert_eq!(
        error(from_text::<i64>("9223372036854775808").map(drop)),
        "expected i64, found an integer that does not fit"
    );
    assert_eq!(error(from_text::<String>("12").map(drop)), "expected a string, found an integer");
    assert_eq!(error(from_text::<bool>(r#"{"a":1}"#).map(drop)), "expected a boolean, found a dict");
    assert_eq!(error(from_text::<DateTime>("null").map(drop)), "expected a datetime, found null");
    assert_eq!(error(from_text::<BigInt>(r#""1""#).map(drop)), "expected an integer, found text");
    assert_eq!(
        error(from_text::<Color>(r#""secret""#).map(drop)),
        r#"unknown variant, expected one of ["Red", "Green"]"#
    );
    for text in ["[1]", "[1,2,3]", r#"{" t":[1,2,3]}"#] {
        assert!(from_text::<(u8, u8)>(text).is_err(), "{text}");
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Loose {
    Number(i64),
    Text(String),
    List(Vec<Loose>),
    Map(BTreeMap<String, Loose>),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Flat {
    z: u8,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[test]
fn untagged_enums_and_flattened_fields_work() {
    let loose = Loose::List(vec![Loose::Number(1), Loose::Text("x".to_owned()), Loose::Map(BTreeMap::new())]);
    both_ways(loose, r#"[1,"x",{}]"#);
    both_ways(
        Flat { z: 1, rest: BTreeMap::from([("a".to_owned(), Value::from([1]))]) },
        r#"{"a":[1],"z":1}"#,
    );
    let flat: Flat =
        from_text(r#"{"a":{" t":[1]},"u":{" u":"12121212121212121212121212121212"},"z":1}"#).unwrap();
    assert_eq!(flat.rest["a"], Value::from([1]), "a tuple is a list by the time serde gives it on");
    assert_eq!(flat.rest["u"], Value::from("12121212-1212-1212-1212-121212121212"));
}

#[test]
fn fields_nobody_asks_for_are_still_checked() {
    #[derive(Debug, Deserialize)]
    struct OnlyA {
        a: u8,
    }
    let text = |other: &str| format!(r#"{{"a":1,"b":{other}}}"#);
    let huge = "9".repeat(400);
    for other in ["1", &huge, r#"{" t":[1]}"#, r#"{" u":"12121212121212121212121212121212"}"#, "[NaN]"] {
        assert_eq!(from_text::<OnlyA>(&text(other)).unwrap().a, 1);
    }
    for other in ["01", r#"{" t":5}"#, r#"{" b":"A"}"#, r#""\x""#, "tru", "[1,]"] {
        assert!(from_text::<OnlyA>(&text(other)).is_err(), "{other}");
    }
}

#[test]
fn text_is_read_by_pythons_rules() {
    for (text, canonical) in [
        (" \t\r\n[ 1 , 2 ] ", "[1,2]"),
        ("{ \"b\" : 1 , \"a\" : 2 }", r#"{"a":2,"b":1}"#),
        ("-0", "0"),
        ("-0.0", "-0.0"),
        ("1E400", "Infinity"),
        ("-1e400", "-Infinity"),
        ("1e5", "100000.0"),
        ("\"\u{7f}\u{e9}\"", r#""\u007f\u00e9""#),
        (r#""\ud83d\uDE00\/""#, r#""\ud83d\ude00/""#),
        (r#"{"a":1,"a":2}"#, r#"{"a":2}"#),
    ] {
        assert_eq!(Value::from_text(text).unwrap().to_text(), canonical, "{text}");
    }
    let too_long = "1".repeat(MAX_DIGITS + 1);
    for text in [
        "",
        " ",
        "\u{feff}1",
        "01",
        "-",
        "+1",
        ".5",
        "1.",
        "1.e1",
        "1e",
        "0x1",
        "1 2",
        "nul",
        "True",
        "nan",
        "Inf",
        "-Inf",
        "--1",
        "[1,]",
        "[,1]",
        "[1",
        "]",
        "[1}",
        "{\"a\":1,}",
        "{\"a\"}",
        "{a:1}",
        "{1:1}",
        "{'a':1}",
        "{\"a\":1",
        "{\"a\" 1}",
        "{,}",
        "\"\n\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"a",
        "\"\\ud800\"",
        "1//x",
        "/**/1",
        "\u{a0}1",
        "\u{c}1",
        &too_long,
    ] {
        assert!(Value::from_text(text).is_err(), "{text}");
        assert!(from_text::<serde::de::IgnoredAny>(text).is_err(), "{text}");
    }
}

#[test]
fn tags_are_read_as_flask_reads_them() {
    let date = |seconds| Value::DateTime(DateTime::from_unix_seconds(seconds).unwrap());
    let uuid = Value::Uuid(Uuid::from_bytes([0xab; 16]));
    let dict = |key: &str, value: Value| Value::Dict(BTreeMap::from([(key.to_owned(), value)]));
    let markup = |html: &str| Value::Markup(Markup::new(html));
    for (text, value) in [
        (r#"{"\u0020t":[1]}"#, Value::from((1,))),
        (r#"{" t":"ab"}"#, Value::from(('a', 'b'))),
        (r#"{" t":{" t":[1]}}"#, Value::from((1,))),
        (r#"{" t":{" b":"AQI="}}"#, Value::from((1, 2))),
        (r#"{" t":{"k":5}}"#, Value::from(("k",))),
        (r#"{" t":{"k":5,"a":6,"k":7}}"#, Value::from(("k", "a"))),
        (r#"{" t":{}}"#, Value::Tuple(vec![])),
        (r#"{" t":{" t":{"k":[{" t":"ab"}]}}}"#, Value::from(("k",))),
        (r#"{" t":[{" t":[]}]}"#, Value::from((Value::Tuple(vec![]),))),
        (
            r#"{" t":[1],"b":2}"#,
            Value::from(BTreeMap::from([(" t", Value::from([1])), ("b", Value::from(2))])),
        ),
        (r#"{" b":"!eA-=_="}"#, Value::Bytes(b"x".to_vec())),
        (r#"{" b":{" b":"ZUE9PQ=="}}"#, Value::Bytes(b"x".to_vec())),
        (r#"{" m":5}"#, Markup::new("5").into()),
        (r#"{" m":null}"#, Markup::new("None").into()),
        (r#"{" m":true}"#, Markup::new("True").into()),
        (r#"{" m":1e999}"#, Markup::new("inf").into()),
        (r#"{" m":1e16}"#, Markup::new("1e+16").into()),
        (
            r#"{" m":["a",{" t":[1]},{"b":null,"a":{" b":"JwA="}}]}"#,
            markup(r#"['a', (1,), {'b': None, 'a': b"'\x00"}]"#),
        ),
        (
            r#"{" m":[{" m":"x"},"\u00ad\n\u0301'",true,-0.0]}"#,
            markup(r#"[Markup('x'), "\xad\ń'", True, -0.0]"#),
        ),
        (r#"{" m":{" d":"Thu, 01 Jan 1970 02:00:00 +0230"}}"#, markup("1970-01-01 02:00:00+02:30")),
        (r#"{" m":{" b":""}}"#, markup("b''")),
        (
            r#"{" m":{" u":"abababababababababababababababab"}}"#,
            Markup::new("abababab-abab-abab-abab-abababababab").into(),
        ),
        (r#"{" u":"ABABABABABABABABABABABABABABABAB"}"#, uuid.clone()),
        (r#"{" u":"{abababab-abab-abab-abab-abababababab}"}"#, uuid.clone()),
        (r#"{" u":"urn:uuid:abababab-abab-abab-abab-abababababab"}"#, uuid),
        (r#"{" d":"Thu, 01 Jan 1970 02:00:00 +0200"}"#, date(0)),
        (r#"{" d":"x"}"#, Value::Null),
        (r#"{" d":""}"#, Value::Null),
        (r#"{" d":null}"#, Value::Null),
        (r#"{" d":[]}"#, Value::Null),
        (r#"{" d":{" b":"AQ=="}}"#, Value::Null),
        (r#"{" d":{" m":""}}"#, Value::Null),
        (r#"{" di":{"abcd":1}}"#, dict("ab", 1.into())),
        (r#"{" di":{"a":1}}"#, dict("", 1.into())),
        (r#"{" di":{"b__":1,"a__":2}}"#, dict("b", 1.into())),
        (r#"{" di":{"b__":1,"a__":2,"b__":3}}"#, dict("b", 3.into())),
        (r#"{" t":{" t":5}," t":[1]}"#, Value::from((1,))),
        (r#"{" di":{" di":{"abcdef":1}}}"#, dict("ab", 1.into())),
        (r#"{" di":{" di__":{" di":{" t__":1}}}}"#, dict(" di", dict(" t", 1.into()))),
        (r#"{" zz":1}"#, dict(" zz", 1.into())),
        (r#"{" t ":1}"#, dict(" t ", 1.into())),
    ] {
        assert_eq!(Value::from_text(text).unwrap(), value, "{text}");
    }
    for text in [
        r#"{" t":5}"#,
        r#"{" t":null}"#,
        r#"{" t":{" u":"abababababababababababababababab"}}"#,
        r#"{" b":"A"}"#,
        r#"{" b":"AAA"}"#,
        r#"{" b":"\u00e9"}"#,
        r#"{" b":5}"#,
        r#"{" b":null}"#,
        r#"{" u":"1234"}"#,
        r#"{" u":5}"#,
        r#"{" u":null}"#,
        r#"{" d":5}"#,
        r#"{" d":true}"#,
        r#"{" d":[1]}"#,
        r#"{" di":5}"#,
        r#"{" di":[1]}"#,
        r#"{" di":{}}"#,
        r#"{" di":"ab"}"#,
        r#"{" di":{" t":[1]}}"#,
        r#"{" di":{"a__":1,"b":01}}"#,
        r#"{" t":[1]," t":5}"#,
        r#"{" t":[01]," t":[1]}"#,
    ] {
        assert!(Value::from_text(text).is_err(), "{text}");
    }
}

#[test]
fn integers_keep_pythons_limit_of_digits() {
    let longest = format!("-{}", "9".repeat(MAX_DIGITS));
    both_ways(longest.parse::<BigInt>().unwrap(), &longest);
    assert!(from_text::<i128>(&longest).is_err());
}

/// Returns text that is nested to the maximum depth, and text that is nested `levels` deeper.
fn nested(open: &str, close: &str, levels: usize, inner: &str) -> [String; 2] {
    [MAX_DEPTH, MAX_DEPTH + levels]
        .map(|depth| format!("{}{inner}{}", open.repeat(depth / levels), close.repeat(depth / levels)))
}

#[test]
fn nesting_is_limited_and_fits_the_smallest_usual_stack() {
    let check = || {
        for [deepest, too_deep] in [
            nested("[", "]", 1, ""),
            nested("{\"a\":", "}", 1, "1"),
            nested("{\" t\":[", "]}", 2, ""),
            nested("{\" t\":", "}", 1, "\"a\""),
            nested("{\" m\":", "}", 1, "1"),
            nested("{\" di\":{\" t__\":", "}}", 2, "1"),
            nested("{\" di\":", "}", 1, "[]"),
            nested("{\"a\":[", "]}", 2, "{}"),
        ] {
            // Neither reading, writing, cloning, nor dropping the deepest value overflows the stack.
            if let Ok(value) = Value::from_text(&deepest) {
                assert_eq!(to_text(&value).unwrap(), value.to_text());
                assert_eq!(value.clone(), value);
            }
            let error = Value::from_text(&too_deep).unwrap_err().to_string();
            assert!(error.contains("nested too deeply") || error.contains("tag"), "{error}");
            assert!(from_text::<serde::de::IgnoredAny>(&too_deep).is_err());
            let _ = from_text::<Loose>(&deepest);
        }
        let [deepest, too_deep] = nested("[", "]", 1, "");
        assert!(Value::from_text(&deepest).is_ok());
        assert!(Value::from_text(&too_deep).is_err());
        assert!(Value::from_text(&"[".repeat(1_000_000)).is_err());
        let mut value = Value::Null;
        for _ in 0..MAX_DEPTH {
            value = Value::from([value]);
        }
        assert!(to_text(&value).is_ok());
        value = Value::from([value]);
        assert!(to_text(&value).is_err());
        assert_eq!(value.to_text().len(), 2 * MAX_DEPTH + 6, "the infallible way needs no stack");
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(check).unwrap().join().unwrap();
}

#[test]
fn tags_within_tags_are_read_in_linear_time() {
    // If each level scanned ahead, this would read a megabyte about a hundred times.
    let wide = format!("[{}]", vec!["1"; 200_000].join(","));
    let text = format!("{}{wide}{}", "{\" t\":[".repeat(200), "]}".repeat(200));
    assert!(Value::from_text(&text).is_ok());
}

#[test]
fn what_python_treats_as_false_is_false() {
    for text in [
        "null",
        "false",
        "0",
        "-0",
        "0.0",
        "-0.0",
        "0e5",
        "1e-400",
        r#""""#,
        "[ ]",
        " { } ",
        r#"{" t":[]}"#,
        r#"{" t":{}}"#,
        r#"{" t":""}"#,
        r#"{" b":""}"#,
        r#"{" b":"!="}"#,
        r#"{" m":""}"#,
        r#"{" d":"no date"}"#,
        r#"{" d":0}"#,
        r#"{" t":{" b":""}}"#,
        r#"{" t":5}"#,
        "broken",
    ] {
        assert!(!is_truthy(text), "{text}");
    }
    for text in [
        "true",
        "1",
        "-1",
        "0.5",
        "NaN",
        "-Infinity",
        "123456789012345678901234567890",
        r#""0""#,
        "[0]",
        r#"{"":0}"#,
        r#"{" t":[0]}"#,
        r#"{" t":{"":0}}"#,
        r#"{" b":"AA=="}"#,
        r#"{" m":" "}"#,
        r#"{" m":""," zz":0}"#,
        r#"{" m":[]}"#,
        r#"{" u":"00000000000000000000000000000000"}"#,
        r#"{" d":"Thu, 01 Jan 1970 00:00:00 GMT"}"#,
        r#"{" di":{" t__":0}}"#,
    ] {
        assert!(is_truthy(text), "{text}");
    }
}
