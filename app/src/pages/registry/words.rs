//! Words and colours of the registry's states.

use domain::tendlc::{BrandPhase, CampaignPhase, IdentityStatus, Urgency, VettingStatus};
use leptos::prelude::*;

use crate::{api::registry::home::OutageView, ui::prelude::*};

/// Where a brand stands.
#[component]
pub fn BrandBadge(phase: BrandPhase) -> impl IntoView {
    let tone = match phase {
        BrandPhase::Ready => Tone::Success,
        BrandPhase::OnItsWay => Tone::Info,
        BrandPhase::Draft | BrandPhase::Unverified | BrandPhase::Unconfirmed => Tone::Warning,
        BrandPhase::Deleted => Tone::Neutral,
    };
    view! { <Badge tone text=phase.label()/> }
}

/// Where a 10DLC campaign stands.
#[component]
pub fn TenDlcBadge(phase: CampaignPhase) -> impl IntoView {
    let tone = match phase {
        CampaignPhase::Active => Tone::Success,
        CampaignPhase::OnItsWay | CampaignPhase::Review => Tone::Info,
        CampaignPhase::Draft | CampaignPhase::Partly => Tone::Warning,
        CampaignPhase::Rejected | CampaignPhase::Suspended | CampaignPhase::Held => Tone::Danger,
        CampaignPhase::Expired => Tone::Neutral,
    };
    view! { <Badge tone text=phase.label()/> }
}

#[component]
pub fn IdentityBadge(identity: IdentityStatus) -> impl IntoView {
    let tone = match identity {
        IdentityStatus::Verified | IdentityStatus::VettedVerified => Tone::Success,
        IdentityStatus::SelfDeclared => Tone::Info,
        IdentityStatus::Unverified => Tone::Warning,
    };
    view! { <Badge tone text=identity.label()/> }
}

#[component]
pub fn VettingBadge(status: VettingStatus) -> impl IntoView {
    let tone = match status {
        VettingStatus::Active => Tone::Success,
        VettingStatus::Pending => Tone::Info,
        VettingStatus::Unscore | VettingStatus::Expired => Tone::Warning,
        VettingStatus::Failed => Tone::Danger,
    };
    view! { <Badge tone text=status.label()/> }
}

#[component]
pub fn UrgencyBadge(urgency: Urgency) -> impl IntoView {
    let (tone, text) = match urgency {
        Urgency::Stopped => (Tone::Danger, "Stopped"),
        Urgency::ToDo => (Tone::Warning, "To do"),
        Urgency::Waiting => (Tone::Info, "In progress"),
    };
    view! { <Badge tone text/> }
}

/// What everybody has to know of the way to the registry before they do something: that there is none, or that it does not
/// answer now.
#[component]
pub fn WayToRegistry(connected: bool, #[prop(optional_no_strip)] outage: Option<OutageView>) -> impl IntoView {
    let none = (!connected).then(|| {
        view! {
            <Alert tone=Tone::Warning title="No registry is set up in this installation">
                <p>
                    "Nothing can be registered or changed. Whoever runs Message Center adds the section "
                    <code class="font-mono">"[registry]"</code>
                    " with the address and the key of the account at The Campaign Registry to the configuration file, and starts it again."
                </p>
            </Alert>
        }
    });
    let outage = outage.map(|OutageView { since, why }| {
        view! {
            <Alert tone=Tone::Warning title="The registry does not answer">
                <p>{why}" It has been so since " <When moment=since/> "."</p>
                <p>"What is registered or changed meanwhile is kept, and told to the registry as soon as it answers."</p>
            </Alert>
        }
    });
    view! {
        {none}
        {outage}
    }
}
