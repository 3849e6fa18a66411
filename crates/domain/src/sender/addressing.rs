//! What may stand in a sender's address, and which TON and NPI go with it.

use std::fmt;

use super::{Addressing, Npi, Saddr, Ton};
use crate::{
    segment::gsm,
    tendlc::clearance::{self, Reading},
};

/// TS 23.040 §9.1.2.5: an alphanumeric address holds 11 septets.
const MAX_SEPTETS: usize = 11;

/// Short codes end here; international numbers are longer.
const MAX_SHORT_CODE_DIGITS: usize = 6;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSaddr {
    #[error("a sender address is needed: a name of up to 11 characters, or a number of 3 to 15 digits")]
    Empty,
    #[error("a sender name has at most 11 characters; signs such as € and [ count two")]
    TooLong,
    #[error("a number as sender has 3 to 15 digits")]
    Digits,
    #[error("the character {0:?} cannot be sent in a sender address")]
    Character(char),
    #[error("a sender name contains at least one letter; a number consists of digits only")]
    NoLetter,
}

impl Saddr {
    /// Blanks around it and the `+` of a number are dropped.
    pub fn parse(text: &str) -> Result<Self, InvalidSaddr> {
        let text = text.trim();
        let number = text.strip_prefix('+').unwrap_or(text);
        if !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit()) {
            return if (3..=15).contains(&number.len()) {
                Ok(Self(number.to_owned()))
            } else {
                Err(InvalidSaddr::Digits)
            };
        }
        let mut total = 0;
        for character in text.chars() {
            let septets = gsm::septets(character).filter(|_| !character.is_control());
            total += septets.ok_or(InvalidSaddr::Character(character))?;
        }
        match total {
            0 => Err(InvalidSaddr::Empty),
            total if total > MAX_SEPTETS => Err(InvalidSaddr::TooLong),
            _ if !text.chars().any(char::is_alphabetic) => Err(InvalidSaddr::NoLetter),
            _ => Ok(Self(text.to_owned())),
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    #[must_use]
    pub fn is_numeric(&self) -> bool {
        self.0.bytes().all(|c| c.is_ascii_digit())
    }

    /// In this form two addresses are the same to a recipient: `ACME` and `Acme` are. The unique record that claims an
    /// address for a workspace is named by it.
    #[must_use]
    pub fn claim_key(&self) -> String {
        self.0.to_lowercase()
    }

    fn is_short_code(&self) -> bool {
        self.is_numeric() && self.0.len() <= MAX_SHORT_CODE_DIGITS
    }
}

impl fmt::Display for Saddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Saddr {
    type Error = InvalidSaddr;

    fn try_from(text: String) -> Result<Self, InvalidSaddr> {
        Self::parse(&text)
    }
}

impl From<Saddr> for String {
    fn from(saddr: Saddr) -> Self {
        saddr.0
    }
}

/// The usual TON and NPI of an address; the form fills them in.
#[must_use]
pub fn propose(saddr: &Saddr) -> (Ton, Npi) {
    alternatives(saddr)[0]
}

/// The combinations that carriers take for an address, the usual one first.
#[must_use]
pub fn alternatives(saddr: &Saddr) -> &'static [(Ton, Npi)] {
    if !saddr.is_numeric() {
        &[(Ton::Alphanumeric, Npi::Unknown)]
    } else if saddr.is_short_code() {
        &[
            (Ton::NetworkSpecific, Npi::Unknown),
            (Ton::Abbreviated, Npi::Unknown),
            (Ton::Unknown, Npi::Unknown),
            (Ton::International, Npi::Isdn),
        ]
    } else if is_us_without_code(saddr) {
        &[(Ton::National, Npi::Isdn), (Ton::International, Npi::Isdn), (Ton::Unknown, Npi::Unknown)]
    } else {
        &[(Ton::International, Npi::Isdn), (Ton::National, Npi::Isdn), (Ton::Unknown, Npi::Unknown)]
    }
}

/// Whether these ten digits are a US number without its 1.
fn is_us_without_code(saddr: &Saddr) -> bool {
    saddr.as_str().len() == 10 && clearance::us_number(saddr).is_some()
}

