//! The GSM 7-bit default alphabet and its extension table (3GPP TS 23.038 §6.2.1 and §6.2.1.1).

/// Leads into the extension table.
pub const ESCAPE: u8 = 0x1B;

/// The basic table, in the order of the codes. The place of the escape holds U+001B, which is no character of a text.
#[rustfmt::skip]
const BASIC: [char; 128] = [
    '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å',
    'Δ', '_', 'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', '\u{1B}', 'Æ', 'æ', 'ß', 'É',
    ' ', '!', '"', '#', '¤', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/',
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?',
    '¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O',
    'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö', 'Ñ', 'Ü', '§',
    '¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
    'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à',
];

/// The extension table: each takes an escape and its code.
const EXTENSION: [(char, u8); 10] = [
    ('\u{0C}', 0x0A),
    ('^', 0x14),
    ('{', 0x28),
    ('}', 0x29),
    ('\\', 0x2F),
    ('[', 0x3C),
    ('~', 0x3D),
    (']', 0x3E),
    ('|', 0x40),
    ('€', 0x65),
];

/// How a character of the first 256 of Unicode is written: its code, with [`EXTENDED`] set where an escape comes first.
static LATIN: [u8; 256] = {
    let mut table = [ABSENT; 256];
    let mut code = 0;
    while code < BASIC.len() {
        let character = BASIC[code] as usize;
        if character < 256 && code != ESCAPE as usize {
            table[character] = code as u8;
        }
        code += 1;
    }
    let mut entry = 0;
    while entry < EXTENSION.len() {
        let (character, code) = EXTENSION[entry];
        if (character as usize) < 256 {
            table[character as usize] = code | EXTENDED;
        }
        entry += 1;
    }
    table
};

const EXTENDED: u8 = 0x80;
const ABSENT: u8 = 0xFF;

/// The same for the Greek capitals, from [`FIRST_GREEK`] on.
static GREEK: [u8; 23] = {
    let mut table = [ABSENT; 23];
    let mut code = 0;
    while code < BASIC.len() {
        let character = BASIC[code] as usize;
        if character >= FIRST_GREEK as usize {
            table[character - FIRST_GREEK as usize] = code as u8;
        }
        code += 1;
    }
    table
};

const FIRST_GREEK: char = 'Γ';

#[inline]
fn lookup(character: char) -> Option<u8> {
    let code = match character {
        '\0'..='\u{FF}' => LATIN[character as usize],
        FIRST_GREEK..='Ω' => GREEK[character as usize - FIRST_GREEK as usize],
        '€' => 0x65 | EXTENDED,
        _ => ABSENT,
    };
    if code == ABSENT { None } else { Some(code) }
}

/// 1 or 2, or None for a character that the alphabet lacks.
#[must_use]
#[inline]
pub fn septets(character: char) -> Option<usize> {
    lookup(character).map(|code| if code & EXTENDED == 0 { 1 } else { 2 })
}

/// Appends the codes of one character: one, or an escape and another. Nothing for a character that the alphabet lacks.
#[inline]
pub(super) fn push(septets: &mut Vec<u8>, character: char) {
    if let Some(code) = lookup(character) {
        if code & EXTENDED != 0 {
            septets.push(ESCAPE);
        }
        septets.push(code & !EXTENDED);
    }
}

/// The text of unpacked septets. An escape before a code outside the extension table shows that code's basic
/// character, as TS 23.038 asks of phones; what is no septet becomes U+FFFD.
#[must_use]
pub fn decode(septets: &[u8]) -> String {
    let mut text = String::with_capacity(septets.len());
    let mut codes = septets.iter().copied();
    while let Some(code) = codes.next() {
        let (code, extended) = if code == ESCAPE {
            match codes.next() {
                Some(code) => (code, EXTENSION.iter().find(|entry| entry.1 == code).map(|entry| entry.0)),
                None => break,
            }
        } else {
            (code, None)
        };
        let basic = || BASIC.get(usize::from(code)).copied().unwrap_or(char::REPLACEMENT_CHARACTER);
        text.push(extended.unwrap_or_else(basic));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(character: char) -> Vec<u8> {
        let mut codes = Vec::new();
        push(&mut codes, character);
        codes
    }

    #[test]
    fn both_tables_round_trip() {
        let characters: Vec<char> = (BASIC.iter().filter(|&&character| character != '\u{1B}').copied())
            .chain(EXTENSION.iter().map(|entry| entry.0))
            .collect();
        assert_eq!(characters.len(), 137);
        for character in characters {
            let codes = encode(character);
            assert_eq!(Some(codes.len()), septets(character));
            assert_eq!(decode(&codes), character.to_string());
        }
    }

    #[test]
    fn has_exactly_the_characters_of_the_standard() {
        assert_eq!(('\0'..=char::MAX).filter(|&character| septets(character).is_some()).count(), 137);
    }

    #[test]
    fn codes_of_the_standard() {
        for (character, codes) in [
            ('@', vec![0x00]),
            ('à', vec![0x7F]),
            ('Ç', vec![0x09]),
            ('Ω', vec![0x15]),
            ('§', vec![0x5F]),
            ('A', vec![0x41]),
            ('€', vec![ESCAPE, 0x65]),
            ('[', vec![ESCAPE, 0x3C]),
            ('|', vec![ESCAPE, 0x40]),
        ] {
            assert_eq!(encode(character), codes, "{character}");
        }
        for absent in ['ç', '`', '\t', '\u{1B}', 'á', 'Α', '’', '\u{A0}', '😀'] {
            assert_eq!(septets(absent), None, "{absent:?}");
        }
    }

    #[test]
    fn reads_what_a_phone_would_show() {
        assert_eq!(decode(&[ESCAPE, 0x41]), "A");
        assert_eq!(decode(&[0x41, ESCAPE]), "A");
        assert_eq!(decode(&[0x80]), "\u{FFFD}");
    }
}
