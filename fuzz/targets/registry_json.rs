//! JSON as webhooks are signed: the whole input is the text. What others accept is accepted, and the canonical form of RFC
//! 8785 stays itself.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use tcr::json::{JsonError, Value, parse};

fuzz_target!(|input: &[u8]| -> Corpus {
    let others = serde_json::from_slice::<serde_json::Value>(input);
    match parse(input) {
        Ok(value) => {
            assert!(others.is_ok(), "we read what others do not");
            holds(&value);
        }
        // They allow to nest deeper.
        Err(JsonError::Depth) => {}
        Err(error) => {
            assert!(others.is_err(), "others read it: {error}");
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
    assert!(serde_json::from_str::<serde_json::Value>(&canonical).is_ok());
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
