//! The second factor: codes of an authenticator (RFC 6238), and recovery codes for the day on which it is lost.
//!
//! How a code is computed is no matter of this crate; when one counts is.

/// Seconds for which a code is shown.
pub const STEP_S: u64 = 30;
pub const DIGITS: usize = 6;
/// How many recovery codes there are.
pub const RECOVERY_CODES: usize = 10;
/// Characters of a recovery code, without the dash: 50 random bits.
pub const RECOVERY_CHARACTERS: usize = 10;
/// Digits and letters that are not mistaken for each other (Crockford's).
pub const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// What somebody typed where a code was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    /// Six digits of an authenticator.
    Code(String),
    /// A recovery code in the form in which it is compared.
    Recovery(String),
    /// Neither.
    Nothing,
}

impl Typed {
    /// Blanks and dashes do not matter, nor case, nor an O for a zero.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let bare: String = text
            .chars()
            .filter(|character| !character.is_whitespace() && *character != '-')
            .flat_map(char::to_lowercase)
            .take(RECOVERY_CHARACTERS + 1)
            .collect();
        if bare.len() == DIGITS && bare.bytes().all(|character| character.is_ascii_digit()) {
            return Self::Code(bare);
        }
        let folded: String = bare
            .chars()
            .map(|character| match character {
                'o' => '0',
                'i' | 'l' => '1',
                other => other,
            })
            .collect();
        if folded.len() == RECOVERY_CHARACTERS && folded.bytes().all(|character| ALPHABET.contains(&character)) {
            return Self::Recovery(folded);
        }
        Self::Nothing
    }
}

/// A recovery code of random numbers, in the form in which it is compared.
#[must_use]
pub fn recovery_code(random: [u8; RECOVERY_CHARACTERS]) -> String {
    random.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}

/// The form in which a recovery code is shown: `abcde-fghjk`.
#[must_use]
pub fn shown(recovery_code: &str) -> String {
    match recovery_code.split_at_checked(RECOVERY_CHARACTERS / 2) {
        Some((first, second)) => format!("{first}-{second}"),
        None => recovery_code.to_owned(),
    }
}

/// The step in which a code counts, if it does: the present one, the one before or the one after, for clocks differ.
/// Each step counts once: none up to `last_step` does.
#[must_use]
pub fn accepted_step(now_ms: i64, last_step: Option<u64>, is_code_of: impl Fn(u64) -> bool) -> Option<u64> {
    let present = u64::try_from(now_ms).unwrap_or(0) / 1_000 / STEP_S;
    let steps = present.saturating_sub(1)..=present + 1;
    // Each is looked at, so that the time tells nothing of which one it was.
    steps
        .filter(|&step| is_code_of(step) & last_step.is_none_or(|last| step > last))
        .fold(None, |first, step| first.or(Some(step)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn codes_are_read_as_people_type_them() {
        assert_eq!(Typed::read(" 123 456 "), Typed::Code("123456".into()));
        assert_eq!(Typed::read("AbCdE-FgHjK"), Typed::Recovery("abcdefghjk".into()));
        assert_eq!(Typed::read("abcde fghjk"), Typed::Recovery("abcdefghjk".into()));
        assert_eq!(Typed::read("oil00-00000"), Typed::Recovery("0110000000".into()));
        for nothing in ["", "12345", "1234567", "abcde-fghj", "abcde-fghjkm", "abcde-fghju", "١٢٣٤٥٦"] {
            assert_eq!(Typed::read(nothing), Typed::Nothing, "{nothing}");
        }
    }

    proptest! {
        #[test]
        fn a_recovery_code_is_read_back_as_it_is_shown(random: [u8; RECOVERY_CHARACTERS]) {
            let code = recovery_code(random);
            prop_assert_eq!(Typed::read(&shown(&code).to_uppercase()), Typed::Recovery(code));
        }

        #[test]
        fn a_code_counts_once_and_only_around_its_time(
            step in 1_u64..4_000_000_000,
            offset_ms in -90_000_i64..120_000,
            last in prop::option::of(0_u64..4_000_000_000),
        ) {
            let now_ms = (step * STEP_S * 1_000) as i64 + offset_ms;
            let near = (-30_000..60_000).contains(&offset_ms);
            let accepted = accepted_step(now_ms, last, |other| other == step);
            let fresh = last.is_none_or(|last| last < step);
            prop_assert_eq!(accepted, (near && fresh).then_some(step));
            if let Some(step) = accepted {
                prop_assert_eq!(accepted_step(now_ms, Some(step), |other| other == step), None);
            }
        }
    }
}
