use super::pair::{has_control, is_blank, trim};

/// Finds all cookies with this name in the `Cookie` headers, and returns the exact bytes of their values, in order.
///
/// The headers are parsed as by [`Cookies::parse`](super::Cookies::parse), but no collection is built: this function
/// does not allocate, and it examines only the cookies with that name. Use it to read one cookie out of many.
///
/// `name` is compared byte for byte. Nothing is decoded, so an encoded name cannot pass as a `__Host-` name.
///
/// ```
/// use hardtack_core::cookie::find;
///
/// let mut found = find(["a=1; session=abc; session=def", "session=ghi"], "session");
/// assert_eq!(found.next(), Some(&b"abc"[..]));
/// assert_eq!(found.next(), Some(&b"def"[..]));
/// assert_eq!(found.next(), Some(&b"ghi"[..]));
/// assert_eq!(found.next(), None);
/// ```
pub fn find<'h, H>(headers: impl IntoIterator<Item = &'h H>, name: &str) -> impl Iterator<Item = &'h [u8]>
where
    H: AsRef<[u8]> + ?Sized + 'h,
{
    find_all::<_, true>(headers, name)
}

/// Finds cookies like [`find`], in headers that are known to contain no control characters except HTAB. This function
/// does not check for control characters.
///
/// The value of an `http::HeaderValue` meets this condition (RFC 9110, section 5.5). For bytes from other sources, use
/// [`find`]: this function also returns values that `find` would reject and that a browser would not have sent.
///
/// ```
/// use hardtack_core::cookie::find_in_field_values;
///
/// let mut found = find_in_field_values(["a=1; session=abc"], "session");
/// assert_eq!(found.next(), Some(&b"abc"[..]));
/// ```
pub fn find_in_field_values<'h, H>(
    headers: impl IntoIterator<Item = &'h H>,
    name: &str,
) -> impl Iterator<Item = &'h [u8]>
where
    H: AsRef<[u8]> + ?Sized + 'h,
{
    find_all::<_, false>(headers, name)
}

fn find_all<'h, H, const SEARCHED: bool>(
    headers: impl IntoIterator<Item = &'h H>,
    name: &str,
) -> impl Iterator<Item = &'h [u8]>
where
    H: AsRef<[u8]> + ?Sized + 'h,
{
    let name = name.as_bytes();
    headers.into_iter().flat_map(move |header| InHeader::<SEARCHED> { rest: header.as_ref(), name })
}

/// The cookies with one name in one header. `SEARCHED` specifies whether pairs are checked for control characters.
struct InHeader<'h, 'n, const SEARCHED: bool> {
    rest: &'h [u8],
    name: &'n [u8],
}

impl<'h, const SEARCHED: bool> Iterator for InHeader<'h, '_, SEARCHED> {
    type Item = &'h [u8];

    fn next(&mut self) -> Option<&'h [u8]> {
        let mut rest = self.rest;
        while let [first, behind_first @ ..] = rest {
            if is_blank(*first) {
                rest = behind_first;
                continue;
            }
            // Checking two bytes rules out most other cookies.
            let may_be = self.name.first() == Some(first)
                && matches!(rest.get(self.name.len()), Some(b'=' | b' ' | b'\t'));
            let end = memchr::memchr(b';', rest).unwrap_or(rest.len());
            let pair = &rest[..end];
            rest = rest.get(end + 1..).unwrap_or_default();
            if may_be
                && let Some(value) = value_of(pair, self.name)
                && !(SEARCHED && has_control(pair))
            {
                self.rest = rest;
                return Some(value);
            }
        }
        self.rest = rest;
        None
    }
}

/// Returns the value of a pair if the pair has this name. The pair must not start with blanks.
///
/// The function is never inlined, to keep the loop that skips other pairs short.
#[inline(never)]
fn value_of<'h>(pair: &'h [u8], name: &[u8]) -> Option<&'h [u8]> {
    let mut behind = pair.strip_prefix(name)?;
    while let [b' ' | b'\t', tail @ ..] = behind {
        behind = tail;
    }
    let value = behind.strip_prefix(b"=")?;
    is_name(name).then(|| trim(value))
}

/// Returns whether [`Pair::read`](super::pair::Pair::read) can return this name. (A pair never contains `;`.)
fn is_name(name: &[u8]) -> bool {
    name.last().is_some_and(|&byte| !is_blank(byte)) && memchr::memchr(b'=', name).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cookie::Cookies;

    fn found<'h>(header: &'h [u8], name: &str) -> Vec<&'h [u8]> {
        find([header], name).collect()
    }

    #[test]
    fn a_longer_or_shorter_name_is_another_cookie() {
        assert_eq!(found(b"session2=a; sessio=b; xsession=c; session=d", "session"), [b"d"]);
    }

    #[test]
    fn blanks_round_name_and_value_do_not_count() {
        assert_eq!(found(b" \ta \t=\t 1 2 \t; a=3", "a"), [&b"1 2"[..], b"3"]);
    }

    #[test]
    fn a_name_in_another_cookies_value_is_not_found() {
        assert_eq!(found(b"b=a=1; c=x a=2", "a"), [b""; 0]);
    }

    #[test]
    fn control_characters_drop_the_pair_alone() {
        assert_eq!(found(b"a=1\x01; a=2", "a"), [b"2"]);
    }

    #[test]
    fn impossible_names_find_nothing() {
        for name in ["", " a", "a ", "a=b", "a;b", "a\n"] {
            assert_eq!(found(b"=1; a=2; a=b=3; a;b=4; a\n=5", name), [b""; 0], "{name:?}");
        }
    }

    #[test]
    fn it_finds_what_the_whole_parser_finds() {
        let alphabet = b"ab= \t;\"%\x01\xc3\x7f";
        let mut state = 7_u64;
        for _ in 0..20_000 {
            let header: Vec<u8> = (0..24)
                .map(|_| {
                    state =
                        state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    alphabet[(state >> 33) as usize % alphabet.len()]
                })
                .collect();
            let cookies = Cookies::parse([&header]);
            for name in ["a", "b", "ab", "a b", "\"a"] {
                let whole: Vec<&[u8]> = cookies
                    .iter_raw()
                    .filter(|(n, _)| *n == name.as_bytes())
                    .map(|(_, value)| value)
                    .collect();
                assert_eq!(
                    found(&header, name),
                    whole,
                    "{:?} in {:?}",
                    name,
                    header.escape_ascii().to_string()
                );
                if !has_control(&header) {
                    assert_eq!(find_in_field_values([&header], name).collect::<Vec<_>>(), whole);
                }
            }
        }
    }
}
