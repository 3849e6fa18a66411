//! The query of an address: the part of a page's state that people share and bookmark.

use std::fmt::{Debug, Write};

use leptos_router::params::ParamsMap;
use serde::{
    Deserialize,
    de::value::{Error, StrDeserializer},
};

/// The value of an enum by the name that serde knows, as in `?status=new`.
#[must_use]
pub fn named<'a, T: Deserialize<'a>>(name: &'a str) -> Option<T> {
    T::deserialize(StrDeserializer::<Error>::new(name)).ok()
}

/// The name that [`named`] reads: `NoReceipt` is `no_receipt`.
#[must_use]
pub fn name_of(value: impl Debug) -> String {
    let mut name = String::new();
    for (place, letter) in format!("{value:?}").chars().enumerate() {
        if letter.is_uppercase() && place > 0 {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

/// `path` with a query of the pairs that have a value.
#[must_use]
pub fn address<'a>(path: &str, pairs: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let mut address = path.to_owned();
    let mut first = true;
    for (key, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
        address.push(if first { '?' } else { '&' });
        first = false;
        address.push_str(key);
        address.push('=');
        for octet in value.bytes() {
            if octet.is_ascii_alphanumeric() || b"-._~".contains(&octet) {
                address.push(char::from(octet));
            } else {
                _ = write!(address, "%{octet:02X}");
            }
        }
    }
    address
}

/// The page of a list that a query names, from 1; 0 where it names none.
#[must_use]
pub fn page_of(query: &ParamsMap, name: &str) -> u32 {
    query.get_str(name).and_then(|page| page.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use domain::{campaign::Mode, recipient::RecipientState};

    use super::*;

    #[test]
    fn names_are_those_of_serde() {
        for mode in Mode::ALL {
            assert_eq!(named(&name_of(mode)), Some(mode));
        }
        for state in RecipientState::ALL {
            assert_eq!(named(&name_of(state)), Some(state));
        }
        assert_eq!(named::<Mode>("sometimes"), None);
    }

    #[test]
    fn what_is_empty_stays_out_and_the_rest_is_escaped() {
        let pairs = [("search", "a b&c=ü".to_owned()), ("status", String::new()), ("mode", "spread".to_owned())];
        assert_eq!(address("/w/acme", pairs), "/w/acme?search=a%20b%26c%3D%C3%BC&mode=spread");
        assert_eq!(address("/w/acme", []), "/w/acme");
    }
}
