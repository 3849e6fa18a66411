//! What a page offers to do with a campaign. Asked of [`transition`] itself, so that the button and the server agree.

use serde::{Deserialize, Serialize};

use super::{Event, Life, Mode, PauseReason, Refusal, Status, transition};
use crate::{id::UserId, permission::Permission};

/// What a person can do with a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Edit,
    Upload,
    Submit,
    Approve,
    Reject,
    Start,
    Pause,
    Resume,
    /// Of a Trigger campaign: it takes no more numbers.
    Finish,
    Cancel,
    Archive,
    CancelAndArchive,
    Restore,
}

impl Action {
    pub const ALL: [Self; 13] = [
        Self::Edit,
        Self::Upload,
        Self::Submit,
        Self::Approve,
        Self::Reject,
        Self::Start,
        Self::Pause,
        Self::Resume,
        Self::Finish,
        Self::Cancel,
        Self::Archive,
        Self::CancelAndArchive,
        Self::Restore,
    ];

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Edit => "Edit",
            Self::Upload => "Upload recipients",
            Self::Submit => "Submit",
            Self::Approve => "Approve",
            Self::Reject => "Reject",
            Self::Start => "Start",
            Self::Pause => "Pause",
            Self::Resume => "Resume",
            Self::Finish => "Finish",
            Self::Cancel => "Cancel",
            Self::Archive => "Archive",
            Self::CancelAndArchive => "Cancel and archive",
            Self::Restore => "Restore",
        }
    }

    /// One of these is needed, on a campaign in this status.
    #[must_use]
    pub const fn permissions(self, status: Status) -> &'static [Permission] {
        match (self, status) {
            (Self::Edit | Self::Upload | Self::Submit, _) => &[Permission::EditCampaign],
            (Self::Approve | Self::Reject, _) => &[Permission::DecideCampaign],
            (Self::Pause, Status::Sending) => &[Permission::ControlCampaign, Permission::StopCampaign],
            (Self::CancelAndArchive, Status::Pending) => &[Permission::ArchiveCampaign, Permission::StopCampaign],
            (Self::Start | Self::Pause | Self::Resume | Self::Finish | Self::Cancel, _) => {
                &[Permission::ControlCampaign]
            }
            (Self::Archive | Self::CancelAndArchive | Self::Restore, _) => &[Permission::ArchiveCampaign],
        }
    }

    /// The event of this action on what is on the screen now. The time matters to none of the answers.
    const fn event(self, life: &Life, by: UserId, four_eyes: bool) -> Event {
        let (seen_version, at_ms) = (life.version, 0);
        match self {
            Self::Edit => Event::Edit { by },
            Self::Upload => Event::Upload { by },
            Self::Submit => Event::Submit { by },
            Self::Approve => Event::Approve { by, seen_version, four_eyes, at_ms, start_now: true },
            Self::Reject => Event::Reject { by, seen_version },
            Self::Start => Event::Start { by },
            Self::Pause => Event::PauseFor { reason: PauseReason::ByHand },
            Self::Resume => Event::Resume,
            Self::Finish => Event::Close { at_ms },
            Self::Cancel => Event::Cancel,
            Self::Archive => Event::Archive { at_ms },
            Self::CancelAndArchive => Event::CancelAndArchive { at_ms },
            Self::Restore => Event::Restore,
        }
    }
}

impl Life {
    /// Whether `action` by this person would be accepted now, or why not. Permissions are a question of their own.
    pub fn offer(&self, action: Action, by: UserId, four_eyes: bool) -> Result<(), Refusal> {
        transition(self, &action.event(self, by, four_eyes)).map(drop)
    }

    /// The actions that make sense now for this person on a campaign of this mode.
    pub fn offers(&self, mode: Mode, by: UserId, four_eyes: bool) -> impl Iterator<Item = Action> {
        Action::ALL
            .into_iter()
            .filter(move |&action| action != Action::Finish || mode == Mode::Trigger)
            .filter(move |&action| self.offer(action, by, four_eyes).is_ok())
    }
}
