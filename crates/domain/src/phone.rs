//! Phone numbers: from what people write to E.164.
//!
//! `+` or `00` makes a number international. Without either it is read as one of the default country: with its calling
//! code and a full number behind, else as a national number with or without the trunk prefix. What can be read in two
//! ways is refused with the reason, since a message to a wrong number cannot be taken back.

mod countries;
mod normalise;
mod plan;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

pub use self::normalise::{PhoneReject, normalise, normalise_bytes};
use self::{
    countries::{COUNTRIES, plan_index},
    plan::Plan,
};

/// E.164 allows 15 digits; shorter than 8 are no subscribers' numbers with a calling code.
const DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

/// A number in E.164, without the `+`: 8 to 15 digits, the first not 0. Written and serialised as `+43…`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(u64);

/// The text is not `+` and 8 to 15 digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a phone number is written + and 8 to 15 digits")]
pub struct InvalidPhoneNumber;

impl PhoneNumber {
    /// None unless it has 8 to 15 digits.
    #[must_use]
    pub const fn from_u64(digits: u64) -> Option<Self> {
        if digits >= 10_000_000 && digits < 1_000_000_000_000_000 { Some(Self(digits)) } else { None }
    }

    #[must_use]
    pub const fn as_u64(self) -> u64 {
        self.0
    }

    /// The last four digits and nothing else: `•••4567`.
    #[must_use]
    pub fn masked(self) -> String {
        format!("•••{:04}", self.0 % 10_000)
    }

    /// The country that the number belongs to, where the digits say so; numbers of a plan that several share without
    /// areas of their own count for the one that leads it.
    #[must_use]
    pub fn country(self) -> Option<Country> {
        let text = self.0.to_string();
        let index = plan_index(text.as_bytes().iter().map(|digit| digit - b'0'))?;
        let leading = COUNTRIES.get(usize::from(index))?;
        let national = &text[leading.code_digits..];
        let shares = |plan: &Plan| {
            plan.calling_code == leading.calling_code
                && plan.areas.split_ascii_whitespace().any(|area| national.starts_with(area))
        };
        let found = (0..).zip(&COUNTRIES).find_map(|(index, plan)| shares(plan).then_some(index));
        Some(Country(found.unwrap_or(index)))
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.0)
    }
}

/// Masked, so that a number does not reach a log by way of `{:?}`.
impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PhoneNumber({})", self.masked())
    }
}

impl FromStr for PhoneNumber {
    type Err = InvalidPhoneNumber;

    fn from_str(text: &str) -> Result<Self, InvalidPhoneNumber> {
        let digits = text.strip_prefix('+').ok_or(InvalidPhoneNumber)?;
        if !DIGITS.contains(&digits.len()) || !digits.bytes().all(|c| c.is_ascii_digit()) {
            return Err(InvalidPhoneNumber);
        }
        digits.parse().ok().and_then(Self::from_u64).ok_or(InvalidPhoneNumber)
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = InvalidPhoneNumber;

    fn try_from(text: String) -> Result<Self, InvalidPhoneNumber> {
        text.parse()
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> Self {
        number.to_string()
    }
}

/// A country or territory with telephone numbers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country(u8);

/// The text is not the code of a country with telephone numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a country code: two letters of ISO 3166-1 are expected, such as AT")]
pub struct UnknownCountry;

impl Country {
    /// ISO 3166-1 alpha-2, in either case.
    pub fn parse(iso: &str) -> Result<Self, UnknownCountry> {
        (0..)
            .zip(&COUNTRIES)
            .find_map(|(index, plan)| plan.iso.eq_ignore_ascii_case(iso).then_some(Self(index)))
            .ok_or(UnknownCountry)
    }

    /// All of them, by name.
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        (0..COUNTRIES.len() as u8).map(Self)
    }

    #[must_use]
    pub fn iso(self) -> &'static str {
        self.plan().iso
    }

    #[must_use]
    pub fn name(self) -> &'static str {
        self.plan().name
    }

    /// Such as 43.
    #[must_use]
    pub fn calling_code(self) -> u16 {
        self.plan().calling_code
    }

    fn plan(self) -> &'static Plan {
        &COUNTRIES[usize::from(self.0)]
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.iso())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Country({})", self.iso())
    }
}

impl TryFrom<String> for Country {
    type Error = UnknownCountry;

    fn try_from(iso: String) -> Result<Self, UnknownCountry> {
        Self::parse(&iso)
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.iso().to_owned()
    }
}

#[cfg(test)]
mod tests;
