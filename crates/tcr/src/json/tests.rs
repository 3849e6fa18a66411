//! Against the examples of RFC 8785, and against what others read.

use proptest::prelude::*;

use super::*;

fn canonical(text: &str) -> String {
    parse(text.as_bytes()).unwrap().canonical()
}

/// RFC 8785 §3.2.2 and §3.2.3.
#[test]
fn the_examples_of_the_rfc() {
    let numbers = r#"{
        "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
        "literals": [null, true, false]
    }"#;
    let expected = r#"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}"#;
    assert_eq!(canonical(numbers), expected);
    let sorted = r#"{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}"#;
    let names = ["\\r", "1", "\u{80}", "ö", "€", "😀", "\u{fb33}"];
    let canonical = canonical(sorted);
    let places: Vec<usize> = names.iter().map(|name| canonical.find(&format!("\"{name}\":")).unwrap()).collect();
    assert!(places.is_sorted(), "{canonical}");
}

/// RFC 8785, appendix B.
#[test]
fn numbers_are_written_as_in_ecmascript() {
    for (bits, expected) in [
        (0x0000_0000_0000_0000_u64, "0"),
        (0x8000_0000_0000_0000, "0"),
        (0x0000_0000_0000_0001, "5e-324"),
        (0x8000_0000_0000_0001, "-5e-324"),
        (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
        (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
        (0x4340_0000_0000_0000, "9007199254740992"),
        (0xc340_0000_0000_0000, "-9007199254740992"),
        (0x4430_0000_0000_0000, "295147905179352830000"),
        (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
        (0x44b5_2d02_c7e1_4af6, "1e+23"),
        (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
        (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
        (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
        (0x444b_1ae4_d6e2_ef50, "1e+21"),
        (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
        (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
        (0x41b3_de43_5555_5553, "333333333.3333332"),
        (0x41b3_de43_5555_5555, "333333333.3333333"),
        (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
    ] {
        assert_eq!(Value::Number(f64::from_bits(bits)).canonical(), expected, "{bits:016x}");
    }
}

#[test]
fn what_is_no_json_is_refused() {
    for text in [
        "",
        " ",
        "{",
        "[1,]",
        "{\"a\":1,}",
        "{a:1}",
        "01",
        "1.",
        ".5",
        "+1",
        "1e",
        "nul",
        "\"\\x\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"",
        "\"\\udc00\"",
        "\"a\nb\"",
        "1 2",
        "1e400",
        "'a'",
        "[1 2]",
        "\"\\u12\"",
        "\"\\u+123\"",
    ] {
        assert!(parse(text.as_bytes()).is_err(), "{text}");
    }
    assert_eq!(parse(b"\"\xff\""), Err(JsonError::Encoding));
    assert_eq!(parse("[".repeat(1_000_000).as_bytes()), Err(JsonError::Depth));
    assert_eq!(canonical(r#"{"a":1,"a":2}"#), r#"{"a":2}"#);
}

proptest! {
    #[test]
    fn the_canonical_form_is_read_as_the_same_and_stays_itself(bits: u64, text in "\\PC{0,20}", name in ".{0,8}") {
        let number = f64::from_bits(bits);
        let number = if number.is_finite() { number } else { 0.5 };
        let value = Value::Object(vec![
            (name, Value::Array(vec![Value::Number(number), Value::String(text.clone())])),
            ("fixed".into(), Value::String(text)),
        ]);
        let once = value.canonical();
        prop_assert_eq!(parse(once.as_bytes()).unwrap().canonical(), once.clone());
        // What others read in it is the same.
        prop_assert!(serde_json::from_str::<serde_json::Value>(&once).is_ok());
    }

    #[test]
    fn any_octets_are_read_in_peace(octets in proptest::collection::vec(any::<u8>(), 0..60)) {
        if let Ok(value) = parse(&octets) {
            prop_assert_eq!(parse(value.canonical().as_bytes()), Ok(value));
        }
    }
}
