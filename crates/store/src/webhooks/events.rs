//! What happens, written down for those who want to know, in the transaction in which it happens.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{
    campaign::{Campaign, PauseReason, Progress, Status},
    id::{CampaignId, DeliveryId, WorkspaceId},
    recipient::RecipientState,
    webhook::{Delivery, DeliveryState, Endpoint, EventKind, TRIED_FOR_MS},
};
use serde::Serialize;

use super::{DeliveryRecord, delivery_key, endpoints};
use crate::{
    Error, SystemScope,
    access::Inner,
    db::Tx,
    recipients::{BLOCK_LEN, StateBlock, load_states},
};

/// Recipients of one event.
const RECIPIENTS_MAX: usize = 1_000;

/// Events on their way into a transaction.
#[derive(Debug, Default)]
pub(crate) struct Events(Vec<DeliveryRecord>);

impl Events {
    pub(crate) fn put(&self, tx: &mut Tx) {
        let rows = self.0.iter().map(|record| {
            let Delivery { workspace, endpoint, id, .. } = record.delivery;
            (delivery_key(workspace, endpoint, id), record.clone())
        });
        tx.insert("webhook_delivery", rows);
    }
}

#[derive(Debug, Serialize)]
struct CampaignStatus<'a> {
    campaign: CampaignId,
    name: &'a str,
    before: Status,
    status: Status,
    pause_reason: Option<PauseReason>,
    /// In words, where the reason has some.
    pause_why: Option<&'a str>,
    recipients: Progress,
}

#[derive(Debug, Serialize)]
struct RecipientStates<'a> {
    campaign: CampaignId,
    recipients: &'a [Changed],
}

#[derive(Debug, Clone, Copy, Serialize)]
struct Changed {
    /// Its place among the recipients of the campaign.
    index: u32,
    state: RecipientState,
}

/// Of a change of a campaign: that it has another status.
pub(crate) async fn of_change(inner: &Inner, before: &Campaign, after: &Campaign) -> Result<Events, Error> {
    if before.life.status == after.life.status {
        return Ok(Events::default());
    }
    let wanted = wanted(inner, after.workspace, EventKind::CampaignStatus).await?;
    let content = CampaignStatus {
        campaign: after.id,
        name: &after.parameters.name,
        before: before.life.status,
        status: after.life.status,
        pause_reason: after.life.pause.as_ref().map(|pause| pause.reason),
        pause_why: after.life.pause.as_ref().and_then(|pause| pause.why.as_deref()),
        recipients: after.progress,
    };
    let records = wanted.iter().map(|endpoint| record(inner, endpoint, EventKind::CampaignStatus, &content));
    Ok(Events(records.collect::<Result<_, _>>()?))
}

/// Of blocks of states about to be folded: who has another state than before.
pub(crate) async fn of_fold(
    scope: &SystemScope,
    campaign: CampaignId,
    blocks: impl Iterator<Item = (u32, &StateBlock)>,
) -> Result<Events, Error> {
    let inner = scope.inner();
    let wanted = wanted(inner, scope.workspace_id(), EventKind::RecipientStates).await?;
    let mut events = Events::default();
    if wanted.is_empty() {
        return Ok(events);
    }
    for (number, block) in blocks {
        let before = load_states(scope, campaign, number).await?;
        let changed = changed(number, before.as_ref(), block);
        for recipients in changed.chunks(RECIPIENTS_MAX) {
            for endpoint in &wanted {
                let content = RecipientStates { campaign, recipients };
                events.0.push(record(inner, endpoint, EventKind::RecipientStates, &content)?);
            }
        }
    }
    Ok(events)
}

/// That somebody is on its way to the wire is told by nobody: it is over within a second.
fn changed(number: u32, before: Option<&StateBlock>, after: &StateBlock) -> Vec<Changed> {
    let before = |row: usize| before.and_then(|block| block.rows().get(row)).map(|status| status.state);
    let told = |state: RecipientState| !matches!(state, RecipientState::Waiting | RecipientState::Claimed);
    let rows = (0..).zip(after.rows());
    rows.filter(|(row, status)| told(status.state) && before(*row as usize) != Some(status.state))
        .map(|(row, status)| Changed { index: number * BLOCK_LEN + row, state: status.state })
        .collect()
}

async fn wanted(inner: &Inner, workspace: WorkspaceId, kind: EventKind) -> Result<Vec<Endpoint>, Error> {
    let endpoints = endpoints(inner, workspace).await?.into_iter().map(|record| record.endpoint);
    Ok(endpoints.filter(|endpoint| endpoint.disabled_at_ms.is_none() && endpoint.events.contains(&kind)).collect())
}

/// An event for an endpoint, due at once.
pub(super) fn record(
    inner: &Inner,
    endpoint: &Endpoint,
    kind: EventKind,
    content: &impl Serialize,
) -> Result<DeliveryRecord, Error> {
    let now_ms = inner.now_ms();
    let json = serde_json::to_vec(content).map_err(|_| Error::Corrupt)?;
    Ok(DeliveryRecord {
        revision: 1,
        delivery: Delivery {
            id: DeliveryId::from_uuid(inner.new_uuid()?),
            endpoint: endpoint.id,
            workspace: endpoint.workspace,
            kind,
            at_ms: now_ms,
            state: DeliveryState::Waiting,
            attempts: 0,
            due_ms: now_ms,
            try_until_ms: now_ms + TRIED_FOR_MS,
            outcome: None,
            by_hand: kind == EventKind::Test,
            revision: 1,
        },
        content: STANDARD.encode(lz4_flex::compress_prepend_size(&json)),
    })
}

/// The JSON of a content.
pub(super) fn content(record: &DeliveryRecord) -> Result<String, Error> {
    let packed = STANDARD.decode(&record.content).map_err(|_| Error::Corrupt)?;
    let json = lz4_flex::decompress_size_prepended(&packed).map_err(|_| Error::Corrupt)?;
    String::from_utf8(json).map_err(|_| Error::Corrupt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_another_state_is_told_of_once() {
        let (mut before, mut after) = (StateBlock::waiting(4), StateBlock::waiting(4));
        after.rows_mut()[1].state = RecipientState::Claimed;
        after.rows_mut()[2].state = RecipientState::Submitted;
        after.rows_mut()[3].state = RecipientState::Failed;
        before.rows_mut()[3].state = RecipientState::Failed;
        let told = |before: Option<&StateBlock>, number: u32| {
            let changed = changed(number, before, &after);
            changed.into_iter().map(|changed| (changed.index, changed.state)).collect::<Vec<_>>()
        };
        assert_eq!(told(Some(&before), 1), [(BLOCK_LEN + 2, RecipientState::Submitted)]);
        assert_eq!(told(None, 0), [(2, RecipientState::Submitted), (3, RecipientState::Failed)]);
        assert!(told(Some(&after), 0).is_empty());
    }
}
