//! A message to a colleague before anything is approved: to a number that an admin put on the workspace's test list, from
//! an approved sender, and a few a day. It is no recipient of the campaign, and decides nothing about it.

use serde::{Deserialize, Serialize};

use crate::{
    id::{CampaignId, TestNumberId, TestSendId, UserId, WorkspaceId},
    phone::PhoneNumber,
    sender::RevisionRef,
};

/// Numbers that a workspace's list can have.
pub const NUMBERS_MAX: usize = 50;
/// Test sends a day of a workspace that has chosen nothing else.
pub const A_DAY_DEFAULT: u32 = 20;
/// More than this a workspace cannot choose.
pub const A_DAY_MAX: u32 = 200;

/// A number that may get test messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestNumber {
    pub id: TestNumberId,
    /// Whose it is.
    pub label: String,
    pub number: PhoneNumber,
    pub added_by_name: String,
    pub added_at_ms: i64,
}

/// The test list of a workspace, and what was sent on the latest day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestList {
    pub numbers: Vec<TestNumber>,
    pub a_day_max: u32,
    /// The day in the workspace's zone, `2026-11-29`, that `sent` counts.
    pub day: String,
    pub sent: u32,
    /// 0: it is not stored yet.
    pub revision: u64,
}

impl Default for TestList {
    fn default() -> Self {
        Self { numbers: Vec::new(), a_day_max: A_DAY_DEFAULT, day: String::new(), sent: 0, revision: 0 }
    }
}

impl TestList {
    /// How many more there can be on `day`.
    #[must_use]
    pub fn left_on(&self, day: &str) -> u32 {
        if self.day == day { self.a_day_max.saturating_sub(self.sent) } else { self.a_day_max }
    }

    #[must_use]
    pub fn find(&self, id: TestNumberId) -> Option<&TestNumber> {
        self.numbers.iter().find(|number| number.id == id)
    }
}

/// What is known of one part of a test message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TestPart {
    /// Written down before it goes to the wire. After a crash nobody knows whether it did: it becomes uncertain.
    Claimed,
    Accepted {
        message_id: String,
    },
    Refused {
        command_status: u32,
    },
    /// It may have been sent, and is never sent again.
    Uncertain,
    NotSent,
    Delivered {
        message_id: String,
    },
    /// A final receipt said so; the carrier's code, if it gave one.
    Failed {
        message_id: String,
        error: Option<u32>,
    },
}

/// How a test message stands, its parts together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestState {
    OnItsWay,
    Accepted,
    Delivered,
    Failed,
    Uncertain,
    NotSent,
}

impl TestState {
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::OnItsWay => "On its way",
            Self::Accepted => "Accepted by the carrier",
            Self::Delivered => "Delivered",
            Self::Failed => "Failed",
            Self::Uncertain => "Not known",
            Self::NotSent => "Not sent",
        }
    }

    /// Whether something else may come of it.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::OnItsWay | Self::Accepted | Self::Uncertain)
    }
}

/// One test message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestSend {
    pub workspace: WorkspaceId,
    pub campaign: CampaignId,
    pub id: TestSendId,
    /// Of the campaign, whose text it was made from.
    pub version: u32,
    pub number: PhoneNumber,
    pub label: String,
    pub sender: RevisionRef,
    pub channel: String,
    pub text: String,
    pub validity_minutes: Option<u32>,
    pub by: UserId,
    pub by_name: String,
    pub at_ms: i64,
    pub parts: Vec<TestPart>,
    /// Why it was not sent, in words for a person.
    pub problem: Option<String>,
    pub settled_at_ms: Option<i64>,
    pub revision: u64,
}

impl TestSend {
    #[must_use]
    pub fn state(&self) -> TestState {
        let any = |wanted: fn(&TestPart) -> bool| self.parts.iter().any(wanted);
        if any(|part| matches!(part, TestPart::Refused { .. } | TestPart::Failed { .. })) {
            TestState::Failed
        } else if any(|part| matches!(part, TestPart::Uncertain)) {
            TestState::Uncertain
        } else if any(|part| matches!(part, TestPart::NotSent)) {
            TestState::NotSent
        } else if any(|part| matches!(part, TestPart::Claimed)) {
            TestState::OnItsWay
        } else if self.parts.iter().all(|part| matches!(part, TestPart::Delivered { .. })) {
            TestState::Delivered
        } else {
            TestState::Accepted
        }
    }

    /// The part with this message id.
    #[must_use]
    pub fn part_of(&self, id: &str) -> Option<usize> {
        self.parts.iter().position(|part| match part {
            TestPart::Accepted { message_id }
            | TestPart::Delivered { message_id }
            | TestPart::Failed { message_id, .. } => message_id == id,
            TestPart::Claimed | TestPart::Refused { .. } | TestPart::Uncertain | TestPart::NotSent => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cap_counts_a_day() {
        let list = TestList { day: "2026-11-29".into(), sent: 20, ..TestList::default() };
        assert_eq!(list.left_on("2026-11-29"), 0);
        assert_eq!(list.left_on("2026-11-30"), A_DAY_DEFAULT);
        assert_eq!(TestList { a_day_max: 5, ..list }.left_on("2026-11-29"), 0, "a lower cap than was sent");
    }
}
