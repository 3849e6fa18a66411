//! What is kept of a 10DLC campaign, for its page.

use domain::{
    audit::{Actor, AuditRecord},
    id::TenDlcCampaignId,
    tendlc::Carrier,
};
use store::tendlc::{Brand, Desk, TenDlc, action, brands, campaigns, campaigns::Todo, numbers, usage};

use super::{CarrierRow, HistoryRow, RejectionView, TenDlcView, TodayView, Waiting};
use crate::{
    api::{context::Services, registry::numbers::NumberRow},
    error::AppError,
    state::moment::Moment,
};

/// A 10DLC campaign has no name: it is called after what it is for, and whose it is.
pub fn title(campaign: &TenDlc, brand: &Brand) -> String {
    format!("{} for {}", campaign.form.use_case.label(), brand.details.display_name)
}

pub async fn view(services: &Services, desk: &Desk, id: TenDlcCampaignId) -> Result<TenDlcView, AppError> {
    let campaign = campaigns::find(desk, id).await?;
    let brand = brands::find(desk, campaign.brand).await?;
    let all = numbers::all(&desk.may::<action::Read>()?.sight()).await?;
    let free = all.iter().filter(|number| number.added && number.current.is_none());
    let mut free: Vec<String> = free.map(|number| number.number.to_string()).collect();
    free.sort_unstable();
    let own = all.into_iter().filter_map(|number| NumberRow::within(desk, number, id));
    let mut own: Vec<NumberRow> = own.collect();
    own.sort_by(|one, other| (one.state.is_none(), &one.number).cmp(&(other.state.is_none(), &other.number)));
    let today = usage::today(desk, &campaign).await?;
    let waiting = campaign.todo.iter().map(|todo| match todo {
        Todo::Change => Waiting::Change,
        Todo::Resubmit => Waiting::Resubmit,
        Todo::Deactivate => Waiting::Deactivate,
    });
    Ok(TenDlcView {
        title: title(&campaign, &brand),
        brand_id: brand.id.to_string(),
        score: brand.score(),
        registry_id: campaign.registration.id().map(|id| id.to_string()),
        phase: campaign.phase(),
        sharing: campaign.state.as_ref().and_then(|state| state.sharing).map(|known| known.value),
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
        numbers: own,
        free,
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
