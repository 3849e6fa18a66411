//! 10DLC campaigns. A 10DLC campaign and its brand are of one workspace: the brand is read by a key that begins with the
//! workspace of the proof, so that one of another tenant is not there.

mod draft;
mod heard;
mod list;
mod record;
mod share;

use std::collections::BTreeMap;

use domain::{
    id::{BrandId, TenDlcCampaignId},
    tendlc::{CarrierStatus, RegistryCampaignId, RegistryStatus, TenDlcCampaign, life::Registration},
};
use uuid::Uuid;

pub(super) use self::list::FOUND;
pub use self::{
    draft::{begin, discard, keep},
    heard::{
        becomes, expired, learn, live, live_in, load, refused, registered, resubmission_unsure, telling, told,
        unfinished,
    },
    list::{Filter, by_brand, by_workspace, many, page, phases},
    record::{Learned, Rejection, TenDlc, Todo, Upstream},
    share::{share_again, to_be_shared},
};
use super::{
    access::{Desk, Doing, Registrar, action},
    brands::{self, Brand},
    changes::changes,
    edits::{Edits, From},
    kept::{self, Kept},
};
use crate::{Error, audit::Event};

const KIND: &str = "tendlc_campaign";
/// Attempts to register one while others change the brand.
const ATTEMPTS_MAX: u32 = 10;

pub async fn find(desk: &Desk, id: TenDlcCampaignId) -> Result<TenDlc, Error> {
    kept::find(desk, id).await
}

/// Where a 10DLC campaign lies, if it is seen; in the named workspace, if one is named.
pub async fn locate(registrar: &Registrar, named: Option<&str>, id: TenDlcCampaignId) -> Result<Desk, Error> {
    kept::locate::<TenDlc>(registrar, named, id).await
}

/// A 10DLC campaign that is to be registered for a brand of the same workspace, which has to be verified and, of a sole
/// proprietor, to have no other. Its reference is on record before the registry hears of it.
pub async fn create(
    proof: &Doing<action::Campaigns>,
    id: Option<Uuid>,
    brand: BrandId,
    form: TenDlcCampaign,
) -> Result<TenDlc, Error> {
    let inner = proof.inner();
    let id = TenDlcCampaignId::from_uuid(id.map_or_else(|| inner.new_uuid(), Ok)?);
    let registration = Registration::Sent { reference: brands::reference(proof.workspace_id(), id.as_uuid()) };
    let campaign = fresh(proof, id, brand, form, registration);
    for _ in 0..ATTEMPTS_MAX {
        let (before, after) = touched_brand(proof, brand).await?;
        let event = proof.event("tendlc_campaign.created", KIND, &id);
        let event = event.change("brand", None, Some(&before.details.display_name));
        let event = changes(event, None, Some(&campaign.form));
        let done = inner.audited(proof.chain(), event, |tx| {
            // Two for the brand of a sole proprietor, or one while the brand is deleted: of these one gets through.
            tx.compare_and_set(proof.record(Brand::TABLE, brand), before.revision, &after);
            tx.create(proof.record(TenDlc::TABLE, id), &campaign);
            proof.rely_on(tx);
        });
        match done.await {
            Err(Error::Moved) => {}
            other => return other.map(|()| campaign),
        }
    }
    Err(Error::Moved)
}

/// One of which nothing is known yet.
fn fresh(
    proof: &Doing<action::Campaigns>,
    id: TenDlcCampaignId,
    brand: BrandId,
    form: TenDlcCampaign,
    registration: Registration<RegistryCampaignId>,
) -> TenDlc {
    TenDlc {
        id,
        workspace: proof.workspace_id(),
        brand,
        form,
        at_registry: None,
        telling: None,
        edit: None,
        edits: Edits::default(),
        registration,
        state: None,
        upstream: None,
        rejections: BTreeMap::new(),
        todo: Vec::new(),
        resubmission_unsure: false,
        refusal: None,
        created_by: proof.user_id(),
        created_by_name: proof.user_name().to_owned(),
        created_at_ms: proof.inner().now_ms(),
        synced_at_ms: None,
        revision: 1,
    }
}

/// A brand that may have another 10DLC campaign now, as it is and with its next revision.
async fn touched_brand(proof: &Doing<action::Campaigns>, id: BrandId) -> Result<(Brand, Brand), Error> {
    let brand = brands::find(proof, id).await?;
    if brand.todo.contains(&brands::Todo::Delete) {
        return Err(Error::invalid("brand_id", "the brand is about to be deleted; choose another"));
    }
    let live = brands::live_campaigns(proof.inner(), brand.workspace, id).await?;
    brand.standing(live).check().map_err(|why| Error::invalid("brand_id", why.to_string()))?;
    let next = Brand { revision: brand.revision + 1, ..brand.clone() };
    Ok((brand, next))
}

