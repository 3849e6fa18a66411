//! Sharing a 10DLC campaign with the partner upstream that carries its messages.

use domain::{
    id::TenDlcCampaignId,
    tendlc::{PartnerId, SharingState, clearance::Sharing},
};

use super::{KIND, TenDlc, Todo, Upstream, check_open, check_takes_numbers, find, write};
use crate::{
    Error, SystemScope,
    audit::Event,
    tendlc::{
        access::{Doing, action},
        kept::{self, heard},
    },
};

impl TenDlc {
    /// Whether it has still to be shared with this partner: it was shared with nobody, or another one declined it.
    fn lacks(&self, partner: &PartnerId) -> bool {
        self.registration.id().is_some()
            && check_open(self).is_ok()
            && match &self.upstream {
                None => true,
                Some(upstream) => upstream.partner != *partner && self.shared() == Sharing::Declined,
            }
    }

    /// To be told to the registry.
    fn to_share(&self, partner: &PartnerId) -> Self {
        let again = self.upstream.as_ref().is_some_and(|upstream| upstream.partner == *partner)
            && self.sharing() == Some(SharingState::Declined);
        let upstream = Upstream { partner: partner.clone(), again, refusal: None, reason: None };
        let mut after = Self { upstream: Some(upstream), ..self.clone() };
        if !after.todo.contains(&Todo::Share) {
            after.todo.push(Todo::Share);
        }
        after
    }
}

/// The registry has it, and it is to be shared with the partner of this installation. Where it is shared already, or was
/// declined by them, it stays as it is.
pub async fn to_be_shared(scope: &SystemScope, id: TenDlcCampaignId, partner: &PartnerId) -> Result<TenDlc, Error> {
    let change = |before: &TenDlc| before.lacks(partner).then(|| (before.to_share(partner), None));
    kept::revise(scope, id, change, |_, _| {}).await
}

/// Has it shared once more, after the partner declined it or the registry refused to share it.
pub async fn share_again(
    proof: &Doing<action::Campaigns>,
    id: TenDlcCampaignId,
    partner: &PartnerId,
) -> Result<TenDlc, Error> {
    let before = find(proof, id).await?;
    check_takes_numbers(&before)?;
    if !before.lacks(partner) && !before.can_be_shared_again() {
        let what = match before.shared() {
            Sharing::Accepted => "the partner has accepted this 10DLC campaign already",
            _ => "this 10DLC campaign is shared, and the partner has not answered yet",
        };
        return Err(Error::Stale { what: what.to_owned() });
    }
    let event = proof.event("tendlc_campaign.shared_again", KIND, &id).change("partner", None, Some(partner));
    write(proof, &before, before.to_share(partner), event).await
}

/// The registry was told to share it, or refused with a reason.
pub(super) fn told(scope: &SystemScope, before: &TenDlc, refusal: Option<&str>) -> (TenDlc, Event) {
    let mut after = before.clone();
    after.todo.retain(|todo| *todo != Todo::Share);
    if let Some(upstream) = &mut after.upstream {
        upstream.refusal = refusal.map(str::to_owned);
    }
    let partner = after.upstream.as_ref().map(|upstream| upstream.partner.clone());
    let event = match refusal {
        None => heard(scope, "tendlc_campaign.shared", KIND, &after.id).change("partner", None, partner),
        Some(why) => heard(scope, "tendlc_campaign.not_shared", KIND, &after.id).note(why.to_owned()),
    };
    (after, event)
}
