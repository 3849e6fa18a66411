//! Phone numbers: from what people write to E.164.
//!
//! `+` or `00` makes a number international. Without either it is read as one of the default country: with its calling
//! code and a full number behind, else as a national number with or without the trunk prefix. What can be read in two
//! ways is refused with the reason, since a message to a wrong number cannot be taken back.

mod countries;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use self::countries::{COUNTRIES, NETWORKS, Plan};

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
        if digits >= 10_000_000 && digits < 1_000_000_000_000_000 {
            Some(Self(digits))
        } else {
            None
        }
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
                && plan
                    .areas
                    .split_ascii_whitespace()
                    .any(|area| national.starts_with(area))
        };
        let found = (0..)
            .zip(&COUNTRIES)
            .find_map(|(index, plan)| shares(plan).then_some(index));
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

macro_rules! rejects {
    ($($(#[$doc:meta])* $name:ident = $code:literal: $message:literal,)+) => {
        /// Why a text is no phone number. The codes are stored; the text says what to do and never repeats the number.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[repr(u8)]
        pub enum PhoneReject {
            $($(#[$doc])* #[error($message)] $name = $code,)+
        }

        impl PhoneReject {
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];
        }
    };
}

rejects! {
    Empty = 1: "there is no number on this line",
    /// Anything but digits, the separators ` -.()/`, a no-break space and a leading `+`.
    Character = 2: "contains something other than digits, spaces and the signs + - . ( ) /",
    Plus = 3: "the + has to stand in front of the digits, and once; one number belongs on a line",
    TooShort = 4: "has fewer than 8 digits with the country code; write the whole number",
    TooLong = 5: "has more than 15 digits; check for two numbers on one line",
    CallingCode = 6: "starts with a country code that is not in use; check the digits after the + or 00",
    Length = 7: "has too many or too few digits for its country",
    /// NANP: area code and exchange start with 2 to 9 and are none of the service codes such as 911.
    AreaCode = 8: "has an area code or exchange that cannot exist in North America",
    LeadingZero = 9: "has a 0 after the country code that does not belong there",
    NotNational = 10: "is no number of the workspace's country; write it with + and its country code",
    /// A local number, or one that lost its trunk prefix.
    AreaMissing = 11: "may lack its area code; write it with + and the country code, or with the leading 0",
    Ambiguous = 12: "can be read with and without the country code; write it with a +",
    /// Such as 4.36641E+11.
    Spreadsheet = 13: "was shortened by a spreadsheet; format the column as text and export the file again",
}

impl PhoneReject {
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|reject| reject.code() == code)
    }
}

/// Reads what a person or a file wrote as a number of `country`, unless it is international.
pub fn normalise(raw: &str, country: Country) -> Result<PhoneNumber, PhoneReject> {
    normalise_bytes(raw.as_bytes(), country)
}

/// [`normalise`] for bulk: bytes of any kind, no allocation.
pub fn normalise_bytes(raw: &[u8], country: Country) -> Result<PhoneNumber, PhoneReject> {
    let mut buffer = [0; MAX_WRITTEN_DIGITS];
    let (count, plus) = scan(raw, &mut buffer)?;
    match &buffer[..count] {
        digits if plus => international(digits),
        [0, 0, digits @ ..] => international(digits),
        digits => national(digits, country.plan()),
    }
}

/// 15 digits, `00` in front, and a bracketed trunk prefix of two.
const MAX_WRITTEN_DIGITS: usize = 19;

/// Collects the digits' values. Returns how many there are and whether a `+` stood in front of them.
#[inline]
fn scan(raw: &[u8], digits: &mut [u8; MAX_WRITTEN_DIGITS]) -> Result<(usize, bool), PhoneReject> {
    let (mut count, mut plus, mut at) = (0, false, 0);
    let text = raw.trim_ascii();
    while let Some(&byte) = text.get(at) {
        match byte {
            b'0'..=b'9' => {
                *digits.get_mut(count).ok_or(PhoneReject::TooLong)? = byte - b'0';
                count += 1;
            }
            b' ' | b'-' | b'.' | b'(' | b')' | b'/' => {}
            b'+' if count == 0 && !plus => plus = true,
            // A no-break space in UTF-8.
            0xC2 if text.get(at + 1) == Some(&0xA0) => at += 1,
            b'e' | b'E' if is_exponent(text, at) => return Err(PhoneReject::Spreadsheet),
            b'+' => return Err(PhoneReject::Plus),
            _ => return Err(PhoneReject::Character),
        }
        at += 1;
    }
    if count == 0 {
        Err(PhoneReject::Empty)
    } else {
        Ok((count, plus))
    }
}

#[cold]
fn is_exponent(text: &[u8], at: usize) -> bool {
    let mantissa = |&c: &u8| c.is_ascii_digit() || c == b'.' || c == b',';
    let exponent = text[at + 1..].strip_prefix(b"+").unwrap_or(&text[at + 1..]);
    at > 0
        && text[..at].iter().all(mantissa)
        && (1..=2).contains(&exponent.len())
        && exponent.iter().all(u8::is_ascii_digit)
}

fn international(digits: &[u8]) -> Result<PhoneNumber, PhoneReject> {
    if digits.len() < *DIGITS.start() {
        return Err(PhoneReject::TooShort);
    }
    let index = plan_index(digits.iter().copied()).ok_or(PhoneReject::CallingCode)?;
    let plan = COUNTRIES
        .get(usize::from(index))
        .unwrap_or_else(|| &NETWORKS[usize::from(index) - COUNTRIES.len()]);
    let national = &digits[plan.code_digits..];
    // The trunk prefix is often written in brackets, as in +43 (0)664.
    let national = match national {
        [0, ..] if !plan.leading_zero => without_zero_trunk(national, plan).ok_or(PhoneReject::LeadingZero)?,
        _ => national,
    };
    let count = plan.code_digits + national.len();
    if count < *DIGITS.start() {
        Err(PhoneReject::TooShort)
    } else if count > *DIGITS.end() {
        Err(PhoneReject::TooLong)
    } else if !plan.allows_length(national.len()) {
        Err(PhoneReject::Length)
    } else if plan.is_north_american() && !is_north_american(national) {
        Err(PhoneReject::AreaCode)
    } else {
        Ok(compose(plan, national))
    }
}

/// None unless a trunk prefix that starts with 0 was in the way and what is behind it does not start with 0.
fn without_zero_trunk<'d>(national: &'d [u8], plan: &Plan) -> Option<&'d [u8]> {
    plan.trunks()
        .filter(|trunk| trunk[0] == b'0')
        .find_map(|trunk| strip(national, trunk))
        .filter(|rest| rest.first().is_some_and(|&digit| digit != 0))
}

