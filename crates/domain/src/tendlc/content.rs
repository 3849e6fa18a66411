//! What stands in a message: links, phone numbers, the brand's name. Runs in the browser while somebody types.

/// Services behind whose links anybody may stand, so that carriers refuse them. A brand's own short domain is none.
const SHORTENERS: [&str; 24] = [
    "adf.ly",
    "bit.do",
    "bit.ly",
    "bl.ink",
    "buff.ly",
    "cutt.ly",
    "goo.gl",
    "is.gd",
    "lnkd.in",
    "ow.ly",
    "qr.ae",
    "rb.gy",
    "rebrand.ly",
    "s.id",
    "shorturl.at",
    "shorturl.com",
    "snip.ly",
    "soo.gd",
    "t.co",
    "t.ly",
    "tiny.cc",
    "tinyurl.com",
    "tr.im",
    "v.gd",
];

/// Endings by which a host is known without a scheme or a path. `Thanks.Call` is none.
const ENDINGS: [&str; 22] = [
    "app", "biz", "cc", "co", "com", "dev", "edu", "fm", "gl", "gov", "info", "io", "link", "ly", "me", "mobi", "net",
    "org", "shop", "site", "tv", "us",
];

/// The hosts of the links in a text, in lower case.
pub fn link_hosts(text: &str) -> impl Iterator<Item = String> {
    text.split(|sign: char| sign.is_whitespace() || "<>()[]{}\"'“”,;|".contains(sign)).filter_map(host)
}

/// The public shortener in a text, if there is one.
#[must_use]
pub fn shortener(text: &str) -> Option<&'static str> {
    link_hosts(text).find_map(|host| {
        let bare = host.strip_prefix("www.").unwrap_or(&host);
        SHORTENERS.into_iter().find(|shortener| bare == *shortener)
    })
}

/// Whether something is the address of a web page, with or without its scheme.
#[must_use]
pub fn is_web_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(text);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    !text.contains(char::is_whitespace) && is_host(host.split(':').next().unwrap_or_default())
}

fn host(word: &str) -> Option<String> {
    let lower = word.to_lowercase();
    let (scheme, rest) = match lower.find("://") {
        Some(at) if lower[..at].ends_with("http") || lower[..at].ends_with("https") => (true, &lower[at + 3..]),
        _ => (false, lower.as_str()),
    };
    let end = rest.find(['/', '?', '#', ':']).unwrap_or(rest.len());
    let path = rest[end..].starts_with('/');
    let host = rest[..end].trim_matches(|sign: char| !sign.is_alphanumeric());
    // What stands before an @ makes it an e-mail address.
    if host.contains('@') || !is_host(host) {
        return None;
    }
    let ending = host.rsplit('.').next().unwrap_or_default();
    (scheme || path || host.starts_with("www.") || ENDINGS.contains(&ending)).then(|| host.to_owned())
}

