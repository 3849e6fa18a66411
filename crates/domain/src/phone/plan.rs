//! What a numbering plan says of the numbers of one country, and how the table of countries writes it down.

/// The numbering plan of one country.
#[derive(Debug)]
pub(super) struct Plan {
    /// ISO 3166-1 alpha-2; empty for a network that belongs to no country.
    pub(super) iso: &'static str,
    pub(super) name: &'static str,
    pub(super) calling_code: u16,
    /// How many digits the calling code has.
    pub(super) code_digits: usize,
    /// What is dialled before a number inside the country, separated by blanks.
    pub(super) trunks: &'static str,
    /// Bit n: a national number may have n digits.
    lengths: u16,
    /// Bit n: a mobile number may have n digits.
    mobile_lengths: u16,
    /// Bit n: a mobile number may start with the two digits n.
    mobile_starts: u128,
    /// Whether national numbers may begin with a 0 that is part of them, as in Italy.
    pub(super) leading_zero: bool,
    /// With which digits the numbers of this country start, where it shares its calling code, separated by blanks.
    pub(super) areas: &'static str,
}

impl Plan {
    pub(super) const fn allows_length(&self, digits: usize) -> bool {
        digits < 16 && self.lengths >> digits & 1 == 1
    }

    /// Whether all numbers have the same length, so that a missing area code shows.
    pub(super) const fn has_fixed_length(&self) -> bool {
        self.lengths.is_power_of_two()
    }

    /// Whether these are the digits of a mobile number, as far as the first two and their count say.
    pub(super) fn is_mobile(&self, national: &[u8]) -> bool {
        match national {
            [first, second, ..] if national.len() < 16 => {
                self.mobile_lengths >> national.len() & 1 == 1 && self.mobile_starts >> (first * 10 + second) & 1 == 1
            }
            _ => false,
        }
    }

    /// Whether a number may start so. Where a 0 belongs to fixed lines, what has none is a mobile.
    pub(super) fn allows_start(&self, national: &[u8]) -> bool {
        match national.first() {
            Some(0) => self.leading_zero,
            Some(_) => !self.leading_zero || self.mobile_starts == 0 || self.is_mobile(national),
            None => false,
        }
    }

    /// Whether digits without calling code and trunk prefix are a whole number. Where lengths vary and a trunk prefix
    /// is usual, they may be a local number of any town unless they are a mobile's.
    pub(super) fn is_complete(&self, national: &[u8]) -> bool {
        self.trunks.is_empty() || self.has_fixed_length() || self.is_mobile(national)
    }

    /// The North American plan has a structure of its own below the calling code.
    pub(super) const fn is_north_american(&self) -> bool {
        self.calling_code == 1
    }

    pub(super) fn trunks(&self) -> impl Iterator<Item = &'static [u8]> {
        self.trunks.split_ascii_whitespace().map(str::as_bytes)
    }

    pub(super) const fn mobile(mut self, starts: &str, lengths: &str) -> Self {
        self.mobile_starts = ranges(starts);
        self.mobile_lengths = lengths_of(lengths);
        self
    }

    pub(super) const fn leading_zero(mut self) -> Self {
        self.leading_zero = true;
        self
    }

    pub(super) const fn areas(mut self, areas: &'static str) -> Self {
        self.areas = areas;
        self
    }
}

pub(super) const fn row(
    iso: &'static str,
    name: &'static str,
    calling_code: u16,
    trunks: &'static str,
    lengths: &str,
) -> Plan {
    Plan {
        iso,
        name,
        calling_code,
        code_digits: if calling_code < 10 {
            1
        } else if calling_code < 100 {
            2
        } else {
            3
        },
        trunks,
        lengths: lengths_of(lengths),
        mobile_lengths: 0,
        mobile_starts: 0,
        leading_zero: false,
        areas: "",
    }
}

/// A member of the North American Numbering Plan.
pub(super) const fn nanp(iso: &'static str, name: &'static str) -> Plan {
    row(iso, name, 1, "1", "10")
}

/// A network with a calling code of its own.
pub(super) const fn network(name: &'static str, calling_code: u16, lengths: &str) -> Plan {
    row("", name, calling_code, "", lengths).leading_zero()
}

const fn lengths_of(text: &str) -> u16 {
    let bits = ranges(text);
    assert!(bits < 1 << 16, "a national number has at most 15 digits");
    bits as u16
}

/// The bits of a list such as `6-8,10`.
const fn ranges(text: &str) -> u128 {
    let bytes = text.as_bytes();
    let (mut bits, mut at) = (0, 0);
    let (mut from, mut value) = (None, 0);
    while at <= bytes.len() {
        match if at < bytes.len() { bytes[at] } else { b',' } {
            digit @ b'0'..=b'9' => value = value * 10 + (digit - b'0') as u32,
            b'-' => {
                from = Some(value);
                value = 0;
            }
            b',' => {
                let mut bit = match from {
                    Some(from) => from,
                    None => value,
                };
                while bit <= value {
                    bits |= 1 << bit;
                    bit += 1;
                }
                (from, value) = (None, 0);
            }
            _ => panic!("a list of numbers and ranges"),
        }
        at += 1;
    }
    bits
}
