//! An SMS campaign: its parts, and its life as one function.
//!
//! [`transition`] is the only way in which a [`Life`] changes. Nothing reaches [`Status::Sending`] without an
//! [`Approval`] of the current version by somebody who did not contribute to it, or one recorded as a self-approval
//! while the workspace's four-eyes rule was off.

mod copy;
mod life;
mod offer;

use serde::{Deserialize, Serialize};

pub use self::{
    copy::{CopyOf, LeftOut, MovedTo},
    life::{Event, Refusal, transition},
    offer::Action,
};
use crate::{
    id::{CampaignId, UserId, WorkspaceId},
    message_template::TemplateRef,
    sender::RevisionRef,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// At once after approval.
    OnDemand,
    /// At a date and time in the workspace's zone.
    Scheduled,
    /// Evenly over the days and hours of a window.
    Spread,
    /// Starts empty; numbers come by API, each sent at once.
    Trigger,
}

impl Mode {
    pub const ALL: [Self; 4] = [Self::OnDemand, Self::Scheduled, Self::Spread, Self::Trigger];

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::OnDemand => "On demand",
            Self::Scheduled => "Scheduled",
            Self::Spread => "Spread",
            Self::Trigger => "Trigger",
        }
    }

    /// A sentence for the first step of the wizard.
    #[must_use]
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::OnDemand => "Goes out at once after approval.",
            Self::Scheduled => "Goes out at a date and time of your choice, once approved.",
            Self::Spread => "Goes out evenly over the days and hours of a window.",
            Self::Trigger => "Starts without recipients; each number that arrives by API is sent to at once.",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Being written: in no queue, not in `workspace_total`.
    Draft,
    /// Submitted; waits for a decision, or, approved without automatic start, for the Start button.
    New,
    /// The plan (who, when) is being assembled.
    Building,
    /// Waits for its time.
    Pending,
    Sending,
    Paused,
    Done,
    /// Rejected, or cancelled by hand.
    Cancelled,
    /// Ended by a system error.
    Failed,
    /// The window or validity ran out before the end.
    Expired,
}

impl Status {
    pub const ALL: [Self; 10] = [
        Self::Draft,
        Self::New,
        Self::Building,
        Self::Pending,
        Self::Sending,
        Self::Paused,
        Self::Done,
        Self::Cancelled,
        Self::Failed,
        Self::Expired,
    ];

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::New => "New",
            Self::Building => "Building",
            Self::Pending => "Pending",
            Self::Sending => "Sending",
            Self::Paused => "Paused",
            Self::Done => "Done",
            Self::Cancelled => "Cancelled",
            Self::Failed => "Failed",
            Self::Expired => "Expired",
        }
    }

    /// Building, Pending, Sending and Paused: what the overview counts as active.
    #[must_use]
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Building | Self::Pending | Self::Sending | Self::Paused)
    }

    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Cancelled | Self::Failed | Self::Expired)
    }
}

/// Why a campaign is held; the page shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseReason {
    ByHand,
    OutsideDailyWindow,
    DailyLimit,
    /// Every link of the channel is down, or SMS Core cannot be reached.
    ChannelDown,
    /// Everything of the workspace, or of the installation, is held.
    EverythingHeld,
    /// The start was missed by more than the workspace allows, or was past at approval: somebody has to decide.
    MissedSchedule,
    /// Its sender is a US number whose 10DLC campaign does not let messages out now; [`Pause::why`] says what is missing.
    #[serde(rename = "tendlc")]
    TenDlc,
    /// What the brand, or the 10DLC campaign, may send on a day is used up.
    #[serde(rename = "tendlc_daily_cap")]
    TenDlcDailyCap,
}

impl PauseReason {
    pub const ALL: [Self; 8] = [
        Self::ByHand,
        Self::OutsideDailyWindow,
        Self::DailyLimit,
        Self::ChannelDown,
        Self::EverythingHeld,
        Self::MissedSchedule,
        Self::TenDlc,
        Self::TenDlcDailyCap,
    ];

    /// Whether the engine lifts the pause by itself once its cause is gone.
    #[must_use]
    pub const fn lifts_by_itself(self) -> bool {
        !matches!(self, Self::ByHand | Self::MissedSchedule)
    }

    /// What the page says beside the status.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::ByHand => "Paused by hand. It goes on when somebody resumes it.",
            Self::OutsideDailyWindow => "Outside the workspace's daily hours. It goes on by itself when they begin.",
            Self::DailyLimit => "Today's limit is used up. It goes on by itself tomorrow.",
            Self::ChannelDown => "The channel is down. It goes on by itself when the channel is back.",
            Self::EverythingHeld => "Everything is held. It goes on by itself when that ends.",
            Self::MissedSchedule => "Its time has passed. Resume it to send now, or cancel it.",
            Self::TenDlc => "10DLC does not let it be sent now. It goes on by itself when it does.",
            Self::TenDlcDailyCap => {
                "The brand's daily cap is used up. It goes on by itself after midnight Pacific time."
            }
        }
    }
}