/// Two labels at least, the last of letters.
fn is_host(text: &str) -> bool {
    let labels: Vec<&str> = text.split('.').collect();
    let last = labels.last().copied().unwrap_or_default();
    labels.len() >= 2
        && last.chars().count() >= 2
        && last.chars().all(char::is_alphabetic)
        && labels.iter().all(|label| {
            (1..=63).contains(&label.len())
                && label.chars().all(|sign| sign.is_alphanumeric() || sign == '-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
}

/// Whether a number to call stands in a text: with a +, or in groups as they are written in North America. Ten digits
/// in a row are as likely an order number.
#[must_use]
pub fn has_phone(text: &str) -> bool {
    let belongs = |sign: char| sign.is_ascii_digit() || "+-.() ".contains(sign);
    text.split(|sign| !belongs(sign)).any(|run| {
        let groups: Vec<&str> =
            run.split(|sign: char| !sign.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
        let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
        let grouped = lengths.windows(3).any(|window| window == [3, 3, 4]);
        let international = run.split('+').skip(1).any(|after| {
            (10..=15).contains(&after.chars().filter(char::is_ascii_digit).count())
                && after.starts_with(|sign: char| sign.is_ascii_digit())
        });
        grouped || international
    })
}

/// Signs around the name of what differs from message to message. Carriers know it by square brackets.
const PLACEHOLDERS: [(&str, &str); 4] = [("{", "}"), ("<", ">"), ("%", "%"), ("$", "$")];
/// Longer ones are text.
const PLACEHOLDER_CHARACTERS_MAX: usize = 30;

/// The first placeholder in a text that is not written in square brackets.
#[must_use]
pub fn odd_placeholder(text: &str) -> Option<&str> {
    let named = |within: &str| {
        (1..=PLACEHOLDER_CHARACTERS_MAX).contains(&within.chars().count())
            && within.starts_with(char::is_alphabetic)
            && within.chars().all(|sign| sign.is_alphanumeric() || "_-. ".contains(sign))
    };
    let found = PLACEHOLDERS.into_iter().filter_map(|(opening, closing)| {
        text.match_indices(opening).find_map(|(at, _)| {
            let within = &text[at + opening.len()..];
            let end = within.find(closing)?;
            // Of blanks within % or $ there are many that name nothing: 5% off and 10% more.
            let blanks = opening == closing && within[..end].contains(' ');
            (named(&within[..end]) && !blanks).then(|| (at, &text[at..at + opening.len() + end + closing.len()]))
        })
    });
    found.min_by_key(|(at, _)| *at).map(|(_, placeholder)| placeholder)
}

/// Whether a text names somebody: upper and lower case, blanks and punctuation do not matter.
#[must_use]
pub fn names(text: &str, name: &str) -> bool {
    let plain = |text: &str| -> String { text.to_lowercase().chars().filter(|sign| sign.is_alphanumeric()).collect() };
    let name = plain(name);
    !name.is_empty() && plain(text).contains(&name)
}

/// Whether a text tells how to opt out.
#[must_use]
pub fn tells_opt_out(text: &str) -> bool {
    let words: Vec<String> = text.split(|sign: char| !sign.is_alphanumeric()).map(str::to_lowercase).collect();
    let has = |word: &str| words.iter().any(|other| other == word);
    has("stop") || has("unsubscribe") || (has("opt") && has("out"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hosts(text: &str) -> Vec<String> {
        link_hosts(text).collect()
    }

    #[test]
    fn finds_links_and_nothing_else() {
        assert_eq!(hosts("See https://acme.com/a?b=1."), ["acme.com"]);
        assert_eq!(hosts("(www.Acme.example) or acme.co/x, acme.io"), ["www.acme.example", "acme.co", "acme.io"]);
        assert_eq!(
            hosts("bücher.example/neu http://xn--bcher-kva.example:8080/"),
            ["bücher.example", "xn--bcher-kva.example"]
        );
        for text in [
            "Thanks.Call us",
            "at 9.30 or 10.45",
            "e.g. this",
            "ann@acme.com",
            "1.2.3",
            "…",
            "a.b",
            "http://",
            "-a.com-b",
        ] {
            assert_eq!(hosts(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn knows_public_shorteners() {
        for text in ["go: bit.ly/x1", "https://www.tinyurl.com/abc", "HTTPS://T.CO/abc", "see t.ly/a!"] {
            assert!(shortener(text).is_some(), "{text}");
        }
        // A name that only ends alike is somebody's own domain.
        for text in ["rabbit.ly/x", "https://acme.com/bit.ly", "bit.ly.acme.com"] {
            assert_eq!(shortener(text), None, "{text}");
        }
    }

    #[test]
    fn finds_phone_numbers_and_no_other_digits() {
        for text in ["Call (303) 555-0100", "303.555.0100", "1-800-555-0199 now", "+4312345678901", "+1 303 555 0100"] {
            assert!(has_phone(text), "{text}");
        }
        for text in ["Your code is 123456", "Order 3035550100", "10-20-2026", "100 200 300", "+5 points", "1.000.000"] {
            assert!(!has_phone(text), "{text}");
        }
    }

    #[test]
    fn a_brand_is_named_however_it_is_spelled() {
        assert!(names("ACME-Corp: your code", "Acme Corp"));
        assert!(!names("Your code", "Acme Corp") && !names("anything", "…"));
        assert!(tells_opt_out("Reply STOP to end") && tells_opt_out("text stop.") && tells_opt_out("To opt out, call"));
        assert!(!tells_opt_out("Stopover in Vienna, nonstop"));
    }

    #[test]
    fn placeholders_are_known_by_their_signs() {
        for (text, placeholder) in [
            ("Hi {first_name}, welcome", Some("{first_name}")),
            ("Your code is <code>, {name}", Some("<code>")),
            ("Dear %NAME%", Some("%NAME%")),
            ("Hi [first name], it costs $5 and 10% less, {} <3 {{", None),
            ("5% off, 10% more; $a and b$", None),
            ("a < b > c", None),
        ] {
            assert_eq!(odd_placeholder(text), placeholder, "{text}");
        }
    }

    #[test]
    fn web_addresses() {
        for ok in ["https://acme.com", "acme.com/privacy", "http://a-b.example:8080/x?y#z"] {
            assert!(is_web_address(ok), "{ok}");
        }
        for bad in ["", "acme", "https://", "https://acme", "ftp://acme.com", "acme.com/a b", "-.com"] {
            assert!(!is_web_address(bad), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_in_peace(text in "\\PC{0,80}") {
            for host in link_hosts(&text) {
                prop_assert!(is_host(&host));
            }
            let _ = (shortener(&text), has_phone(&text), names(&text, &text), tells_opt_out(&text), is_web_address(&text));
            prop_assert!(odd_placeholder(&text).is_none_or(|placeholder| text.contains(placeholder)));
        }

        #[test]
        fn a_link_is_found_wherever_it_stands(before in "[a-zA-Z ]{0,20}", after in "[a-zA-Z ]{0,20}") {
            let text = format!("{before} https://bit.ly/x {after}");
            prop_assert_eq!(shortener(&text), Some("bit.ly"));
        }
    }
}
