//! How long fields may be, per connector, in one table: those who pass registrations on to the registry take less than
//! the registry itself.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

/// Through whom registrations reach the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Connector {
    /// The registry's own API.
    Registry,
    Twilio,
    /// Any other: the narrowest limits that are known, so that nothing is refused later.
    Other,
}

impl Connector {
    pub const ALL: [Self; 3] = [Self::Registry, Self::Twilio, Self::Other];

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Registry => "The Campaign Registry",
            Self::Twilio => "Twilio",
            Self::Other => "Another provider",
        }
    }
}

/// Who knows which numbers are in a 10DLC campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumbersAt {
    /// The registry is told by its API, and answers. The simulated one does; the registry's own API keeps no numbers.
    Registry,
    /// The partner upstream, in a way of its own: staff see to it there, and say here what is done.
    Partner,
}

/// In characters, and in pieces for `samples`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    pub display_name_max: usize,
    pub company_name_max: usize,
    pub person_name_max: usize,
    pub email_max: usize,
    pub street_max: usize,
    pub city_max: usize,
    pub stock_symbol_max: usize,
    pub url_max: usize,
    pub description: RangeInclusive<usize>,
    pub message_flow: RangeInclusive<usize>,
    pub samples: RangeInclusive<usize>,
    pub sample: RangeInclusive<usize>,
    pub keywords_max: usize,
    /// The answers to opt-in, STOP and HELP.
    pub answer: RangeInclusive<usize>,
    pub reference_max: usize,
}

/// The table.
#[must_use]
pub const fn limits(connector: Connector) -> Limits {
    let (message_flow_max, samples_min, answer_max) = match connector {
        Connector::Registry => (4_096, 1, 1_024),
        Connector::Twilio | Connector::Other => (2_048, 2, 320),
    };
    Limits {
        display_name_max: 255,
        company_name_max: 255,
        person_name_max: 100,
        email_max: 100,
        street_max: 100,
        city_max: 100,
        stock_symbol_max: 10,
        url_max: 255,
        description: 40..=4_096,
        message_flow: 40..=message_flow_max,
        samples: samples_min..=SAMPLES_MAX,
        sample: 20..=1_024,
        keywords_max: 255,
        answer: 20..=answer_max,
        reference_max: 50,
    }
}

/// The registry's API has fields for so many.
pub const SAMPLES_MAX: usize = 5;
pub const TAGS_MAX: usize = 10;
/// So much of what was done with a brand or a 10DLC campaign is shown at most; the audit log has the rest.
pub const HISTORY_RECORDS_MAX: usize = 100;
/// Numbers of a 10DLC campaign above which it counts as a pool, which has to be declared.
pub const POOL_ABOVE_NUMBERS: usize = 50;

/// The names of the fields for samples, by their place.
pub const SAMPLE_FIELDS: [&str; SAMPLES_MAX] = ["sample1", "sample2", "sample3", "sample4", "sample5"];
