/// Trims user input, and cuts it so that it fits in a cookie regardless of its language.
pub(crate) fn trim_input(text: &str) -> String {
    const MAX_CHARS: usize = 64;
    text.trim().chars().take(MAX_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use hardtack::SetCookie;

    use super::*;

    #[test]
    fn trimmed_input_fits_into_a_cookie() {
        let text = trim_input(&"\u{10ffff}".repeat(10_000));
        assert_eq!(text.chars().count(), 64);
        assert!(SetCookie::new("name", &text).check().is_ok());
        assert_eq!(trim_input("  tea \n"), "tea");
    }
}
