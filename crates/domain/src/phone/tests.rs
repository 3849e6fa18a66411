use proptest::prelude::*;

use super::{countries::NETWORKS, *};

fn country(iso: &str) -> Country {
    Country::parse(iso).unwrap()
}

fn read(raw: &str, iso: &str) -> Result<u64, PhoneReject> {
    normalise(raw, country(iso)).map(PhoneNumber::as_u64)
}

/// Each text is that number when it is read in that country.
fn reads(iso: &str, cases: &[(&str, u64)]) {
    for &(raw, digits) in cases {
        assert_eq!(read(raw, iso), Ok(digits), "{raw} in {iso}");
    }
}

fn refuses(iso: &str, cases: &[(&str, PhoneReject)]) {
    for &(raw, reject) in cases {
        assert_eq!(read(raw, iso), Err(reject), "{raw} in {iso}");
    }
}

#[test]
fn international_numbers_are_read_anywhere() {
    for iso in ["AT", "US", "IT", "RU", "LU"] {
        reads(
            iso,
            &[
                ("+436641234567", 436_641_234_567),
                ("00436641234567", 436_641_234_567),
                ("+43 664 123 45 67", 436_641_234_567),
                ("+43 (0)664 / 123-45.67", 436_641_234_567),
                ("(+43) 664 1234567", 436_641_234_567),
                ("00 43 0664 1234567", 436_641_234_567),
                ("+43\u{A0}664\u{A0}1234567\r", 436_641_234_567),
                ("+1 (212) 555-0123", 12_125_550_123),
                ("+39 06 1234567", 39_061_234_567),
                ("+39 347 1234567", 393_471_234_567),
                ("+36 06 30 123 4567", 36_301_234_567),
                ("+225 07 12 34 56 78", 2_250_712_345_678),
                ("+881 612345678", 881_612_345_678),
                ("+7 (916) 123-45-67", 79_161_234_567),
            ],
        );
    }
}

#[test]
fn national_numbers_are_those_of_the_default_country() {
    reads(
        "AT",
        &[
            ("0664 1234567", 436_641_234_567),
            ("6641234567", 436_641_234_567),
            ("436641234567", 436_641_234_567),
            ("01 5123456", 4_315_123_456),
            ("4315123456", 4_315_123_456),
        ],
    );
    reads("DE", &[("0151 12345678", 4_915_112_345_678), ("4915112345678", 4_915_112_345_678)]);
    reads("DE", &[("15112345678", 4_915_112_345_678), ("030/1234567", 49_301_234_567)]);
    reads(
        "GB",
        &[("07700 900123", 447_700_900_123), ("7700900123", 447_700_900_123), ("447700900123", 447_700_900_123)],
    );
    reads("FR", &[("06 12 34 56 78", 33_612_345_678), ("612345678", 33_612_345_678), ("33612345678", 33_612_345_678)]);
    reads(
        "IN",
        &[("9123456789", 919_123_456_789), ("919123456789", 919_123_456_789), ("09123456789", 919_123_456_789)],
    );
    reads("BR", &[("55999123456", 5_555_999_123_456), ("5511912345678", 5_511_912_345_678)]);
    reads("HU", &[("06 30 123 4567", 36_301_234_567), ("301234567", 36_301_234_567)]);
    reads("LT", &[("8 612 34567", 37_061_234_567), ("0 612 34567", 37_061_234_567)]);
    reads("BY", &[("80 29 123-45-67", 375_291_234_567), ("291234567", 375_291_234_567)]);
    reads("NO", &[("47123456", 4_747_123_456), ("4747123456", 4_747_123_456)]);
    reads("MX", &[("5512345678", 525_512_345_678), ("525512345678", 525_512_345_678)]);
    reads("CI", &[("0712345678", 2_250_712_345_678), ("2250712345678", 2_250_712_345_678)]);
}

