//! Every country and territory with telephone numbers: calling code, trunk prefix and the lengths of its numbers.
//!
//! Source: the national numbering plans notified to the ITU under Recommendation E.164, as collected in the metadata
//! of libphonenumber 9.0 (Apache-2.0). Lengths are those of national significant numbers of fixed and mobile lines
//! that together with the calling code have 8 to 15 digits. Ranges inside a country change too often to be refused
//! here; only the first two digits of mobile numbers are kept, and only where they tell two readings apart.

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

    /// Whether the digits without calling code and trunk prefix are a whole number. Where lengths vary and a trunk
    /// prefix is usual, they may be a local number of any town unless they are a mobile's; an Italian fixed line has
    /// its 0.
    pub(super) fn is_complete(&self, national: &[u8]) -> bool {
        let no_area_missing = !self.leading_zero || self.mobile_starts == 0 || national.first() == Some(&0);
        self.has_fixed_length() || self.is_mobile(national) || (self.trunks.is_empty() && no_area_missing)
    }

    /// The North American plan has a structure of its own below the calling code.
    pub(super) const fn is_north_american(&self) -> bool {
        self.calling_code == 1
    }

    pub(super) fn trunks(&self) -> impl Iterator<Item = &'static [u8]> {
        self.trunks.split_ascii_whitespace().map(str::as_bytes)
    }

    const fn mobile(mut self, starts: &str, lengths: &str) -> Self {
        self.mobile_starts = ranges(starts);
        self.mobile_lengths = lengths_of(lengths);
        self
    }

    const fn leading_zero(mut self) -> Self {
        self.leading_zero = true;
        self
    }

    const fn areas(mut self, areas: &'static str) -> Self {
        self.areas = areas;
        self
    }
}

