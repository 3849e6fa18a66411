//! Phone numbers. The first octet chooses the default country, the second another one; what follows is the number.
#![no_main]

use std::sync::LazyLock;

use domain::phone::{Country, PhoneNumber, PhoneReject, normalise, normalise_bytes};
use libfuzzer_sys::{Corpus, fuzz_target};

static COUNTRIES: LazyLock<Vec<Country>> = LazyLock::new(|| Country::all().collect());

fn country(octet: u8) -> Country {
    COUNTRIES[usize::from(octet) % COUNTRIES.len()]
}

fuzz_target!(|input: &[u8]| -> Corpus {
    let [from, to, raw @ ..] = input else {
        return Corpus::Reject;
    };
    let (from, to) = (country(*from), country(*to));
    let result = normalise_bytes(raw, from);
    if let Ok(text) = std::str::from_utf8(raw) {
        assert_eq!(normalise(text, from), result);
    }
    match result {
        Ok(number) => holds(number, to),
        Err(reject) => assert_eq!(PhoneReject::from_code(reject.code()), Some(reject)),
    }
    Corpus::Keep
});

/// What is true of every number, whatever it was written like.
fn holds(number: PhoneNumber, to: Country) {
    let written = number.to_string();
    assert_eq!(written.parse(), Ok(number));
    assert_eq!(PhoneNumber::from_u64(number.as_u64()), Some(number));
    assert_eq!(normalise(&written, to), Ok(number));
    assert_eq!(normalise(&format!("00{}", number.as_u64()), to), Ok(number));
    if let Some(country) = number.country() {
        assert!(written[1..].starts_with(&country.calling_code().to_string()));
    }
    assert!(!format!("{number:?}").contains(&written[1..]));
}
