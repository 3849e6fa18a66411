//! 10DLC campaigns: the wizard that registers and repairs them, and the page of each.

mod actions;
mod carriers;
mod detail;
mod facts;
mod history;
mod numbers;
mod throughput;
mod wizard;

use domain::tendlc::CampaignPhase;
use leptos::prelude::*;

pub use self::{
    detail::TenDlcDetail,
    wizard::{EditTenDlc, NewTenDlc},
};
use crate::{api::registry::DeskView, ui::prelude::*};

/// The way to a page of 10DLC campaigns.
#[component]
fn Way() -> impl IntoView {
    view! { <Breadcrumbs crumbs=vec![Crumb::new("10DLC", DeskView::here().path(""))]/> }
}

/// Where a 10DLC campaign stands.
#[component]
pub fn CampaignPhaseBadge(phase: CampaignPhase) -> impl IntoView {
    let tone = match phase {
        CampaignPhase::Draft => Tone::Neutral,
        CampaignPhase::OnItsWay | CampaignPhase::Review => Tone::Info,
        CampaignPhase::Active => Tone::Success,
        CampaignPhase::Partly => Tone::Warning,
        CampaignPhase::Rejected | CampaignPhase::Suspended | CampaignPhase::Held | CampaignPhase::Expired => {
            Tone::Danger
        }
    };
    view! { <Badge tone text=phase.label()/> }
}
