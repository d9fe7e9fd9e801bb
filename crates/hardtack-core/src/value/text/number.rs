use serde::de::Visitor;

use crate::value::fault::Fault;
use crate::value::text::read::Number;

type Result<T> = std::result::Result<T, Fault>;

/// Passes a number to the visitor method that matches it.
pub(crate) fn visit_number<'de, V: Visitor<'de>>(number: Number<'_>, visitor: V) -> Result<V::Value> {
    match number {
        Number::Int(number) => visitor.visit_i64(number),
        Number::Float(number) => visitor.visit_f64(number),
        Number::Big(digits) => visit_big(digits, visitor),
    }
}

/// Passes an integer of more than 64 bits to the visitor method that matches its size.
pub(crate) fn visit_big<'de, V: Visitor<'de>>(digits: &str, visitor: V) -> Result<V::Value> {
    if let Ok(number) = digits.parse() {
        visitor.visit_u64(number)
    } else if let Ok(number) = digits.parse() {
        visitor.visit_i128(number)
    } else if let Ok(number) = digits.parse() {
        visitor.visit_u128(number)
    } else {
        Err(Fault::malformed("the integer is too large for the requested type: use BigInt or Value"))
    }
}
