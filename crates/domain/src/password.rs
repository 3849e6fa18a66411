//! What a password has to be: long, and not one that everybody tries first.
//!
//! No rules about kinds of characters: they make passwords harder to remember and no harder to guess (NIST SP 800-63B).

use std::ops::RangeInclusive;

/// What an installation may set as the shortest password it takes.
pub const MIN_LENGTH_RANGE: RangeInclusive<usize> = 8..=64;

/// Longer ones would only keep the hash function busy.
pub const MAX_LENGTH: usize = 256;

/// Tried first by everyone; in lower case, one a line.
const COMMON: &str = include_str!("password.common.txt");

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    #[error("a password has at least {min_length} characters")]
    TooShort { min_length: usize },
    #[error("a password has at most {MAX_LENGTH} characters")]
    TooLong,
    #[error("this password is among the first that anybody would try; choose another, such as four words in a row")]
    Common,
    #[error("the password must not be the e-mail address or the name before the @")]
    LikeEmail,
    #[error("a password needs more than a few different characters")]
    Repetitive,
}

/// The rules of one installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules<'a> {
    min_length: usize,
    refused: &'a [String],
}

impl<'a> Rules<'a> {
    /// `min_length` in characters, brought into [`MIN_LENGTH_RANGE`].
    #[must_use]
    pub fn new(min_length: usize) -> Self {
        Self { min_length: min_length.clamp(*MIN_LENGTH_RANGE.start(), *MIN_LENGTH_RANGE.end()), refused: &[] }
    }

    /// Refuses these words, in lower case, as it does the common ones.
    #[must_use]
    pub const fn refusing(self, words: &'a [String]) -> Self {
        Self { refused: words, ..self }
    }

    #[must_use]
    pub const fn min_length(self) -> usize {
        self.min_length
    }

    /// Whether `password` will do for the account with this address.
    pub fn check(self, password: &str, email: &str) -> Result<(), WeakPassword> {
        let length = password.chars().count();
        if length < self.min_length {
            return Err(WeakPassword::TooShort { min_length: self.min_length });
        }
        if length > MAX_LENGTH {
            return Err(WeakPassword::TooLong);
        }
        let folded = password.to_lowercase();
        let email = email.trim().to_lowercase();
        let local = email.split('@').next().unwrap_or_default();
        if !email.is_empty() && (folded == email || folded == local) {
            return Err(WeakPassword::LikeEmail);
        }
        if is_among(&folded, COMMON.lines()) || is_among(&folded, self.refused.iter().map(String::as_str)) {
            return Err(WeakPassword::Common);
        }
        if has_few_characters(&folded) {
            return Err(WeakPassword::Repetitive);
        }
        Ok(())
    }
}

/// Also with digits and signs behind it: `password123!` is tried right after `password`.
fn is_among<'a>(folded: &str, mut words: impl Iterator<Item = &'a str>) -> bool {
    let stem = folded.trim_end_matches(|character: char| !character.is_alphabetic());
    let core = stem.trim_start_matches(|character: char| !character.is_alphabetic());
    words.any(|word| word == folded || (!core.is_empty() && (word == stem || word == core)))
}

/// Three different characters or fewer.
fn has_few_characters(folded: &str) -> bool {
    let mut seen = [None; 4];
    for character in folded.chars() {
        match seen.iter_mut().find(|place| place.is_none_or(|other| other == character)) {
            Some(place) => *place = Some(character),
            None => return false,
        }
    }
    seen[3].is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMAIL: &str = "ann.lee@example.com";

    #[test]
    fn takes_what_is_long_enough() {
        let rules = Rules::new(12);
        for good in ["correct horse battery", "Wq8#kLm2pZ9r", "пароль из слов", "zebra tulip anvil"] {
            assert_eq!(rules.check(good, EMAIL), Ok(()), "{good}");
        }
        assert_eq!(rules.check(&"ab c d".repeat(42), EMAIL), Ok(()));
        assert_eq!(rules.check(&"abcdef".repeat(43), EMAIL), Err(WeakPassword::TooLong));
    }

    #[test]
    fn counts_characters() {
        assert_eq!(Rules::new(8).check("äöüßabcd", EMAIL), Ok(()));
        assert_eq!(Rules::new(9).check("äöüßabcd", EMAIL), Err(WeakPassword::TooShort { min_length: 9 }));
    }

    #[test]
    fn refuses_what_everybody_tries() {
        let rules = Rules::new(8);
        for bad in ["password", "Password1!", "12345678", "qwertyuiop", "LETMEIN2024", "123admin123", "iloveyou!!"] {
            assert_eq!(rules.check(bad, EMAIL), Err(WeakPassword::Common), "{bad}");
        }
        for bad in ["aaaaaaaaaaaa", "abababababab", "1212121212", "abcabcabcabc"] {
            assert!(rules.check(bad, EMAIL).is_err(), "{bad}");
        }
        assert_eq!(rules.check("Ann.Lee@example.com", EMAIL), Err(WeakPassword::LikeEmail));
        assert_eq!(rules.check("christopher.jones", "christopher.jones@example.com"), Err(WeakPassword::LikeEmail));
    }

    #[test]
    fn the_shortest_length_has_bounds() {
        assert_eq!((Rules::new(1).min_length(), Rules::new(1_000).min_length()), (8, 64));
    }

    #[test]
    fn the_list_is_in_lower_case_and_without_repetitions() {
        let mut lines: Vec<_> = COMMON.lines().collect();
        assert!(lines.len() >= 200 && lines.iter().all(|line| !line.is_empty() && *line == line.to_lowercase()));
        let count = lines.len();
        lines.sort_unstable();
        lines.dedup();
        assert_eq!(lines.len(), count);
    }
}