#[test]
fn in_russia_and_kazakhstan_8_stands_for_7() {
    for iso in ["RU", "KZ"] {
        reads(iso, &[("89161234567", 79_161_234_567), ("79161234567", 79_161_234_567), ("9161234567", 79_161_234_567)]);
        reads(iso, &[("8 (701) 123-45-67", 77_011_234_567)]);
    }
}

#[test]
fn italian_zeros_belong_to_the_number() {
    reads("IT", &[("06 12345678", 390_612_345_678), ("390612345678", 390_612_345_678)]);
    // The bare digits of a mobile are 10; the code and a mobile are 12.
    reads("IT", &[("347 1234567", 393_471_234_567), ("393471234567", 393_471_234_567)]);
    reads("IT", &[("3912345678", 393_912_345_678)]);
    refuses("IT", &[("12345678", PhoneReject::NotNational)]);
    // A fixed line of Rome with the code, or a mobile without.
    refuses("IT", &[("3906123456", PhoneReject::Ambiguous)]);
}

#[test]
fn north_american_numbers_have_a_structure() {
    reads(
        "US",
        &[("(212) 555-0123", 12_125_550_123), ("1-212-555-0123", 12_125_550_123), ("2425551234", 12_425_551_234)],
    );
    for raw in ["1125550123", "0125550123", "2121550123", "9115550123", "2129110123", "2925550123", "12121550123"] {
        assert_eq!(read(raw, "US"), Err(PhoneReject::AreaCode), "{raw}");
    }
    refuses("AT", &[("+1 112 555 0123", PhoneReject::AreaCode), ("+1 212 055 0123", PhoneReject::AreaCode)]);
    refuses("US", &[("5550123", PhoneReject::NotNational), ("21255501234", PhoneReject::NotNational)]);
}

#[test]
fn what_can_be_read_in_two_ways_is_refused() {
    // A number of Luxembourg with its code, or a longer one without.
    refuses("LU", &[("35226123456", PhoneReject::Ambiguous)]);
    reads("LU", &[("+352 26123456", 35_226_123_456), ("352621123456", 352_621_123_456)]);
    // Without 0 or 43, these may be subscribers in any town.
    refuses("AT", &[("5123456", PhoneReject::AreaMissing), ("316123456", PhoneReject::AreaMissing)]);
    refuses("DE", &[("301234567", PhoneReject::AreaMissing)]);
}

#[test]
fn refuses_with_the_reason() {
    refuses(
        "AT",
        &[
            ("", PhoneReject::Empty),
            (" \t\r", PhoneReject::Empty),
            ("+", PhoneReject::Empty),
            ("(-) .", PhoneReject::Empty),
            ("abc", PhoneReject::Character),
            ("0664 123456x", PhoneReject::Character),
            ("0664,1234567", PhoneReject::Character),
            ("０６６４１２３４５６７", PhoneReject::Character),
            ("٠٦٦٤١٢٣٤٥٦٧", PhoneReject::Character),
            ("0664\u{2011}1234567", PhoneReject::Character),
            ("0664\t1234567", PhoneReject::Character),
            ("0664\u{200B}1234567", PhoneReject::Character),
            ("0664 123 45+67", PhoneReject::Plus),
            ("++436641234567", PhoneReject::Plus),
            ("+47 1234567", PhoneReject::Length),
            ("+43664", PhoneReject::TooShort),
            ("0043664", PhoneReject::TooShort),
            ("12345", PhoneReject::TooShort),
            ("+4366412345678901", PhoneReject::TooLong),
            ("0664123456706641234567", PhoneReject::TooLong),
            ("+999123456789", PhoneReject::CallingCode),
            ("+0436641234567", PhoneReject::CallingCode),
            ("000436641234567", PhoneReject::CallingCode),
            ("+8001234567890", PhoneReject::CallingCode),
            ("+47 123 456 789", PhoneReject::Length),
            ("+370 (00) 12345678", PhoneReject::LeadingZero),
            ("+48 0601234567", PhoneReject::LeadingZero),
            ("4.36641E+11", PhoneReject::Spreadsheet),
            ("4,36641E+11", PhoneReject::Spreadsheet),
            ("4e11", PhoneReject::Spreadsheet),
            ("E11", PhoneReject::Character),
            ("4E+111", PhoneReject::Character),
            ("4E", PhoneReject::Character),
        ],
    );
    assert_eq!(normalise_bytes(&[b'0', 0xFF, b'1'], country("AT")), Err(PhoneReject::Character));
    assert_eq!(normalise_bytes(&[b'0', 0xC2], country("AT")), Err(PhoneReject::Character));
}