/// The readings of a number without `+` or `00`.
fn national(digits: &[u8], plan: &Plan) -> Result<PhoneNumber, PhoneReject> {
    if digits.len() > *DIGITS.end() {
        return Err(PhoneReject::TooLong);
    }
    let with_code = strip_code(digits, plan).filter(|rest| is_national_number(rest, plan));
    let with_trunk = plan
        .trunks()
        .find_map(|trunk| strip(digits, trunk).filter(|rest| is_national_number(rest, plan)));
    let bare = Some(digits).filter(|digits| is_national_number(digits, plan));
    let complete = bare.filter(|digits| plan.is_complete(digits));

    let mut readings = [with_code, with_trunk, complete].into_iter().flatten();
    let Some(first) = readings.next() else {
        return Err(match bare {
            Some(_) => PhoneReject::AreaMissing,
            None if digits.len() < 6 => PhoneReject::TooShort,
            None => national_reject(digits, plan),
        });
    };
    // Messages go to mobiles: of two readings the one that is a mobile number is meant.
    let chosen = readings.try_fold(first, |chosen, other| {
        match (plan.is_mobile(chosen), plan.is_mobile(other)) {
            _ if chosen == other => Ok(chosen),
            (true, false) => Ok(chosen),
            (false, true) => Ok(other),
            _ => Err(PhoneReject::Ambiguous),
        }
    })?;
    Ok(compose(plan, chosen))
}

#[cold]
fn national_reject(digits: &[u8], plan: &Plan) -> PhoneReject {
    let is_full = digits.len() == 10 || (digits.len() == 11 && digits[0] == 1);
    if plan.is_north_american() && is_full {
        PhoneReject::AreaCode
    } else {
        PhoneReject::NotNational
    }
}

fn is_national_number(national: &[u8], plan: &Plan) -> bool {
    plan.allows_length(national.len())
        && DIGITS.contains(&(plan.code_digits + national.len()))
        && (plan.leading_zero || national[0] != 0)
        && (!plan.is_north_american() || is_north_american(national))
}

/// NPA-NXX-XXXX: N is 2 to 9, the area code's second digit is not 9, and neither is a service code (N11).
fn is_north_american(national: &[u8]) -> bool {
    match *national {
        [a1, a2, a3, e1, e2, e3, ..] => a1 >= 2 && a2 != 9 && e1 >= 2 && (a2, a3) != (1, 1) && (e2, e3) != (1, 1),
        _ => false,
    }
}

fn strip_code<'d>(digits: &'d [u8], plan: &Plan) -> Option<&'d [u8]> {
    let (code, rest) = digits.split_at_checked(plan.code_digits)?;
    let value = code.iter().fold(0, |value, &digit| value * 10 + u16::from(digit));
    (value == plan.calling_code).then_some(rest)
}

/// `prefix` is text, `digits` are values.
fn strip<'d>(digits: &'d [u8], prefix: &[u8]) -> Option<&'d [u8]> {
    let (start, rest) = digits.split_at_checked(prefix.len())?;
    start
        .iter()
        .zip(prefix)
        .all(|(digit, character)| digit + b'0' == *character)
        .then_some(rest)
}

/// The caller has checked that there are 8 to 15 digits.
fn compose(plan: &Plan, national: &[u8]) -> PhoneNumber {
    PhoneNumber(national.iter().fold(u64::from(plan.calling_code), |value, &digit| {
        value * 10 + u64::from(digit)
    }))
}

/// No calling code is the start of another, so three digits tell. None where no code is assigned.
fn plan_index(digits: impl Iterator<Item = u8>) -> Option<u8> {
    let prefix = digits.take(3).fold(0, |value, digit| value * 10 + usize::from(digit));
    Some(PLAN_BY_PREFIX[prefix]).filter(|&index| index != UNASSIGNED)
}

const UNASSIGNED: u8 = u8::MAX;

/// For the first three digits of a number, the index into the countries and the networks behind them.
static PLAN_BY_PREFIX: [u8; 1000] = {
    let mut table = [UNASSIGNED; 1000];
    let mut index = 0;
    while index < COUNTRIES.len() + NETWORKS.len() {
        let plan = if index < COUNTRIES.len() {
            &COUNTRIES[index]
        } else {
            &NETWORKS[index - COUNTRIES.len()]
        };
        if plan.areas.is_empty() {
            let span = [100, 10, 1][plan.code_digits - 1];
            let first = plan.calling_code as usize * span;
            let mut prefix = first;
            while prefix < first + span {
                if table[prefix] == UNASSIGNED {
                    table[prefix] = index as u8;
                }
                prefix += 1;
            }
        }
        index += 1;
    }
    table
};

#[cfg(test)]
mod tests;
