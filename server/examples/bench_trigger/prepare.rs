//! An approved bulk campaign, an approved Trigger campaign that takes any text, and a key for it.

use std::time::{Duration, Instant};

use domain::{
    api_key::Scope,
    campaign::{IngestReport, Mode, Parameters, Status},
    id::{CampaignId, WorkspaceId},
    permission::kind,
};
use store::{
    Opened, Reason, SystemScope,
    api_keys::{self, ApiSecret, NewKey},
    campaigns,
    recipients::{self, BLOCK_LEN, EncodedBlock, RecipientBlock, StateBlock},
};

use crate::{
    Failure,
    installation::{Draft, approve, draft},
};

const TEXT: &str = "Planned maintenance tonight from 22:00 to 23:00.";
const FIRST_NUMBER: u64 = 436_600_000_000;
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Prepared {
    pub workspace: WorkspaceId,
    pub trigger: CampaignId,
    pub secret: ApiSecret,
}

pub async fn make(opened: &Opened, recipients: u32) -> Result<Prepared, Failure> {
    let bulk = draft(opened, TEXT).await?;
    let workspace = bulk.author.workspace_id();
    let (upload, _) = campaigns::uploads::begin(&bulk.edit().await?, "bench.txt", 1).await?;
    let upload = campaigns::uploads::received(&bulk.edit().await?, &upload).await?;
    let upload = campaigns::uploads::read_as(&bulk.edit().await?, &upload, Default::default()).await?;
    let ingest = opened.system.enter(workspace, Reason::Ingest);
    write_blocks(&ingest, bulk.campaign, recipients).await?;
    let accepted = u64::from(recipients);
    let report = IngestReport { lines: accepted, accepted, segments: accepted, ..IngestReport::default() };
    campaigns::uploads::finish(&ingest, &upload, TEXT, Ok(report)).await?;
    campaigns::submit(&bulk.edit().await?).await?;
    approve(opened, &bulk).await?;

    let sent = campaigns::find(&bulk.author, bulk.campaign).await?.parameters;
    let made = campaigns::create(&bulk.author.grant::<kind::CreateCampaign>()?, Mode::Trigger).await?;
    let trigger = Draft { campaign: made.id, author: bulk.author.clone(), moderator: bulk.moderator.clone() };
    let parameters = Parameters {
        name: "Codes".into(),
        mode: Mode::Trigger,
        text: String::new(),
        any_text: true,
        ignore_daily_window: true,
        ..sent
    };
    campaigns::save(&trigger.edit().await?, parameters, true).await?;
    campaigns::submit(&trigger.edit().await?).await?;
    approve(opened, &trigger).await?;
    let new = NewKey { name: "bench".into(), scopes: vec![Scope::NumbersWrite], life_days: 1 };
    let (_, secret) = api_keys::make(&bulk.author.grant()?, &new).await?;
    Ok(Prepared { workspace, trigger: made.id, secret })
}

impl Prepared {
    /// Until the Trigger campaign takes numbers.
    pub async fn until_sending(&self, opened: &Opened) -> Result<(), Failure> {
        let scope = opened.system.enter(self.workspace, Reason::Dispatch);
        let begun = Instant::now();
        while campaigns::load(&scope, self.trigger).await?.life.status != Status::Sending {
            if begun.elapsed() > PATIENCE {
                return Err("the Trigger campaign does not begin".into());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }
}

async fn write_blocks(scope: &SystemScope, campaign: CampaignId, count: u32) -> Result<(), Failure> {
    for number in 0..count.div_ceil(BLOCK_LEN) {
        let mut block = RecipientBlock::new(Vec::new().into());
        let first = number * BLOCK_LEN;
        for index in first..count.min(first + BLOCK_LEN) {
            block.push(FIRST_NUMBER + u64::from(index), 1, [])?;
        }
        let states = StateBlock::waiting(block.len());
        recipients::replace_blocks(scope, campaign, &[EncodedBlock::new(number, &block, &states)]).await?;
    }
    Ok(())
}
