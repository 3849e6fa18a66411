//! What a super admin sets for the whole installation.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::password;

/// Hours after which a session ends, whatever happens.
pub const SESSION_HOURS_RANGE: RangeInclusive<u32> = 1..=24 * 30;
/// Minutes without a request after which a session ends.
pub const SESSION_IDLE_MINUTES_RANGE: RangeInclusive<u32> = 5..=24 * 60;
/// Words that an installation may refuse as passwords besides the common ones.
pub const REFUSED_WORDS_MAX: usize = 500;
const REFUSED_WORD_CHARACTERS_MAX: usize = 64;

/// Who has to have a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactorRule {
    /// It is everybody's own choice.
    #[default]
    Nobody,
    /// Super admins, and the admins of any workspace.
    Admins,
    Everybody,
}

impl SecondFactorRule {
    pub const ALL: [Self; 3] = [Self::Nobody, Self::Admins, Self::Everybody];

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Nobody => "Nobody has to",
            Self::Admins => "Super admins and admins",
            Self::Everybody => "Everybody",
        }
    }

    /// As it stands in the audit log and in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Admins => "admins",
            Self::Everybody => "everybody",
        }
    }
}

/// Who sees what is in order with the installation and what is not, beside super admins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiagnosticsFor {
    /// The admins of workspaces, as far as it concerns whoever runs campaigns.
    #[default]
    Admins,
    /// Nobody else.
    SuperAdmins,
}

impl DiagnosticsFor {
    pub const ALL: [Self; 2] = [Self::Admins, Self::SuperAdmins];

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Admins => "Super admins, and admins of workspaces what concerns campaigns",
            Self::SuperAdmins => "Super admins only",
        }
    }

    /// As it stands in the audit log and in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admins => "admins",
            Self::SuperAdmins => "super_admins",
        }
    }
}

/// The settings of an installation. What was never set has the value of the configuration file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Characters of a password at least.
    pub password_min_length: u32,
    /// Refused as passwords besides the common ones, such as the name of the company; in lower case.
    pub refused_words: Vec<String>,
    pub second_factor: SecondFactorRule,
    pub session_hours: u32,
    pub session_idle_minutes: u32,
    pub diagnostics_for: DiagnosticsFor,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            password_min_length: 8,
            refused_words: Vec::new(),
            second_factor: SecondFactorRule::Nobody,
            session_hours: 8,
            session_idle_minutes: 120,
            diagnostics_for: DiagnosticsFor::Admins,
        }
    }
}

/// A setting that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSetting {
    #[error("passwords can be required to have {} to {} characters", password::MIN_LENGTH_RANGE.start(), password::MIN_LENGTH_RANGE.end())]
    PasswordLength,
    #[error("a session lasts {} to {} hours", SESSION_HOURS_RANGE.start(), SESSION_HOURS_RANGE.end())]
    SessionHours,
    #[error("a session may rest for {} to {} minutes", SESSION_IDLE_MINUTES_RANGE.start(), SESSION_IDLE_MINUTES_RANGE.end())]
    SessionIdle,
    #[error("a session cannot rest for longer than it lasts")]
    IdleBeyondSession,
    #[error("at most {REFUSED_WORDS_MAX} words of up to {REFUSED_WORD_CHARACTERS_MAX} characters, one a line")]
    RefusedWords,
}

impl InvalidSetting {
    /// The name of the setting.
    #[must_use]
    pub const fn setting(&self) -> &'static str {
        match self {
            Self::PasswordLength => "password_min_length",
            Self::SessionHours => "session_hours",
            Self::SessionIdle | Self::IdleBeyondSession => "session_idle_minutes",
            Self::RefusedWords => "refused_words",
        }
    }
}

impl Settings {
    pub fn check(&self) -> Result<(), InvalidSetting> {
        let length = usize::try_from(self.password_min_length).unwrap_or(usize::MAX);
        if !password::MIN_LENGTH_RANGE.contains(&length) {
            return Err(InvalidSetting::PasswordLength);
        }
        if !SESSION_HOURS_RANGE.contains(&self.session_hours) {
            return Err(InvalidSetting::SessionHours);
        }
        if !SESSION_IDLE_MINUTES_RANGE.contains(&self.session_idle_minutes) {
            return Err(InvalidSetting::SessionIdle);
        }
        if self.session_idle_ms() > self.session_absolute_ms() {
            return Err(InvalidSetting::IdleBeyondSession);
        }
        let too_long = |word: &String| word.chars().count() > REFUSED_WORD_CHARACTERS_MAX;
        if self.refused_words.len() > REFUSED_WORDS_MAX || self.refused_words.iter().any(too_long) {
            return Err(InvalidSetting::RefusedWords);
        }
        Ok(())
    }

    /// Words as they were typed, one a line: in lower case, each once, in order.
    #[must_use]
    pub fn words_of(text: &str) -> Vec<String> {
        let mut words: Vec<String> =
            text.lines().map(|line| line.trim().to_lowercase()).filter(|word| !word.is_empty()).collect();
        words.sort();
        words.dedup();
        words
    }

    #[must_use]
    pub fn password_rules(&self) -> password::Rules<'_> {
        password::Rules::new(usize::try_from(self.password_min_length).unwrap_or(usize::MAX))
            .refusing(&self.refused_words)
    }

    #[must_use]
    pub const fn session_absolute_ms(&self) -> i64 {
        self.session_hours as i64 * 3_600_000
    }

    #[must_use]
    pub const fn session_idle_ms(&self) -> i64 {
        self.session_idle_minutes as i64 * 60_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_without_being_set_is_allowed() {
        assert_eq!(Settings::default().check(), Ok(()));
    }

    #[test]
    fn each_setting_has_its_bounds() {
        let of = |change: fn(&mut Settings)| {
            let mut settings = Settings::default();
            change(&mut settings);
            settings.check().map_err(|refusal| refusal.setting())
        };
        assert_eq!(of(|it| it.password_min_length = 7), Err("password_min_length"));
        assert_eq!(of(|it| it.password_min_length = 65), Err("password_min_length"));
        assert_eq!(of(|it| it.session_hours = 0), Err("session_hours"));
        assert_eq!(of(|it| it.session_idle_minutes = 4), Err("session_idle_minutes"));
        assert_eq!(of(|it| it.session_hours = 1), Err("session_idle_minutes"), "two hours of rest in one");
        assert_eq!(of(|it| it.refused_words = vec!["a".repeat(65)]), Err("refused_words"));
    }

    #[test]
    fn refused_words_are_refused_as_passwords() {
        let words = Settings::words_of("  Acme Corporation \n\nWombat Crossing\nacme corporation\n");
        assert_eq!(words, ["acme corporation", "wombat crossing"]);
        let settings = Settings { refused_words: words, ..Settings::default() };
        let check = |password: &str| settings.password_rules().check(password, "ann@example.com");
        assert_eq!(check("Wombat Crossing"), Err(password::WeakPassword::Common));
        assert_eq!(check("wombat crossing 7!"), Err(password::WeakPassword::Common));
        assert_eq!(check("seven wooden boats"), Ok(()));
    }
}
