//! Presets: what super admins have every message of a channel keep to, whoever sends it. How often a number may be sent to
//! a day and within seven days, no text twice within a while, and nobody who is on the installation's blacklist.
//!
//! Days are those of the workspace's clock on the wall. A message counts from its claim on, by all channels of the
//! workspace; what a workspace sends counts for no other one.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::id::CampaignId;
#[cfg(feature = "time")]
use crate::schedule::Zone;

pub const NAME_CHARACTERS_MAX: usize = 80;
/// More than anybody sends to one number.
pub const CAP_MAX: u32 = 1_000;
/// Seven days: as far back as is remembered.
pub const WINDOW_HOURS_MAX: u32 = 7 * 24;
const HOUR_MS: i64 = 3_600_000;
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// So long a message can count: seven days of which each may have an hour more, rounded up.
pub const REMEMBERED_MS: i64 = 8 * DAY_MS;

/// What one preset asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresetConfig {
    pub name: String,
    /// Messages to one number on one day.
    pub per_day: Option<u32>,
    /// Messages to one number on a day and the six before it.
    pub per_week: Option<u32>,
    /// No number gets the same text twice within so many hours.
    pub duplicate_hours: Option<u32>,
    /// Numbers on the installation's blacklist get nothing.
    pub blacklist: bool,
    /// One-time codes, which are Trigger campaigns that may be sent at any hour, are held back by the blacklist alone.
    pub exempt_codes: bool,
}

/// Why a preset cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPreset {
    #[error("a name has 1 to {NAME_CHARACTERS_MAX} characters")]
    Name,
    #[error("at least 1 and at most {CAP_MAX} messages a day; nothing for no limit")]
    PerDay,
    #[error("at least 1 and at most {CAP_MAX} messages in seven days; nothing for no limit")]
    PerWeek,
    #[error("fewer messages in seven days than on one day: the limit of a day would never be reached")]
    WeekBelowDay,
    #[error("1 to {WINDOW_HOURS_MAX} hours; nothing for no guard")]
    DuplicateHours,
    #[error("the preset asks for nothing: give a limit, a time without repetitions, or use the blacklist")]
    Empty,
}

impl InvalidPreset {
    /// The field of a form that it is about.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::PerDay | Self::Empty => "per_day",
            Self::PerWeek | Self::WeekBelowDay => "per_week",
            Self::DuplicateHours => "duplicate_hours",
        }
    }
}

impl PresetConfig {
    /// # Errors
    /// What has to be corrected first.
    pub fn check(&self) -> Result<(), InvalidPreset> {
        let characters = self.name.trim().chars().count();
        if characters == 0 || characters > NAME_CHARACTERS_MAX || self.name.chars().any(char::is_control) {
            return Err(InvalidPreset::Name);
        }
        let within = |cap: Option<u32>, max| cap.is_none_or(|cap| (1..=max).contains(&cap));
        if !within(self.per_day, CAP_MAX) {
            return Err(InvalidPreset::PerDay);
        }
        if !within(self.per_week, CAP_MAX) {
            return Err(InvalidPreset::PerWeek);
        }
        if self.per_day.zip(self.per_week).is_some_and(|(day, week)| week < day) {
            return Err(InvalidPreset::WeekBelowDay);
        }
        if !within(self.duplicate_hours, WINDOW_HOURS_MAX) {
            return Err(InvalidPreset::DuplicateHours);
        }
        if !self.counts() && !self.blacklist {
            return Err(InvalidPreset::Empty);
        }
        Ok(())
    }

    /// What holds where several hold at once: the strictest of them in everything; None: there is none. Its name is empty
    /// unless it is one alone.
    #[must_use]
    pub fn strictest(presets: impl IntoIterator<Item = Self>) -> Option<Self> {
        let fewer = |a: Option<u32>, b: Option<u32>| a.into_iter().chain(b).min();
        presets.into_iter().reduce(|a, b| Self {
            name: String::new(),
            per_day: fewer(a.per_day, b.per_day),
            per_week: fewer(a.per_week, b.per_week),
            duplicate_hours: a.duplicate_hours.max(b.duplicate_hours),
            blacklist: a.blacklist || b.blacklist,
            // One that counts nothing exempts from nothing.
            exempt_codes: match (a.counts(), b.counts()) {
                (true, true) => a.exempt_codes && b.exempt_codes,
                (true, false) => a.exempt_codes,
                (false, true) => b.exempt_codes,
                (false, false) => false,
            },
        })
    }

    /// What it asks of one-time codes.
    #[must_use]
    pub fn of_codes(&self) -> Self {
        if !self.exempt_codes {
            return self.clone();
        }
        Self { per_day: None, per_week: None, duplicate_hours: None, ..self.clone() }
    }

    /// Whether it needs to know what was sent before.
    #[must_use]
    pub const fn counts(&self) -> bool {
        self.per_day.is_some() || self.per_week.is_some() || self.duplicate_hours.is_some()
    }

    /// The fields as the audit log says them.
    #[must_use]
    pub fn said(&self) -> Vec<(&'static str, String)> {
        let number = |value: Option<u32>| value.map(|value| value.to_string()).unwrap_or_default();
        vec![
            ("name", self.name.clone()),
            ("per_day", number(self.per_day)),
            ("per_week", number(self.per_week)),
            ("duplicate_hours", number(self.duplicate_hours)),
            ("blacklist", self.blacklist.to_string()),
            ("exempt_codes", self.exempt_codes.to_string()),
        ]
    }

