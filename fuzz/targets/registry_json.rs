//! JSON as webhooks are signed: the whole input is the text. What others accept is accepted, and the canonical form of RFC
//! 8785 stays itself. Where doubles end, serde_json rounds before it scales and may take a number for infinite, or the
//! other way round: there it is no witness.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use tcr::json::{JsonError, Value, parse};

fuzz_target!(|input: &[u8]| -> Corpus {
    let others = serde_json::from_slice::<serde_json::Value>(input);
    match parse(input) {
        Ok(value) => {
            assert!(others.is_ok() || ends(input), "we read what others do not");
            holds(&value);
        }
        // They allow to nest deeper.
        Err(JsonError::Depth) => {}
        Err(error) => {
            assert!(others.is_err() || ends(input), "others read it: {error}");
            if let JsonError::Syntax { at } = error {
                assert!(at <= input.len());
            }
        }
    }
    Corpus::Keep
});

fn holds(value: &Value) {
    let canonical = value.canonical();
    let again = parse(canonical.as_bytes()).expect("the canonical form is JSON");
    assert_eq!(again.canonical(), canonical);
    assert!(serde_json::from_str::<serde_json::Value>(&canonical).is_ok() || ends(canonical.as_bytes()));
    in_order(&again);
}

/// Members in the order of their UTF-16 units, each name once, numbers finite.
fn in_order(value: &Value) {
    match value {
        Value::Number(number) => assert!(number.is_finite()),
        Value::Array(values) => values.iter().for_each(in_order),
        Value::Object(members) => {
            let units = |name: &str| name.encode_utf16().collect::<Vec<_>>();
            assert!(members.windows(2).all(|pair| units(&pair[0].0) < units(&pair[1].0)));
            members.iter().for_each(|(_, value)| in_order(value));
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// Whether a number stands in it that is as long as the largest doubles, or has an exponent of three digits.
fn ends(text: &[u8]) -> bool {
    let digits = |octet: &u8| octet.is_ascii_digit() || *octet == b'.';
    let exponents = text.windows(2).enumerate().filter(|(_, pair)| matches!(pair[0], b'e' | b'E'));
    let long = exponents.map(|(at, _)| &text[at + 1..]).any(|rest| {
        let rest = rest.strip_prefix(b"+").or_else(|| rest.strip_prefix(b"-")).unwrap_or(rest);
        rest.iter().take_while(|octet| octet.is_ascii_digit()).count() >= 3
    });
    long || text.split(|octet| !digits(octet)).any(|number| number.len() >= 200)
}
