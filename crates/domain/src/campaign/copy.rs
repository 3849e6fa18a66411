//! A campaign as the beginning of another one: what a copy keeps, and what it leaves out with a word.

use serde::{Deserialize, Serialize};

use super::{Mode, Parameters};
use crate::{
    id::{CampaignId, WorkspaceId},
    sender::RevisionRef,
};

/// Of which campaign a draft is the copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyOf {
    pub workspace: WorkspaceId,
    pub campaign: CampaignId,
    /// As it was called at that time.
    pub name: String,
    /// What the draft could not take over.
    pub left_out: Vec<LeftOut>,
}

/// Something of the original that a copy begins without.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LeftOut {
    /// No revision of it is in force here any more.
    Sender { display_name: String },
    /// SMPP values that an admin had set.
    Overrides,
    /// The start, or the end of its window, has passed.
    Time,
}

impl LeftOut {
    /// What the wizard says of it.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Sender { display_name } => {
                format!("Its sender, “{display_name}”, is not approved here any more: choose another in step 2.")
            }
            Self::Overrides => {
                "The SMPP values that an admin had set for it are not taken over: those of the sender are used."
                    .to_owned()
            }
            Self::Time => "Its times have passed: set others in step 2.".to_owned(),
        }
    }
}

/// Where an archived campaign went: another workspace has a copy of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedTo {
    pub workspace: WorkspaceId,
    pub campaign: CampaignId,
    pub at_ms: i64,
    pub by_name: String,
}

impl Parameters {
    /// The parameters of a copy that is made at `now_ms`, and what it begins without. `sender` is the revision of the
    /// same sender that is in force where the copy is made; `keep_overrides`: whoever copies may set SMPP values, and the
    /// overriding address is approved there.
    #[must_use]
    pub fn copied(&self, now_ms: i64, sender: Option<RevisionRef>, keep_overrides: bool) -> (Self, Vec<LeftOut>) {
        let mut copied = self.clone();
        let mut left_out = Vec::new();
        if let (Some(before), None) = (&self.sender, &sender) {
            left_out.push(LeftOut::Sender { display_name: before.display_name.clone() });
        }
        // Against another revision the same values would override something else.
        if self.overrides.is_some() && !(keep_overrides && sender == self.sender) {
            copied.overrides = None;
            left_out.push(LeftOut::Overrides);
        }
        copied.sender = sender;
        let timed = matches!(self.mode, Mode::Scheduled | Mode::Spread | Mode::Trigger);
        let passed = |at_ms: Option<i64>| timed && at_ms.is_some_and(|at_ms| at_ms <= now_ms);
        if passed(self.start_at_ms) || passed(self.end_at_ms) {
            (copied.start_at_ms, copied.start_local) = (None, None);
            (copied.end_at_ms, copied.end_local) = (None, None);
            left_out.push(LeftOut::Time);
        }
        (copied, left_out)
    }
}
