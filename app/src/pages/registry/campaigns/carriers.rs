//! What each carrier thinks of a 10DLC campaign, and the way to repair what was rejected.

use domain::tendlc::{CampaignPhase, CarrierStatus, SharingState, kinds::RejectionCategory};
use leptos::prelude::*;

use super::actions::Actions;
use crate::{
    api::registry::{
        DeskView,
        campaigns::{CarrierRow, SharingView, TenDlcView},
    },
    error::sentence,
    ui::prelude::*,
};

const fn tone(status: CarrierStatus) -> Tone {
    match status {
        CarrierStatus::Registered => Tone::Success,
        CarrierStatus::Review => Tone::Info,
        CarrierStatus::Rejected | CarrierStatus::Suspended => Tone::Danger,
    }
}

/// The step of the wizard in which it is repaired; None: it lies with the brand.
const fn repaired_in(category: RejectionCategory) -> Option<u8> {
    match category {
        RejectionCategory::BrandInconsistencies => None,
        RejectionCategory::DisallowedContent | RejectionCategory::SampleMessage => Some(3),
        RejectionCategory::MandatoryTerminology => Some(4),
        RejectionCategory::CallToAction
        | RejectionCategory::Description
        | RejectionCategory::PrivacyPolicy
        | RejectionCategory::TermsAndConditions
        | RejectionCategory::Other => Some(2),
    }
}

/// The carriers, one a row.
#[component]
pub fn Carriers(view: TenDlcView, actions: Actions) -> impl IntoView {
    let sharing = view.sharing.clone().map(|sharing| view! { <Shared sharing id=view.id.clone() actions/> });
    if view.carriers.is_empty() {
        let text = match view.phase {
            CampaignPhase::Draft => "No carrier has seen it: it is not handed in.",
            CampaignPhase::OnItsWay => "No carrier has seen it yet: it is on its way to the registry.",
            _ => "No carrier has said anything.",
        };
        return view! {
            <Panel title="Carriers" flush=true>
                <p class="px-4 py-4 text-muted sm:px-5">{text}</p>
                {sharing}
            </Panel>
        }
        .into_any();
    }
    let open = view.is_open() && DeskView::here().rights.campaigns;
    let (id, brand) = (view.id.clone(), view.brand_id.clone());
    let rows =
        view.carriers.into_iter().map(|row| view! { <Row row open id=id.clone() brand=brand.clone()/> }).collect_view();
    view! {
        <Panel title="Carriers" flush=true>
            <Table caption="What the carriers think of it">
                <thead>
                    <tr>
                        <th scope="col">"Carrier"</th>
                        <th scope="col">"Status"</th>
                        <th scope="col">"As of"</th>
                        <th scope="col">"Why, and what to do"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
            {sharing}
        </Panel>
    }
    .into_any()
}

/// What the partner upstream says to it; once they have declined it, it can be shared again.
#[component]
fn Shared(sharing: SharingView, id: String, actions: Actions) -> impl IntoView {
    let SharingView { partner, status, refusal, reason, again } = sharing;
    let (tone, text) = match (&refusal, status) {
        (Some(_), _) => (Tone::Danger, "Not shared"),
        (None, Some(SharingState::Accepted)) => (Tone::Success, SharingState::Accepted.label()),
        (None, Some(SharingState::Declined)) if again => (Tone::Danger, SharingState::Declined.label()),
        (None, Some(SharingState::Pending | SharingState::Declined)) => (Tone::Info, SharingState::Pending.label()),
        (None, None) => (Tone::Info, "To be shared"),
    };
    let desk = DeskView::here();
    let offered = again && desk.rights.campaigns;
    view! {
        <section aria-label="Partner upstream" class="flex flex-col gap-2 border-t border-base-300 px-4 py-3 text-sm sm:px-5">
            <p class="flex flex-wrap items-center gap-2">
                "Partner upstream " <span class="font-mono">{partner}</span> <Badge tone text/>
            </p>
            {refusal.map(|why| view! { <p class="wrap-anywhere">"The registry refused to share it. "{why}</p> })}
            {reason.map(|why| view! { <p class="wrap-anywhere">"The partner said: "{why}</p> })}
            {(tone != Tone::Success)
                .then(|| view! { <p class="text-muted">"Nothing is sent from its numbers before the partner has accepted it."</p> })}
            {offered
                .then(|| {
                    view! {
                        <ActionForm action=actions.share>
                            <Hidden name="slug" value=desk.slug/>
                            <Hidden name="id" value=id/>
                            <Button kind=ButtonKind::Secondary small=true busy=actions.share.pending()>"Share it again"</Button>
                        </ActionForm>
                    }
                })}
        </section>
    }
}

#[component]
fn Row(row: CarrierRow, open: bool, id: String, brand: String) -> impl IntoView {
    let badge = match row.status {
        Some(status) => view! { <Badge tone=tone(status) text=status.label()/> }.into_any(),
        None => view! { <Badge text="Not seen yet"/> }.into_any(),
    };
    let rejected = row.status == Some(CarrierStatus::Rejected);
    let why = row.rejection.map(|rejection| {
        let desk = DeskView::here();
        let (href, label) = match repaired_in(rejection.category) {
            Some(step) => (desk.path(&format!("/campaigns/{id}/edit/{step}")), format!("Repair it in step {step}")),
            None => (desk.path(&format!("/brands/{brand}")), "See the brand".to_owned()),
        };
        let remedy = rejected.then(|| view! { <p>{rejection.category.remedy()}</p> });
        let name = row.name.clone();
        view! {
            <div class="flex flex-col gap-1">
                <p class="font-medium">{rejection.category.label()}</p>
                {(!rejection.reason.is_empty())
                    .then(|| view! { <p class="wrap-anywhere">{sentence(&rejection.reason)}</p> })}
                {remedy}
                {(open && rejected)
                    .then(|| view! { <p><a class="link" href=href>{label} <span class="sr-only">" for " {name}</span></a></p> })}
            </div>
        }
    });
    let suspended = (row.status == Some(CarrierStatus::Suspended)).then(|| {
        view! {
            <p class="text-muted">
                "Nothing is sent from its numbers meanwhile. The carrier lifts it when what it names is over; your provider's staff speaks \
                with it."
            </p>
        }
    });
    view! {
        <tr class="align-top">
            <th scope="row" class="font-medium whitespace-nowrap">
                {row.name.clone()} <span class="block font-mono text-xs font-normal text-muted">{row.id}</span>
            </th>
            <td>{badge}</td>
            <td><MaybeWhen moment=row.as_of stacked=true/></td>
            <td class="min-w-64">{why} {suspended}</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rejection_has_a_place_where_it_is_repaired() {
        for category in RejectionCategory::ALL {
            assert!(repaired_in(*category).is_none_or(|step| (2..=4).contains(&step)), "{category}");
        }
    }
}
