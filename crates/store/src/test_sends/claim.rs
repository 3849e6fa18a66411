//! The claim of a test message: everything that it has to be is looked at here, and commits with it.

use std::collections::HashMap;

use domain::{
    campaign::{Campaign, Status},
    id::{TestNumberId, TestSendId},
    merge::Template,
    permission::kind,
    segment,
    sender::{RevisionRef, SenderOrigin},
    test_send::{TestPart, TestSend},
};
use surrealdb::types::RecordId;

use super::{
    list::{list, moved, put_list},
    send_key,
};
use crate::{
    Error, On, Scope,
    audit::{Chain, Event},
    campaigns, holds,
    policies::{self, Pools},
    senders,
    suppressions::{self, blacklist},
    tendlc::clearance,
};

const ATTEMPTS_MAX: u32 = 20;

/// To whom, and what stands in the merge fields.
#[derive(Debug, Clone)]
pub struct TestOrder {
    pub number: TestNumberId,
    pub fields: HashMap<String, String>,
    /// The links of each pool, whose policies hold for what goes out by it.
    pub pools: Pools,
}

/// Whether a page offers test messages of a campaign: while its text is still decided on.
#[must_use]
pub fn is_testable(campaign: &Campaign) -> bool {
    matches!(campaign.life.status, Status::Draft | Status::New) && campaign.life.archived_at_ms.is_none()
}

/// Writes down that a test message is about to be sent. Whoever calls this hands it to the Core, once.
pub async fn claim(proof: &On<kind::EditCampaign>, order: &TestOrder) -> Result<TestSend, Error> {
    let scope: &Scope = proof;
    let inner = scope.inner();
    for _ in 0..ATTEMPTS_MAX {
        let campaign = campaigns::find(scope, proof.campaign().id).await?;
        if !is_testable(&campaign) {
            return Err(Error::Stale { what: "a test is sent of a draft, or of what waits for its decision".into() });
        }
        if holds::of(scope).await?.any() {
            let what = "everything is paused, and test messages are, too; try again when it goes on";
            return Err(Error::Stale { what: what.into() });
        }
        let (sender, (sender_record, sender_revision)) = approved_sender(scope, &campaign).await?;
        let cleared = clearance::of_sender(scope, &sender.addressing).await?;
        let cleared = cleared.or_refuse(|what| Error::invalid("sender", what))?;
        let text = render(&campaign, &order.fields)?;
        let parts = segment::encode(&text).map_err(|refusal| Error::invalid("text", refusal.to_string()))?.parts.len();
        if parts == 0 || parts > segment::MAX_SEGMENTS {
            return Err(Error::invalid("text", "the message with these values is empty or too long; change them"));
        }
        if campaign.parameters.channel.is_empty() {
            return Err(Error::invalid("channel", "choose the channel first (step 2)"));
        }
        let before = list(scope).await?;
        let number = before.find(order.number).ok_or_else(|| {
            Error::invalid("number", "choose a number of the test list; an admin of the workspace keeps it")
        })?;
        if !suppressions::among_in(inner, scope.workspace_id(), &[number.number.as_u64()]).await?.is_empty() {
            return Err(Error::invalid("number", "this number is on the suppression list and gets no messages"));
        }
        let policies = policies::known(scope, order.pools.clone()).await?;
        let policy = policies.of_campaign(&campaign.parameters);
        if policy.is_some_and(|rules| rules.blacklist) && blacklist::holds(scope, number.number).await? {
            return Err(Error::invalid(
                "number",
                "this number is on the blacklist of the channel and gets no messages",
            ));
        }
        let day = today(scope);
        if before.left_on(&day) == 0 {
            let message = format!("the {} test messages of today are used up; try again tomorrow", before.a_day_max);
            return Err(Error::invalid("number", message));
        }
        let test = TestSend {
            workspace: scope.workspace_id(),
            campaign: campaign.id,
            id: TestSendId::from_uuid(inner.new_uuid()?),
            version: campaign.life.version,
            number: number.number,
            label: number.label.clone(),
            sender: sender.clone(),
            channel: campaign.parameters.channel.clone(),
            text,
            validity_minutes: campaign.parameters.validity_minutes,
            by: scope.user_id(),
            by_name: scope.user().name.clone(),
            at_ms: scope.now_ms(),
            parts: vec![TestPart::Claimed; parts],
            problem: None,
            settled_at_ms: None,
            revision: 1,
        };
        let mut after = before.clone();
        after.sent = if before.day == day { before.sent + 1 } else { 1 };
        after.day = day;
        after.revision = before.revision + 1;
        let outcome = inner
            .audited(Chain::Workspace(scope.workspace_id()), event(scope, &test), |tx| {
                put_list(tx, scope, before.revision, &after);
                tx.create(send_key(test.workspace, test.campaign, test.id), &test);
                // Neither the text nor the approval of the sender has changed when this commits.
                tx.rely_on(campaigns::campaign_key(test.workspace, test.campaign), campaign.revision);
                tx.rely_on(sender_record.clone(), sender_revision);
                if sender.origin == SenderOrigin::Installation {
                    senders::installation::note_use(tx, scope, sender.sender, &sender.addressing.saddr);
                }
                if let Some(cleared) = &cleared {
                    cleared.rely_on(tx);
                }
                scope.rely_on(tx);
            })
            .await;
        match moved(outcome, before.revision) {
            Ok(()) => return Ok(test),
            Err(Error::Moved) => {}
            Err(other) => return Err(other),
        }
    }
    Err(Error::Moved)
}

/// The day in the workspace's zone.
#[must_use]
pub fn today(scope: &Scope) -> String {
    scope.zone().map(|zone| zone.local(scope.now_ms()).chars().take(10).collect()).unwrap_or_default()
}

/// The campaign's sender, if its revision is approved and not archived at this moment, with the record's revision.
async fn approved_sender(scope: &Scope, campaign: &Campaign) -> Result<(RevisionRef, (RecordId, u64)), Error> {
    let reference =
        campaign.parameters.sender.clone().ok_or_else(|| Error::invalid("sender", "choose a sender first (step 2)"))?;
    let refused = || Error::invalid("sender", "the sender is not approved (any more), so nothing is sent with it");
    let record = senders::approved(scope, &reference).await?.ok_or_else(refused)?;
    Ok((reference, record))
}

/// The text with the values that were typed.
fn render(campaign: &Campaign, fields: &HashMap<String, String>) -> Result<String, Error> {
    let template = Template::parse(campaign.parameters.template())
        .map_err(|problem| Error::invalid("text", problem.to_string()))?;
    let value = |field: &str| fields.get(field).map(|value| value.trim()).filter(|value| !value.is_empty());
    template.render(value).map_err(|missing| Error::invalid("text", missing.to_string()))
}

/// What was sent to whom, without number and text.
fn event(scope: &Scope, test: &TestSend) -> Event {
    let sender = format!("{} revision {}", test.sender.display_name, test.sender.revision);
    Event::new(scope.actor(), scope.origin(), "campaign.test_sent")
        .on("campaign", &test.campaign)
        .change("to", None, Some(test.label.clone()))
        .change("ctn_hash", None, Some(scope.ctn_key().ctn_hash(test.number).to_string()))
        .change("sender", None, Some(sender))
        .change("version", None, Some(test.version.to_string()))
        .change("segments", None, Some(test.parts.len().to_string()))
}