/// A combination that carriers are known to refuse or to change. The text says what to choose instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    #[error("a name as sender needs TON 5 (alphanumeric); with another TON carriers refuse it")]
    NameWithoutAlphanumericTon,
    #[error("with TON 5 (alphanumeric) carriers expect NPI 0 (unknown)")]
    NameWithNpi,
    #[error(
        "a number with TON 5 (alphanumeric) is shown as a name, and nobody can answer; use TON 1, or TON 3 for a short code"
    )]
    NumberAsName,
    #[error("a short code is no international number; use TON 3 NPI 0 unless the carrier asks for TON 1")]
    ShortCodeAsInternational,
    #[error("a number of more than 6 digits is no short code; use TON 1 NPI 1")]
    LongNumberAsShortCode,
    #[error("with TON 1 or 2 carriers expect NPI 1 (ISDN)")]
    NumberWithoutIsdn,
    #[error("an international number (TON 1) starts with a country code, not with 0")]
    InternationalWithZero,
    #[error("without its 1 a US number is no international number; use TON 2, or write it with the 1 in front")]
    UsNumberWithoutCode,
    #[error(
        "these ten digits are a US number, too. As a number of another country (TON 1) only a super admin can approve them; for the US number use TON 2"
    )]
    UsOrAbroad,
    #[error("some phones and carriers cannot show letters outside A to Z in a sender name")]
    UnusualLetters,
    #[error("recipients' numbers are international, so the destination needs TON 1 NPI 1")]
    DestinationNotInternational,
}

/// What to tell a person about these addresses; nothing of it forbids them.
#[must_use]
pub fn warnings(addressing: &Addressing) -> Vec<Warning> {
    let Addressing { saddr, source_ton, source_npi, destination_ton, destination_npi } = addressing;
    let (ton, npi) = (*source_ton, *source_npi);
    let (name, short) = (!saddr.is_numeric(), saddr.is_short_code());
    let numbered = matches!(ton, Ton::International | Ton::National);
    let is_abroad = matches!(clearance::reading(addressing), Reading::Either { .. });
    let lacks_code = ton == Ton::International && !is_abroad && is_us_without_code(saddr);
    [
        (name && ton != Ton::Alphanumeric, Warning::NameWithoutAlphanumericTon),
        (name && ton == Ton::Alphanumeric && npi != Npi::Unknown, Warning::NameWithNpi),
        (!name && ton == Ton::Alphanumeric, Warning::NumberAsName),
        (short && ton == Ton::International, Warning::ShortCodeAsInternational),
        (!name && !short && matches!(ton, Ton::NetworkSpecific | Ton::Abbreviated), Warning::LongNumberAsShortCode),
        (!name && numbered && npi != Npi::Isdn, Warning::NumberWithoutIsdn),
        (!name && ton == Ton::International && saddr.as_str().starts_with('0'), Warning::InternationalWithZero),
        (lacks_code, Warning::UsNumberWithoutCode),
        (is_abroad, Warning::UsOrAbroad),
        (name && !saddr.as_str().is_ascii(), Warning::UnusualLetters),
        ((*destination_ton, *destination_npi) != (Ton::International, Npi::Isdn), Warning::DestinationNotInternational),
    ]
    .into_iter()
    .filter_map(|(applies, warning)| applies.then_some(warning))
    .collect()
}

macro_rules! octets {
    ($type:ident, $(($name:ident, $label:literal)),+ $(,)?) => {
        impl $type {
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The octet on the wire.
            #[must_use]
            pub const fn octet(self) -> u8 {
                self as u8
            }

            /// None for a value that the standard reserves.
            #[must_use]
            pub fn from_octet(octet: u8) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.octet() == octet)
            }

            /// With the number, as the forms show it.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self {
                    $(Self::$name => $label,)+
                }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.label())
            }
        }
    };
}

octets!(
    Ton,
    (Unknown, "0 – Unknown"),
    (International, "1 – International"),
    (National, "2 – National"),
    (NetworkSpecific, "3 – Network specific"),
    (SubscriberNumber, "4 – Subscriber number"),
    (Alphanumeric, "5 – Alphanumeric"),
    (Abbreviated, "6 – Abbreviated"),
);