/// Another form. What the registry does not let be changed once it has it is refused. `seen`: the number of the change
/// after which what is handed in was read ([`Edits`]).
pub async fn change(
    proof: &Doing<action::Campaigns>,
    id: TenDlcCampaignId,
    seen: Option<u64>,
    from: From,
    form: TenDlcCampaign,
) -> Result<TenDlc, Error> {
    let before = find(proof, id).await?;
    check_open(&before)?;
    let registered = before.registration.id().is_some();
    if let Some(flaw) = before.form.immutable_changes(&form).first().filter(|_| registered) {
        return Err(Error::invalid(flaw.field, flaw.rule.to_string()));
    }
    let typed = before.edit.is_some() && from == From::Form;
    if registered && before.form == form && !typed && before.refusal.is_none() {
        return Ok(before);
    }
    before.edits.check(seen, proof.editor())?;
    let mut after = if registered { before.with(Todo::Change) } else { before.clone() };
    let event = changes(proof.event("tendlc_campaign.changed", KIND, &id), Some(&before.form), Some(&form));
    if registered {
        // Of two changes in a row the registry may have heard of neither.
        after.at_registry = before.at_registry.clone().or_else(|| Some(before.form.clone()));
        let typed = before.edit.as_ref().filter(|_| from == From::Program);
        after.edit = typed.map(|typed| typed.with_changes(&before.form, &form)).filter(|typed| *typed != form);
    }
    after.form = form;
    after.edits = before.edits.with(proof.editor());
    after.refusal = None;
    if registered { write(proof, &before, after, event).await } else { hand_in(proof, &before, after, event).await }
}

/// After a rejection was repaired. What the registry does not have is handed in ([`change`]), which wants its form checked.
pub async fn resubmit(proof: &Doing<action::Campaigns>, id: TenDlcCampaignId) -> Result<TenDlc, Error> {
    let before = find(proof, id).await?;
    check_open(&before)?;
    if before.registration.id().is_none() {
        return Err(Error::Stale { what: "the registry does not have this 10DLC campaign; hand it in first".into() });
    }
    let event = proof.event("tendlc_campaign.resubmitted", KIND, &id);
    let after = if before.carriers().values().any(|status| *status == CarrierStatus::Rejected) {
        before.with(Todo::Resubmit)
    } else {
        return Err(Error::Stale {
            what: "no carrier has rejected this 10DLC campaign; there is nothing to resubmit".into(),
        });
    };
    write(proof, &before, after, event).await
}

/// One that the registry does not have goes there. Its brand is written, too, as when one is registered at once.
async fn hand_in(
    proof: &Doing<action::Campaigns>,
    before: &TenDlc,
    mut after: TenDlc,
    event: Event,
) -> Result<TenDlc, Error> {
    after.registration = Registration::Sent { reference: brands::reference(after.workspace, after.id.as_uuid()) };
    after.revision = before.revision + 1;
    for _ in 0..ATTEMPTS_MAX {
        let (brand, touched) = touched_brand(proof, after.brand).await?;
        let done = proof.inner().audited(proof.chain(), event.clone(), |tx| {
            tx.compare_and_set(proof.record(Brand::TABLE, brand.id), brand.revision, &touched);
            tx.compare_and_set(proof.record(TenDlc::TABLE, after.id), before.revision, &after);
            proof.rely_on(tx);
        });
        match done.await {
            Err(Error::Moved) => {}
            other => return other.map(|()| after),
        }
    }
    Err(Error::Moved)
}

/// Has the registry deactivate it, for good. One that the registry never had is gone at once.
pub async fn deactivate(proof: &Doing<action::Campaigns>, id: TenDlcCampaignId) -> Result<Option<TenDlc>, Error> {
    let before = find(proof, id).await?;
    if before.status() == Some(RegistryStatus::Expired) {
        return Ok(Some(before));
    }
    check_open(&before)?;
    let event = proof.event("tendlc_campaign.deactivated", KIND, &id);
    if before.registration.id().is_some() {
        return write(proof, &before, before.with(Todo::Deactivate), event).await.map(Some);
    }
    let done = proof.inner().audited(proof.chain(), event, |tx| {
        tx.rely_on(proof.record(TenDlc::TABLE, id), before.revision);
        tx.delete(proof.record(TenDlc::TABLE, id));
        proof.rely_on(tx);
    });
    done.await?;
    Ok(None)
}

/// Refused where nothing of it can be changed now.
pub fn check_open(campaign: &TenDlc) -> Result<(), Error> {
    let what = match (&campaign.registration, campaign.status()) {
        (_, Some(RegistryStatus::Expired)) => "this 10DLC campaign has expired; register another",
        _ if campaign.todo.contains(&Todo::Deactivate) => "this 10DLC campaign is about to be deactivated",
        (Registration::Sent { .. }, _) => "this 10DLC campaign is on its way to the registry; look again in a moment",
        _ => return Ok(()),
    };
    Err(Error::Stale { what: what.to_owned() })
}

/// Of a 10DLC campaign that takes numbers: its id at the registry.
pub fn check_takes_numbers(campaign: &TenDlc) -> Result<RegistryCampaignId, Error> {
    check_open(campaign)?;
    campaign.registration.id().ok_or_else(|| Error::Stale {
        what: "this 10DLC campaign is not registered yet; hand it in before you assign numbers".into(),
    })
}

async fn write(
    proof: &Doing<action::Campaigns>,
    before: &TenDlc,
    mut after: TenDlc,
    event: Event,
) -> Result<TenDlc, Error> {
    after.revision = before.revision + 1;
    let done = proof.inner().audited(proof.chain(), event, |tx| {
        tx.compare_and_set(proof.record(TenDlc::TABLE, after.id), before.revision, &after);
        proof.rely_on(tx);
    });
    done.await?;
    Ok(after)
}
