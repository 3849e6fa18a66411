//! Deleting an archived campaign, for good.
//!
//! It begins with one transaction, after which the campaign is gone for everybody: its record goes, the audit log says who
//! did it, and a record of what is left to be removed comes ([`crate::retention`]). The figures by hour and the usage of
//! the month stay, and so does what the audit log says about it.

use domain::{campaign::Campaign, permission::kind};

use super::{campaign_key, event};
use crate::{Error, On, Scope, audit::Chain, retention};

/// Whether a campaign can be deleted: it is archived, and nobody works on it any more.
#[must_use]
pub fn is_deletable(campaign: &Campaign) -> bool {
    let unsettled = campaign.started_at_ms.is_some() && campaign.progress.waiting + campaign.progress.claimed > 0;
    campaign.life.archived_at_ms.is_some() && !campaign.life.status.is_active() && !unsettled
}

/// Deletes an archived campaign with its recipients, exports and test messages.
pub async fn delete(proof: &On<kind::DeleteCampaign>) -> Result<(), Error> {
    let scope: &Scope = proof;
    let campaign = proof.campaign();
    if campaign.life.archived_at_ms.is_none() {
        return Err(Error::Stale { what: "only an archived campaign can be deleted: archive it first".into() });
    }
    if !is_deletable(campaign) {
        return Err(Error::Stale { what: "the campaign is still being closed; delete it in a moment".into() });
    }
    let key = campaign_key(campaign.workspace, campaign.id);
    let event = event(scope, "campaign.deleted", campaign.id)
        .change("name", Some(&campaign.parameters.name), None)
        .change("status", Some(campaign.life.status.label()), None)
        .change("recipients", Some(campaign.progress.total()), None);
    scope
        .inner()
        .audited(Chain::Workspace(campaign.workspace), event, |tx| {
            scope.rely_on(tx);
            // As it was read: neither restored nor deleted by somebody else.
            tx.rely_on(key.clone(), campaign.revision);
            tx.delete(key.clone());
            retention::remove_whole(tx, campaign.workspace, campaign.id);
        })
        .await
}