#[test]
fn without_a_country_a_number_has_to_say_its_own() {
    const NOWHERE: Option<Country> = None;
    for international in ["+43 660 1234567", "0043 660 1234567", "+43 (0)660 1234567"] {
        assert_eq!(normalise(international, NOWHERE).map(PhoneNumber::as_u64), Ok(436_601_234_567));
    }
    for national in ["0660 1234567", "660 1234567", "436601234567"] {
        assert_eq!(normalise(national, NOWHERE), Err(PhoneReject::NoCountry));
    }
    assert_eq!(normalise("", NOWHERE), Err(PhoneReject::Empty));
}

#[test]
fn reject_codes_are_stable() {
    let codes: Vec<_> = PhoneReject::ALL.iter().map(|reject| reject.code()).collect();
    assert_eq!(codes, (1..=14).collect::<Vec<u8>>());
    for &reject in PhoneReject::ALL {
        assert_eq!(PhoneReject::from_code(reject.code()), Some(reject));
    }
    assert_eq!((PhoneReject::from_code(0), PhoneReject::from_code(15)), (None, None));
}

#[test]
fn masks_all_but_four_digits() {
    let number = PhoneNumber::from_u64(436_641_230_067).unwrap();
    assert_eq!(number.masked(), "•••0067");
    assert_eq!(number.to_string(), "+436641230067");
    assert_eq!(format!("{number:?}"), "PhoneNumber(•••0067)");
    assert_eq!(serde_json::to_string(&number).unwrap(), r#""+436641230067""#);
    assert!(serde_json::from_str::<PhoneNumber>(r#""436641230067""#).is_err());
}

#[test]
fn holds_8_to_15_digits() {
    for digits in [0, 9_999_999, 1_000_000_000_000_000, u64::MAX] {
        assert_eq!(PhoneNumber::from_u64(digits), None);
    }
    for digits in [10_000_000, 999_999_999_999_999] {
        assert_eq!(PhoneNumber::from_u64(digits).map(PhoneNumber::as_u64), Some(digits));
    }
}

#[test]
fn the_table_is_consistent() {
    let countries: Vec<_> = Country::all().collect();
    assert_eq!(countries.len(), 244);
    let mut isos: Vec<_> = countries.iter().map(|country| country.iso()).collect();
    isos.sort_unstable();
    isos.dedup();
    assert_eq!(isos.len(), 244);
    for country in countries {
        let plan = country.plan();
        assert!(country.iso().len() == 2 && country.iso().bytes().all(|c| c.is_ascii_uppercase()), "{country}");
        assert!((1..1000).contains(&plan.calling_code), "{country}");
        assert!((1..=15).any(|digits| plan.allows_length(digits)), "{country}");
        assert!((0..16).all(|digits| !plan.allows_length(digits) || digits + plan.code_digits <= 15), "{country}");
        assert!(plan.trunks().all(|trunk| trunk.iter().all(u8::is_ascii_digit)), "{country}");
        assert_eq!(Country::parse(&country.iso().to_lowercase()), Ok(country));
        assert_eq!(serde_json::from_str::<Country>(&serde_json::to_string(&country).unwrap()).unwrap(), country);
    }
    assert_eq!(Country::parse("XX"), Err(UnknownCountry));
}

/// Two codes of which one starts the other would make numbers that nobody can read.
#[test]
fn no_calling_code_starts_another() {
    for one in COUNTRIES.iter().chain(&NETWORKS) {
        for other in COUNTRIES.iter().chain(&NETWORKS) {
            let (one, other) = (one.calling_code.to_string(), other.calling_code.to_string());
            assert!(one == other || !other.starts_with(&one), "{one} {other}");
        }
    }
}

#[test]
fn tells_the_country_of_a_number() {
    for (digits, iso) in [
        (436_641_234_567, Some("AT")),
        (12_125_550_123, Some("US")),
        (14_165_550_123, Some("CA")),
        (12_425_551_234, Some("BS")),
        (79_161_234_567, Some("RU")),
        (77_011_234_567, Some("KZ")),
        (447_700_900_123, Some("GB")),
        (441_481_234_567, Some("GG")),
        (358_401_234_567, Some("FI")),
        (39_066_981_234, Some("VA")),
        (212_612_345_678, Some("MA")),
        (590_690_123_456, Some("GP")),
        (262_692_123_456, Some("RE")),
        (61_412_345_678, Some("AU")),
        (4_747_123_456, Some("NO")),
        (881_612_345_678, None),
        (999_123_456_789, None),
    ] {
        assert_eq!(PhoneNumber::from_u64(digits).unwrap().country().map(Country::iso), iso, "{digits}");
    }
}

fn any_country() -> impl Strategy<Value = Country> {
    (0..COUNTRIES.len()).prop_map(|index| Country::all().nth(index).unwrap())
}

/// Something that a number may look like, with and without mistakes.
fn written() -> impl Strategy<Value = String> {
    "(\\+|00|0|8|1)?[0-9]{0,4}[ ./()-]?[0-9]{2,12}[+eE0-9 ]{0,3}"
}

proptest! {
    #[test]
    fn never_panics(raw in any::<Vec<u8>>(), country in any_country()) {
        let _ = normalise_bytes(&raw, country);
    }

    #[test]
    fn what_is_read_reads_the_same_again(raw in written(), from in any_country(), to in any_country()) {
        if let Ok(number) = normalise(&raw, from) {
            prop_assert!(DIGITS.contains(&number.as_u64().to_string().len()));
            prop_assert_eq!(normalise(&number.to_string(), to), Ok(number));
            prop_assert_eq!(normalise(&format!("00{}", number.as_u64()), to), Ok(number));
            prop_assert_eq!(number.to_string().parse(), Ok(number));
            prop_assert_eq!(PhoneNumber::from_u64(number.as_u64()), Some(number));
        }
    }

    /// A number is never given to another country than the one it was written for.
    #[test]
    fn without_a_plus_it_stays_in_the_country(digits in "[1-9][0-9]{4,14}", country in any_country()) {
        if let Ok(number) = normalise(&digits, country) {
            prop_assert!(number.as_u64().to_string().starts_with(&country.calling_code().to_string()));
        }
    }

    #[test]
    fn separators_change_nothing(raw in "(\\+|00|0)?[1-9][0-9]{5,13}", at in 1_usize..6, country in any_country()) {
        for separator in [" ", "-", ".", "(", ")", "/", "\u{A0}", " - "] {
            let mut separated = raw.clone();
            separated.insert_str(at, separator);
            prop_assert_eq!(normalise(&separated, country), normalise(&raw, country));
        }
    }

    /// Of a plan whose numbers all have one length, each way of writing one is read as the same.
    #[test]
    fn fixed_lengths_are_read_however_they_are_written(country in any_country(), digits in "[2-9][0-8][2-9][2-9][2-9]{11}") {
        let plan = country.plan();
        prop_assume!(plan.has_fixed_length());
        let length = (4..15).find(|&length| plan.allows_length(length)).unwrap();
        let national = &digits[..length];
        let expected: u64 = format!("{}{national}", plan.calling_code).parse().unwrap();
        let mut ways = vec![format!("+{expected}"), format!("00{expected}"), expected.to_string(), national.to_owned()];
        ways.extend(plan.trunks.split_ascii_whitespace().map(|trunk| format!("{trunk}{national}")));
        for way in ways {
            prop_assert_eq!(normalise(&way, country).map(PhoneNumber::as_u64), Ok(expected), "{}", way);
        }
    }
}
