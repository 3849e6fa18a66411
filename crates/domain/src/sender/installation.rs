//! Sender names of the installation: presets that super admins keep, and workspaces are offered.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Revision, RevisionRef, SenderOrigin, SenderStatus, in_force, pending, status};
use crate::id::{SenderId, UserId, WorkspaceId};

/// Who is offered a preset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Offered {
    Everybody,
    /// These workspaces; none of them: nobody.
    Only(BTreeSet<WorkspaceId>),
}

impl Offered {
    #[must_use]
    pub fn includes(&self, workspace: WorkspaceId) -> bool {
        match self {
            Self::Everybody => true,
            Self::Only(workspaces) => workspaces.contains(&workspace),
        }
    }
}

/// A preset. What is sent is a revision, which is never edited, as with sender names of workspaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstallationSender {
    pub id: SenderId,
    pub display_name: String,
    pub revisions: Vec<Revision>,
    pub offered: Offered,
    pub archived_at_ms: Option<i64>,
    pub created_by: UserId,
    pub created_at_ms: i64,
    /// Bumped by every write of the record: the compare-and-set value.
    pub revision: u64,
}

impl InstallationSender {
    /// The newest approved revision.
    #[must_use]
    pub fn in_force(&self) -> Option<&Revision> {
        in_force(&self.revisions)
    }

    #[must_use]
    pub fn pending(&self) -> Option<&Revision> {
        pending(&self.revisions)
    }

    #[must_use]
    pub fn status(&self) -> SenderStatus {
        status(&self.revisions, self.archived_at_ms.is_some())
    }

    /// The revision in force as a campaign of a workspace keeps it; None: the workspace is not offered it, or nothing of it
    /// is in force, or it is archived.
    #[must_use]
    pub fn offer_to(&self, workspace: WorkspaceId) -> Option<RevisionRef> {
        let is_offered = self.archived_at_ms.is_none() && self.offered.includes(workspace);
        let revision = self.in_force().filter(|_| is_offered)?;
        Some(RevisionRef {
            sender: self.id,
            origin: SenderOrigin::Installation,
            display_name: self.display_name.clone(),
            revision: revision.number,
            addressing: revision.addressing.clone(),
        })
    }
}