const fn row(iso: &'static str, name: &'static str, calling_code: u16, trunks: &'static str, lengths: &str) -> Plan {
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
const fn nanp(iso: &'static str, name: &'static str) -> Plan {
    row(iso, name, 1, "1", "10")
}

/// A network with a calling code of its own.
const fn network(name: &'static str, calling_code: u16, lengths: &str) -> Plan {
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

/// Canada's geographic area codes; the United States have the rest.
const CANADA: &str = "204 226 236 249 250 257 263 289 306 343 354 365 367 368 382 403 416 418 428 431 437 438 450 468 \
                      474 506 514 519 548 579 581 584 587 604 613 639 647 672 683 705 709 742 753 778 780 782 807 819 \
                      825 867 873 879 902 905 942";

/// Mobile satellite and machine networks, which receive messages too.
pub(super) static NETWORKS: [Plan; 5] = [
    network("Inmarsat", 870, "9,12"),
    network("Universal Personal Telecommunications", 878, "12"),
    network("Global mobile satellite", 881, "9-10"),
    network("International networks 882", 882, "7-12"),
    network("International networks 883", 883, "8-12"),
];

/// Calling code, trunk prefixes, lengths. By name; of those that share a calling code without areas of their own, the
/// first stands for all.
#[rustfmt::skip]
pub(super) static COUNTRIES: [Plan; 244] = [
    row("AF", "Afghanistan", 93, "0", "9"),
    row("AX", "Åland Islands", 358, "0", "6-10").mobile("40-50", "6-10").areas("18"),
    row("AL", "Albania", 355, "0", "8-9").mobile("67-69", "9"),
    row("DZ", "Algeria", 213, "0", "8-9").mobile("54-56,60-69,77-79", "9"),
    nanp("AS", "American Samoa").areas("684"),
    row("AD", "Andorra", 376, "", "6,9").mobile("30-39,50-69", "6,9"),
    row("AO", "Angola", 244, "", "9"),
    nanp("AI", "Anguilla").areas("264"),
    nanp("AG", "Antigua and Barbuda").areas("268"),
    row("AR", "Argentina", 54, "0", "10-11").mobile("67,91-93", "10-11"),
    row("AM", "Armenia", 374, "0", "8"),
    row("AW", "Aruba", 297, "", "7"),
    row("AC", "Ascension Island", 247, "", "5"),
    row("AU", "Australia", 61, "0", "9"),
    row("AT", "Austria", 43, "0", "6-13").mobile("64-69", "7-13"),
    row("AZ", "Azerbaijan", 994, "0", "9"),
    nanp("BS", "Bahamas").areas("242"),
    row("BH", "Bahrain", 973, "", "8"),
    row("BD", "Bangladesh", 880, "0", "6-10").mobile("11,13-19,37-38,44,64,66", "10"),
    nanp("BB", "Barbados").areas("246"),
    row("BY", "Belarus", 375, "80 8 0", "9"),
    row("BE", "Belgium", 32, "0", "8-9").mobile("45-49", "9"),
    row("BZ", "Belize", 501, "", "7"),
    row("BJ", "Benin", 229, "", "8,10").leading_zero(),
    nanp("BM", "Bermuda").areas("441"),
    row("BT", "Bhutan", 975, "", "7-8"),
    row("BO", "Bolivia", 591, "0", "8"),
    row("BA", "Bosnia and Herzegovina", 387, "0", "8-9").mobile("60-67", "8-9"),
    row("BW", "Botswana", 267, "", "7-8"),
    row("BR", "Brazil", 55, "0", "10-11").mobile("11-99", "10-11"),
    row("IO", "British Indian Ocean Territory", 246, "", "7"),
    nanp("VG", "British Virgin Islands").areas("284"),
    row("BN", "Brunei", 673, "", "7"),
    row("BG", "Bulgaria", 359, "0", "6-9").mobile("43,87-89,98-99", "8-9"),
    row("BF", "Burkina Faso", 226, "", "8").leading_zero(),
    row("BI", "Burundi", 257, "", "8"),
    row("CV", "Cabo Verde", 238, "", "7"),
    row("KH", "Cambodia", 855, "0", "8-9").mobile("10-19,23-26,31-36,38,42-44,52-55,60-81,83-99", "8-9"),
    row("CM", "Cameroon", 237, "", "9"),
    nanp("CA", "Canada").areas(CANADA),
    row("BQ", "Caribbean Netherlands", 599, "", "7").areas("3 4 7"),
    nanp("KY", "Cayman Islands").areas("345"),
    row("CF", "Central African Republic", 236, "", "8"),
    row("TD", "Chad", 235, "", "8"),
    row("CL", "Chile", 56, "", "9"),
    row("CN", "China", 86, "0", "7-11").mobile("13-19", "11"),
    row("CX", "Christmas Island", 61, "0", "9").areas("89164"),
    row("CC", "Cocos (Keeling) Islands", 61, "0", "9").areas("89162"),
    row("CO", "Colombia", 57, "0", "8,10").mobile("30-33,35,37,91,94", "10"),
    row("KM", "Comoros", 269, "", "7"),
    row("CD", "Congo (Democratic Republic)", 243, "0", "7-10").mobile("80-86,88-91,96-99", "7,9"),
    row("CG", "Congo (Republic)", 242, "", "9").leading_zero(),
    row("CK", "Cook Islands", 682, "", "5"),
    row("CR", "Costa Rica", 506, "", "8"),
    row("HR", "Croatia", 385, "0", "8-9").mobile("90-92,95,97-99", "8-9"),
    row("CU", "Cuba", 53, "0", "6-8,10").mobile("50-59,62-64", "8"),
    row("CW", "Curaçao", 599, "", "7-8"),
    row("CY", "Cyprus", 357, "", "8"),
    row("CZ", "Czechia", 420, "", "9"),
    row("CI", "Côte d'Ivoire", 225, "", "10").leading_zero(),
    row("DK", "Denmark", 45, "", "8"),
    row("DJ", "Djibouti", 253, "", "8"),
    nanp("DM", "Dominica").areas("767"),
    nanp("DO", "Dominican Republic").areas("809 829 849"),
    row("EC", "Ecuador", 593, "0", "8-9").mobile("93,95-99", "9"),
    row("EG", "Egypt", 20, "0", "8-10").mobile("10-12,15", "10"),
    row("SV", "El Salvador", 503, "", "8"),
    row("GQ", "Equatorial Guinea", 240, "", "9"),
    row("ER", "Eritrea", 291, "0", "7"),
    row("EE", "Estonia", 372, "", "7-8"),
    row("SZ", "Eswatini", 268, "", "8"),
    row("ET", "Ethiopia", 251, "0", "9"),
    row("FK", "Falkland Islands", 500, "", "5"),
    row("FO", "Faroe Islands", 298, "", "6"),
    row("FJ", "Fiji", 679, "", "7"),
    row("FI", "Finland", 358, "0", "5-10").mobile("40-50", "6-10"),
    row("FR", "France", 33, "0", "9"),
    row("GF", "French Guiana", 594, "0", "9"),
    row("PF", "French Polynesia", 689, "", "8"),
    row("GA", "Gabon", 241, "", "7-8").leading_zero(),
    row("GM", "Gambia", 220, "", "7"),
    row("GE", "Georgia", 995, "0", "9"),
    row("DE", "Germany", 49, "0", "6-13").mobile("15-17", "10-11"),
    row("GH", "Ghana", 233, "0", "9"),
    row("GI", "Gibraltar", 350, "", "8"),
    row("GR", "Greece", 30, "", "10"),
    row("GL", "Greenland", 299, "", "6"),
    nanp("GD", "Grenada").areas("473"),
    row("GP", "Guadeloupe", 590, "0", "9"),
    nanp("GU", "Guam").areas("671"),
    row("GT", "Guatemala", 502, "", "8"),
    row("GG", "Guernsey", 44, "0", "10").areas("1481 7781 7839 7911"),
    row("GN", "Guinea", 224, "", "8-9"),
    row("GW", "Guinea-Bissau", 245, "", "7,9"),
    row("GY", "Guyana", 592, "", "7"),
    row("HT", "Haiti", 509, "", "8"),
    row("HN", "Honduras", 504, "", "8"),
    row("HK", "Hong Kong", 852, "", "8"),
    row("HU", "Hungary", 36, "06", "8-9").mobile("20,30-31,50,70", "9"),
    row("IS", "Iceland", 354, "", "7,9"),
    row("IN", "India", 91, "0", "10"),
    row("ID", "Indonesia", 62, "0", "7-12").mobile("81-83,85-89", "9-12"),
    row("IR", "Iran", 98, "0", "6-7,10").mobile("90-93,99", "10"),
    row("IQ", "Iraq", 964, "0", "8-10").mobile("73-79", "10"),
    row("IE", "Ireland", 353, "0", "7-10").mobile("82-83,85-89", "9"),
    row("IM", "Isle of Man", 44, "0", "10").areas("1624 7524 7624 7924"),
    row("IL", "Israel", 972, "0", "8-9,11-12").mobile("50-56,58-59", "9"),
    row("IT", "Italy", 39, "", "6-12").mobile("31-39,43", "9-10").leading_zero(),
    nanp("JM", "Jamaica").areas("658 876"),
    row("JP", "Japan", 81, "0", "9-10").mobile("60,70,80,90", "10"),
    row("JE", "Jersey", 44, "0", "10").areas("1534 7509 7797 7829 7937"),
    row("JO", "Jordan", 962, "0", "8-9").mobile("42,77-79", "9"),
    row("KZ", "Kazakhstan", 7, "8", "10").areas("6 7"),
    row("KE", "Kenya", 254, "0", "7-9").mobile("10-14,70-79", "9"),
    row("KI", "Kiribati", 686, "0", "5,8").mobile("62-63,70-79", "8"),
    row("XK", "Kosovo", 383, "0", "8-12").mobile("43-49", "8"),
    row("KW", "Kuwait", 965, "", "8"),
    row("KG", "Kyrgyzstan", 996, "0", "9"),
    row("LA", "Laos", 856, "0", "8-10").mobile("20,30", "9-10"),
    row("LV", "Latvia", 371, "", "8"),
    row("LB", "Lebanon", 961, "0", "7-8").mobile("30-39,70-71,76,78-79,81", "7-8"),
    row("LS", "Lesotho", 266, "", "8"),
    row("LR", "Liberia", 231, "0", "7-9").mobile("22,33,42,46-47,50-69,76-77,88", "7,9"),
    row("LY", "Libya", 218, "0", "9"),
    row("LI", "Liechtenstein", 423, "0", "7,9").mobile("64-66,73-75,77-79", "7,9"),
    row("LT", "Lithuania", 370, "0 8", "8"),
    row("LU", "Luxembourg", 352, "", "5-11").mobile("62,65-69", "9"),
    row("MO", "Macao", 853, "", "8"),
    row("MG", "Madagascar", 261, "0", "9"),
    row("MW", "Malawi", 265, "0", "7,9").mobile("11,21-22,31,77,88-89,98-99", "9"),
    row("MY", "Malaysia", 60, "0", "8-10").mobile("10-19", "9-10"),
    row("MV", "Maldives", 960, "", "7"),
    row("ML", "Mali", 223, "", "8"),
    row("MT", "Malta", 356, "", "8"),
    row("MH", "Marshall Islands", 692, "1", "7"),
    row("MQ", "Martinique", 596, "0", "9"),
    row("MR", "Mauritania", 222, "", "8"),
    row("MU", "Mauritius", 230, "", "7-8"),
    row("YT", "Mayotte", 262, "0", "9").areas("269 639"),
    row("MX", "Mexico", 52, "", "10"),
    row("FM", "Micronesia", 691, "", "7"),
    row("MD", "Moldova", 373, "0", "8"),
    row("MC", "Monaco", 377, "0", "8-9").mobile("30-39,44-46,60-79", "8-9"),
    row("MN", "Mongolia", 976, "0", "8-10").mobile("50,55,60,66,69,72,78,80-81,83,85-99", "8"),
    row("ME", "Montenegro", 382, "0", "8"),
    nanp("MS", "Montserrat").areas("664"),
    row("MA", "Morocco", 212, "0", "9"),
    row("MZ", "Mozambique", 258, "", "8-9"),
    row("MM", "Myanmar", 95, "0", "6-10").mobile("17,92-99", "7-10"),
    row("NA", "Namibia", 264, "0", "8-9").mobile("60,81-82,84-85", "9"),
    row("NR", "Nauru", 674, "", "7"),
    row("NP", "Nepal", 977, "0", "8,10").mobile("90,96-98", "10"),
    row("NL", "Netherlands", 31, "0", "9,11").mobile("61-65,68,97", "9,11"),
    row("NC", "New Caledonia", 687, "", "6"),
    row("NZ", "New Zealand", 64, "0", "8-10").mobile("20-22,26-29", "8-10"),
    row("NI", "Nicaragua", 505, "", "8"),
    row("NE", "Niger", 227, "", "8"),
    row("NG", "Nigeria", 234, "0", "10"),
    row("NU", "Niue", 683, "", "7"),
    row("NF", "Norfolk Island", 672, "", "6"),
    row("KP", "North Korea", 850, "0", "8,10").mobile("19", "10"),
    row("MK", "North Macedonia", 389, "0", "8"),
    nanp("MP", "Northern Mariana Islands").areas("670"),
    row("NO", "Norway", 47, "", "8"),
    row("OM", "Oman", 968, "", "8"),
    row("PK", "Pakistan", 92, "0", "9-10").mobile("30-37", "10"),
    row("PW", "Palau", 680, "", "7"),
    row("PS", "Palestine", 970, "0", "8-9").mobile("56,59", "9"),
    row("PA", "Panama", 507, "", "7-8"),
    row("PG", "Papua New Guinea", 675, "", "7-8"),
    row("PY", "Paraguay", 595, "0", "7-9").mobile("95-99", "9"),
    row("PE", "Peru", 51, "0", "8-9").mobile("90-99", "9"),
    row("PH", "Philippines", 63, "0", "6,8-10").mobile("81,89-99", "10"),
    row("PL", "Poland", 48, "", "9"),
    row("PT", "Portugal", 351, "", "9"),
    nanp("PR", "Puerto Rico").areas("787 939"),
    row("QA", "Qatar", 974, "", "8"),
    row("RO", "Romania", 40, "0", "6,9").mobile("60,62-63,70-79", "9"),
    row("RU", "Russia", 7, "8", "10"),
    row("RW", "Rwanda", 250, "0", "8-9").mobile("72-73,77-79", "9"),
    row("RE", "Réunion", 262, "0", "9"),
    row("BL", "Saint Barthélemy", 590, "0", "9"),
    row("SH", "Saint Helena", 290, "", "5"),
    nanp("KN", "Saint Kitts and Nevis").areas("869"),
    nanp("LC", "Saint Lucia").areas("758"),
    row("MF", "Saint Martin (French part)", 590, "0", "9"),
    row("PM", "Saint Pierre and Miquelon", 508, "0", "6,9").mobile("20-40,42-44,48-50,52-99", "6,9"),
    nanp("VC", "Saint Vincent and the Grenadines").areas("784"),
    row("WS", "Samoa", 685, "", "5-7,10").mobile("71-73,75-78,83-87,89", "7,10"),
    row("SM", "San Marino", 378, "", "8,10").leading_zero(),
    row("SA", "Saudi Arabia", 966, "0", "9"),
    row("SN", "Senegal", 221, "", "9"),
    row("RS", "Serbia", 381, "0", "7-12").mobile("60-69", "8-10"),
    row("SC", "Seychelles", 248, "", "7"),
    row("SL", "Sierra Leone", 232, "0", "8"),
    row("SG", "Singapore", 65, "", "8"),
    nanp("SX", "Sint Maarten").areas("721"),
    row("SK", "Slovakia", 421, "0", "6-7,9").mobile("90-91,94-95", "9"),
    row("SI", "Slovenia", 386, "0", "8"),
    row("SB", "Solomon Islands", 677, "", "5,7"),
    row("SO", "Somalia", 252, "0", "6-9").mobile("15,24,28,35,39,48-49,60-80,88,90,92-99", "7-9"),
    row("ZA", "South Africa", 27, "0", "9"),
    row("KR", "South Korea", 82, "0", "6,8-11").mobile("10-12,16-19", "9-10"),
    row("SS", "South Sudan", 211, "0", "9"),
    row("ES", "Spain", 34, "", "9"),
    row("LK", "Sri Lanka", 94, "0", "9"),
    row("SD", "Sudan", 249, "0", "9"),
    row("SR", "Suriname", 597, "", "6-7"),
    row("SJ", "Svalbard and Jan Mayen", 47, "", "8").areas("79"),
    row("SE", "Sweden", 46, "0", "7-9").mobile("70,72-73,76,79", "9"),
    row("CH", "Switzerland", 41, "0", "9"),
    row("SY", "Syria", 963, "0", "8-9").mobile("50,91-99", "9"),
    row("ST", "São Tomé and Príncipe", 239, "", "7"),
    row("TW", "Taiwan", 886, "0", "8-11").mobile("40,90-98", "9"),
    row("TJ", "Tajikistan", 992, "", "9").leading_zero(),
    row("TZ", "Tanzania", 255, "0", "9"),
    row("TH", "Thailand", 66, "0", "8-9").mobile("14,61-67,80-99", "9"),
    row("TL", "Timor-Leste", 670, "", "7-8"),
    row("TG", "Togo", 228, "", "8"),
    row("TK", "Tokelau", 690, "", "5-7"),
    row("TO", "Tonga", 676, "", "5,7"),
    nanp("TT", "Trinidad and Tobago").areas("868"),
    row("TN", "Tunisia", 216, "", "8"),
    row("TM", "Turkmenistan", 993, "8", "8"),
    nanp("TC", "Turks and Caicos Islands").areas("649"),
    row("TV", "Tuvalu", 688, "", "5-7"),
    row("TR", "Türkiye", 90, "0", "10"),
    nanp("VI", "US Virgin Islands").areas("340"),
    row("UG", "Uganda", 256, "0", "9"),
    row("UA", "Ukraine", 380, "0", "9"),
    row("AE", "United Arab Emirates", 971, "0", "8-9").mobile("50,52-56,58", "9"),
    row("GB", "United Kingdom", 44, "0", "9-10").mobile("71-75,77-79", "10"),
    nanp("US", "United States"),
    row("UY", "Uruguay", 598, "0", "8"),
    row("UZ", "Uzbekistan", 998, "", "9"),
    row("VU", "Vanuatu", 678, "", "5,7"),
    row("VA", "Vatican City", 39, "", "6-11").mobile("31-39", "9-10").leading_zero().areas("06698"),
    row("VE", "Venezuela", 58, "0", "10"),
    row("VN", "Vietnam", 84, "0", "9-10").mobile("12,16,30-39,51-52,55-56,58-59,70,76-79,81-99", "9"),
    row("WF", "Wallis and Futuna", 681, "", "6"),
    row("EH", "Western Sahara", 212, "0", "9"),
    row("YE", "Yemen", 967, "0", "7-9").mobile("70-71,73,77-78", "9"),
    row("ZM", "Zambia", 260, "0", "9"),
    row("ZW", "Zimbabwe", 263, "0", "5-10").mobile("71-73,77-78", "9"),
];
