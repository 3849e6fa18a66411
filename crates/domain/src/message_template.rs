//! Texts that a workspace uses again and again. A template's versions are never edited, and each may be approved by
//! itself: moderators then see at once that a campaign uses an approved text unaltered.

use serde::{Deserialize, Serialize};

use crate::id::{TemplateId, UserId, WorkspaceId};

/// Versions that one template can have.
pub const VERSIONS_MAX: usize = 200;
/// Templates that a workspace can have, archived ones aside.
pub const TEMPLATES_MAX: usize = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VersionState {
    /// Can be used; nobody was asked to approve it.
    Written,
    /// Waits for a moderator.
    Waiting,
    Approved,
    Rejected,
}

impl VersionState {
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Written => "Not approved",
            Self::Waiting => "Pending approval",
            Self::Approved => "Approved",
            Self::Rejected => "Rejected",
        }
    }
}

/// One text, as it was written once and for all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateVersion {
    /// From 1, without gaps.
    pub number: u32,
    pub text: String,
    pub state: VersionState,
    pub written_by: UserId,
    pub written_by_name: String,
    pub written_at_ms: i64,
    /// Who asked for its approval.
    pub asked_by: Option<UserId>,
    pub decided_by_name: Option<String>,
    pub decided_at_ms: Option<i64>,
    /// Always there on a rejection.
    pub note: Option<String>,
}

impl TemplateVersion {
    /// Never approves it under the four-eyes rule.
    #[must_use]
    pub fn is_contributor(&self, user: UserId) -> bool {
        self.written_by == user || self.asked_by == Some(user)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageTemplate {
    pub workspace: WorkspaceId,
    pub id: TemplateId,
    pub name: String,
    pub versions: Vec<TemplateVersion>,
    pub archived_at_ms: Option<i64>,
    pub created_by: UserId,
    pub created_by_name: String,
    pub created_at_ms: i64,
    /// Bumped by every write of the record: the compare-and-set value.
    pub revision: u64,
}

impl MessageTemplate {
    #[must_use]
    pub fn version(&self, number: u32) -> Option<&TemplateVersion> {
        self.versions.iter().find(|version| version.number == number)
    }

    /// The newest approved version.
    #[must_use]
    pub fn approved(&self) -> Option<&TemplateVersion> {
        self.versions.iter().rev().find(|version| version.state == VersionState::Approved)
    }

    #[must_use]
    pub fn waiting(&self) -> Option<&TemplateVersion> {
        self.versions.iter().rev().find(|version| version.state == VersionState::Waiting)
    }

    /// What is offered for a campaign: the newest approved version, or the newest that was not refused.
    #[must_use]
    pub fn offered(&self) -> Option<&TemplateVersion> {
        let usable = |version: &&TemplateVersion| version.state != VersionState::Rejected;
        self.approved().or_else(|| self.versions.iter().rev().find(usable))
    }
}

/// The template with which a campaign's text began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateRef {
    pub template: TemplateId,
    /// As it was called at that time.
    pub name: String,
    pub version: u32,
}

/// What a campaign makes of its template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateUse {
    pub name: String,
    pub version: u32,
    /// The text is that of the version, letter by letter.
    pub unaltered: bool,
    /// That version is approved.
    pub approved: bool,
}

impl TemplateUse {
    #[must_use]
    pub fn of(reference: &TemplateRef, text: &str, template: Option<&MessageTemplate>) -> Self {
        let version = template.and_then(|template| template.version(reference.version));
        Self {
            name: reference.name.clone(),
            version: reference.version,
            unaltered: version.is_some_and(|version| version.text == text),
            approved: version.is_some_and(|version| version.state == VersionState::Approved),
        }
    }

    /// What moderators may rely on: exactly this text was approved before.
    #[must_use]
    pub const fn is_approved_text(&self) -> bool {
        self.unaltered && self.approved
    }

    /// As in "Spring greeting, version 2, …".
    #[must_use]
    pub const fn words(&self) -> &'static str {
        match (self.unaltered, self.approved) {
            (true, true) => "approved, and used unaltered",
            (true, false) => "used unaltered; that version is not approved",
            (false, _) => "altered for this campaign",
        }
    }
}