octets!(
    Npi,
    (Unknown, "0 – Unknown"),
    (Isdn, "1 – ISDN (E.164)"),
    (Data, "3 – Data (X.121)"),
    (Telex, "4 – Telex (F.69)"),
    (LandMobile, "6 – Land mobile (E.212)"),
    (National, "8 – National"),
    (Private, "9 – Private"),
    (Ermes, "10 – ERMES"),
    (Internet, "14 – Internet (IP)"),
    (Wap, "18 – WAP client id"),
);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn saddr(text: &str) -> Saddr {
        Saddr::parse(text).unwrap()
    }

    fn addressing(text: &str, source_ton: Ton, source_npi: Npi) -> Addressing {
        Addressing {
            saddr: saddr(text),
            source_ton,
            source_npi,
            destination_ton: Ton::International,
            destination_npi: Npi::Isdn,
        }
    }

    #[test]
    fn takes_names_and_numbers() {
        for (text, kept) in [
            ("Acme", "Acme"),
            (" My Shop 24 ", "My Shop 24"),
            ("A", "A"),
            ("ABCDEFGHIJK", "ABCDEFGHIJK"),
            ("Café", "Café"),
            ("123", "123"),
            ("+436641234567", "436641234567"),
            ("123456789012345", "123456789012345"),
            ("ABCDEFGHI€", "ABCDEFGHI€"),
        ] {
            assert_eq!(saddr(text).as_str(), kept);
        }
    }

    #[test]
    fn refuses_with_the_reason() {
        for (text, error) in [
            ("", InvalidSaddr::Empty),
            ("   ", InvalidSaddr::Empty),
            ("ABCDEFGHIJKL", InvalidSaddr::TooLong),
            ("ABCDEFGHIJ€", InvalidSaddr::TooLong),
            ("12", InvalidSaddr::Digits),
            ("1234567890123456", InvalidSaddr::Digits),
            ("12-34", InvalidSaddr::NoLetter),
            ("+", InvalidSaddr::NoLetter),
            ("Банк", InvalidSaddr::Character('Б')),
            ("A\nB", InvalidSaddr::Character('\n')),
            ("١٢٣", InvalidSaddr::Character('١')),
        ] {
            assert_eq!(Saddr::parse(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn claims_are_case_folded() {
        assert_eq!(saddr("ACME Ü").claim_key(), saddr("acme ü").claim_key());
        assert_ne!(saddr("ACME").claim_key(), saddr("ACM3").claim_key());
    }

    #[test]
    fn what_is_proposed_raises_no_warning() {
        for text in ["Acme", "123", "123456", "1234567", "436641234567", "13035550100", "3035550100", "4755550100"] {
            let (ton, npi) = propose(&saddr(text));
            assert_eq!(warnings(&addressing(text, ton, npi)), [], "{text}");
        }
        assert_eq!(propose(&saddr("Acme")), (Ton::Alphanumeric, Npi::Unknown));
        assert_eq!(propose(&saddr("12345")), (Ton::NetworkSpecific, Npi::Unknown));
        for international in ["436641234567", "13035550100", "4165550100"] {
            assert_eq!(propose(&saddr(international)), (Ton::International, Npi::Isdn), "{international}");
        }
        for us in ["3035550100", "4755550100"] {
            assert_eq!(propose(&saddr(us)), (Ton::National, Npi::Isdn), "{us}");
        }
    }

    #[test]
    fn warns_of_what_carriers_refuse() {
        for (text, ton, npi, warning) in [
            ("Acme", Ton::International, Npi::Isdn, Warning::NameWithoutAlphanumericTon),
            ("Acme", Ton::Alphanumeric, Npi::Isdn, Warning::NameWithNpi),
            ("43664123456", Ton::Alphanumeric, Npi::Unknown, Warning::NumberAsName),
            ("12345", Ton::International, Npi::Isdn, Warning::ShortCodeAsInternational),
            ("43664123456", Ton::NetworkSpecific, Npi::Unknown, Warning::LongNumberAsShortCode),
            ("43664123456", Ton::International, Npi::Unknown, Warning::NumberWithoutIsdn),
            ("0664123456", Ton::International, Npi::Isdn, Warning::InternationalWithZero),
            ("3035550100", Ton::International, Npi::Isdn, Warning::UsNumberWithoutCode),
            ("4755550100", Ton::International, Npi::Isdn, Warning::UsOrAbroad),
            ("Café", Ton::Alphanumeric, Npi::Unknown, Warning::UnusualLetters),
        ] {
            assert_eq!(warnings(&addressing(text, ton, npi)), [warning], "{text} {ton} {npi}");
        }
        let national =
            Addressing { destination_ton: Ton::National, ..addressing("Acme", Ton::Alphanumeric, Npi::Unknown) };
        assert_eq!(warnings(&national), [Warning::DestinationNotInternational]);
    }

    #[test]
    fn octets_are_those_of_the_standard() {
        let tons: Vec<_> = Ton::ALL.iter().map(|ton| ton.octet()).collect();
        let npis: Vec<_> = Npi::ALL.iter().map(|npi| npi.octet()).collect();
        assert_eq!(tons, [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(npis, [0, 1, 3, 4, 6, 8, 9, 10, 14, 18]);
        assert_eq!((Ton::from_octet(5), Npi::from_octet(2)), (Some(Ton::Alphanumeric), None));
    }

    proptest! {
        #[test]
        fn parsing_is_stable(text in any::<String>()) {
            if let Ok(saddr) = Saddr::parse(&text) {
                prop_assert_eq!(Saddr::parse(saddr.as_str()), Ok(saddr.clone()));
                prop_assert!((1..=15).contains(&saddr.as_str().chars().count()));
            }
        }
    }
}
