//! Sender names: a display name and a status; what is sent is a revision, and revisions are never edited.

mod addressing;
mod installation;

use serde::{Deserialize, Serialize};

pub use self::{
    addressing::{InvalidSaddr, Warning, alternatives, propose, warnings},
    installation::{InstallationSender, Offered},
};

use crate::id::{SenderId, UserId, WorkspaceId};

/// SMPP 3.4 §5.2.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Ton {
    Unknown = 0,
    International = 1,
    National = 2,
    NetworkSpecific = 3,
    SubscriberNumber = 4,
    Alphanumeric = 5,
    Abbreviated = 6,
}

/// SMPP 3.4 §5.2.6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Npi {
    Unknown = 0,
    Isdn = 1,
    Data = 3,
    Telex = 4,
    LandMobile = 6,
    National = 8,
    Private = 9,
    Ermes = 10,
    Internet = 14,
    Wap = 18,
}

/// A source address: 1-11 GSM characters with a letter, or 3-15 digits. Made by [`Saddr::parse`] only.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Saddr(String);

/// Everything that an SMPP submit says of the two addresses besides the recipient's number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addressing {
    pub saddr: Saddr,
    pub source_ton: Ton,
    pub source_npi: Npi,
    pub destination_ton: Ton,
    pub destination_npi: Npi,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SenderStatus {
    /// Nothing submitted yet.
    Draft,
    PendingApproval,
    Approved,
    /// The latest revision was refused and none is approved.
    Rejected,
    Archived,
}

impl SenderStatus {
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::PendingApproval => "Pending approval",
            Self::Approved => "Approved",
            Self::Rejected => "Rejected",
            Self::Archived => "Archived",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevisionStatus {
    PendingApproval,
    Approved,
    Rejected,
}

impl RevisionStatus {
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::PendingApproval => "Pending approval",
            Self::Approved => "Approved",
            Self::Rejected => "Rejected",
        }
    }
}

/// One immutable state of a sender name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// From 1, without gaps.
    pub number: u32,
    pub addressing: Addressing,
    pub status: RevisionStatus,
    /// Why it was submitted.
    pub reason: Option<String>,
    pub submitted_by: UserId,
    pub submitted_by_name: String,
    pub submitted_at_ms: i64,
    pub decided_by: Option<UserId>,
    pub decided_by_name: Option<String>,
    pub decided_at_ms: Option<i64>,
    pub note: Option<String>,
    /// A super admin approved its ten digits as a number of another country, although they are a US number, too
    /// ([`Reading::Either`](crate::tendlc::clearance::Reading)).
    #[serde(default)]
    pub is_abroad: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sender {
    pub workspace: WorkspaceId,
    pub id: SenderId,
    pub display_name: String,
    pub revisions: Vec<Revision>,
    pub archived_at_ms: Option<i64>,
    pub created_by: UserId,
    pub created_at_ms: i64,
    /// Bumped by every write of the record: the compare-and-set value.
    pub revision: u64,
}

/// Whose a sender name is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SenderOrigin {
    /// Of the workspace that sends with it.
    #[default]
    Workspace,
    /// A preset, which super admins keep and offer to workspaces.
    Installation,
}

/// The revision that a campaign is sent with, copied so that it never changes under the campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevisionRef {
    pub sender: SenderId,
    #[serde(default)]
    pub origin: SenderOrigin,
    pub display_name: String,
    pub revision: u32,
    pub addressing: Addressing,
}

impl RevisionRef {
    /// Whether this revision is among those of its sender name, approved.
    #[must_use]
    pub fn is_approved_in(&self, revisions: &[Revision]) -> bool {
        revisions.iter().any(|revision| {
            revision.number == self.revision
                && revision.status == RevisionStatus::Approved
                && revision.addressing == self.addressing
        })
    }
}

fn in_force(revisions: &[Revision]) -> Option<&Revision> {
    revisions.iter().rev().find(|revision| revision.status == RevisionStatus::Approved)
}

fn pending(revisions: &[Revision]) -> Option<&Revision> {
    revisions.iter().rev().find(|revision| revision.status == RevisionStatus::PendingApproval)
}

fn status(revisions: &[Revision], is_archived: bool) -> SenderStatus {
    if is_archived {
        SenderStatus::Archived
    } else if in_force(revisions).is_some() {
        SenderStatus::Approved
    } else if pending(revisions).is_some() {
        SenderStatus::PendingApproval
    } else if revisions.is_empty() {
        SenderStatus::Draft
    } else {
        SenderStatus::Rejected
    }
}

impl Sender {
    /// The approved revision in force: the newest approved one. A pending or rejected newer one displaces nothing.
    #[must_use]
    pub fn in_force(&self) -> Option<&Revision> {
        in_force(&self.revisions)
    }

    #[must_use]
    pub fn pending(&self) -> Option<&Revision> {
        pending(&self.revisions)
    }

    /// An approved sender with a newer revision pending is still Approved: that one is in force.
    #[must_use]
    pub fn status(&self) -> SenderStatus {
        status(&self.revisions, self.archived_at_ms.is_some())
    }

    /// The revision in force as a campaign keeps it; None: a campaign cannot be sent with it.
    #[must_use]
    pub fn reference(&self) -> Option<RevisionRef> {
        let revision = self.in_force().filter(|_| self.archived_at_ms.is_none())?;
        Some(RevisionRef {
            sender: self.id,
            origin: SenderOrigin::Workspace,
            display_name: self.display_name.clone(),
            revision: revision.number,
            addressing: revision.addressing.clone(),
        })
    }
}
