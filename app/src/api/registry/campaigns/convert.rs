//! What is kept of a 10DLC campaign, for its page.

use std::collections::BTreeMap;

use domain::{
    audit::{Actor, AuditRecord},
    id::TenDlcCampaignId,
    tendlc::Carrier,
};
use store::tendlc::{Desk, Sight, Slice, TenDlc, action, brands, campaigns, campaigns::Todo, numbers, usage};

use super::{CarrierRow, HistoryRow, RejectionView, SharingView, TenDlcView, TodayView, Waiting};
use crate::{
    api::{
        context::Services,
        registry::{
            numbers::{NumberRow, PAGE_ROWS},
            rows::{RowsPage, brands_of},
        },
    },
    error::{AppError, sentence},
    state::moment::Moment,
};

/// Free numbers that can be ticked; the others are on the page of numbers.
const OFFERED_MAX: u32 = 20;

/// A 10DLC campaign has no name: it is called after what it is for, and whose it is.
fn title(campaign: &TenDlc, brand: &str) -> String {
    format!("{} for {brand}", campaign.form.use_case.label())
}

/// What these 10DLC campaigns of one workspace are called.
pub async fn titles(sight: &Sight, campaigns: &[&TenDlc]) -> Result<BTreeMap<TenDlcCampaignId, String>, AppError> {
    let brands = brands_of(sight, campaigns).await?;
    let called = |campaign: &&TenDlc| {
        let brand = brands.get(&(campaign.workspace, campaign.brand));
        (campaign.id, title(campaign, brand.map_or("", |brand| brand.details.display_name.as_str())))
    };
    Ok(campaigns.iter().map(called).collect())
}

/// With a page of its numbers, from 1.
pub async fn view(services: &Services, desk: &Desk, id: TenDlcCampaignId, page: u32) -> Result<TenDlcView, AppError> {
    let campaign = campaigns::find(desk, id).await?;
    let brand = brands::find(desk, campaign.brand).await?;
    let listed = numbers::page(desk, id, true, Slice::page(page, PAGE_ROWS)).await?;
    let own = listed.items.iter().map(|number| NumberRow::within(desk, number.clone(), id)).collect();
    let free = numbers::free(&desk.may::<action::Read>()?, Slice::new(OFFERED_MAX, 0)).await?;
    let today = usage::today(desk, &campaign).await?;
    let waiting = campaign.todo.iter().map(|todo| match todo {
        Todo::Change => Waiting::Change,
        Todo::Resubmit => Waiting::Resubmit,
        Todo::Share => Waiting::Share,
        Todo::Deactivate => Waiting::Deactivate,
    });
    Ok(TenDlcView {
        title: title(&campaign, &brand.details.display_name),
        brand_id: brand.id.to_string(),
        score: brand.score(),
        registry_id: campaign.registration.id().map(|id| id.to_string()),
        phase: campaign.phase().under(brand.phase()),
        sharing: campaign.upstream.as_ref().map(|upstream| SharingView {
            partner: upstream.partner.to_string(),
            status: campaign.sharing(),
            refusal: upstream.refusal.as_deref().map(sentence),
            reason: upstream.reason.as_deref().map(sentence),
            again: campaign.can_be_shared_again(),
        }),
        carriers: carriers(desk, &campaign),
        allowance: services.registrations.tiers().allowance(campaign.form.use_case, brand.score()),
        brand: brand.details.display_name,
        today: TodayView {
            campaign_segments: today.campaign_segments,
            brand_segments: today.brand_segments,
            ends: Moment::at_desk(desk, today.ends_at_ms),
        },
        edited: campaign.edit.is_some(),
        waiting: waiting.collect(),
        created: Moment::at_desk(desk, campaign.created_at_ms),
        synced: campaign.synced_at_ms.map(|at_ms| Moment::at_desk(desk, at_ms)),
        numbers: RowsPage::of(&listed, own),
        members: numbers::page(desk, id, false, Slice::new(0, 0)).await?.total,
        free: free.items.iter().map(|number| number.number.to_string()).collect(),
        free_in_all: free.total,
        id: campaign.id.to_string(),
        revision: campaign.revision,
        form: campaign.form,
        refusal: campaign.refusal,
        created_by: campaign.created_by_name,
    })
}

/// Those that it goes to, in the order of the registry's ids.
fn carriers(desk: &Desk, campaign: &TenDlc) -> Vec<CarrierRow> {
    let Some(state) = &campaign.state else { return Vec::new() };
    let wanted = &campaign.form.carriers;
    let goes_to =
        |carrier: &Carrier| wanted.is_empty() || wanted.contains(carrier) || state.carriers.contains_key(carrier);
    let row = |carrier: Carrier| {
        let known = state.carriers.get(&carrier);
        CarrierRow {
            id: carrier.id(),
            name: carrier.name().to_owned(),
            status: known.map(|known| known.value),
            as_of: known.filter(|known| known.as_of_ms > 0).map(|known| Moment::at_desk(desk, known.as_of_ms)),
            rejection: campaign
                .rejections
                .get(&carrier)
                .map(|rejection| RejectionView { category: rejection.category, reason: rejection.reason.clone() }),
        }
    };
    Carrier::ALL.into_iter().filter(goes_to).map(row).collect()
}

pub fn history(desk: &Desk, record: AuditRecord) -> HistoryRow {
    HistoryRow {
        at: Moment::at_desk(desk, record.at_ms),
        action: record.action,
        who: match record.actor {
            Actor::User { name, .. } => name,
            Actor::System { .. } => "Message Center".to_owned(),
            Actor::Unknown => "Unknown".to_owned(),
        },
        changes: record.changes,
        note: record.note,
    }
}
