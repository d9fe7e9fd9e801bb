use std::fmt::{self, Display};

/// Bytes, displayed as an SQL literal: `X'…'`, or `NULL`.
///
/// Statements contain values only as numbers and as such literals. The server cannot interpret these as anything else,
/// regardless of the rules for quotes in its `sql_mode`.
pub(crate) struct HexLiteral<'a>(pub(crate) Option<&'a [u8]>);

const DIGITS: &[u8; 16] = b"0123456789abcdef";

impl Display for HexLiteral<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(bytes) = self.0 else { return f.write_str("NULL") };
        f.write_str("X'")?;
        let mut buffer = [0; 256];
        for part in bytes.chunks(buffer.len() / 2) {
            let text = &mut buffer[..part.len() * 2];
            for (pair, byte) in text.chunks_exact_mut(2).zip(part) {
                pair[0] = DIGITS[usize::from(byte >> 4)];
                pair[1] = DIGITS[usize::from(byte & 15)];
            }
            f.write_str(str::from_utf8(text).map_err(|_| fmt::Error)?)?;
        }
        f.write_str("'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_in_hexadecimal() {
        for (bytes, text) in
            [(None, "NULL"), (Some(&b""[..]), "X''"), (Some(&[0, 10, 39, 255][..]), "X'000a27ff'")]
        {
            assert_eq!(HexLiteral(bytes).to_string(), text);
        }
        assert_eq!(HexLiteral(Some(&[7; 1000])).to_string(), format!("X'{}'", "07".repeat(1000)));
    }
}