    /// What it asks for, in words; a list of half sentences.
    #[must_use]
    pub fn rules(&self) -> Vec<String> {
        let messages = |cap: u32| if cap == 1 { "1 message".to_owned() } else { format!("{cap} messages") };
        let mut rules = Vec::new();
        if let Some(cap) = self.per_day {
            rules.push(format!("at most {} to a number a day", messages(cap)));
        }
        if let Some(cap) = self.per_week {
            rules.push(format!("at most {} to a number in seven days", messages(cap)));
        }
        if let Some(hours) = self.duplicate_hours {
            let within = if hours == 1 { "an hour".to_owned() } else { format!("{hours} hours") };
            rules.push(format!("the same text to a number once within {within}"));
        }
        if self.blacklist {
            rules.push("nobody on the blacklist".to_owned());
        }
        if self.exempt_codes && self.counts() {
            rules.push("one-time codes are held back by the blacklist alone".to_owned());
        }
        rules
    }

    /// Whether a message at `at_ms` would be one too many. `sent` is everything that was sent to the number within
    /// [`REMEMBERED_MS`], in any order, and is brought into another one; the message itself, should it be among it, counts
    /// for nothing. What is left out now may be sent later, and what may be sent now may be sent at any later moment as far
    /// as `sent` is concerned.
    pub fn judge(&self, sent: &mut [Sent], message: u32, text: u32, at_ms: i64, days: &Days) -> Option<LeftOut> {
        // A message that came back and was claimed again is there twice, and is one: at its latest time.
        sent.sort_unstable_by_key(|sent| (sent.message, sent.minute));
        let messages = || {
            sent.chunk_by(|a, b| a.message == b.message)
                .filter_map(|claims| claims.last())
                .filter(move |sent| sent.message != message)
        };
        let since = |from_ms: i64| messages().filter(|sent| sent.at_ms() >= from_ms).count() as u64;
        if let Some(hours) = self.duplicate_hours {
            let from_ms = at_ms - i64::from(hours) * HOUR_MS;
            // To the end of its minute: rather a minute too long than too short.
            if messages().any(|sent| sent.text == text && sent.at_ms() + MINUTE_MS > from_ms) {
                return Some(LeftOut::Duplicate);
            }
        }
        if self.per_day.is_some_and(|cap| since(days.day.start) >= u64::from(cap)) {
            return Some(LeftOut::PerDay);
        }
        self.per_week.is_some_and(|cap| since(days.week_from_ms) >= u64::from(cap)).then_some(LeftOut::PerWeek)
    }

    /// From when on what was sent can make a difference at a moment.
    #[must_use]
    pub fn looks_back_to_ms(&self, at_ms: i64, days: &Days) -> i64 {
        let window = self.duplicate_hours.map(|hours| at_ms - i64::from(hours) * HOUR_MS - MINUTE_MS);
        let day = self.per_day.map(|_| days.day.start);
        let week = self.per_week.map(|_| days.week_from_ms);
        [window, day, week].into_iter().flatten().min().unwrap_or(at_ms)
    }
}

/// The day of a moment, and where the seven days begin of which it is the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Days {
    pub day: Range<i64>,
    pub week_from_ms: i64,
}

#[cfg(feature = "time")]
impl Days {
    #[must_use]
    pub fn of(zone: &Zone, at_ms: i64) -> Self {
        let day = zone.day(at_ms);
        let mut week_from_ms = day.start;
        for _ in 0..6 {
            week_from_ms = zone.day(week_from_ms - 1).start;
        }
        Self { day, week_from_ms }
    }
}

/// A message that was claimed for a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sent {
    /// Which message it was: the same for each claim of it, and hardly for any other.
    pub message: u32,
    /// Minutes since the epoch.
    pub minute: u32,
    /// The hash of its text.
    pub text: u32,
}

impl Sent {
    #[must_use]
    pub fn at_ms(&self) -> i64 {
        i64::from(self.minute) * MINUTE_MS
    }
}

/// Which message one is: of a campaign the one to a number, of a Trigger campaign, which may send to a number again, the one
/// to its recipient `index`. Stored, so it stays the same.
#[must_use]
pub fn message(campaign: CampaignId, index: Option<u32>) -> u32 {
    let id = campaign.as_uuid().as_u128();
    let mut mixed = (id as u64) ^ ((id >> 64) as u64).rotate_left(29) ^ index.map_or(0, |index| u64::from(index) + 1);
    // The finaliser of SplitMix64.
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (mixed ^ (mixed >> 31)) as u32
}

/// The minute of a moment.
#[must_use]
pub fn minute(at_ms: i64) -> u32 {
    u32::try_from(at_ms.div_euclid(MINUTE_MS)).unwrap_or(0)
}

/// Which rule a recipient is left out by. The discriminants are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum LeftOut {
    Blacklisted = 11,
    PerDay = 12,
    PerWeek = 13,
    Duplicate = 14,
}

impl LeftOut {
    pub const ALL: [Self; 4] = [Self::Blacklisted, Self::PerDay, Self::PerWeek, Self::Duplicate];

    #[must_use]
    pub fn from_stored(value: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|why| *why as u32 == value)
    }

    /// A word for programs and files, which stays.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Blacklisted => "blacklisted",
            Self::PerDay => "daily_cap",
            Self::PerWeek => "weekly_cap",
            Self::Duplicate => "repeated_text",
        }
    }

    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Blacklisted => "Not sent: the number is on the blacklist of the installation.",
            Self::PerDay => {
                "Not sent: the number had got as many messages that day as the policy of the channel allows."
            }
            Self::PerWeek => {
                "Not sent: the number had got as many messages within seven days as the policy of the channel allows."
            }
            Self::Duplicate => {
                "Not sent: the number had got the same text before, within the time for which the policy of the channel \
                 forbids it."
            }
        }
    }
}

#[cfg(all(test, feature = "time"))]
mod tests;
