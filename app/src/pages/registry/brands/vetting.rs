//! Vettings of a brand: those that there were, and the order of another.

use domain::tendlc::{VettingStatus, kinds::VettingProvider};
use leptos::prelude::*;

use super::actions::{Actions, Which};
use crate::{
    api::registry::{
        DeskView,
        brands::{BrandView, VETTING_CLASSES},
    },
    error::AppError,
    pages::registry::words::VettingBadge,
    ui::prelude::*,
};

#[component]
pub(super) fn Vettings(desk: DeskView, brand: BrandView, actions: Actions) -> impl IntoView {
    if !brand.entity_type.can_be_vetted() {
        return view! {
            <Panel title="Vetting">
                <p class="text-muted">"A sole proprietor is not vetted: carriers give one the least throughput."</p>
            </Panel>
        }
        .into_any();
    }
    let offered = desk.rights.brands && desk.rights.connected && brand.is_open() && brand.registry_id.is_some();
    let pending = brand.vettings.iter().any(|vetting| vetting.status == VettingStatus::Pending);
    let entries = brand
        .vettings
        .iter()
        .map(|vetting| {
            let score = vetting.score.map(|score| format!(" · score {score}"));
            view! {
                <li class="flex flex-wrap items-center gap-x-3 gap-y-1">
                    <VettingBadge status=vetting.status/>
                    <span>{vetting.provider.label()} " · " {vetting.class.clone()} {score}</span>
                </li>
            }
        })
        .collect_view();
    let any = !brand.vettings.is_empty();
    view! {
        <Panel title="Vetting">
            <div class="flex flex-col gap-4">
                <p class="text-muted">"A provider looks at the brand and gives it a score, which decides how much carriers let it send."</p>
                {if any {
                    view! { <ul class="flex flex-col gap-2">{entries}</ul> }.into_any()
                } else {
                    view! { <p>"It was not vetted yet."</p> }.into_any()
                }}
                {pending.then(|| view! { <p role="status">"The provider looks at it; the score comes by itself."</p> })}
                {offered.then(|| view! { <Order desk id=brand.id.clone() actions/> })}
            </div>
        </Panel>
    }
    .into_any()
}

const ORDER: &str = "order-vetting";

#[component]
fn Order(desk: DeskView, id: String, actions: Actions) -> impl IntoView {
    let vet = actions.vet;
    let refused: Signal<Option<AppError>> = Signal::derive(move || vet.value().get().and_then(Result::err));
    // Ordered or refused: either is said on the page.
    Effect::new(move |_| {
        if vet.value().get().is_some() {
            crate::ui::dialog::close(ORDER);
        }
    });
    let providers = VettingProvider::ALL.iter().map(|one| Choice::new(one.word(), one.label())).collect();
    let classes = VETTING_CLASSES.iter().map(|(word, label)| Choice::new(*word, *label)).collect();
    view! {
        <ErrorSummary error=refused/>
        <div>
            <DialogOpen id=ORDER kind=ButtonKind::Secondary small=true>"Order a vetting"</DialogOpen>
            <Dialog id=ORDER title="Order a vetting?">
                <p>"It costs money, which the registry charges to your account there, whatever comes of it."</p>
                <ActionForm action=vet attr:class="flex flex-col gap-4">
                    <Which desk id/>
                    <SelectField
                        name="provider"
                        label="Provider"
                        choices=providers
                        hint="Political senders are vetted by Campaign Verify."
                    />
                    <SelectField name="class" label="Class" choices=classes/>
                    <div class="dialog-actions">
                        <Button busy=vet.pending()>"Order it"</Button>
                        <DialogClose id=ORDER/>
                    </div>
                </ActionForm>
            </Dialog>
        </div>
    }
}