/// A person's approval of one version of a campaign: a fact of its own, kept apart from the status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    pub by: UserId,
    pub at_ms: i64,
    pub version: u32,
    /// The approver had contributed to this version; possible only while the four-eyes rule was off.
    pub self_approval: bool,
}

/// The part of a campaign that [`transition`] governs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Life {
    pub status: Status,
    /// Counts content: an edit or an upload after submission makes a new one and voids the approval.
    pub version: u32,
    /// Who created, edited, uploaded to or submitted this campaign. Never approves it under the four-eyes rule.
    pub contributors: Vec<UserId>,
    pub approval: Option<Approval>,
    /// Start by itself once approved; otherwise it stays New with a Start button.
    pub start_automatically: bool,
    /// Set while Paused: why, and the status to go back to (Pending or Sending).
    pub pause: Option<Pause>,
    /// Since when a Trigger campaign takes no more numbers. What it has is still sent, and then it is Done.
    #[serde(default)]
    pub closed_at_ms: Option<i64>,
    pub archived_at_ms: Option<i64>,
    /// Set on the tombstone of a campaign that was restored into another workspace.
    #[serde(default)]
    pub moved_to: Option<MovedTo>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    pub reason: PauseReason,
    pub resume_to: Status,
    /// In sentences, where the reason alone does not tell it.
    #[serde(default)]
    pub why: Option<String>,
}

impl Pause {
    /// What the page says beside the status.
    #[must_use]
    pub fn sentence(&self) -> &str {
        self.why.as_deref().unwrap_or_else(|| self.reason.sentence())
    }
}

/// What the wizard collects. Complete ones pass [`Parameters::check`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameters {
    pub name: String,
    pub mode: Mode,
    /// The sender's revision with which it is sent; None until step 2.
    pub sender: Option<RevisionRef>,
    /// The link or pool.
    pub channel: String,
    pub text: String,
    /// The template with which the text began.
    #[serde(default)]
    pub template: Option<TemplateRef>,
    /// For Scheduled: when; for Spread: the beginning of the window. In ms since the epoch, fixed from the local time below
    /// in the workspace's zone.
    pub start_at_ms: Option<i64>,
    /// What the person typed for the start, `YYYY-MM-DDTHH:MM` in the workspace's zone.
    pub start_local: Option<String>,
    /// For Spread: the end of the window. For Trigger: when it takes no more numbers; None: when somebody finishes it.
    #[serde(default)]
    pub end_at_ms: Option<i64>,
    /// What the person typed for the end, as `start_local`.
    #[serde(default)]
    pub end_local: Option<String>,
    /// Trigger only: goes out at any hour, as one-time codes must.
    #[serde(default)]
    pub ignore_daily_window: bool,
    /// Trigger only: each number comes with a text of its own, and that is what the moderator approves.
    #[serde(default)]
    pub any_text: bool,
    /// Segments a day at most; None: no limit.
    pub daily_limit: Option<u32>,
    /// How long the network may try, in minutes; None: the link's default.
    pub validity_minutes: Option<u32>,
    /// What was changed against the sender's revision in step 3 (admins only).
    pub overrides: Option<crate::sender::Addressing>,
}

impl Parameters {
    /// The merge field that holds the whole text of a recipient where [`Parameters::any_text`] is set.
    pub const TEXT_FIELD: &str = "text";

    /// With which addresses it is sent: what the sender's revision says, unless an admin overrode it before the approval.
    #[must_use]
    pub fn addressing(&self) -> Option<&crate::sender::Addressing> {
        self.overrides.as_ref().or_else(|| self.sender.as_ref().map(|sender| &sender.addressing))
    }

    /// What each message is made from.
    #[must_use]
    pub fn template(&self) -> &str {
        if self.any_text { "{text}" } else { &self.text }
    }
}

/// What happened to the file: the report shown after an upload. `lines` counts data lines without header and blank
/// ones; `lines == accepted + duplicate + suppressed + invalid`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IngestReport {
    pub lines: u64,
    pub accepted: u64,
    pub duplicate: u64,
    pub suppressed: u64,
    pub invalid: u64,
    /// Sum over the accepted recipients of the segments of their own text.
    pub segments: u64,
}

