//! The rule by which a text is read as a number, and the reasons why it is none.

use serde::{Deserialize, Serialize};

use super::{
    Country, DIGITS, PhoneNumber,
    countries::{COUNTRIES, NETWORKS, plan_index},
    plan::Plan,
};

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
    /// Where nothing says of which country national numbers are.
    NoCountry = 14: "does not say its country; write it with + and the country code",
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

/// Reads what a person or a file wrote as a number of `country`, unless it is international. Without one it has to be.
pub fn normalise(raw: &str, country: impl Into<Option<Country>>) -> Result<PhoneNumber, PhoneReject> {
    normalise_bytes(raw.as_bytes(), country)
}

/// [`normalise`] for bulk: bytes of any kind, no allocation.
pub fn normalise_bytes(raw: &[u8], country: impl Into<Option<Country>>) -> Result<PhoneNumber, PhoneReject> {
    let mut buffer = [0; MAX_WRITTEN_DIGITS];
    let (count, plus) = scan(raw, &mut buffer)?;
    match &buffer[..count] {
        digits if plus => international(digits),
        [0, 0, digits @ ..] => international(digits),
        digits => match country.into() {
            Some(country) => national(digits, country.plan()),
            None => Err(PhoneReject::NoCountry),
        },
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
            b'+' => return Err(PhoneReject::Plus),
            _ if is_spreadsheet(text) => return Err(PhoneReject::Spreadsheet),
            _ => return Err(PhoneReject::Character),
        }
        at += 1;
    }
    if count == 0 { Err(PhoneReject::Empty) } else { Ok((count, plus)) }
}

/// Such as 4.36641E+11, with the decimal sign of any language.
#[cold]
fn is_spreadsheet(text: &[u8]) -> bool {
    let Some(at) = text.iter().position(|c| c.eq_ignore_ascii_case(&b'e')) else {
        return false;
    };
    let (mantissa, exponent) = (&text[..at], &text[at + 1..]);
    let exponent = exponent.strip_prefix(b"+").unwrap_or(exponent);
    !mantissa.is_empty()
        && mantissa.iter().all(|c| c.is_ascii_digit() || matches!(c, b'.' | b','))
        && (1..=2).contains(&exponent.len())
        && exponent.iter().all(u8::is_ascii_digit)
}

fn international(digits: &[u8]) -> Result<PhoneNumber, PhoneReject> {
    if digits.len() < *DIGITS.start() {
        return Err(PhoneReject::TooShort);
    }
    let index = plan_index(digits.iter().copied()).ok_or(PhoneReject::CallingCode)?;
    let plan = COUNTRIES.get(usize::from(index)).unwrap_or_else(|| &NETWORKS[usize::from(index) - COUNTRIES.len()]);
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
    let with_trunk = plan.trunks().find_map(|trunk| strip(digits, trunk).filter(|rest| is_national_number(rest, plan)));
    let bare = Some(digits).filter(|digits| is_national_number(digits, plan));
    let complete = bare.filter(|digits| plan.is_complete(digits));

    match (with_code, with_trunk.or(complete)) {
        (Some(reading), None) | (None, Some(reading)) => Ok(compose(plan, reading)),
        // In North America the trunk prefix is the calling code.
        (Some(one), Some(other)) if one == other => Ok(compose(plan, one)),
        // Messages go to mobiles: a mobile with its code is meant rather than a longer fixed line without.
        (Some(mobile), Some(other)) if plan.is_mobile(mobile) && !plan.is_mobile(other) => Ok(compose(plan, mobile)),
        (Some(_), Some(_)) => Err(PhoneReject::Ambiguous),
        (None, None) => Err(national_reject(digits, bare.is_some(), plan)),
    }
}

#[cold]
fn national_reject(digits: &[u8], area_missing: bool, plan: &Plan) -> PhoneReject {
    let is_full = digits.len() == 10 || (digits.len() == 11 && digits[0] == 1);
    if area_missing {
        PhoneReject::AreaMissing
    } else if digits.len() < 6 {
        PhoneReject::TooShort
    } else if plan.is_north_american() && is_full {
        PhoneReject::AreaCode
    } else {
        PhoneReject::NotNational
    }
}

fn is_national_number(national: &[u8], plan: &Plan) -> bool {
    plan.allows_length(national.len())
        && DIGITS.contains(&(plan.code_digits + national.len()))
        && plan.allows_start(national)
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
    start.iter().zip(prefix).all(|(digit, character)| digit + b'0' == *character).then_some(rest)
}

/// The caller has checked that there are 8 to 15 digits.
fn compose(plan: &Plan, national: &[u8]) -> PhoneNumber {
    PhoneNumber(national.iter().fold(u64::from(plan.calling_code), |value, &digit| value * 10 + u64::from(digit)))
}
