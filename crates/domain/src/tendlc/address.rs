//! Postal addresses, as far as the registry compares them.

use serde::{Deserialize, Serialize};

use super::{
    flaw::{Flaws, Rule},
    limits::Limits,
};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    pub street: String,
    pub city: String,
    /// Two letters in the US.
    pub state: String,
    /// Five digits in the US.
    pub postal_code: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
}

/// States, the District of Columbia, territories and the addresses of the forces, by the codes of the postal service.
const US_STATES: &str = "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ \
                         NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI AA AE AP";

pub fn us_states() -> impl Iterator<Item = &'static str> {
    US_STATES.split_ascii_whitespace()
}

/// Elsewhere state and postal code are free text of this length.
const FOREIGN_STATE_MAX: usize = 20;
const FOREIGN_POSTAL_CODE_MAX: usize = 10;

/// An address as it was typed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Typed<'a> {
    pub street: &'a str,
    pub city: &'a str,
    pub state: &'a str,
    pub postal_code: &'a str,
}

pub(super) fn check(typed: Typed<'_>, country: &str, limits: &Limits, flaws: &mut Flaws) -> Address {
    let street = flaws.text("street", typed.street, 1..=limits.street_max);
    let city = flaws.text("city", typed.city, 1..=limits.city_max);
    let (state, postal_code) = if country == "US" {
        (us_state(typed.state, flaws), us_postal_code(typed.postal_code, flaws))
    } else {
        (
            flaws.optional("state", typed.state, 1..=FOREIGN_STATE_MAX).unwrap_or_default(),
            flaws.optional("postalCode", typed.postal_code, 1..=FOREIGN_POSTAL_CODE_MAX).unwrap_or_default(),
        )
    };
    Address { street, city, state, postal_code, country: country.to_owned() }
}

fn us_state(typed: &str, flaws: &mut Flaws) -> String {
    let state = typed.trim().to_ascii_uppercase();
    if state.is_empty() {
        flaws.add("state", Rule::Missing);
    } else if !us_states().any(|known| known == state) {
        flaws.add("state", Rule::State);
    }
    state
}

/// The four digits of ZIP+4 are dropped: the registry takes five.
fn us_postal_code(typed: &str, flaws: &mut Flaws) -> String {
    let typed = typed.trim();
    if typed.is_empty() {
        flaws.add("postalCode", Rule::Missing);
        return String::new();
    }
    let digits = |text: &str, length| text.len() == length && text.bytes().all(|octet| octet.is_ascii_digit());
    let code = match typed.split_once('-') {
        Some((code, extension)) if digits(extension, 4) => code,
        _ => typed,
    };
    if !digits(code, 5) {
        flaws.add("postalCode", Rule::PostalCode);
    }
    code.to_owned()
}