impl IngestReport {
    /// Lines that are listed with their reasons, in the file of the rejects.
    #[must_use]
    pub const fn rejected(&self) -> u64 {
        self.suppressed + self.invalid
    }
}

/// Recipients per state. The sum is the number of recipients at all times.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Not yet claimed.
    pub waiting: u64,
    /// Claimed: on its way to the SMSC.
    pub claimed: u64,
    /// Accepted by the SMSC, no final receipt yet.
    pub submitted: u64,
    pub delivered: u64,
    /// Refused by the SMSC, or a final receipt said that it failed.
    pub failed: u64,
    /// Claimed, and it is not known whether the SMSC got it.
    pub uncertain: u64,
    /// Accepted, and the wait for receipts is over.
    pub no_receipt: u64,
    /// The campaign was cancelled or expired before they were claimed.
    pub not_sent: u64,
}

impl Progress {
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.waiting
            + self.claimed
            + self.submitted
            + self.delivered
            + self.failed
            + self.uncertain
            + self.no_receipt
            + self.not_sent
    }

    /// Sent or settled without sending: what the progress bar shows against the total.
    #[must_use]
    pub const fn processed(&self) -> u64 {
        self.total() - self.waiting - self.claimed
    }

    /// Handed to the SMSC, whatever became of it.
    #[must_use]
    pub const fn sent(&self) -> u64 {
        self.processed() - self.not_sent
    }

    /// On the way: claimed, or accepted and without a receipt.
    #[must_use]
    pub const fn in_flight(&self) -> u64 {
        self.claimed + self.submitted
    }
}

impl std::ops::AddAssign for Progress {
    fn add_assign(&mut self, other: Self) {
        self.waiting += other.waiting;
        self.claimed += other.claimed;
        self.submitted += other.submitted;
        self.delivered += other.delivered;
        self.failed += other.failed;
        self.uncertain += other.uncertain;
        self.no_receipt += other.no_receipt;
        self.not_sent += other.not_sent;
    }
}

/// What a moderator decided, as shown to people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    pub approved: bool,
    pub by: UserId,
    pub by_name: String,
    pub at_ms: i64,
    pub version: u32,
    /// Always there on a rejection.
    pub note: Option<String>,
}

/// A campaign as it is stored and shown; recipients are kept apart, in blocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Campaign {
    pub workspace: WorkspaceId,
    pub id: CampaignId,
    pub life: Life,
    pub parameters: Parameters,
    pub author: UserId,
    pub author_name: String,
    pub created_at_ms: i64,
    pub submitted_at_ms: Option<i64>,
    /// When the first message was claimed.
    pub started_at_ms: Option<i64>,
    pub ended_at_ms: Option<i64>,
    /// The last decision of a moderator; an edit afterwards makes it history, not law: [`Life::approval`] is the law.
    pub decision: Option<Decision>,
    /// Why it Failed, in words for a person.
    pub failure: Option<String>,
    pub report: Option<IngestReport>,
    /// The text for which `report.segments` was counted; another one has to be counted before submission.
    pub measured_text: Option<String>,
    /// Set on a draft that began as the copy of another campaign.
    #[serde(default)]
    pub copy_of: Option<CopyOf>,
    pub progress: Progress,
    /// When its recipients were removed, because they had been kept long enough; the figures stay.
    #[serde(default)]
    pub recipient_data_removed_at_ms: Option<i64>,
    /// Bumped by every write of the record: the compare-and-set value.
    pub revision: u64,
}

impl Campaign {
    /// When it is over, whoever waits: of Spread the end of its window, of on-demand and scheduled campaigns the end of
    /// their validity. None: it has no such end, or has not begun. A campaign that a person let begin after the end of its
    /// window has none either.
    #[must_use]
    pub fn runs_out_at_ms(&self) -> Option<i64> {
        let started_at_ms = self.started_at_ms?;
        match self.parameters.mode {
            Mode::Spread => self.parameters.end_at_ms.filter(|&end_ms| started_at_ms < end_ms),
            Mode::OnDemand | Mode::Scheduled => {
                Some(started_at_ms.saturating_add(i64::from(self.parameters.validity_minutes?) * 60_000))
            }
            // It closes at its end, and what it has is still sent.
            Mode::Trigger => None,
        }
    }

    /// Whether its end comes by the clock, so that somebody has to look at it while it is held, too.
    #[must_use]
    pub fn runs_out(&self) -> bool {
        let closes = self.parameters.mode == Mode::Trigger
            && self.parameters.end_at_ms.is_some()
            && self.life.closed_at_ms.is_none();
        closes || self.runs_out_at_ms().is_some()
    }
}

#[cfg(test)]
mod histories;
#[cfg(test)]
mod tests;
