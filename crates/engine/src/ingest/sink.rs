//! Where an ingest writes: the store, or a test that fails on purpose.

use std::future::Future;

use domain::id::CampaignId;
use store::{
    SystemScope,
    campaigns::uploads::Upload,
    recipients::{Batch, Checkpoint, commit_ingest, open_ingest},
};

/// Durable blocks with their checkpoint.
pub trait Sink: Send {
    /// The checkpoint to go on from; for a new source everything earlier is deleted. `start` is the offset and line of
    /// the first record.
    fn open(
        &mut self,
        source: &str,
        start: (u64, u64),
        field_names: &[String],
    ) -> impl Future<Output = Result<Checkpoint, store::Error>> + Send;

    /// All of it, or nothing.
    fn commit(&mut self, batch: Batch) -> impl Future<Output = Result<(), store::Error>> + Send;
}

/// The campaign's records.
#[derive(Debug)]
pub struct StoreSink {
    scope: SystemScope,
    campaign: CampaignId,
    upload: Option<Upload>,
    revision: u64,
}

impl StoreSink {
    /// Of an upload: once it was replaced, nothing is written.
    #[must_use]
    pub fn of_upload(scope: SystemScope, upload: Upload) -> Self {
        Self { scope, campaign: upload.campaign, upload: Some(upload), revision: 0 }
    }

    /// Of a campaign that nobody else brings recipients to.
    #[must_use]
    pub const fn new(scope: SystemScope, campaign: CampaignId) -> Self {
        Self { scope, campaign, upload: None, revision: 0 }
    }
}

impl Sink for StoreSink {
    async fn open(
        &mut self,
        source: &str,
        start: (u64, u64),
        field_names: &[String],
    ) -> Result<Checkpoint, store::Error> {
        let upload = self.upload.as_ref();
        let checkpoint = open_ingest(&self.scope, self.campaign, upload, source, start, field_names).await?;
        self.revision = checkpoint.revision;
        Ok(checkpoint)
    }

    async fn commit(&mut self, batch: Batch) -> Result<(), store::Error> {
        self.revision = commit_ingest(&self.scope, self.campaign, self.revision, &batch).await?;
        Ok(())
    }
}
