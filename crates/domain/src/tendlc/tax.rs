//! Tax numbers.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Rule;

/// A tax number as the registry takes it: nine digits in the US, else upper case without blanks. No secret, but nothing
/// for a log either: `{:?}` shows the last digits only.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaxNumber(String);

const FOREIGN_MAX: usize = 21;

impl TaxNumber {
    /// By the rules of a country, ISO 3166-1 alpha-2.
    pub fn parse(text: &str, country: &str) -> Result<Self, Rule> {
        if country == "US" { Self::ein(text) } else { Self::foreign(text) }
    }

    /// `12-3456789` and `123456789` are the same.
    fn ein(text: &str) -> Result<Self, Rule> {
        let text = text.trim();
        let digits: String = match text.split_once('-') {
            Some((prefix, rest)) if prefix.len() == 2 => [prefix, rest].concat(),
            Some(_) => return Err(Rule::Ein),
            None => text.to_owned(),
        };
        // Which prefixes are in use changes; 00 never was.
        let fits = digits.len() == 9 && digits.bytes().all(|octet| octet.is_ascii_digit()) && !digits.starts_with("00");
        if fits { Ok(Self(digits)) } else { Err(Rule::Ein) }
    }

    fn foreign(text: &str) -> Result<Self, Rule> {
        let text: String = text.split_whitespace().collect::<String>().to_uppercase();
        let fits = (2..=FOREIGN_MAX).contains(&text.chars().count())
            && text.chars().all(|sign| sign.is_alphanumeric() || "-/.".contains(sign))
            && text.chars().any(|sign| sign.is_ascii_digit());
        if fits { Ok(Self(text)) } else { Err(Rule::TaxNumber) }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `•••6789`.
    #[must_use]
    pub fn masked(&self) -> String {
        let hidden = self.0.chars().count().saturating_sub(4);
        format!("•••{}", self.0.chars().skip(hidden).collect::<String>())
    }
}

impl fmt::Debug for TaxNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaxNumber({})", self.masked())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_ein_is_taken_with_and_without_its_hyphen() {
        for text in ["12-3456789", "123456789", " 12-3456789\n"] {
            assert_eq!(TaxNumber::parse(text, "US").unwrap().as_str(), "123456789");
        }
        for text in
            ["", "12345678", "1234567890", "123-456789", "12-345678x", "12--345678", "00-1234567", "１２３４５６７８９"]
        {
            assert_eq!(TaxNumber::parse(text, "US"), Err(Rule::Ein), "{text}");
        }
    }

    #[test]
    fn other_countries_have_other_numbers() {
        assert_eq!(TaxNumber::parse("atu 1234 5678", "AT").unwrap().as_str(), "ATU12345678");
        assert_eq!(TaxNumber::parse("123456789 RC 0001", "CA").unwrap().as_str(), "123456789RC0001");
        for text in ["", "X", "ABC", "12345678901234567890123", "12_34"] {
            assert_eq!(TaxNumber::parse(text, "AT"), Err(Rule::TaxNumber), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_taken_is_taken_again_as_it_is(text in "[0-9]{2}-?[0-9]{7}", foreign in ".{0,24}") {
            for (text, country) in [(text, "US"), (foreign, "DE")] {
                if let Ok(number) = TaxNumber::parse(&text, country) {
                    prop_assert_eq!(TaxNumber::parse(number.as_str(), country), Ok(number.clone()));
                    let (shown, whole) = (format!("{number:?}"), number.as_str().to_owned());
                    prop_assert!(whole.chars().count() <= 4 || !shown.contains(&whole));
                }
            }
        }
    }
}
