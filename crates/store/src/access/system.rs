//! The engine's door. The web application is never handed a [`SystemDoor`], and cannot make one.

use std::sync::Arc;

use domain::{
    audit::{Actor, Origin},
    clock::Clock,
    ctn_hash::WorkspaceKey,
    id::{CampaignId, InstallationId, WorkspaceId},
    workspace::Workspace,
};
use surrealdb::types::Variables;

use super::Inner;
use crate::{
    Error, campaigns,
    db::{key, migrate},
    members,
};

/// Why the engine acts in a workspace; it stands in the audit record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    Ingest,
    Dispatch,
    Receipts,
    Export,
    Retention,
    /// A subscriber wrote to us.
    Inbound,
    /// What the 10DLC registry said, or was asked.
    Registry,
}

impl Reason {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Dispatch => "dispatch",
            Self::Receipts => "receipts",
            Self::Export => "export",
            Self::Retention => "retention",
            Self::Inbound => "inbound message",
            Self::Registry => "10DLC registry",
        }
    }
}

/// Leads into every workspace, for the engine only: [`crate::open`] returns the one value of it.
#[derive(Debug, Clone)]
pub struct SystemDoor {
    inner: Arc<Inner>,
}

/// Proof that the engine acts in one workspace.
#[derive(Debug, Clone)]
pub struct SystemScope {
    inner: Arc<Inner>,
    workspace: WorkspaceId,
    reason: Reason,
}

impl SystemDoor {
    pub(super) const fn new(inner: Arc<Inner>) -> Self {
        Self { inner }
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }

    pub(crate) fn shared(&self) -> Arc<Inner> {
        Arc::clone(&self.inner)
    }

    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.inner.clock)
    }

    #[must_use]
    pub fn enter(&self, workspace: WorkspaceId, reason: Reason) -> SystemScope {
        SystemScope { inner: Arc::clone(&self.inner), workspace, reason }
    }

    /// By which others tell this installation from another one. It follows from the master key, and tells nothing of it.
    #[must_use]
    pub fn installation(&self) -> InstallationId {
        let derived = self.inner.keys.derive("message-center/installation/v1");
        let mut octets = [0; 16];
        octets.copy_from_slice(&derived[..16]);
        InstallationId::from_uuid(uuid::Builder::from_custom_bytes(octets).into_uuid())
    }

    /// The schema of the database, which is asked for it.
    pub async fn schema(&self) -> Result<crate::Schema, Error> {
        Ok(crate::Schema { found: migrate::found(&self.inner.db).await?, known: migrate::known() })
    }

    /// The campaigns that the engine has to look after: Building, Pending, Sending, or Paused for a reason that lifts
    /// by itself.
    pub async fn runnable_campaigns(&self) -> Result<Vec<(WorkspaceId, CampaignId)>, Error> {
        campaigns::keys_where(&self.inner, "runnable = true", Variables::new()).await
    }

    /// The campaigns to which numbers came that are not recipients yet.
    pub async fn campaigns_with_arrivals(&self) -> Result<Vec<(WorkspaceId, CampaignId)>, Error> {
        campaigns::within(&self.inner, "inbox").await
    }

    /// The campaigns that may still get receipts: started, not ended before `ended_since_ms`, and not all recipients final.
    pub async fn campaigns_awaiting_receipts(
        &self,
        ended_since_ms: i64,
    ) -> Result<Vec<(WorkspaceId, CampaignId)>, Error> {
        campaigns::awaiting_receipts(&self.inner, ended_since_ms).await
    }

    /// The campaigns that have ended, and whose records say that receipts are awaited.
    pub async fn ended_awaiting_receipts(&self) -> Result<Vec<(WorkspaceId, CampaignId)>, Error> {
        let condition = "doc.progress.submitted > 0 AND doc.ended_at_ms NOT IN [NONE, NULL] \
                         AND doc.recipient_data_removed_at_ms IN [NONE, NULL]";
        campaigns::keys_where(&self.inner, condition, Variables::new()).await
    }

    /// The campaigns whose journal has records that are not folded into their figures by hour and their usage yet.
    pub async fn campaigns_to_fold(&self) -> Result<Vec<(WorkspaceId, CampaignId)>, Error> {
        campaigns::within(&self.inner, "journal").await
    }

    /// The campaigns that ended at or after `since_ms`.
    pub async fn campaigns_ended_since(&self, since_ms: i64) -> Result<Vec<(WorkspaceId, CampaignId)>, Error> {
        let mut vars = Variables::new();
        vars.insert("since", since_ms);
        campaigns::keys_where(&self.inner, "doc.ended_at_ms >= $since", vars).await
    }

    /// Writes the ends of temporary roles that are due; gives their number. They count from their time on, written or not.
    pub async fn end_temporary_roles(&self) -> Result<u32, Error> {
        members::end_due(&self.inner).await
    }

    /// Deletes requests to join that nobody has answered in time.
    pub async fn forget_old_join_requests(&self) -> Result<(), Error> {
        members::forget_old_requests(&self.inner).await
    }

    /// The uploads whose ingest had not ended when the process did.
    pub async fn unfinished_uploads(&self) -> Result<Vec<(WorkspaceId, CampaignId)>, Error> {
        campaigns::unfinished_uploads(&self.inner).await
    }
}

impl SystemScope {
    #[must_use]
    pub const fn workspace_id(&self) -> WorkspaceId {
        self.workspace
    }

    pub async fn workspace(&self) -> Result<Workspace, Error> {
        self.inner.db.get(key::global("workspace", self.workspace)).await?.ok_or(Error::NotFound)
    }

    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.inner.now_ms()
    }

    #[must_use]
    pub fn ctn_key(&self) -> WorkspaceKey {
        self.inner.keys.for_workspace(self.workspace)
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }

    pub(crate) fn actor(&self) -> Actor {
        Actor::System { reason: self.reason.as_str().to_owned() }
    }

    pub(crate) fn origin(&self) -> Origin {
        Origin::default()
    }
}
