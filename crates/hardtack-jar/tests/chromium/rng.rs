//! Pseudorandom numbers from a seed.

/// A SplitMix64 generator.
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % most as u64).unwrap()
    }

    pub(crate) fn between(&mut self, least: usize, most: usize) -> usize {
        least + self.below(most - least + 1)
    }

    pub(crate) fn pick<T: Copy>(&mut self, among: &[T]) -> T {
        among[self.below(among.len())]
    }

    /// Returns `true` once in `times` calls on average.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// Returns a short word that very likely differs from earlier words.
    pub(crate) fn word(&mut self) -> String {
        let length = self.between(1, 6);
        (0..length)
            .map(|_| char::from(self.pick(b"abcdefghijkmnopqrstuvwxyzABCXYZ0123456789_-!*'.")))
            .collect()
    }

    /// Returns attributes that do not affect the tested rule, or an empty string.
    pub(crate) fn attributes(&mut self) -> &'static str {
        self.pick(&[
            "",
            "",
            "",
            "; Path=/",
            "; path=/dir",
            "; Max-Age=3600",
            "; HttpOnly",
            "; SameSite=Lax",
            "; Secure",
            "; x=y",
            ";",
            ";secure;httponly;samesite=strict",
        ])
    }

    /// Returns attributes that do not affect the tested rule, for a line that a script sets.
    pub(crate) fn script_attributes(&mut self) -> &'static str {
        self.pick(&["", "; Path=/", "; Max-Age=3600", "; SameSite=Strict", "; Secure", "; x=y"])
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}
