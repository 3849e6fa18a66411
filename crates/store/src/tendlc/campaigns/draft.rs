//! What is written in the wizard, step by step, before it is handed in. It is kept as it was typed: the rules are asked
//! when it is handed in.

use domain::{
    id::{BrandId, TenDlcCampaignId},
    tendlc::{Rule, TenDlcCampaign, UseCase, life::Registration},
};

use super::{KIND, TenDlc, brands, check_open, find, fresh, touched_brand, write};
use crate::{
    Error,
    tendlc::{
        access::{Doing, action},
        changes::changes,
        kept::Kept,
    },
};

/// Begins one for a brand that may have (another) 10DLC campaign. The registry hears nothing of it.
pub async fn begin(proof: &Doing<action::Campaigns>, brand: BrandId, use_case: UseCase) -> Result<TenDlc, Error> {
    let inner = proof.inner();
    let (of, _) = touched_brand(proof, brand).await?;
    let id = TenDlcCampaignId::from_uuid(inner.new_uuid()?);
    let campaign = fresh(proof, id, brand, TenDlcCampaign::new(use_case), Registration::Draft);
    let event = proof.event("tendlc_campaign.begun", KIND, &id).change("brand", None, Some(&of.details.display_name));
    let event = event.change("use_case", None, Some(use_case));
    let done = inner.audited(proof.chain(), event, |tx| {
        tx.create(proof.record(TenDlc::TABLE, id), &campaign);
        proof.rely_on(tx);
    });
    done.await?;
    Ok(campaign)
}

/// Keeps what was typed. Of one that the registry has, brand and all that is fixed there have to be as they are. `seen`: the
/// number of the change after which the step was opened ([`super::Edits`]).
pub async fn keep(
    proof: &Doing<action::Campaigns>,
    id: TenDlcCampaignId,
    seen: Option<u64>,
    brand: BrandId,
    typed: TenDlcCampaign,
) -> Result<TenDlc, Error> {
    let before = find(proof, id).await?;
    check_open(&before)?;
    if before.brand == brand && *before.typed() == typed {
        return Ok(before);
    }
    before.edits.check(seen, proof.editor())?;
    let event = changes(proof.event("tendlc_campaign.edited", KIND, &id), Some(before.typed()), Some(&typed));
    let event = if brand == before.brand {
        event
    } else {
        let (old, new) = (brands::find(proof, before.brand).await?, brands::find(proof, brand).await?);
        event.change("brand", Some(old.details.display_name), Some(new.details.display_name))
    };
    let mut after = TenDlc { edits: before.edits.with(proof.editor()), ..before.clone() };
    if before.registration.id().is_some() {
        if brand != before.brand {
            return Err(Error::invalid("brand_id", Rule::Immutable.to_string()));
        }
        if let Some(flaw) = before.form.immutable_changes(&typed).first() {
            return Err(Error::invalid(flaw.field, flaw.rule.to_string()));
        }
        after.edit = Some(typed).filter(|typed| *typed != before.form);
    } else {
        after.brand = brand;
        after.form = typed;
    }
    write(proof, &before, after, event).await
}

/// Forgets what was changed of a registered one and not handed in.
pub async fn discard(proof: &Doing<action::Campaigns>, id: TenDlcCampaignId) -> Result<TenDlc, Error> {
    let before = find(proof, id).await?;
    if before.edit.is_none() {
        return Ok(before);
    }
    let event =
        changes(proof.event("tendlc_campaign.edit_discarded", KIND, &id), before.edit.as_ref(), Some(&before.form));
    let edits = before.edits.with(proof.editor());
    write(proof, &before, TenDlc { edit: None, edits, refusal: None, ..before.clone() }, event).await
}
